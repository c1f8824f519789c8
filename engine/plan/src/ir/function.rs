//! Calls of functions: tracked functions and computed fields.

use super::Scalar;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{PgType, TableName};
use engine_model::metadata::function::TrackedArgument;
use engine_model::metadata::tracked::TrackedTable;

/// Call of a function.
#[derive(Debug, Clone)]
pub struct FunctionCall<'s> {
    pub function: &'s TableName,
    /// Whether it returns a set of rows and not one.
    pub returns_set: bool,
    /// The first arguments, in the order of the function.
    pub positional: Vec<CallArgument<'s>>,
    /// Further arguments with their names; absent ones take their defaults.
    pub named: Vec<(&'s str, CallArgument<'s>)>,
}

/// Argument of a call.
#[derive(Debug, Clone)]
pub enum CallArgument<'s> {
    Value(Scalar<'s>),
    /// The row of this table that a computed field belongs to.
    Row(&'s TrackedTable),
}

/// Value that a function computes from a row.
#[derive(Debug, Clone)]
pub struct ComputedValue<'s> {
    pub call: FunctionCall<'s>,
    pub ty: &'s PgType,
}

impl<'s> FunctionCall<'s> {
    /// Adds the next argument: by its position, or by its name if an argument before it is omitted.
    pub(crate) fn add(
        &mut self,
        argument: &'s TrackedArgument,
        value: Option<CallArgument<'s>>,
        omitted: bool,
    ) -> Result<()> {
        // Hasura's wording
        let refuse = |message: &str| Err(Error::new(Code::NotSupported, message));
        match (value, &argument.name) {
            (None, _) if !argument.has_default => return refuse("Non default arguments cannot be omitted"),
            (None, _) => {}
            (Some(value), _) if !omitted => self.positional.push(value),
            (Some(value), Some(name)) => self.named.push((name, value)),
            (Some(_), None) => return refuse("Only last set of positional arguments can be omitted"),
        }
        Ok(())
    }
}
