//! `orders_aggregate`.

use super::input_value::mismatch;
use super::order_by::{aggregate_function, function_column};
use super::selection::CollectedField;
use super::{Binder, WithPath as _, no_field};
use crate::ir::{
    Aggregate, AggregateField, AggregateItem, AggregateValue, ComputedValue, FunctionValue, ItemValue,
};
use crate::schema::table::TableSchema;
use engine_error::Result;
use std::borrow::Cow;

impl<'a> Binder<'a> {
    /// Binds aggregates over the rows that the arguments select.
    pub(super) fn aggregate(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
    ) -> Result<Aggregate<'a>> {
        let rows = self.rows_arguments(field, table)?;
        let ty = &table.names.aggregate;
        let mut fields = Vec::new();
        for field in self.subfields(field, ty)? {
            let value = self
                .aggregate_field(&field, table)
                .at(field.name)
                .at("selectionSet")?;
            fields.push(AggregateField {
                key: field.key.to_owned(),
                value,
            });
        }
        Ok(Aggregate { rows, fields })
    }

    fn aggregate_field(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
    ) -> Result<AggregateValue<'a>> {
        match field.name {
            "__typename" => Ok(AggregateValue::Constant(Cow::Borrowed(&table.names.aggregate))),
            "nodes" => self.row_fields(field, table).map(AggregateValue::Nodes),
            "aggregate" => {
                let mut items = Vec::new();
                for field in self.subfields(field, &table.names.aggregate_fields)? {
                    let value = self
                        .aggregate_item(&field, table)
                        .at(field.name)
                        .at("selectionSet")?;
                    items.push(AggregateItem {
                        key: field.key.to_owned(),
                        value,
                    });
                }
                Ok(AggregateValue::Aggregate(items))
            }
            other => Err(no_field(other, &table.names.aggregate)),
        }
    }

    fn aggregate_item(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<ItemValue<'a>> {
        if field.name == "__typename" {
            return Ok(ItemValue::Constant(Cow::Borrowed(&table.names.aggregate_fields)));
        }
        if field.name == "count" {
            field.leaf()?;
            let columns = match self.argument(field, "columns")? {
                Some(input) if !input.is_null() => {
                    self.select_columns(input, table).at("columns").at("args")?
                }
                _ => Vec::new(),
            };
            let distinct = match self.argument(field, "distinct")? {
                Some(input) if !input.is_null() => input
                    .as_bool()
                    .ok_or_else(|| mismatch("a boolean", "Boolean", input))
                    .at("distinct")
                    .at("args")?,
                _ => false,
            };
            return Ok(ItemValue::Count { columns, distinct });
        }
        let Some((function, numbers)) = aggregate_function(self.schema.snake(field.name)) else {
            return Err(no_field(field.name, &table.names.aggregate_fields));
        };
        let ty = table.names.function_fields(function.0);
        let mut items = Vec::new();
        for field in self.subfields(field, &ty)? {
            let value = if field.name == "__typename" {
                FunctionValue::Constant(Cow::Owned(ty.clone()))
            } else {
                match function_column(table, field.name, numbers) {
                    Some(column) => {
                        field.leaf().at(field.name).at("selectionSet")?;
                        FunctionValue::Column(column)
                    }
                    None => match table.aggregated_computed(field.name, numbers) {
                        Some((computed, scalar)) => {
                            field.leaf().at(field.name).at("selectionSet")?;
                            let call = self.computed_call(Some(&field), table, computed);
                            let call = call.at(field.name).at("selectionSet")?;
                            FunctionValue::Computed(Box::new(ComputedValue { call, ty: scalar }))
                        }
                        None => return Err(no_field(field.name, &ty)).at(field.name).at("selectionSet"),
                    },
                }
            };
            items.push((field.key.to_owned(), value));
        }
        Ok(ItemValue::Function(function, items))
    }
}
