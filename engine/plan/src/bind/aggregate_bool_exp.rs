//! `where` over aggregates of related rows: `articles_aggregate: {count: {filter: …, predicate: …}}` (Hasura's "aggregation
//! predicates").

use super::expected_type::ExpectedType;
use super::input_value::{InputValue, mismatch};
use super::{Binder, WithPath as _, invalid, no_field};
use crate::ir::{AggregateFunction, Aggregation, BoolExp, Comparison, RelatedAggregate, Select};
use crate::schema::scalar::{is_boolean, is_float8};
use crate::schema::table::TableSchema;
use engine_error::{Error, Result};
use engine_model::catalog::{BOOLEAN_FUNCTIONS, Column, FLOAT_FUNCTIONS, FLOAT_PAIR_FUNCTIONS, PgType};
use engine_model::metadata::tracked::Relationship;
use std::sync::LazyLock;

static INT: LazyLock<PgType> = LazyLock::new(|| PgType::built_in("int4", "integer"));
static BOOLEAN: LazyLock<PgType> = LazyLock::new(|| PgType::built_in("bool", "boolean"));

static FLOAT: LazyLock<PgType> = LazyLock::new(|| PgType::built_in("float8", "double precision"));

/// Aggregate function of a condition, besides `count`.
#[derive(Clone, Copy)]
struct ConditionFunction {
    name: &'static str,
    /// Whether it takes two columns.
    of_pairs: bool,
    applies: fn(&PgType) -> bool,
    /// Type of the result.
    value: &'static PgType,
}

impl ConditionFunction {
    fn of(name: &str) -> Option<Self> {
        let find = |names: &[&'static str]| names.iter().copied().find(|known| *known == name);
        if let Some(name) = find(&BOOLEAN_FUNCTIONS) {
            return Some(Self {
                name,
                of_pairs: false,
                applies: is_boolean,
                value: &BOOLEAN,
            });
        }
        let (name, of_pairs) = find(&FLOAT_FUNCTIONS)
            .map(|name| (name, false))
            .or_else(|| find(&FLOAT_PAIR_FUNCTIONS).map(|name| (name, true)))?;
        Some(Self {
            name,
            of_pairs,
            applies: is_float8,
            value: &FLOAT,
        })
    }
}

fn missing(field: &str) -> Error {
    invalid(format!("missing required field \"{field}\""))
}

impl<'a> Binder<'a> {
    /// Binds `articles_aggregate` of a condition.
    pub(super) fn aggregate_bool_exp(
        &self,
        input: InputValue<'a>,
        relationship: &'a Relationship,
        table: &'a TableSchema,
    ) -> Result<Option<BoolExp<'a>>> {
        let ty = &table.names.aggregate_bool_exp;
        let Some(input) = self.condition(input, ExpectedType::one(ty))? else {
            return Ok(None);
        };
        let mut parts = Vec::new();
        for (key, value) in self.object(input, ty)? {
            self.conditions.add_subquery()?;
            let part = self.aggregate_condition(key, value, relationship, table);
            parts.extend(part.at(key)?);
        }
        Ok(Some(BoolExp::And(parts)))
    }

    /// Binds one of its entries: an aggregate, the filter on the rows, and the comparison of its value.
    fn aggregate_condition(
        &self,
        key: &'a str,
        input: InputValue<'a>,
        relationship: &'a Relationship,
        table: &'a TableSchema,
    ) -> Result<Option<BoolExp<'a>>> {
        let function = ConditionFunction::of(key);
        if function.is_none() && key != "count" {
            return Err(no_field(key, &table.names.aggregate_bool_exp));
        }
        let ty = table.names.aggregate_condition(key);
        let Some(input) = self.condition(input, ExpectedType::one(&ty))? else {
            return Ok(None);
        };
        let (mut arguments, mut distinct, mut filter, mut predicate) = (None, false, BoolExp::ALL, None);
        for (key, value) in self.object(input, &ty)? {
            match key {
                "arguments" => arguments = Some(value),
                "distinct" => {
                    let value = self.resolve(value, ExpectedType::one("Boolean")).at(key)?;
                    if !value.is_null() {
                        let flag = value.as_bool();
                        distinct = flag
                            .ok_or_else(|| mismatch("a boolean", "Boolean", value))
                            .at(key)?;
                    }
                }
                "filter" => {
                    let condition = self.nested_bool_exp(value, table).at(key)?;
                    filter = condition.unwrap_or(BoolExp::ALL);
                }
                "predicate" => predicate = Some(value),
                _ => return Err(no_field(key, &ty)).at(key),
            }
        }
        let (value, compared): (_, &PgType) = match function {
            None => (self.counted(arguments, distinct, table).at("arguments")?, &INT),
            Some(function) => {
                let columns = match arguments {
                    Some(input) => self.condition_columns(input, function, table),
                    None => Err(missing("arguments")),
                };
                let value = Aggregation::Function {
                    function: AggregateFunction(function.name),
                    columns: columns.at("arguments")?,
                    distinct,
                };
                (value, function.value)
            }
        };
        let with = match predicate {
            Some(input) => self.aggregate_predicate(input, compared),
            None => Err(missing("predicate")),
        };
        let with = with.at("predicate")?;
        if with.is_empty() {
            // No comparison: the aggregate is not a condition.
            return Ok(None);
        }
        Ok(Some(BoolExp::Aggregated(Box::new(RelatedAggregate {
            relationship,
            rows: Select::visible(table).filter(filter),
            value,
            with,
        }))))
    }

    /// Binds the column, or the pair `{X, Y}` of columns, that a function takes.
    fn condition_columns(
        &self,
        input: InputValue<'a>,
        function: ConditionFunction,
        table: &'a TableSchema,
    ) -> Result<Vec<&'a Column>> {
        let enumeration = table.names.aggregate_condition_columns(function.name);
        let applicable = |name: &str| table.column(name).filter(|column| (function.applies)(&column.ty));
        let column = |input| self.column_enum(input, &enumeration, applicable);
        if !function.of_pairs {
            return Ok(vec![column(input)?]);
        }
        let ty = table.names.aggregate_condition_arguments(function.name);
        let (mut x, mut y) = (None, None);
        for (key, value) in self.object(input, &ty)? {
            match key {
                "X" => x = Some(column(value).at(key)?),
                "Y" => y = Some(column(value).at(key)?),
                _ => return Err(no_field(key, &ty)).at(key),
            }
        }
        let x = x.ok_or_else(|| missing("X")).at("X")?;
        let y = y.ok_or_else(|| missing("Y")).at("Y")?;
        Ok(vec![x, y])
    }

    fn counted(
        &self,
        arguments: Option<InputValue<'a>>,
        distinct: bool,
        table: &'a TableSchema,
    ) -> Result<Aggregation<'a>> {
        let given = match arguments {
            Some(input) => Some(self.resolve(input, ExpectedType::list(&table.names.select_column))?),
            None => None,
        };
        let columns = match given {
            Some(input) if !input.is_null() => self.select_columns(input, table)?,
            _ => Vec::new(),
        };
        Ok(Aggregation::Count { columns, distinct })
    }

    fn aggregate_predicate(&self, input: InputValue<'a>, ty: &PgType) -> Result<Vec<Comparison<'a>>> {
        let name = self.schema.comparison_type(ty);
        let input = self.resolve(input, ExpectedType::one(&name).required())?;
        let mut with = Vec::new();
        for (key, value) in self.object(input, &name)? {
            with.extend(self.named_comparison(key, value, ty)?);
        }
        Ok(with)
    }
}
