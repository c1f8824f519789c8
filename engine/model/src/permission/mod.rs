//! Permissions of a role on a table, as the metadata and the commands `create_…_permission` contain them. Conditions
//! and presets remain JSON here: `engine-plan` validates them against the catalog and binds them.
//!
//! - [`types`]: the four definitions
//! - [`combine`]: permissions of inherited roles from those of their parents

pub mod combine;
pub mod types;

pub use types::{
    DeletePermission, InsertPermission, PermittedColumns, QueryRootField, SelectPermission,
    SubscriptionRootField, UpdatePermission,
};

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Condition on a row, or presets by column.
pub type JsonObject = Map<String, Value>;

/// Returns the name of the session variable that a text refers to, in lower case.
pub fn session_variable(text: &str) -> Option<String> {
    // Hasura v1's name of the variable.
    if text.eq_ignore_ascii_case("req_user_id") {
        return Some("x-hasura-user-id".to_owned());
    }
    text.get(..9)
        .is_some_and(|start| start.eq_ignore_ascii_case("x-hasura-"))
        .then(|| text.to_ascii_lowercase())
}

/// Adds the session variables of a condition, or of presets, to `found`. Elements of lists are literals.
pub fn session_variables(object: &JsonObject, found: &mut BTreeSet<String>) {
    for (key, value) in object {
        // The operand of a column operator is a column, and that of `_table` a table.
        let name = key.strip_prefix(['_', '$']);
        if name.is_some_and(|name| COLUMN_OPERATORS.contains(&name) || name == "table") {
            continue;
        }
        match value {
            Value::String(text) => found.extend(session_variable(text)),
            Value::Object(object) => session_variables(object, found),
            Value::Array(items) => {
                for object in items.iter().filter_map(Value::as_object) {
                    session_variables(object, found);
                }
            }
            _ => {}
        }
    }
}

/// Operators that compare with another column, without their prefix.
pub const COLUMN_OPERATORS: [&str; 7] = ["ceq", "cne", "cneq", "cgt", "clt", "cgte", "clte"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn session_variables_are_whole_values() {
        let condition = json!({
            "_or": [{"a": "X-Hasura-A"}, {"b": {"$in": "x-hasura-B"}}, {"c": {"_in": ["x-hasura-literal"]}}],
            "d": {"_ceq": "x-hasura-column"},
            "_exists": {"_table": "x-hasura-table", "_where": {"e": {"_eq": "REQ_USER_ID"}}},
            "f": {"_eq": "other"},
        });
        let mut found = BTreeSet::new();
        session_variables(condition.as_object().unwrap_or(&Map::new()), &mut found);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["x-hasura-a", "x-hasura-b", "x-hasura-user-id"]);
    }
}
