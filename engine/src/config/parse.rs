//! Reading of the options, with errors that name the environment variable.

use super::Config;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory as _, Parser as _};

impl Config {
    /// Reads the process's arguments and environment. Errors name the environment variable of the option.
    pub fn from_process() -> Result<Self, clap::Error> {
        Self::try_parse().map_err(name_variable).and_then(Self::checked)
    }

    /// Reads options from `arguments` (the first is the program's name) and the environment: for tests and for engines
    /// embedded in another program.
    pub fn from_arguments(arguments: impl IntoIterator<Item = String>) -> Result<Self, clap::Error> {
        Self::try_parse_from(arguments)
            .map_err(name_variable)
            .and_then(Self::checked)
    }

    /// Returns the variables with the prefix `HASURA_GRAPHQL_` that are not supported: misspelled, or an unsupported option of
    /// Hasura.
    pub fn unsupported_variables(variables: impl IntoIterator<Item = String>) -> Vec<String> {
        let known: Vec<String> = Self::command()
            .get_arguments()
            .filter_map(|arg| arg.get_env().map(|name| name.to_string_lossy().into_owned()))
            .collect();
        variables
            .into_iter()
            .filter(|name| name.starts_with("HASURA_GRAPHQL_") && !known.contains(name))
            .collect()
    }

    fn checked(self) -> Result<Self, clap::Error> {
        if let Err(message) = self.auth() {
            return Err(Self::command().error(clap::error::ErrorKind::ValueValidation, message));
        }
        Ok(self)
    }
}

/// Adds the name of the environment variable to an error of clap, which names only the option.
fn name_variable(mut error: clap::Error) -> clap::Error {
    let named = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.clone(),
        Some(ContextValue::Strings(arguments)) => arguments.join(" "),
        _ => return error,
    };
    let variables: Vec<String> = Config::command()
        .get_arguments()
        .filter(|arg| {
            arg.get_long().is_some_and(|long| {
                named
                    .split(|c: char| c.is_whitespace())
                    .any(|word| word == format!("--{long}"))
            })
        })
        .filter_map(|arg| arg.get_env().map(|name| name.to_string_lossy().into_owned()))
        .collect();
    if !variables.is_empty() {
        let hint = format!("set or correct the environment variable {}", variables.join(", "));
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![hint.into()]),
        );
    }
    error
}
