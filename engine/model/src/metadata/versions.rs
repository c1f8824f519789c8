//! Metadata versions: v3 (`sources`), and v1 and v2 (`tables` and `functions` at the top level).

use super::types::{DEFAULT_SOURCE, Metadata};
use crate::catalog::TableName;
use engine_error::{Code, Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Keys at the top level in v1 and v2 that belong to a source in v3.
const OF_SOURCE: [&str; 2] = ["tables", "functions"];

/// Reads metadata of any version.
pub fn read(value: Value) -> Result<Metadata> {
    let Value::Object(mut object) = value else {
        return Err(Error::new(Code::ParseFailed, "metadata is not an object"));
    };
    match object.get("version").unwrap_or(&Value::Null) {
        Value::Null => {}
        version if [1, 2, 3].contains(&version.as_u64().unwrap_or_default()) => {}
        other => {
            let message = format!("expected 1, 2 or 3, encountered {other}");
            return Err(Error::new(Code::ParseFailed, message).at("version"));
        }
    }
    let of_v3 = object.get("version").and_then(Value::as_u64) == Some(3);
    object.insert("version".to_owned(), json!(3));
    // A null instead of a list does not mean an empty list.
    object.retain(|key, value| !value.is_null() || !["sources", "tables"].contains(&key.as_str()));
    if !object.contains_key("sources") {
        // Without this check, metadata with a missing key would replace the existing metadata by an empty one.
        let needed = if of_v3 { "sources" } else { "tables" };
        if !object.contains_key(needed) {
            return Err(Error::new(
                Code::ParseFailed,
                format!("key \"{needed}\" not found"),
            ));
        }
        let mut source = Map::from_iter([
            ("name".to_owned(), json!(DEFAULT_SOURCE)),
            ("kind".to_owned(), json!("postgres")),
            ("tables".to_owned(), json!([])),
        ]);
        for key in OF_SOURCE {
            if let Some(mut list) = object.shift_remove(key) {
                if key == "functions" {
                    qualify_functions(&mut list);
                }
                source.insert(key.to_owned(), list);
            }
        }
        object.insert("sources".to_owned(), json!([source]));
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|e| Error::new(Code::ParseFailed, format!("cannot parse metadata: {e}")))
}

/// Replaces the names of functions that v1 lists by the objects of v2 and v3.
fn qualify_functions(list: &mut Value) {
    for entry in list.as_array_mut().into_iter().flatten() {
        if let Ok(name) = TableName::deserialize(&*entry) {
            *entry = json!({ "function": name });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_v3_holds_comes_back_unchanged() {
        let exported = json!({
            "version": 3,
            "sources": [{
                "name": "default",
                "kind": "postgres",
                "tables": [{
                    "table": {"schema": "public", "name": "author"},
                    "is_enum": false,
                    "array_relationships": [{
                        "name": "articles",
                        "using": {"foreign_key_constraint_on": {
                            "column": "author_id", "table": {"schema": "public", "name": "article"}
                        }},
                    }],
                    "select_permissions": [{"role": "user", "permission": {"columns": "*", "filter": {}}}],
                    "event_triggers": [{"name": "broken"}],
                }],
                "functions": [{"function": {"schema": "public", "name": "search"}}],
                "configuration": {"connection_info": {"database_url": {"from_env": "X"}}},
            }],
            "actions": [{"name": "a"}],
        });
        let metadata = read(exported.clone()).unwrap();
        assert_eq!(metadata.tables()[0].event_triggers.broken.len(), 1);
        assert_eq!(serde_json::to_value(&metadata).unwrap(), exported);
    }

    #[test]
    fn older_forms_become_the_default_source() {
        let metadata = read(json!({"tables": [{"table": "author"}], "functions": []})).unwrap();
        assert_eq!(metadata.tables()[0].table.to_string(), "author");
        assert_eq!(metadata.version, 3);
    }

    #[test]
    fn functions_of_v1_become_objects() {
        let of_v3 = json!({"function": {"schema": "public", "name": "search"}, "configuration": {}});
        let functions = json!(["search", {"schema": "billing", "name": "overdue"}, of_v3]);
        let metadata = read(json!({"tables": [], "functions": functions})).unwrap();
        assert_eq!(
            metadata.sources[0].rest["functions"],
            json!([
                {"function": {"schema": "public", "name": "search"}},
                {"function": {"schema": "billing", "name": "overdue"}},
                of_v3,
            ])
        );
    }

    #[test]
    fn an_unknown_version_is_refused() {
        let error = read(json!({"version": 4})).unwrap_err();
        assert_eq!(
            (error.code, error.path.to_string().as_str()),
            (Code::ParseFailed, "$.version")
        );
    }

    #[test]
    fn null_is_not_an_empty_list() {
        for (given, needed) in [
            (json!({"version": 3, "sources": null}), "sources"),
            (json!({"version": 2, "tables": null}), "tables"),
        ] {
            let error = read(given).unwrap_err();
            assert_eq!(error.message, format!("key \"{needed}\" not found"));
        }
    }
}
