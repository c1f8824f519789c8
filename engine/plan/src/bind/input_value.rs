//! A value, whether written in the document or sent as a variable.

use super::invalid;
use apollo_compiler::Node;
use apollo_compiler::ast;
use engine_error::{Error, Result};
use serde_json::Value;
use std::collections::HashSet;

/// A value from the document (which may be a variable) or from the variables.
#[derive(Debug, Clone, Copy)]
pub(super) enum InputValue<'a> {
    /// Written in the document.
    Ast(&'a ast::Value),
    /// Sent as the value of a variable, or part of one.
    Json(&'a Value),
}

impl<'a> InputValue<'a> {
    /// Whether the value is null.
    pub(super) fn is_null(self) -> bool {
        matches!(self, Self::Ast(ast::Value::Null) | Self::Json(Value::Null))
    }

    /// Returns the kind of the value for error messages.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Ast(ast::Value::Null) | Self::Json(Value::Null) => "null",
            Self::Ast(ast::Value::Enum(_)) => "an enum value",
            Self::Ast(ast::Value::Variable(_)) => "a variable",
            Self::Ast(ast::Value::String(_)) | Self::Json(Value::String(_)) => "a string",
            Self::Ast(ast::Value::Float(_)) => "a float",
            Self::Ast(ast::Value::Int(_)) => "an integer",
            Self::Json(Value::Number(_)) => "a number",
            Self::Ast(ast::Value::Boolean(_)) | Self::Json(Value::Bool(_)) => "a boolean",
            Self::Ast(ast::Value::List(_)) | Self::Json(Value::Array(_)) => "a list",
            Self::Ast(ast::Value::Object(_)) | Self::Json(Value::Object(_)) => "an object",
        }
    }

    /// Returns the text of a string.
    pub(super) fn as_str(self) -> Option<&'a str> {
        match self {
            Self::Ast(ast::Value::String(text)) | Self::Json(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the name of an enum value, which is a string in variables.
    pub(super) fn as_enum(self) -> Option<&'a str> {
        match self {
            Self::Ast(ast::Value::Enum(name)) => Some(name),
            Self::Json(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the value of a boolean.
    pub(super) fn as_bool(self) -> Option<bool> {
        match self {
            Self::Ast(ast::Value::Boolean(value)) | Self::Json(Value::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// Returns the elements of a list.
    pub(super) fn as_list(self) -> Option<Vec<InputValue<'a>>> {
        match self {
            Self::Ast(ast::Value::List(items)) => {
                Some(items.iter().map(|item| InputValue::Ast(item)).collect())
            }
            Self::Json(Value::Array(items)) => Some(items.iter().map(InputValue::Json).collect()),
            _ => None,
        }
    }

    /// Returns the keys and values of an object.
    pub(super) fn as_object(self) -> Option<Object<'a>> {
        match self {
            Self::Ast(ast::Value::Object(pairs)) => Some(Object::Ast(pairs.iter())),
            Self::Json(Value::Object(pairs)) => Some(Object::Json(pairs.iter())),
            _ => None,
        }
    }
}

/// Keys and values of an object.
#[derive(Clone)]
pub(super) enum Object<'a> {
    /// Written in the document.
    Ast(std::slice::Iter<'a, (apollo_compiler::Name, Node<ast::Value>)>),
    /// Sent as the value of a variable, or part of one.
    Json(serde_json::map::Iter<'a>),
}

impl<'a> Iterator for Object<'a> {
    type Item = (&'a str, InputValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Ast(pairs) => pairs
                .next()
                .map(|(key, value)| (key.as_str(), InputValue::Ast(value))),
            Self::Json(pairs) => pairs
                .next()
                .map(|(key, value)| (key.as_str(), InputValue::Json(value))),
        }
    }
}

impl Object<'_> {
    /// Returns the number of pairs.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ast(pairs) => pairs.len(),
            Self::Json(pairs) => pairs.len(),
        }
    }
}

/// `expected an object for type "author_bool_exp", but found null`.
pub(super) fn mismatch(expected: &str, ty: &str, found: InputValue<'_>) -> Error {
    invalid(format!(
        "expected {expected} for type \"{ty}\", but found {}",
        found.kind()
    ))
}

/// Rejects duplicate keys of an object in the document; the parser of the variables has already removed them.
fn once(pairs: &[(apollo_compiler::Name, Node<ast::Value>)]) -> Result<()> {
    let mut seen = HashSet::new();
    match pairs.iter().find(|(key, _)| pairs.len() > 1 && !seen.insert(key)) {
        Some((key, _)) => {
            Err(invalid(format!("the key \"{key}\" is written more than once")).at(key.as_str()))
        }
        None => Ok(()),
    }
}

/// Returns the keys and values of an input object.
pub(super) fn object<'a>(value: InputValue<'a>, ty: &str) -> Result<Object<'a>> {
    if let InputValue::Ast(ast::Value::Object(pairs)) = value {
        once(pairs)?;
    }
    value.as_object().ok_or_else(|| mismatch("an object", ty, value))
}
