//! `order_by`.

use super::expected_type::ExpectedType;
use super::input_value::{InputValue, mismatch};
use super::{Binder, WithPath as _, invalid, no_field};
use crate::ir::{AggregateFunction, OrderBy, OrderTarget, Select};
use crate::schema::operators::ORDER_BY_VALUES;
use crate::schema::scalar::{is_comparable, is_number};
use crate::schema::table::TableSchema;
use engine_error::Result;
use engine_model::catalog::{COMPARABLE_FUNCTIONS, NUMBER_FUNCTIONS};
use engine_model::metadata::tracked::{Relationship, RelationshipKind};

/// Returns an aggregate function by its name, and whether it applies to numbers only.
pub(super) fn aggregate_function(name: &str) -> Option<(AggregateFunction, bool)> {
    let find = |names: &[&'static str]| names.iter().find(|n| **n == name).map(|n| AggregateFunction(n));
    find(&NUMBER_FUNCTIONS)
        .map(|function| (function, true))
        .or_else(|| find(&COMPARABLE_FUNCTIONS).map(|function| (function, false)))
}

/// Returns a column if the function applies to it.
pub(super) fn function_column<'a>(
    table: &'a TableSchema,
    name: &str,
    numbers: bool,
) -> Option<&'a engine_model::catalog::Column> {
    table.column(name).filter(|c| {
        if numbers {
            is_number(&c.ty)
        } else {
            is_comparable(&c.ty)
        }
    })
}

impl<'a> Binder<'a> {
    /// Binds the list `order_by`; an object is a list of one.
    pub(super) fn order_by(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<Vec<OrderBy<'a>>> {
        let one = input.as_list().is_none();
        let mut out = Vec::new();
        for (i, item) in self.list(input, &table.names.order_by)?.into_iter().enumerate() {
            let result = self.order_by_object(item, table, &mut |target| target, &mut out);
            if one { result? } else { result.at(i)? }
        }
        Ok(out)
    }

    fn order_by_object(
        &self,
        input: InputValue<'a>,
        table: &'a TableSchema,
        wrap: &mut dyn FnMut(OrderTarget<'a>) -> OrderTarget<'a>,
        out: &mut Vec<OrderBy<'a>>,
    ) -> Result<()> {
        for (key, value) in self.object(input, &table.names.order_by)? {
            self.order_by_field(key, value, table, wrap, out).at(key)?;
        }
        Ok(())
    }

    fn order_by_field(
        &self,
        key: &str,
        value: InputValue<'a>,
        table: &'a TableSchema,
        wrap: &mut dyn FnMut(OrderTarget<'a>) -> OrderTarget<'a>,
        out: &mut Vec<OrderBy<'a>>,
    ) -> Result<()> {
        if let Some(column) = table.column(key) {
            if let Some((descending, nulls_first)) = self.direction(value)? {
                out.push(OrderBy {
                    target: wrap(OrderTarget::Column(column)),
                    descending,
                    nulls_first,
                });
            }
            return Ok(());
        }
        if let Some(relationship) = table
            .relationship(key)
            .filter(|r| r.kind == RelationshipKind::Object)
            && let Some(target) = self.target(relationship)
        {
            let value = self.resolve(value, ExpectedType::one(&target.names.order_by))?;
            if value.is_null() {
                return Ok(());
            }
            let mut nested = |inner| {
                let row = Box::new(Select::visible(target));
                wrap(OrderTarget::Object(relationship, row, Box::new(inner)))
            };
            return self.nested(|| self.order_by_object(value, target, &mut nested, out));
        }
        if let Some(relationship) = table.order_aggregated(key)
            && let Some(target) = self.aggregate_target(relationship)
        {
            let rows = Select::visible(target);
            return self.order_by_aggregate(value, (Some(relationship), rows), target, wrap, out);
        }
        if let Some((call, target)) = self.computed_aggregates(table, key)? {
            let rows = Select::visible(target).returned_by(call);
            return self.order_by_aggregate(value, (None, rows), target, wrap, out);
        }
        if let Some(computed) = self.computed_value(table, key)? {
            if let Some((descending, nulls_first)) = self.direction(value)? {
                out.push(OrderBy {
                    target: wrap(OrderTarget::Computed(Box::new(computed))),
                    descending,
                    nulls_first,
                });
            }
            return Ok(());
        }
        Err(no_field(key, &table.names.order_by))
    }

    fn order_by_aggregate(
        &self,
        value: InputValue<'a>,
        (relationship, rows): (Option<&'a Relationship>, Select<'a>),
        target: &'a TableSchema,
        wrap: &mut dyn FnMut(OrderTarget<'a>) -> OrderTarget<'a>,
        out: &mut Vec<OrderBy<'a>>,
    ) -> Result<()> {
        let ty = &target.names.aggregate_order_by;
        let value = self.resolve(value, ExpectedType::one(ty))?;
        if value.is_null() {
            return Ok(());
        }
        for (key, value) in self.object(value, ty)? {
            if key == "count" {
                if let Some((descending, nulls_first)) = self.direction(value).at(key)? {
                    let target = OrderTarget::Count(relationship, Box::new(rows.clone()));
                    out.push(OrderBy {
                        target: wrap(target),
                        descending,
                        nulls_first,
                    });
                }
                continue;
            }
            let Some((function, numbers)) = aggregate_function(self.schema.snake(key)) else {
                return Err(no_field(key, ty)).at(key);
            };
            let ty = target.names.function_order_by(function.0);
            let value = self.resolve(value, ExpectedType::one(&ty))?;
            if value.is_null() {
                continue;
            }
            for (name, value) in self.object(value, &ty).at(key)? {
                let Some(column) = function_column(target, name, numbers) else {
                    return Err(no_field(name, &ty)).at(name).at(key);
                };
                if let Some((descending, nulls_first)) = self.direction(value).at(name).at(key)? {
                    let rows = Box::new(rows.clone());
                    let target = OrderTarget::Function(relationship, rows, function, column);
                    out.push(OrderBy {
                        target: wrap(target),
                        descending,
                        nulls_first,
                    });
                }
            }
        }
        Ok(())
    }

    fn direction(&self, input: InputValue<'a>) -> Result<Option<(bool, bool)>> {
        let ty = self.schema.order_by_type();
        let input = self.resolve(input, ExpectedType::one(ty))?;
        if input.is_null() {
            return Ok(None);
        }
        let name = input
            .as_enum()
            .ok_or_else(|| mismatch("an enum value", ty, input))?;
        let word = |direction: &'static str| self.schema.word(direction);
        if let Some((_, descending, nulls_first, _)) = ORDER_BY_VALUES
            .iter()
            .find(|(direction, ..)| word(direction) == name)
        {
            Ok(Some((*descending, *nulls_first)))
        } else {
            let names: Vec<_> = ORDER_BY_VALUES
                .iter()
                .map(|(name, ..)| format!("\"{}\"", word(name)))
                .collect();
            Err(invalid(format!(
                "expected one of the values [{}] for type \"{ty}\", but found \"{name}\"",
                names.join(", ")
            )))
        }
    }
}
