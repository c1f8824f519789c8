//! Request of an operation.

use engine_error::{Code, Error, Result};
use serde_json::{Map, Value};
use trace_context::TraceContext;

/// Request as in GraphQL over HTTP. Of `extensions`, `traceparent` is read; other extensions and unknown keys are ignored.
#[derive(Debug, Clone)]
pub struct Request {
    pub query: String,
    /// Null and absent are the same.
    pub operation_name: Option<String>,
    /// Null and absent are the same.
    pub variables: Option<Map<String, Value>>,
    /// Trace that this operation belongs to, if it is not that of the connection. An invalid one is ignored.
    pub trace: Option<TraceContext>,
}

impl Request {
    /// Reads a request without passing the variables through serde, which would interpret keys that `serde_json` reserves.
    pub fn from_json(payload: Value) -> Result<Self> {
        let invalid = |error: &serde_json::Error| Error::new(Code::ParseFailed, error.to_string());
        let Value::Object(mut payload) = payload else {
            return Err(Error::new(
                Code::ParseFailed,
                "a request is an object with the key \"query\"",
            ));
        };
        let query = match payload.shift_remove("query") {
            // Hasura's wording
            None => return Err(Error::new(Code::ParseFailed, "key \"query\" not found")),
            Some(query) => serde_json::from_value(query).map_err(|error| invalid(&error))?,
        };
        let operation_name = payload.shift_remove("operationName").unwrap_or_default();
        let variables = match payload.shift_remove("variables").unwrap_or_default() {
            Value::Null => None,
            Value::Object(variables) => Some(variables),
            // Not a map, so this fails.
            other => serde_json::from_value(other).map_err(|error| invalid(&error))?,
        };
        let trace = payload
            .get("extensions")
            .and_then(|extensions| extensions.get("traceparent"));
        let trace = trace
            .and_then(Value::as_str)
            .and_then(TraceContext::parse_traceparent);
        Ok(Self {
            trace,
            query,
            operation_name: serde_json::from_value(operation_name).map_err(|error| invalid(&error))?,
            variables,
        })
    }
}
