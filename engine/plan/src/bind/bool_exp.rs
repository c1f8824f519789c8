//! `where`: `orders_bool_exp` and the comparisons in it.

use super::expected_type::ExpectedType;
use super::input_value::{InputValue, mismatch};
use super::scalars::null_for;
use super::variables::Leaf;
use super::{Binder, WithPath as _, no_field};
use crate::ir::{
    BoolExp, Comparison, Operand, Operator, Scalar, ScalarList, ScalarValue, Select, cast_name, type_beside,
};
use crate::schema::scalar::{ComparisonOperator, OperandKind, value_type};
use crate::schema::table::TableSchema;
use engine_error::Result;
use engine_model::catalog::PgType;
use std::borrow::Cow;
use std::sync::LazyLock;

static TEXT: LazyLock<PgType> = LazyLock::new(|| PgType::built_in("text", "text"));

/// Makes a condition of the type that the value is cast to and a comparison.
type Compare<'c, 'a> = &'c dyn Fn(Option<Cow<'a, str>>, Comparison<'a>) -> BoolExp<'a>;

impl<'a> Binder<'a> {
    /// Binds a condition on a table's rows.
    pub(super) fn bool_exp(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<BoolExp<'a>> {
        self.nested(|| self.bool_exp_object(input, table))
    }

    fn bool_exp_object(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<BoolExp<'a>> {
        let ty = &table.names.bool_exp;
        let mut parts = Vec::new();
        let entries = self.object(input, ty)?;
        self.conditions.add(entries.len())?;
        for (key, value) in entries {
            let part = match key {
                "_and" => self.bool_exps(value, table).map(|parts| parts.map(BoolExp::And)),
                "_or" => self.bool_exps(value, table).map(|parts| parts.map(BoolExp::Or)),
                "_not" => self
                    .nested_bool_exp(value, table)
                    .map(|inner| inner.map(|inner| BoolExp::Not(Box::new(inner)))),
                _ => self.bool_exp_field(key, value, table),
            };
            parts.extend(part.at(key)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            BoolExp::And(parts)
        })
    }

    fn bool_exps(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<Option<Vec<BoolExp<'a>>>> {
        let ty = &table.names.bool_exp;
        let Some(input) = self.condition(input, ExpectedType::list(ty))? else {
            return Ok(None);
        };
        let one = input.as_list().is_none();
        let parts = self.list(input, ty)?.into_iter().enumerate().map(|(i, item)| {
            let part = self.bool_exp(item, table);
            if one { part } else { part.at(i) }
        });
        parts.collect::<Result<_>>().map(Some)
    }

    /// Returns a condition's value. Null is a value that the caller rejects; with the semantics of Hasura v1 it removes the
    /// condition.
    pub(super) fn condition(
        &self,
        input: InputValue<'a>,
        expected: ExpectedType<'_>,
    ) -> Result<Option<InputValue<'a>>> {
        let value = self.resolve(input, expected)?;
        Ok((!self.collapses(value)).then_some(value))
    }

    /// Whether null makes a condition true.
    fn collapses(&self, value: InputValue<'a>) -> bool {
        value.is_null() && self.schema.options().v1_boolean_null_collapse
    }

    /// Binds a condition inside another input object; `None` if null makes it true.
    pub(super) fn nested_bool_exp(
        &self,
        input: InputValue<'a>,
        table: &'a TableSchema,
    ) -> Result<Option<BoolExp<'a>>> {
        let value = self.condition(input, ExpectedType::one(&table.names.bool_exp))?;
        value.map(|value| self.bool_exp(value, table)).transpose()
    }

    fn bool_exp_field(
        &self,
        key: &str,
        value: InputValue<'a>,
        table: &'a TableSchema,
    ) -> Result<Option<BoolExp<'a>>> {
        if let Some(column) = table.column(key) {
            let ty = self.schema.comparison_type(&column.ty);
            return match self.condition(value, ExpectedType::one(&ty))? {
                Some(value) => {
                    let compare = |cast, with| BoolExp::Compare { column, cast, with };
                    self.comparisons(value, &column.ty, None, &compare).map(Some)
                }
                None => Ok(None),
            };
        }
        if let Some(relationship) = table.relationship(key)
            && let Some(target) = self.target(relationship)
        {
            self.conditions.add_subquery()?;
            let condition = self.nested_bool_exp(value, target)?;
            return Ok(condition.map(|condition| {
                let rows = Select::visible(target).filter(condition);
                BoolExp::Related(relationship, Box::new(rows))
            }));
        }
        if let Some(relationship) = table.condition_aggregated(key)
            && let Some(target) = self.aggregate_target(relationship)
        {
            return self.aggregate_bool_exp(value, relationship, target);
        }
        if let Some(computed) = self.computed_value(table, key)? {
            let ty = self.schema.comparison_type(computed.ty);
            return match self.condition(value, ExpectedType::one(&ty))? {
                Some(value) => {
                    let compare = |cast, with| BoolExp::CompareComputed {
                        value: Box::new(computed.clone()),
                        cast,
                        with,
                    };
                    self.comparisons(value, computed.ty, None, &compare).map(Some)
                }
                None => Ok(None),
            };
        }
        if let Some((call, target)) = self.computed_rows(table, key)? {
            self.conditions.add_subquery()?;
            let condition = self.nested_bool_exp(value, target)?;
            return Ok(condition.map(|condition| {
                let rows = Select::visible(target).returned_by(call).filter(condition);
                BoolExp::ComputedRows(Box::new(rows))
            }));
        }
        Err(no_field(key, &table.names.bool_exp))
    }

    /// Binds the comparisons of one value, read as type `ty`.
    fn comparisons(
        &self,
        input: InputValue<'a>,
        ty: &PgType,
        cast: Option<&'static str>,
        compare: Compare<'_, 'a>,
    ) -> Result<BoolExp<'a>> {
        let name = self.schema.comparison_type(ty);
        let mut parts = Vec::new();
        let entries = self.object(input, &name)?;
        self.conditions.add(entries.len())?;
        for (key, value) in entries {
            if key == "_cast" && ty.name == "jsonb" {
                parts.extend(self.casts(value, compare).at(key)?);
                continue;
            }
            if let Some(with) = self.named_comparison(key, value, ty)? {
                parts.push(compare(cast.map(Cow::Borrowed), with));
            }
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            BoolExp::And(parts)
        })
    }

    /// Binds `_cast: {String: {…}}` of jsonb.
    fn casts(&self, input: InputValue<'a>, compare: Compare<'_, 'a>) -> Result<Option<BoolExp<'a>>> {
        let ty = self.schema.jsonb_cast_type();
        let Some(input) = self.condition(input, ExpectedType::one(ty))? else {
            return Ok(None);
        };
        let mut parts = Vec::new();
        for (key, value) in self.object(input, ty)? {
            if key != "String" {
                return Err(no_field(key, ty)).at(key);
            }
            let comparison = self.schema.comparison_type(&TEXT);
            let expected = ExpectedType::one(&comparison);
            if let Some(value) = self.condition(value, expected).at(key)? {
                parts.push(self.comparisons(value, &TEXT, Some("text"), compare).at(key)?);
            }
        }
        Ok(Some(BoolExp::And(parts)))
    }

    /// Binds one entry of a `…_comparison_exp`; `None` if null makes it true.
    pub(super) fn named_comparison(
        &self,
        key: &'a str,
        value: InputValue<'a>,
        ty: &PgType,
    ) -> Result<Option<Comparison<'a>>> {
        let name = self.schema.snake(key);
        match self.schema.operators(ty).find(|operator| operator.name == name) {
            Some(operator) => self.comparison(value, operator, ty).at(key),
            None => Err(no_field(key, &self.schema.comparison_type(ty))).at(key),
        }
    }

    /// Binds one operator; `None` if null makes it true.
    fn comparison(
        &self,
        input: InputValue<'a>,
        operator: &'static ComparisonOperator,
        ty: &PgType,
    ) -> Result<Option<Comparison<'a>>> {
        let expected = ExpectedType::of(operator.right.operand_type(value_type(ty)));
        let leaf = self.variables.resolve_leaf(input, expected)?;
        if leaf.is_null() {
            if self.schema.options().v1_boolean_null_collapse {
                return Ok(None);
            }
            // As in Hasura, no row has the key null.
            if operator.name == "_has_key" {
                let null = Scalar::new(ScalarValue::Literal(None), "text");
                return Ok(Some(Comparison::Op(Operator(operator.sql), Operand::Value(null))));
            }
            return Err(null_for(expected.name()));
        }
        let own_type = || cast_name(ty).to_owned();
        let right = match operator.right {
            OperandKind::Null => {
                let value = self.variables.inspect(&leaf)?;
                let is_null = value
                    .as_bool()
                    .ok_or_else(|| mismatch("a boolean", "Boolean", value))?;
                return Ok(Some(Comparison::IsNull(is_null)));
            }
            OperandKind::AnyOf | OperandKind::NoneOf => {
                let values = self.scalar_list(leaf, ty, own_type())?;
                let any = operator.right == OperandKind::AnyOf;
                return Ok(Some(if any {
                    Comparison::In(values)
                } else {
                    Comparison::NotIn(values)
                }));
            }
            OperandKind::Same => self.typed_leaf(leaf, ty, own_type())?,
            // Patterns of bpchar are not padded; citext compares as citext.
            OperandKind::Pattern if ty.name == "citext" => self.typed_leaf(leaf, ty, own_type())?,
            OperandKind::Pattern | OperandKind::Text => self.typed_leaf(leaf, &TEXT, "text")?,
            OperandKind::Texts => Scalar::new(self.array_leaf(leaf, &TEXT)?, "text[]"),
            OperandKind::Other(other) => self.typed_leaf(leaf, &TEXT, type_beside(ty, other))?,
            OperandKind::Others(other) => {
                let list_type = format!("{}[]", type_beside(ty, other));
                Scalar::new(self.array_leaf(leaf, &TEXT)?, list_type)
            }
        };
        Ok(Some(Comparison::Op(
            Operator(operator.sql),
            Operand::Value(right),
        )))
    }

    /// Returns the elements of `_in`, which Postgres reads as `sql_type`.
    fn scalar_list(&self, leaf: Leaf<'a>, ty: &PgType, sql_type: String) -> Result<ScalarList<'a>> {
        if let Some(array_type) = ScalarList::array_type(&sql_type) {
            return Ok(ScalarList::Array(Scalar::new(
                self.array_leaf(leaf, ty)?,
                array_type,
            )));
        }
        let texts = self.variables.scalars(self.variables.inspect(&leaf)?, ty)?;
        Ok(ScalarList::of(texts, sql_type))
    }
}
