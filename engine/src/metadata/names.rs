//! Names: which ones GraphQL can hold, and how a table's is made.

use super::types::TableConfiguration;
use crate::catalog::TableName;
use indexmap::IndexMap;
use serde_json::Value;

/// The root fields that can be renamed, by Hasura's keys.
const ROOT_FIELDS: [&str; 12] = [
    "select",
    "select_by_pk",
    "select_aggregate",
    "select_stream",
    "insert",
    "insert_one",
    "update",
    "update_by_pk",
    "update_many",
    "delete",
    "delete_by_pk",
    "select_group_by",
];

/// Whether GraphQL can hold the name: `/[_A-Za-z][_0-9A-Za-z]*/`, and not one of introspection's (`__…`).
pub(super) fn is_valid(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with("__")
}

/// `orders`, or `schema_orders` outside `public`.
pub(super) fn of_table(table: &TableName) -> String {
    if table.schema == "public" {
        table.name.clone()
    } else {
        format!("{}_{}", table.schema, table.name)
    }
}

/// The custom root field names, checked. A value is a name, null, or `{"name", "comment"}`.
pub(super) fn root_fields(configuration: &TableConfiguration) -> Result<IndexMap<String, String>, String> {
    let mut fields = IndexMap::new();
    for (key, value) in &configuration.custom_root_fields {
        if !ROOT_FIELDS.contains(&key.as_str()) {
            return Err(format!("custom root fields: there is no root field \"{key}\""));
        }
        let name = match value {
            Some(Value::String(name)) => Some(name.as_str()),
            Some(Value::Object(object)) => object.get("name").and_then(Value::as_str),
            _ => None,
        };
        let Some(name) = name else { continue };
        if !is_valid(name) {
            return Err(format!(
                "custom root fields: \"{name}\" is not a valid GraphQL name"
            ));
        }
        if fields.values().any(|other| other == name) {
            return Err(format!("custom root fields: \"{name}\" is given twice"));
        }
        fields.insert(key.clone(), name.to_owned());
    }
    Ok(fields)
}
