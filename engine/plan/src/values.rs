//! The values of one request, which the parameters of a plan refer to.

use crate::ir::RequestValue;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_sql::{BoundStatement, DeferredValue, ParamSource, Statement};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Beginning of the message for session variables that a statement uses and the session does not have.
// Hasura's wording
pub const MISSING_VARIABLES: &str = "missing session variables: ";

/// Values of one request in text form, in the order of [`crate::Plan::values`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(Vec<Option<String>>);

impl Values {
    /// Converts and checks the values of a request. An error has the message of the binder, but not its path.
    pub fn new(
        sources: &[RequestValue],
        variables: Option<&Map<String, Value>>,
        session: &Session,
    ) -> Result<Self> {
        let missing: Vec<String> = sources
            .iter()
            .filter_map(|source| match source {
                RequestValue::Session(name) if !session.variables.contains_key(name) => {
                    Some(format!("\"{name}\""))
                }
                _ => None,
            })
            .collect();
        if !missing.is_empty() {
            let message = format!("{MISSING_VARIABLES}{}", missing.join(", "));
            return Err(Error::new(Code::NotFound, message));
        }
        let text = |source: &RequestValue| match source {
            RequestValue::Variable { name, encoding } => {
                let value = variables.and_then(|variables| variables.get(name));
                encoding.encode(value.unwrap_or(&Value::Null)).map(Some)
            }
            RequestValue::Session(name) => Ok(session.variables.get(name).cloned()),
            RequestValue::SessionVariables => Ok(Some(session.to_json())),
        };
        sources.iter().map(text).collect::<Result<_>>().map(Self)
    }

    /// Returns a statement that does not depend on earlier statements with its parameters.
    pub fn bind<'v>(&'v self, statement: &'v Statement) -> BoundStatement<'v> {
        self.bind_with(statement, |_| None)
    }

    /// Returns a statement with its parameters; `deferred` returns the values of earlier statements.
    pub fn bind_with<'v>(
        &'v self,
        statement: &'v Statement,
        deferred: impl Fn(DeferredValue) -> Option<Cow<'v, str>>,
    ) -> BoundStatement<'v> {
        statement.bind(&self.0, deferred)
    }

    /// Returns the number of bytes of all values.
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().flatten().map(String::len).sum()
    }

    /// Returns the number of bytes of the values in the parameters of a statement.
    pub(crate) fn bytes_in(&self, statement: &Statement) -> usize {
        let len = |index: usize| self.0.get(index).and_then(Option::as_ref).map_or(0, String::len);
        statement.requested().map(len).sum()
    }

    /// Returns the text of a parameter that does not depend on earlier statements.
    pub fn resolve<'v>(&'v self, source: &'v ParamSource) -> Option<Cow<'v, str>> {
        source.resolve(&self.0, |_| None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_variables_are_values() {
        let mut session = Session::of_role("user");
        session
            .variables
            .insert("x-hasura-user-id".to_owned(), "7".to_owned());
        let value = |name: &str| {
            let sources = [RequestValue::Session(name.to_owned())];
            Values::new(&sources, None, &session)
        };
        let values = value("x-hasura-user-id").unwrap();
        assert_eq!(values.resolve(&ParamSource::Request(0)).as_deref(), Some("7"));
        let error = value("x-hasura-org-id").unwrap_err();
        assert_eq!(error.message, "missing session variables: \"x-hasura-org-id\"");
    }
}
