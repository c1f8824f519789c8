//! Types expected at the positions of values.

use crate::schema::description::Member;
use apollo_compiler::ast::Type;
use std::fmt;

/// Type expected at a position, for checking the variables used there.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExpectedType<'n> {
    /// Name of the type.
    pub(super) name: &'n str,
    /// Whether a list of the type is expected, of non-null elements unless `nullable`.
    pub(super) list: bool,
    /// Whether the elements may be null.
    pub(super) nullable: bool,
    /// Whether null is rejected.
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

    /// Returns the type of an argument or input field.
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

    /// Returns a type, or a list of it.
    pub(super) fn of((name, list): (&'n str, bool)) -> Self {
        if list { Self::list(name) } else { Self::one(name) }
    }

    pub(super) fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// Whether a variable declared with the type `declared` may be used.
    pub(super) fn accepts(self, declared: &Type, has_default: bool) -> bool {
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
