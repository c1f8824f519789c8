//! `update_orders`, `update_orders_by_pk`, `update_orders_many`.

use super::expected_type::ExpectedType;
use super::input_value::InputValue;
use super::scalars::null_for;
use super::selection::CollectedField;
use super::{Binder, WithPath as _, invalid, no_field};
use crate::ir::{Assignment, BoolExp, ChangedRows, Operator, Scalar, Update, cast_name};
use crate::schema::operators::{UpdateOperator, available_operators};
use crate::schema::table::TableSchema;
use engine_error::Result;
use engine_model::catalog::{Column, PgType};
use std::sync::LazyLock;

static TEXT: LazyLock<PgType> = LazyLock::new(|| PgType::built_in("text", "text"));
static INT: LazyLock<PgType> = LazyLock::new(|| PgType::built_in("int4", "integer"));

type Assignments<'a> = Vec<(&'a Column, Assignment<'a>)>;

/// Adds the filter, the presets and the check of the role's permission to an update.
fn permitted<'a>(table: &'a TableSchema, condition: BoolExp<'a>, mut set: Assignments<'a>) -> Update<'a> {
    let presets = table.update_presets().into_iter();
    set.extend(presets.map(|(column, value)| (column, Assignment::Value(Scalar::of(column, value)))));
    Update {
        rows: ChangedRows::updated(table, condition),
        set,
        check: table.update_check().unwrap_or(BoolExp::ALL),
    }
}

impl<'a> Binder<'a> {
    /// `update_orders(where, _set, …)`.
    pub(super) fn update(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<Update<'a>> {
        let input = self.required_argument(field, "where")?;
        let condition = self.bool_exp(input, table).at("where").at("args")?;
        let set = self.operators(field, table)?;
        Ok(permitted(table, condition, set))
    }

    /// `update_orders_by_pk(pk_columns, _set, …)`.
    pub(super) fn update_by_pk(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
    ) -> Result<Update<'a>> {
        let name = self.schema.word("pk_columns");
        let input = self.required_argument(field, name)?;
        let condition = self.pk_columns(input, table).at(name).at("args")?;
        let set = self.operators(field, table)?;
        Ok(permitted(table, condition, set))
    }

    /// `update_orders_many(updates: [{where, _set, …}])`.
    pub(super) fn update_many(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
    ) -> Result<Vec<Update<'a>>> {
        let ty = &table.names.updates;
        let input = self.required_argument(field, "updates")?;
        let updates = self.list(input, ty).at("updates").at("args")?;
        let updates = updates
            .into_iter()
            .enumerate()
            .map(|(i, item)| self.one_of_many(item, table).at(i));
        updates.collect::<Result<_>>().at("updates").at("args")
    }

    fn one_of_many(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<Update<'a>> {
        let ty = &table.names.updates;
        let mut predicate = None;
        let mut given = Vec::new();
        for (key, value) in self.object(input, ty)? {
            if key == "where" {
                predicate = Some(self.bool_exp(value, table).at(key)?);
            } else if let Some(operator) = UpdateOperator::of(self.schema.snake(key)) {
                given.push((operator, value));
            } else {
                return Err(no_field(key, ty)).at(key);
            }
        }
        let Some(predicate) = predicate else {
            return Err(invalid("missing required field \"where\"")).at("where");
        };
        let set = self.assignments(given, table)?;
        Ok(permitted(table, predicate, set))
    }

    fn pk_columns(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<BoolExp<'a>> {
        let ty = &table.names.pk_columns_input;
        let key = table.primary_key().unwrap_or_default();
        let given: Vec<(&str, InputValue<'a>)> = self.object(input, ty)?.collect();
        if let Some((unknown, _)) = given.iter().find(|(name, _)| !key.iter().any(|(k, _)| k == name)) {
            return Err(no_field(unknown, ty)).at(*unknown);
        }
        let mut parts = Vec::with_capacity(key.len());
        for (name, column) in key {
            let Some((_, value)) = given.iter().find(|(given, _)| *given == name) else {
                return Err(invalid(format!("missing required field \"{name}\""))).at(name);
            };
            let leaf = self.column_leaf(*value, &column.ty).at(name)?;
            parts.push(self.equals(leaf, column).at(name)?);
        }
        Ok(BoolExp::And(parts))
    }

    fn operators(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<Assignments<'a>> {
        let mut given = Vec::new();
        for operator in available_operators(table) {
            if let Some(input) = self.argument(field, self.schema.word(operator.name))? {
                given.push((operator, input));
            }
        }
        self.assignments(given, table).at("args")
    }

    fn assignments(
        &self,
        given: Vec<(&'static UpdateOperator, InputValue<'a>)>,
        table: &'a TableSchema,
    ) -> Result<Assignments<'a>> {
        let given: Vec<_> = given.into_iter().filter(|(_, input)| !input.is_null()).collect();
        if given.is_empty() && table.update_presets().is_empty() {
            let names: Vec<&str> = available_operators(table)
                .map(|operator| self.schema.word(operator.name))
                .collect();
            return Err(invalid(format!(
                "at least any one of {} is expected",
                names.join(", ")
            )));
        }
        let mut set: Assignments<'a> = Vec::new();
        for (operator, input) in given {
            let ty = operator.input_type(table);
            let name = self.schema.word(operator.name);
            for (key, value) in self.object(input, &ty).at(name)? {
                let column = table
                    .update_column(key)
                    .filter(|column| operator.applies_to(column));
                let Some(column) = column else {
                    return Err(no_field(key, &ty)).at(key).at(name);
                };
                if set.iter().any(|(other, _)| other.number == column.number) {
                    return Err(invalid(format!("Column found in multiple operators: \"{key}\"")));
                }
                let assignment = self.assignment(operator, column, value);
                set.push((column, assignment.at(key).at(name)?));
            }
        }
        Ok(set)
    }

    /// Binds the value that an operator assigns to a column.
    fn assignment(
        &self,
        operator: &UpdateOperator,
        column: &'a Column,
        input: InputValue<'a>,
    ) -> Result<Assignment<'a>> {
        let expected = ExpectedType::of(operator.operand_type(column));
        let leaf = self.variables.resolve_leaf(input, expected)?;
        if leaf.is_null() && operator.name != "_set" {
            return Err(null_for(expected.name()));
        }
        let own = |leaf| self.typed_leaf(leaf, &column.ty, cast_name(&column.ty));
        Ok(match operator.name {
            "_set" => Assignment::Value(Scalar::of(column, self.assigned_leaf(leaf, column)?)),
            "_inc" => Assignment::Op(Operator("+"), own(leaf)?),
            "_append" => Assignment::Op(Operator("||"), own(leaf)?),
            "_prepend" => Assignment::Reversed(Operator("||"), own(leaf)?),
            "_delete_key" => Assignment::Op(Operator("-"), self.typed_leaf(leaf, &TEXT, "text")?),
            "_delete_elem" => Assignment::Op(Operator("-"), self.typed_leaf(leaf, &INT, "int4")?),
            _ => Assignment::Op(
                Operator("#-"),
                Scalar::new(self.path_leaf(leaf, &TEXT)?, "text[]"),
            ),
        })
    }
}
