//! Computed fields: scalars and rows that a function computes from a row.

use super::selection::CollectedField;
use super::{Binder, WithPath as _};
use crate::ir::{ComputedValue, FieldValue, FunctionCall};
use crate::schema::table::TableSchema;
use engine_error::Result;
use engine_model::metadata::computed_field::{ComputedField, ComputedResult};

impl<'a> Binder<'a> {
    /// Binds a computed field of a row; `None` if the role cannot read the table whose rows it contains.
    pub(super) fn computed_field(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
        computed: &'a ComputedField,
    ) -> Result<Option<FieldValue<'a>>> {
        match &computed.result {
            ComputedResult::Scalar(ty) => {
                field.leaf()?;
                let path = self.json_path(field, ty)?;
                let call = self.computed_call(Some(field), table, computed)?;
                let value = Box::new(ComputedValue { call, ty });
                Ok(Some(FieldValue::Computed(value, path)))
            }
            ComputedResult::Rows(target) => {
                let Some(target) = self.schema.selectable(target) else {
                    return Ok(None);
                };
                let call = self.computed_call(Some(field), table, computed)?;
                let rows = self.rows(field, target)?.returned_by(call);
                Ok(Some(FieldValue::ComputedRows(Box::new(rows))))
            }
        }
    }

    /// Returns the value of a computed scalar that a condition or an order contains.
    pub(super) fn computed_value(
        &self,
        table: &'a TableSchema,
        field: &str,
    ) -> Result<Option<ComputedValue<'a>>> {
        let Some(computed) = comparable(table, field) else {
            return Ok(None);
        };
        let Some(ty) = computed.scalar() else {
            return Ok(None);
        };
        let call = self.computed_call(None, table, computed)?;
        Ok(Some(ComputedValue { call, ty }))
    }

    /// Returns the rows of a computed field that a condition contains, with the table that they are of.
    pub(super) fn computed_rows(
        &self,
        table: &'a TableSchema,
        field: &str,
    ) -> Result<Option<(FunctionCall<'a>, &'a TableSchema)>> {
        match comparable(table, field) {
            Some(computed) => self.rows_of(table, computed),
            None => Ok(None),
        }
    }

    /// Returns the rows of a computed field by whose aggregates an order sorts, with the table that they are of.
    pub(super) fn computed_aggregates(
        &self,
        table: &'a TableSchema,
        order: &str,
    ) -> Result<Option<(FunctionCall<'a>, &'a TableSchema)>> {
        let mut computed = table.computed_fields();
        let found =
            computed.find(|computed| computed.order_aggregate == order && computed.needs_no_arguments());
        let rows = match found {
            Some(computed) => self.rows_of(table, computed)?,
            None => None,
        };
        Ok(rows.filter(|(_, target)| target.allows_aggregations()))
    }

    fn rows_of(
        &self,
        table: &'a TableSchema,
        computed: &'a ComputedField,
    ) -> Result<Option<(FunctionCall<'a>, &'a TableSchema)>> {
        let rows = computed.rows().and_then(|rows| self.schema.selectable(rows));
        match rows {
            Some(target) => Ok(Some((self.computed_call(None, table, computed)?, target))),
            None => Ok(None),
        }
    }

    pub(super) fn computed_call(
        &self,
        field: Option<&CollectedField<'a>>,
        table: &'a TableSchema,
        computed: &'a ComputedField,
    ) -> Result<FunctionCall<'a>> {
        let call = FunctionCall {
            function: &computed.function,
            returns_set: computed.rows().is_some(),
            positional: Vec::new(),
            named: Vec::new(),
        };
        let given = match field {
            Some(field) => self.given_arguments(field, &computed.arguments, &computed.arguments_type)?,
            None => std::collections::HashMap::new(),
        };
        let row = Some(table.tracked());
        self.call(call, &computed.arguments, given, row)
            .at("args")
            .at("args")
    }
}

/// Returns a computed field that conditions and orders can contain: one without arguments of the client.
fn comparable<'a>(table: &'a TableSchema, field: &str) -> Option<&'a ComputedField> {
    let computed = table.computed_field(field);
    computed.filter(|computed| computed.needs_no_arguments())
}
