//! Root fields of tracked functions: the rows, or aggregates of the rows, that a call returns.

use super::input_value::InputValue;
use super::selection::CollectedField;
use super::{Binder, WithPath as _, no_field};
use crate::ir::{CallArgument, FunctionCall, QueryField, RequestValue, Scalar, ScalarValue, cast_name};
use crate::schema::functions::{FunctionRoot, FunctionRootKind};
use engine_error::Result;
use engine_model::metadata::function::{ArgumentSource, TrackedArgument, TrackedFunction, client_arguments};
use engine_model::metadata::tracked::TrackedTable;
use std::collections::HashMap;

impl<'a> Binder<'a> {
    /// Binds a root field of a function.
    pub(super) fn function_root(
        &self,
        field: &CollectedField<'a>,
        root: FunctionRoot<'a>,
    ) -> Result<QueryField<'a>> {
        let FunctionRoot {
            kind,
            function,
            table,
        } = root;
        let call = self.function_call(field, function)?;
        Ok(match kind {
            FunctionRootKind::Aggregate => {
                let mut aggregate = self.aggregate(field, table)?;
                aggregate.rows = aggregate.rows.returned_by(call);
                QueryField::Aggregate(aggregate)
            }
            FunctionRootKind::Rows if function.returns_set => {
                QueryField::Rows(self.rows(field, table)?.returned_by(call))
            }
            FunctionRootKind::Rows => QueryField::Row(self.rows(field, table)?.single().returned_by(call)),
        })
    }

    fn function_call(
        &self,
        field: &CollectedField<'a>,
        function: &'a TrackedFunction,
    ) -> Result<FunctionCall<'a>> {
        let call = FunctionCall {
            function: &function.name,
            returns_set: function.returns_set,
            positional: Vec::new(),
            named: Vec::new(),
        };
        let given = self.given_arguments(field, &function.arguments, &function.arguments_type)?;
        self.call(call, &function.arguments, given, None)
            .at("args")
            .at("args")
    }

    /// Adds the arguments to a call: those that are given, the session variables, and the row that a computed field belongs to.
    pub(super) fn call(
        &self,
        mut call: FunctionCall<'a>,
        arguments: &'a [TrackedArgument],
        mut given: HashMap<&'a str, Scalar<'a>>,
        row: Option<&'a TrackedTable>,
    ) -> Result<FunctionCall<'a>> {
        let mut omitted = false;
        for argument in arguments {
            let value = match argument.source {
                ArgumentSource::Client => given.remove(&*argument.field).map(CallArgument::Value),
                ArgumentSource::Session => Some(CallArgument::Value(self.session_variables(argument))),
                ArgumentSource::Row => row.map(CallArgument::Row),
            };
            omitted |= value.is_none();
            call.add(argument, value, omitted)?;
        }
        Ok(call)
    }

    /// Binds the argument `args` of a field.
    pub(super) fn given_arguments(
        &self,
        field: &CollectedField<'a>,
        arguments: &'a [TrackedArgument],
        ty: &'a str,
    ) -> Result<HashMap<&'a str, Scalar<'a>>> {
        let is_optional = || client_arguments(arguments).all(|argument| argument.has_default);
        match self.argument(field, "args")? {
            Some(input) if !(input.is_null() && is_optional()) => {
                self.argument_values(input, arguments, ty).at("args").at("args")
            }
            None if !is_optional() => self.required_argument(field, "args").map(|_| HashMap::new()),
            Some(_) | None => Ok(HashMap::new()),
        }
    }

    fn argument_values(
        &self,
        input: InputValue<'a>,
        arguments: &'a [TrackedArgument],
        ty: &'a str,
    ) -> Result<HashMap<&'a str, Scalar<'a>>> {
        let mut given = HashMap::new();
        for (key, value) in self.object(input, ty)? {
            let Some(argument) = client_arguments(arguments).find(|argument| argument.field == key) else {
                return Err(no_field(key, ty)).at(key);
            };
            let sql_type = cast_name(&argument.ty);
            let leaf = self.column_leaf(value, &argument.ty).at(key)?;
            let value = if leaf.is_null() {
                Scalar::new(ScalarValue::Literal(None), sql_type)
            } else {
                self.typed_leaf(leaf, &argument.ty, sql_type).at(key)?
            };
            given.insert(&*argument.field, value);
        }
        Ok(given)
    }

    /// Returns all session variables as one JSON object.
    fn session_variables(&self, argument: &'a TrackedArgument) -> Scalar<'a> {
        let index = self
            .values
            .borrow_mut()
            .insert_full(RequestValue::SessionVariables)
            .0;
        Scalar::new(ScalarValue::Request(index), cast_name(&argument.ty))
    }
}
