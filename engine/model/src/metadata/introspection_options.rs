//! Roles without introspection (key `graphql_schema_introspection` of the document).

use super::types::Metadata;
use indexmap::IndexSet;
use serde::Deserialize;
use serde_json::Value;

/// Key of the options in the document.
pub const INTROSPECTION_OPTIONS: &str = "graphql_schema_introspection";

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct IntrospectionOptions {
    pub disabled_for_roles: IndexSet<String>,
}

impl IntrospectionOptions {
    /// Reads the options of a document; fails with a human-readable reason.
    pub fn of(metadata: &Metadata) -> Result<Self, String> {
        match metadata.rest.get(INTROSPECTION_OPTIONS) {
            None | Some(Value::Null) => Ok(Self::default()),
            // serde reads a list as the values of an object.
            Some(options) if !options.is_object() => Err("introspection options are an object".to_owned()),
            Some(options) => Self::deserialize(options).map_err(|error| error.to_string()),
        }
    }
}
