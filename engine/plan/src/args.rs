//! Arguments of commands: JSON → struct, with errors that contain the path and use Hasura's wording.

use engine_error::{Code, Error, Result, Segment};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize as _, Deserializer};
use serde_json::{Map, Value};

/// Maximum nesting of arguments, apart from values of users, which are not passed through serde.
const MAX_DEPTH: usize = 100;

/// Beginning of the keys that `serde_json` reserves for its own types. It would interpret them when it reads the stored
/// metadata, and metadata that cannot be read prevents the start.
const RESERVED_KEYS: &str = "$serde_json::private::";

/// Rejects arguments that nest so deeply that later steps could exhaust the stack, and keys that cannot be stored.
pub fn check(args: &Value) -> Result<()> {
    let mut values = vec![(args, 1)];
    while let Some((value, depth)) = values.pop() {
        if depth > MAX_DEPTH {
            let message = format!("the arguments nest deeper than {MAX_DEPTH} levels");
            return Err(Error::new(Code::ParseFailed, message).at("args"));
        }
        match value {
            Value::Array(items) => values.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(entries) => {
                if let Some(key) = entries.keys().find(|key| key.starts_with(RESERVED_KEYS)) {
                    let message = format!("the key \"{key}\" is reserved; rename it");
                    return Err(Error::new(Code::ParseFailed, message).at("args"));
                }
                values.extend(entries.values().map(|item| (item, depth + 1)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Takes rows of a user out of the arguments: serde would interpret keys that `serde_json` reserves, and needs more stack.
/// What is not a list of objects remains, to be refused by [`parse`].
pub fn take_rows(args: &mut Value, key: &str) -> Vec<Map<String, Value>> {
    match args.get_mut(key) {
        Some(Value::Array(items)) if items.iter().all(Value::is_object) => std::mem::take(items)
            .into_iter()
            .filter_map(|item| match item {
                Value::Object(row) => Some(row),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Takes a row of a user out of the arguments, as [`take_rows`].
pub fn take_row(args: &mut Value, key: &str) -> Map<String, Value> {
    match args.get_mut(key) {
        Some(Value::Object(row)) => std::mem::take(row),
        _ => Map::new(),
    }
}

/// Parses the arguments of a command. Paths of parse errors begin below `args` and not at the command, as in Hasura;
/// errors of the command itself have paths below `$.args`.
pub fn parse<T: DeserializeOwned>(args: Value) -> Result<T> {
    check(&args)?;
    serde_path_to_error::deserialize(args).map_err(|error| {
        let mut result = Error::new(Code::ParseFailed, wording(&error.inner().to_string()));
        for segment in error.path() {
            match segment {
                serde_path_to_error::Segment::Seq { index } => result.path.0.push(Segment::Index(*index)),
                serde_path_to_error::Segment::Map { key }
                | serde_path_to_error::Segment::Enum { variant: key } => {
                    result.path.0.push(Segment::Key(key.clone()));
                }
                serde_path_to_error::Segment::Unknown => {}
            }
        }
        result
    })
}

/// Non-empty string (Hasura's `NonEmptyText`): `#[serde(deserialize_with = "non_empty")]`.
pub fn non_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::custom("empty string not allowed"));
    }
    Ok(text)
}

/// Translates serde's messages to Hasura's wording, so that users find existing documentation by it.
fn wording(message: &str) -> String {
    let number = ["u32", "u64", "i32", "i64"]
        .iter()
        .any(|ty| message.ends_with(&format!("expected {ty}")));
    if number && message.starts_with("invalid type: string") {
        return "parsing Int failed, expected Number, but encountered String".to_owned();
    }
    match message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'))
    {
        Some(field) => format!("key \"{field}\" not found"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "only read to see it fail")]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only read to see it fail")]
        name: String,
    }

    #[test]
    fn keys_that_cannot_be_stored_are_refused() {
        let args = json!({"filter": [{"doc": {"_eq": {"$serde_json::private::Number": "1"}}}]});
        assert_eq!(
            check(&args).unwrap_err().to_string(),
            "parse-failed at $.args: the key \"$serde_json::private::Number\" is reserved; rename it"
        );
        assert!(check(&json!({"filter": {"$serde_json": 1}})).is_ok());
    }

    #[test]
    fn errors_name_the_place() {
        let error = parse::<Outer>(json!({"inner": [{"name": "a"}, {}]})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "parse-failed at $.inner[1]: key \"name\" not found"
        );
    }
}
