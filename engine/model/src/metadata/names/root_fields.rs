//! Custom root fields of a table.

use super::is_valid;
use crate::metadata::tracked::CustomRootField;
use crate::metadata::types::TableConfiguration;
use indexmap::IndexMap;
use serde_json::Value;

/// Root fields that can be renamed, by Hasura's keys.
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

/// Returns the custom root fields after validation. A value is a name, null, or `{"name", "comment"}`.
pub fn root_fields(configuration: &TableConfiguration) -> Result<IndexMap<String, CustomRootField>, String> {
    let mut fields: IndexMap<String, CustomRootField> = IndexMap::new();
    for (key, value) in &configuration.custom_root_fields {
        if !ROOT_FIELDS.contains(&key.as_str()) {
            return Err(format!("custom root fields: unknown root field \"{key}\""));
        }
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(ToOwned::to_owned);
        let field = match value {
            Some(Value::String(name)) => CustomRootField {
                name: Some(name.clone()),
                comment: None,
            },
            Some(Value::Object(object)) => CustomRootField {
                name: text(object.get("name")),
                comment: text(object.get("comment")),
            },
            _ => continue,
        };
        if let Some(name) = &field.name {
            if !is_valid(name) {
                return Err(format!(
                    "custom root fields: \"{name}\" is not a valid GraphQL name"
                ));
            }
            if fields.values().any(|other| other.name.as_ref() == Some(name)) {
                return Err(format!("custom root fields: duplicate name \"{name}\""));
            }
        }
        fields.insert(key.clone(), field);
    }
    Ok(fields)
}
