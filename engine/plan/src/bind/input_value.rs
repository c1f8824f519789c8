//! A value, whether written in the document or sent as a variable.

use super::variables::ExpectedType;
use super::{Binder, WithPath as _, invalid, no_field};
use crate::schema::description::Type;
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
    /// Sent.
    Json(&'a Value),
}

impl<'a> InputValue<'a> {
    /// Whether it is null.
    pub(super) fn is_null(self) -> bool {
        matches!(self, Self::Ast(ast::Value::Null) | Self::Json(Value::Null))
    }

    /// What it is, in the words of error messages.
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

    /// Its text if it is a string.
    pub(super) fn as_str(self) -> Option<&'a str> {
        match self {
            Self::Ast(ast::Value::String(text)) | Self::Json(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Its name if it is an enum value: in variables they are strings.
    pub(super) fn as_enum(self) -> Option<&'a str> {
        match self {
            Self::Ast(ast::Value::Enum(name)) => Some(name),
            Self::Json(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Its value if it is a boolean.
    pub(super) fn as_bool(self) -> Option<bool> {
        match self {
            Self::Ast(ast::Value::Boolean(value)) | Self::Json(Value::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// Its elements if it is a list.
    pub(super) fn as_list(self) -> Option<Vec<InputValue<'a>>> {
        match self {
            Self::Ast(ast::Value::List(items)) => {
                Some(items.iter().map(|item| InputValue::Ast(item)).collect())
            }
            Self::Json(Value::Array(items)) => Some(items.iter().map(InputValue::Json).collect()),
            _ => None,
        }
    }

    /// Its keys and values if it is an object.
    pub(super) fn as_object(self) -> Option<Object<'a>> {
        match self {
            Self::Ast(ast::Value::Object(pairs)) => Some(Object::Ast(pairs.iter())),
            Self::Json(Value::Object(pairs)) => Some(Object::Json(pairs.iter())),
            _ => None,
        }
    }
}

/// The keys and values of an object.
#[derive(Clone)]
pub(super) enum Object<'a> {
    /// Written in the document.
    Ast(std::slice::Iter<'a, (apollo_compiler::Name, Node<ast::Value>)>),
    /// Sent.
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

/// `expected an object for type "author_bool_exp", but found null`.
pub(super) fn mismatch(expected: &str, ty: &str, found: InputValue<'_>) -> Error {
    invalid(format!(
        "expected {expected} for type \"{ty}\", but found {}",
        found.kind()
    ))
}

/// In a document a key may be written twice, which JSON's reader has ruled out for variables.
fn once(pairs: &[(apollo_compiler::Name, Node<ast::Value>)]) -> Result<()> {
    let mut seen = HashSet::new();
    match pairs.iter().find(|(key, _)| pairs.len() > 1 && !seen.insert(key)) {
        Some((key, _)) => {
            Err(invalid(format!("the key \"{key}\" is written more than once")).at(key.as_str()))
        }
        None => Ok(()),
    }
}

impl<'a> Binder<'a> {
    /// A value with its variable, if it is one, replaced; `None` for a variable that was not given.
    pub(super) fn resolve(
        &self,
        input: InputValue<'a>,
        expected: ExpectedType<'_>,
    ) -> Result<Option<InputValue<'a>>> {
        match input {
            InputValue::Ast(ast::Value::Variable(name)) => self.variables.get(name, expected),
            other => Ok(Some(other)),
        }
    }

    /// The keys and values of an input object.
    pub(super) fn object(&self, input: InputValue<'a>, ty: &str) -> Result<Object<'a>> {
        let Some(value) = self.resolve(input, ExpectedType::one(ty))? else {
            return Err(invalid(format!(
                "expected an object for type \"{ty}\", but found null"
            )));
        };
        if let InputValue::Ast(ast::Value::Object(pairs)) = value {
            once(pairs)?;
        }
        let object = value
            .as_object()
            .ok_or_else(|| mismatch("an object", ty, value))?;
        self.check_input_fields(&object, ty)?;
        Ok(object)
    }

    /// Checks an input object against the description: its keys, the types of variables, and that required fields are
    /// given.
    fn check_input_fields(&self, object: &Object<'a>, ty: &str) -> Result<()> {
        let described = self.schema.description().ty(ty);
        for (key, value) in object.clone() {
            let Some(member) = described.and_then(|ty| ty.member(key)) else {
                return Err(no_field(key, ty)).at(key);
            };
            if let InputValue::Ast(ast::Value::Variable(name)) = value {
                self.variables
                    .get(name, ExpectedType::described(member))
                    .at(key)?;
            }
        }
        for member in described.into_iter().flat_map(Type::required_members) {
            let name = member.name();
            if !object.clone().any(|(key, _)| key == name) {
                return Err(invalid(format!("missing required field \"{name}\""))).at(name);
            }
        }
        Ok(())
    }

    /// The elements of a list; what is not a list counts as a list of one.
    pub(super) fn list(&self, input: InputValue<'a>, ty: &str) -> Result<Vec<InputValue<'a>>> {
        let Some(value) = self.resolve(input, ExpectedType::list(ty))? else {
            return Ok(Vec::new());
        };
        if value.is_null() {
            return Err(invalid("expected a list, but found null"));
        }
        Ok(value.as_list().unwrap_or_else(|| vec![value]))
    }
}
