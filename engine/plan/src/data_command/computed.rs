//! Computed fields in `select`: `"field"`, or `{"name": "field", "arguments": {…}, "columns": […]}`.

use super::Scope;
use crate::ir::{
    CallArgument, ComputedValue, FieldValue, FunctionCall, Scalar, ScalarValue, Select, cast_name,
};
use crate::json_value::text;
use crate::schema::table::TableSchema;
use engine_error::{Code, Error, Result};
use engine_model::metadata::computed_field::ComputedField;
use engine_model::metadata::function::{ArgumentSource, TrackedArgument};
use serde_json::{Map, Value};

/// Returns the scalar of a computed field.
pub(super) fn scalar<'s>(
    scope: &Scope<'s>,
    table: &'s TableSchema,
    computed: &'s ComputedField,
    arguments: Option<&Value>,
) -> Result<Option<FieldValue<'s>>> {
    let Some(ty) = computed.scalar() else {
        return Ok(None);
    };
    let call = call(scope, table, computed, arguments)?;
    Ok(Some(FieldValue::Computed(
        Box::new(ComputedValue { call, ty }),
        None,
    )))
}

/// Returns the table of a computed field whose rows the role may read.
pub(super) fn rows_table<'s>(scope: &Scope<'s>, computed: &ComputedField) -> Option<&'s TableSchema> {
    computed.rows().and_then(|rows| scope.schema.readable(rows))
}

/// Replaces the rows of a query by those of a computed field.
pub(super) fn rows<'s>(
    scope: &Scope<'s>,
    table: &'s TableSchema,
    computed: &'s ComputedField,
    arguments: Option<&Value>,
    select: Select<'s>,
) -> Result<FieldValue<'s>> {
    let call = call(scope, table, computed, arguments)?;
    Ok(FieldValue::ComputedRows(Box::new(select.returned_by(call))))
}

fn call<'s>(
    scope: &Scope<'s>,
    table: &'s TableSchema,
    computed: &'s ComputedField,
    arguments: Option<&Value>,
) -> Result<FunctionCall<'s>> {
    let none = Map::new();
    let given = match arguments {
        None | Some(Value::Null) => &none,
        Some(Value::Object(given)) => given,
        Some(_) => {
            return Err(Error::new(Code::ParseFailed, "expected an object of arguments").at("arguments"));
        }
    };
    let is_known = |name: &String| {
        computed
            .client_arguments()
            .any(|argument| argument.field == *name)
    };
    if let Some(unknown) = given.keys().find(|name| !is_known(name)) {
        let message = format!("function \"{}\" has no argument \"{unknown}\"", computed.function);
        return Err(Error::new(Code::NotExists, message).at("arguments"));
    }
    let mut call = FunctionCall {
        function: &computed.function,
        returns_set: computed.rows().is_some(),
        positional: Vec::new(),
        named: Vec::new(),
    };
    let mut omitted = false;
    for argument in &computed.arguments {
        let value = match argument.source {
            ArgumentSource::Row => Some(CallArgument::Row(table.tracked())),
            ArgumentSource::Session => {
                let session = ScalarValue::text(scope.session.to_json());
                Some(value_of(argument, session))
            }
            ArgumentSource::Client => match given.get(&argument.field) {
                None => None,
                Some(Value::Null) => Some(value_of(argument, ScalarValue::Literal(None))),
                Some(value) => {
                    let text = text(&argument.ty, value);
                    let text = text.map_err(|e| e.at(argument.field.as_str()).at("arguments"))?;
                    Some(value_of(argument, ScalarValue::text(text)))
                }
            },
        };
        omitted |= value.is_none();
        call.add(argument, value, omitted)
            .map_err(|e| e.at("arguments"))?;
    }
    Ok(call)
}

fn value_of(argument: &TrackedArgument, value: ScalarValue) -> CallArgument<'_> {
    CallArgument::Value(Scalar::new(value, cast_name(&argument.ty)))
}
