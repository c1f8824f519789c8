//! The request's variables against the operation's declarations.

use super::input_value::InputValue;
use super::invalid;
use crate::schema::description::Member;
use apollo_compiler::ast::{OperationDefinition, Type, VariableDefinition};
use engine_error::{Code, Error, Result};
use indexmap::IndexMap;
use indexmap::map::Entry;
use serde_json::{Map, Value};
use std::fmt;

/// A message names so many variables at most.
const MAX_NAMED: usize = 10;

/// The variables of one request.
pub(super) struct Variables<'a> {
    declared: IndexMap<&'a str, Declared<'a>>,
}

/// A declaration and the value it got.
type Declared<'a> = (&'a VariableDefinition, Option<InputValue<'a>>);

/// What type a place expects, for checking variables that are used there.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExpectedType<'n> {
    /// The named type.
    pub(super) name: &'n str,
    /// Whether a list of it (of non-null elements, unless `nullable`).
    pub(super) list: bool,
    /// Whether the elements may be null.
    pub(super) nullable: bool,
    /// Whether null is refused.
    pub(super) required: bool,
}

impl<'n> ExpectedType<'n> {
    pub(super) fn one(name: &'n str) -> Self {
        Self {
            name,
            list: false,
            nullable: false,
            required: false,
        }
    }

    pub(super) fn list(name: &'n str) -> Self {
        Self {
            name,
            list: true,
            nullable: false,
            required: false,
        }
    }

    /// The type of an argument or input field.
    pub(super) fn described(member: Member<'n>) -> Self {
        let (name, list) = member
            .ty()
            .map_or(("", None), |(ty, wrapping)| (ty.name(), wrapping.list));
        Self {
            name,
            list: list.is_some(),
            nullable: list == Some(false),
            required: member.is_required(),
        }
    }

    /// A type, or a list of it.
    pub(super) fn of((name, list): (&'n str, bool)) -> Self {
        if list { Self::list(name) } else { Self::one(name) }
    }

    pub(super) fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    fn accepts(self, declared: &Type, has_default: bool) -> bool {
        if self.required && !declared.is_non_null() && !has_default {
            return false;
        }
        match declared {
            Type::Named(name) | Type::NonNullNamed(name) => !self.list && name == self.name,
            Type::List(inner) | Type::NonNullList(inner) => {
                self.list
                    && match &**inner {
                        Type::NonNullNamed(name) => name == self.name,
                        Type::Named(name) => self.nullable && name == self.name,
                        Type::List(_) | Type::NonNullList(_) => false,
                    }
            }
        }
    }
}

impl fmt::Display for ExpectedType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bang = if self.required { "!" } else { "" };
        if self.list {
            let inner = if self.nullable { "" } else { "!" };
            write!(f, "[{}{inner}]{bang}", self.name)
        } else {
            write!(f, "{}{bang}", self.name)
        }
    }
}

impl<'a> Variables<'a> {
    /// Takes the request's values; a missing one takes its default.
    pub(super) fn new(
        operation: &'a OperationDefinition,
        values: Option<&'a Map<String, Value>>,
    ) -> Result<Self> {
        let mut declared: IndexMap<&'a str, Declared<'a>> = IndexMap::new();
        for definition in &operation.variables {
            let name = definition.name.as_str();
            let Entry::Vacant(place) = declared.entry(name) else {
                return Err(Error::new(
                    Code::ParseFailed,
                    format!("multiple definitions for variable \"{name}\""),
                ));
            };
            let value = match values.and_then(|values| values.get(name)) {
                Some(Value::Null) if definition.ty.is_non_null() => {
                    return Err(invalid(format!(
                        "null value found for non-nullable type: \"{}\"",
                        definition.ty
                    ))
                    .at(name)
                    .at("variableValues"));
                }
                Some(value) => Some(InputValue::Json(value)),
                None => match &definition.default_value {
                    Some(default) => Some(InputValue::Ast(default)),
                    None if definition.ty.is_non_null() => {
                        return Err(invalid(format!(
                            "expecting a value for non-nullable variable: \"{name}\""
                        ))
                        .at("variableValues"));
                    }
                    None => None,
                },
            };
            place.insert((definition, value));
        }
        let unexpected: Vec<String> = values
            .into_iter()
            .flat_map(Map::keys)
            .filter(|name| !declared.contains_key(name.as_str()))
            .take(MAX_NAMED)
            .map(|name| format!("\"{name}\""))
            .collect();
        if !unexpected.is_empty() {
            return Err(invalid(format!(
                "unexpected variables in variableValues: {}",
                unexpected.join(", ")
            ))
            .at("variableValues"));
        }
        Ok(Self { declared })
    }

    /// A variable's value where `expected` is expected; `None` if it was not given.
    pub(super) fn get(&self, name: &str, expected: ExpectedType<'_>) -> Result<Option<InputValue<'a>>> {
        let Some((definition, value)) = self.declared.get(name) else {
            return Err(invalid(format!("unbound variable \"{name}\"")));
        };
        let has_default = definition
            .default_value
            .as_ref()
            .is_some_and(|default| !default.is_null());
        if !expected.accepts(&definition.ty, has_default) {
            return Err(invalid(format!(
                "variable \"{name}\" is declared as \"{}\", but used where \"{expected}\" is expected",
                definition.ty
            )));
        }
        Ok(*value)
    }

    /// A variable's value inside JSON, where any type is right; `None` if it was not given.
    pub(super) fn any(&self, name: &str) -> Result<Option<InputValue<'a>>> {
        match self.declared.get(name) {
            Some((_, value)) => Ok(*value),
            None => Err(invalid(format!("unbound variable \"{name}\""))),
        }
    }
}
