//! Access to JSON values with errors that name the field: its path, the expected type, and the actual one.

use serde_json::Value;

/// Invalid request body.
#[derive(Debug, PartialEq, Eq)]
pub struct BodyError {
    /// Machine-readable code: `missing_field`, `invalid_type`, `invalid_value`, `wrong_table`.
    pub code: &'static str,
    /// Human-readable message.
    pub message: String,
    /// JSON path of the field.
    pub path: String,
}

impl BodyError {
    /// A field whose value violates a rule ("must be …").
    pub fn invalid_value(path: &[&str], rule: &str) -> Self {
        Self {
            code: "invalid_value",
            message: format!("{} {rule}", name(path)),
            path: json_path(path),
        }
    }

    /// A field of the wrong JSON type.
    pub fn invalid_type(path: &[&str], expected: &str, found: &Value) -> Self {
        let message = format!("{} must be {expected}, not {}", name(path), kind(found));
        Self {
            code: "invalid_type",
            message,
            path: json_path(path),
        }
    }
}

/// Returns the value at a path; each parent must be an object that has the next key.
pub fn at<'a>(body: &'a Value, path: &[&str]) -> Result<&'a Value, BodyError> {
    let mut value = body;
    for (depth, key) in path.iter().enumerate() {
        let Value::Object(object) = value else {
            return Err(BodyError::invalid_type(&path[..depth], "an object", value));
        };
        value = object.get(*key).ok_or_else(|| {
            let missing = &path[..=depth];
            BodyError {
                code: "missing_field",
                message: format!("{} is missing", name(missing)),
                path: json_path(missing),
            }
        })?;
    }
    Ok(value)
}

/// Returns the text at a path; a NUL is rejected because Postgres cannot store it.
pub fn text_at<'a>(body: &'a Value, path: &[&str]) -> Result<&'a str, BodyError> {
    match at(body, path)? {
        Value::String(text) if text.contains('\0') => {
            Err(BodyError::invalid_value(path, "must not contain a NUL character"))
        }
        Value::String(text) => Ok(text),
        other => Err(BodyError::invalid_type(path, "a string", other)),
    }
}

/// Returns the positive integer at a path.
pub fn positive_integer_at(body: &Value, path: &[&str]) -> Result<i64, BodyError> {
    match at(body, path)? {
        Value::Number(number) => match number.as_i64() {
            Some(integer) if integer > 0 => Ok(integer),
            _ => Err(BodyError::invalid_value(path, "must be a positive integer")),
        },
        other => Err(BodyError::invalid_type(path, "a positive integer", other)),
    }
}

fn name(path: &[&str]) -> String {
    path.last()
        .map_or_else(|| "request body".to_owned(), |key| format!("\"{key}\""))
}

fn json_path(path: &[&str]) -> String {
    let mut text = "$".to_owned();
    for key in path {
        text.push('.');
        text.push_str(key);
    }
    text
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn error_names_the_first_invalid_field_on_the_path() {
        let error = |body: Value| {
            let error = text_at(&body, &["event", "data"]).unwrap_err();
            (error.code, error.path, error.message)
        };
        let expect = |code, path: &str, message: &str| (code, path.to_owned(), message.to_owned());
        assert_eq!(
            error(json!([])),
            expect(
                "invalid_type",
                "$",
                "request body must be an object, not an array"
            )
        );
        assert_eq!(
            error(json!({})),
            expect("missing_field", "$.event", "\"event\" is missing")
        );
        assert_eq!(
            error(json!({"event": null})),
            expect("invalid_type", "$.event", "\"event\" must be an object, not null")
        );
        assert_eq!(
            error(json!({"event": {"data": 5}})),
            expect(
                "invalid_type",
                "$.event.data",
                "\"data\" must be a string, not a number"
            )
        );
        assert_eq!(
            error(json!({"event": {"data": "a\0"}})),
            expect(
                "invalid_value",
                "$.event.data",
                "\"data\" must not contain a NUL character"
            )
        );
    }

    #[test]
    fn amount_is_a_positive_integer() {
        let read = |amount: Value| positive_integer_at(&json!({ "amount": amount }), &["amount"]);
        assert_eq!(read(json!(500)), Ok(500));
        assert_eq!(read(json!(i64::MAX)), Ok(i64::MAX));
        for (amount, code) in [
            (json!(0), "invalid_value"),
            (json!(-5), "invalid_value"),
            (json!(5.5), "invalid_value"),
            (json!(1e300), "invalid_value"),
            (json!(u64::MAX), "invalid_value"),
            (json!("500"), "invalid_type"),
            (json!(null), "invalid_type"),
            (json!([500]), "invalid_type"),
        ] {
            assert_eq!(read(amount.clone()).unwrap_err().code, code, "{amount}");
        }
    }
}
