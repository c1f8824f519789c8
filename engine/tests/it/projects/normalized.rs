//! Metadata of any version in one form, to compare an export with an import of an older version.

use serde_json::{Map, Value, json};

/// Returns metadata as one source, without nulls, empty lists and an empty `column_config`, and with qualified names of
/// tables and functions.
pub(super) fn normalized(metadata: &Value) -> Value {
    let mut metadata = metadata.as_object().expect("metadata is an object").clone();
    metadata.insert("version".to_owned(), json!(3));
    if !metadata.contains_key("sources") {
        let mut functions = metadata.remove("functions").unwrap_or_default();
        for function in functions.as_array_mut().into_iter().flatten() {
            if function.get("function").is_none() {
                *function = json!({ "function": function.take() });
            }
        }
        let source = json!({
            "name": "default", "kind": "postgres", "tables": metadata.remove("tables"), "functions": functions,
            "configuration": {"connection_info": {
                "use_prepared_statements": true,
                "database_url": {"from_env": "HASURA_GRAPHQL_DATABASE_URL"},
            }},
        });
        metadata.insert("sources".to_owned(), json!([source]));
    }
    simplified(&Value::Object(metadata))
}

fn simplified(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(simplified).collect(),
        Value::Object(object) => {
            let members = object
                .iter()
                .filter(|(key, value)| match value {
                    Value::Null => false,
                    Value::Array(list) => !list.is_empty(),
                    Value::Object(object) => *key != "column_config" || !object.is_empty(),
                    _ => true,
                })
                .map(|(key, value)| {
                    let names_object = ["table", "remote_table", "function"].contains(&&**key);
                    let value = match value {
                        Value::String(name) if names_object => json!({"schema": "public", "name": name}),
                        value => simplified(value),
                    };
                    (key.clone(), value)
                });
            Value::Object(members.collect::<Map<_, _>>())
        }
        value => value.clone(),
    }
}
