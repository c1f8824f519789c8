//! Arguments of fields and fields of input objects, as the description of the API lists them.

use super::expected_type::ExpectedType;
use super::input_value::{self, InputValue, Object};
use super::selection::CollectedField;
use super::variables::Leaf;
use super::{Binder, WithPath as _, invalid, no_field};
use crate::schema::description::Type;
use apollo_compiler::ast::{self, Field};
use engine_error::{Error, Result};

impl<'a> Binder<'a> {
    /// Looks up the fields of a type in the description. Rejects those that it does not contain, and arguments that a
    /// field does not have.
    pub(super) fn describe_fields(&self, fields: &mut [CollectedField<'a>], ty: &str) -> Result<()> {
        let description = self.schema.description();
        let described = description.ty(ty);
        for field in fields {
            field.member = described.and_then(|ty| ty.member(field.name));
            if ty == "query_root" {
                field.member = field.member.or_else(|| description.meta_field(field.name));
            }
            if field.member.is_none() && field.name != "__typename" {
                return Err(no_field(field.name, ty)).at(field.name);
            }
            let accepts = |name: &str| field.member.is_some_and(|member| member.argument(name).is_some());
            check_argument_names(field.field, accepts).at(field.name)?;
        }
        Ok(())
    }

    /// Returns an argument with its variable replaced; `None` if it is not written.
    pub(super) fn argument(&self, field: &CollectedField<'a>, name: &str) -> Result<Option<InputValue<'a>>> {
        let leaf = self.argument_leaf(field, name)?;
        leaf.map(|leaf| self.variables.inspect(&leaf)).transpose()
    }

    /// Returns the same for an argument that is only converted to a parameter.
    pub(super) fn argument_leaf(&self, field: &CollectedField<'a>, name: &str) -> Result<Option<Leaf<'a>>> {
        let described = field.member.and_then(|member| member.argument(name));
        let mut arguments = field.field.arguments.iter();
        let given = arguments.find(|argument| argument.name == name);
        let (Some(described), Some(argument)) = (described, given) else {
            return Ok(None);
        };
        let expected = ExpectedType::described(described);
        self.variables
            .resolve_leaf(InputValue::Ast(&argument.value), expected)
            .map(Some)
            .at(name)
            .at("args")
    }

    /// Returns the same for an argument that must be given.
    pub(super) fn required_leaf(&self, field: &CollectedField<'a>, name: &str) -> Result<Leaf<'a>> {
        self.argument_leaf(field, name)?.ok_or_else(|| missing(name))
    }

    /// Returns an argument that must be given.
    pub(super) fn required_argument(&self, field: &CollectedField<'a>, name: &str) -> Result<InputValue<'a>> {
        self.argument(field, name)?.ok_or_else(|| missing(name))
    }

    /// Returns the keys and values of an input object.
    pub(super) fn object(&self, input: InputValue<'a>, ty: &str) -> Result<Object<'a>> {
        let object = input_value::object(self.resolve(input, ExpectedType::one(ty))?, ty)?;
        self.variables.count(object.len())?;
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
                    .check(name, ExpectedType::described(member))
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
}

fn missing(argument: &str) -> Error {
    invalid(format!("missing required field \"{argument}\""))
        .at(argument)
        .at("args")
}

/// Rejects arguments that the field does not have, or that are given twice.
pub(super) fn check_argument_names(field: &Field, accepts: impl Fn(&str) -> bool) -> Result<()> {
    let arguments = &field.arguments;
    for (index, argument) in arguments.iter().enumerate() {
        if arguments[..index]
            .iter()
            .any(|before| before.name == argument.name)
        {
            return Err(invalid(format!(
                "\"{}\" is given the argument \"{}\" more than once",
                field.name, argument.name
            )));
        }
        if !accepts(&argument.name) {
            return Err(invalid(format!(
                "\"{}\" has no argument named \"{}\"",
                field.name, argument.name
            )));
        }
    }
    Ok(())
}
