//! Arguments of fields, as the description of the API lists them.

use super::input_value::InputValue;
use super::selection::CollectedField;
use super::variables::ExpectedType;
use super::{Binder, WithPath as _, invalid, no_field};
use apollo_compiler::ast::Field;
use engine_error::Result;

impl<'a> Binder<'a> {
    /// Looks up the fields of a type in the description. Refuses those that it does not contain, and arguments that a
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

    /// One argument, its variable replaced; `None` if it is not given or its variable is not.
    pub(super) fn argument(&self, field: &CollectedField<'a>, name: &str) -> Result<Option<InputValue<'a>>> {
        let described = field.member.and_then(|member| member.argument(name));
        let given = field
            .field
            .arguments
            .iter()
            .find(|argument| argument.name == name);
        let (Some(described), Some(argument)) = (described, given) else {
            return Ok(None);
        };
        self.resolve(
            InputValue::Ast(&argument.value),
            ExpectedType::described(described),
        )
        .at(name)
        .at("args")
    }

    /// An argument that must be given.
    pub(super) fn required_argument(&self, field: &CollectedField<'a>, name: &str) -> Result<InputValue<'a>> {
        self.argument(field, name)?.ok_or_else(|| {
            invalid(format!("missing required field \"{name}\""))
                .at(name)
                .at("args")
        })
    }
}

/// Refuses arguments that the field does not have, or that are given twice.
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
