//! Variables of a request to a REST endpoint. Texts of the path and of the query string are read by the declared type.

use apollo_compiler::ast::{OperationDefinition, Type, VariableDefinition};
use engine_error::{Code, Error, Result};
use serde_json::{Map, Number, Value};

/// Values of a request, as it contains them.
#[derive(Debug, Default)]
pub struct RestInput<'r> {
    /// Names and texts of the path, the query string or a form. A name of the query string may have no text.
    pub texts: Vec<(&'r str, Option<&'r str>)>,
    /// JSON object of the body.
    pub body: Map<String, Value>,
}

/// Returns the variables of an operation. The first text of a name takes precedence, and texts take precedence over the body.
pub fn rest_variables(operation: &OperationDefinition, input: RestInput<'_>) -> Result<Map<String, Value>> {
    let declared = |name: &str| -> Result<&VariableDefinition> {
        let found = operation.variables.iter().find(|variable| variable.name == name);
        // The messages have Hasura's wording.
        let unexpected = || Error::new(Code::BadRequest, format!("Unexpected variable {name}"));
        found.map(|variable| &**variable).ok_or_else(unexpected)
    };
    let mut variables = Map::new();
    for (name, value) in input.body {
        declared(&name)?;
        variables.insert(name, value);
    }
    for (name, text) in input.texts.into_iter().rev() {
        match value(name, &declared(name)?.ty, text)? {
            Some(value) => {
                variables.insert(name.to_owned(), value);
            }
            None => {
                variables.shift_remove(name);
            }
        }
    }
    for variable in &operation.variables {
        let name = variable.name.as_str();
        let is_required = variable.ty.is_non_null() && variable.default_value.is_none();
        if is_required && !variables.contains_key(name) {
            let message = format!("expecting a value for non-nullable variable: \"{name}\"");
            return Err(Error::new(Code::ValidationFailed, message));
        }
    }
    Ok(variables)
}

/// Reads a text as a value of the type; `None` if it is the null of a nullable type.
fn value(name: &str, ty: &Type, text: Option<&str>) -> Result<Option<Value>> {
    let (Type::Named(named) | Type::NonNullNamed(named)) = ty else {
        return Err(unsupported(name, ty));
    };
    if text == Some("null") && !ty.is_non_null() {
        return Ok(None);
    }
    let wrong = |expected: &str| {
        let found = match text {
            None | Some("true" | "false") => "Bool",
            Some(text) if number(text).is_some() => "Number",
            Some(_) => "String",
        };
        let message = format!("Expected {expected} for variable {name} got {found}");
        Error::new(Code::BadRequest, message)
    };
    let value = match (named.as_str(), text) {
        ("String" | "ID" | "uuid" | "UUID", Some(text)) => Some(Value::from(text)),
        ("Boolean", None | Some("true")) => Some(Value::Bool(true)),
        ("Boolean", Some("false")) => Some(Value::Bool(false)),
        ("Int" | "Float" | "Number" | "Double" | "float8" | "numeric", Some(text)) => {
            number(text).map(Value::Number)
        }
        ("String" | "ID" | "uuid" | "UUID" | "Boolean", _)
        | ("Int" | "Float" | "Number" | "Double" | "float8" | "numeric", None) => None,
        _ => return Err(unsupported(name, ty)),
    };
    value.map(Some).ok_or_else(|| wrong(named))
}

fn unsupported(name: &str, ty: &Type) -> Error {
    let message = format!(
        "Type of URL parameter for variable {name} not supported - Consider putting it in the request body: {ty}"
    );
    Error::new(Code::BadRequest, message)
}

fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use serde_json::json;

    fn read(texts: &[(&'static str, Option<&'static str>)], body: Value) -> Result<Value> {
        let query = "query ($s: String!, $i: Int, $b: Boolean, $n: numeric, $u: uuid, $d: Int! = 3, $j: jsonb, $l: [Int!]) { a }";
        let document = Document::parse(query)?;
        let Value::Object(body) = body else {
            return Ok(Value::Null);
        };
        let texts = texts.to_vec();
        rest_variables(document.operation(None)?, RestInput { texts, body }).map(Value::Object)
    }

    #[test]
    fn texts_are_read_by_the_declared_type() {
        let texts = [
            ("s", Some("5")),
            ("i", Some("-7")),
            ("b", None),
            ("n", Some("1.50")),
            ("u", Some("null")),
            ("s", Some("later")),
        ];
        let number: Number = serde_json::from_str("1.50").unwrap();
        let expected = json!({"s": "5", "i": -7, "b": true, "n": number});
        assert_eq!(read(&texts, json!({"u": "x"})).unwrap(), expected);
        let body = json!({"s": "a", "j": {"k": [1]}, "l": [1, 2]});
        assert_eq!(read(&[], body.clone()).unwrap(), body);
    }

    #[test]
    fn wrong_and_missing_variables_are_refused() {
        let message = |texts: &[(&'static str, Option<&'static str>)], body| {
            let error = read(texts, body).unwrap_err();
            format!("{}: {}", error.code.as_str(), error.message)
        };
        let s = ("s", Some("x"));
        for (text, found) in [(None, "Bool"), (Some("true"), "Bool"), (Some("x"), "String")] {
            let expected = format!("bad-request: Expected Int for variable i got {found}");
            assert_eq!(message(&[s, ("i", text)], json!({})), expected);
        }
        assert_eq!(
            message(&[s, ("b", Some("1"))], json!({})),
            "bad-request: Expected Boolean for variable b got Number"
        );
        assert_eq!(
            message(&[s, ("other", None)], json!({})),
            "bad-request: Unexpected variable other"
        );
        assert_eq!(
            message(&[s], json!({"x": 1})),
            "bad-request: Unexpected variable x"
        );
        assert_eq!(
            message(&[s, ("j", Some("{}"))], json!({})),
            "bad-request: Type of URL parameter for variable j not supported - Consider putting it in the request body: jsonb"
        );
        assert_eq!(
            message(&[], json!({})),
            "validation-failed: expecting a value for non-nullable variable: \"s\""
        );
    }
}
