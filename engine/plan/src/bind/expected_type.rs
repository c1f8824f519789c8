//! Types expected at the positions of values.

use crate::schema::description::Member;
use crate::schema::scalar::{ValueType, is_array_scalar, value_type};
use apollo_compiler::ast::Type;
use engine_model::catalog::PgType;
use std::fmt;

/// Type expected at a position, for checking the variables used there.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExpectedType<'n> {
    /// The type, with non-null elements of lists.
    ty: ValueType<'n>,
    /// Whether the elements of the outermost list may be null.
    nullable: bool,
    /// Whether null is rejected.
    required: bool,
}

impl<'n> ExpectedType<'n> {
    pub(super) fn one(name: &'n str) -> Self {
        Self::of(ValueType::one(name))
    }

    pub(super) fn list(name: &'n str) -> Self {
        Self::of(ValueType::one(name).list())
    }

    /// Returns the type of a column's values.
    pub(super) fn of_column(ty: &'n PgType) -> Self {
        Self::of(value_type(ty))
    }

    pub(super) fn of(ty: ValueType<'n>) -> Self {
        Self {
            ty,
            nullable: false,
            required: false,
        }
    }

    /// Returns the type of an argument or input field.
    pub(super) fn described(member: Member<'n>) -> Self {
        let Some((ty, wrapping)) = member.ty() else {
            return Self::one("");
        };
        let lists = u8::from(wrapping.list.is_some()) + u8::from(wrapping.inner.is_some());
        Self {
            ty: ValueType {
                name: ty.name(),
                lists,
            },
            nullable: wrapping.list == Some(false),
            required: member.is_required(),
        }
    }

    pub(super) fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// Returns the name of the type without its lists.
    pub(super) fn name(self) -> &'n str {
        self.ty.name
    }

    /// Whether a variable declared with the type `declared` may be used.
    pub(super) fn accepts(self, declared: &Type, has_default: bool) -> bool {
        if self.required && !declared.is_non_null() && !has_default {
            return false;
        }
        self.accepts_inner(declared, self.ty.lists)
    }

    fn accepts_inner(self, declared: &Type, lists: u8) -> bool {
        match declared {
            Type::Named(name) | Type::NonNullNamed(name) => match lists {
                0 => name == self.ty.name,
                1 => is_array_scalar(name, self.ty.name),
                _ => false,
            },
            Type::List(inner) | Type::NonNullList(inner) => {
                lists > 0 && (self.nullable || inner.is_non_null()) && self.accepts_inner(inner, lists - 1)
            }
        }
    }
}

impl fmt::Display for ExpectedType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bang = if self.required { "!" } else { "" };
        if self.nullable {
            write!(f, "[{}]{bang}", self.ty.name)
        } else {
            write!(f, "{}{bang}", self.ty)
        }
    }
}
