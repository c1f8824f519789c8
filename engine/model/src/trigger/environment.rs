//! Environment variables that metadata can read. Metadata selects a variable by name and sends its value to a URL, so an
//! author of metadata could otherwise obtain the database password of the process.

use engine_error::{Code, Error, Result};
use std::str::FromStr;
use std::sync::OnceLock;

/// Prefixes of the variables that metadata does not read by default: the engine's own, and the credentials that clients of
/// AWS and of Postgres take from the environment.
const PRIVATE_PREFIXES: [&str; 3] = ["HASURA_GRAPHQL_", "AWS_", "PG"];

static READABLE: OnceLock<Vec<VariablePattern>> = OnceLock::new();

/// Name of a variable, or with `*` at the end the beginning of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariablePattern {
    Name(String),
    Prefix(String),
}

impl FromStr for VariablePattern {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (name, is_prefix) = match text.trim().strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (text.trim(), false),
        };
        let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name(name) || name.is_empty() && !is_prefix {
            return Err(format!(
                "\"{text}\" is not the name of a variable; a name has letters, digits and _, and can end in * as a prefix"
            ));
        }
        Ok(if is_prefix {
            Self::Prefix(name.to_owned())
        } else {
            Self::Name(name.to_owned())
        })
    }
}

impl VariablePattern {
    fn matches(&self, variable: &str) -> bool {
        match self {
            Self::Name(name) => variable == name,
            Self::Prefix(prefix) => variable.starts_with(prefix),
        }
    }
}

/// Restricts metadata of this process to the variables of the patterns; without any, the private ones are excluded.
/// The first call decides, like the environment itself, for the whole process.
pub fn restrict(patterns: Vec<VariablePattern>) {
    let _ = READABLE.set(patterns);
}

/// Reads a variable of the process for metadata; `None` if it is not set. Fails if metadata must not read it.
pub(crate) fn read(name: &str) -> Result<Option<String>> {
    if !is_readable(READABLE.get().map_or(&[], Vec::as_slice), name) {
        let message = format!(
            "metadata must not read the environment variable '{name}'; permit it with HASURA_GRAPHQL_METADATA_VARIABLES"
        );
        return Err(Error::new(Code::NotSupported, message));
    }
    Ok(std::env::var(name).ok())
}

fn is_readable(patterns: &[VariablePattern], name: &str) -> bool {
    if patterns.is_empty() {
        !PRIVATE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    } else {
        patterns.iter().any(|pattern| pattern.matches(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_private_by_default() {
        for name in [
            "HASURA_GRAPHQL_ADMIN_SECRET",
            "HASURA_GRAPHQL_DATABASE_URL",
            "AWS_SECRET_ACCESS_KEY",
            "PGPASSWORD",
        ] {
            assert!(!is_readable(&[], name), "{name}");
        }
        for name in ["FUNCTIONS_URL", "WEBHOOK_SECRET", "MY_PG", "aws"] {
            assert!(is_readable(&[], name), "{name}");
        }
    }

    #[test]
    fn patterns_replace_the_default() {
        let patterns: Vec<VariablePattern> = ["FUNCTIONS_URL", " APP_* ", "PGAPPNAME"]
            .iter()
            .map(|text| text.parse().expect("a pattern"))
            .collect();
        for (name, readable) in [
            ("FUNCTIONS_URL", true),
            ("FUNCTIONS_URL_2", false),
            ("APP_TOKEN", true),
            ("APP_", true),
            ("PGAPPNAME", true),
            ("PGPASSWORD", false),
            ("HOME", false),
        ] {
            assert_eq!(is_readable(&patterns, name), readable, "{name}");
        }
        assert!(is_readable(&["*".parse().expect("a pattern")], "ANY"));
        for invalid in ["", "A B", "*A", "A-B"] {
            assert!(invalid.parse::<VariablePattern>().is_err(), "{invalid}");
        }
    }
}
