//! The intermediate representation: what an operation wants of tables, with no GraphQL and no SQL in it. The GraphQL walk
//! (`super::walk`) and the v1 commands (`crate::metadata`'s DML) build it; `super::translate` turns it into statements.
//!
//! It borrows tables, columns and relationships from the snapshot (`'s`): a name that does not exist cannot be written
//! down. Values are text for Postgres to check ([`Scalar`]), except in rows to insert, which are JSON ([`InsertRow`]).
//! Permissions need no node of their own: a row filter is one more condition in [`Select::predicate`].
//!
//! Here is what is read; conditions and values are in `predicate`, what is written in `change`.

mod change;
mod predicate;

pub use change::{
    Assignment, Change, ConflictTarget, Delete, Insert, InsertRow, MutationOutput, OnConflict, RelatedInsert,
    ResponseField, ResponseValue, Update,
};
pub use predicate::{
    Aggregation, BoolExp, Comparison, Operand, Operator, RelatedAggregate, Scalar, cast_name,
};

use crate::catalog::Column;
use crate::metadata::tracked::{Relationship, TrackedTable};
use std::borrow::Cow;

/// Rows of a table: which, in what order, and what of each.
#[derive(Debug, Clone)]
pub struct Select<'s> {
    /// From which table.
    pub table: &'s TrackedTable,
    /// Which rows.
    pub predicate: BoolExp<'s>,
    /// In what order.
    pub order_by: Vec<OrderBy<'s>>,
    /// One row for each distinct combination of these; they must be the first of `order_by`.
    pub distinct_on: Vec<&'s Column>,
    /// At most so many.
    pub limit: Option<u32>,
    /// After leaving out so many.
    pub offset: Option<u64>,
    /// What of each row.
    pub fields: Vec<Field<'s>>,
}

impl<'s> Select<'s> {
    /// All rows of a table, nothing of them.
    pub fn all(table: &'s TrackedTable) -> Self {
        Self {
            table,
            predicate: BoolExp::ALL,
            order_by: Vec::new(),
            distinct_on: Vec::new(),
            limit: None,
            offset: None,
            fields: Vec::new(),
        }
    }
}

/// Rows beyond a value of one column, a batch at a time in that column's order (`orders_stream`).
#[derive(Debug, Clone)]
pub struct Stream<'s> {
    /// Which rows, and what of each; no order and no limit.
    pub rows: Select<'s>,
    /// The column that says where the stream stands.
    pub cursor: &'s Column,
    /// Whether from high to low.
    pub descending: bool,
    /// So many rows at most in one batch.
    pub batch_size: u32,
}

/// One key of a row's JSON object.
#[derive(Debug, Clone)]
pub struct Field<'s> {
    /// The key.
    pub key: String,
    /// What stands there.
    pub value: FieldValue<'s>,
}

/// What stands under a key of a row.
#[derive(Debug, Clone)]
pub enum FieldValue<'s> {
    /// A column; of json and jsonb columns, optionally only what is at a path.
    Column(&'s Column, Option<Vec<String>>),
    /// A constant: `__typename`.
    Constant(Cow<'s, str>),
    /// The row an object relationship leads to, or null.
    Object(&'s Relationship, Box<Select<'s>>),
    /// The rows an array relationship leads to.
    Array(&'s Relationship, Box<Select<'s>>),
    /// Aggregates over them.
    Aggregate(&'s Relationship, Box<Aggregate<'s>>),
}

/// Aggregates over rows.
#[derive(Debug, Clone)]
pub struct Aggregate<'s> {
    /// Over which rows; its `fields` are not used.
    pub rows: Select<'s>,
    /// What of them.
    pub fields: Vec<AggregateField<'s>>,
}

/// One key of `orders_aggregate`.
#[derive(Debug, Clone)]
pub struct AggregateField<'s> {
    /// The key.
    pub key: String,
    /// What stands there.
    pub value: AggregateValue<'s>,
}

/// What stands under a key of `orders_aggregate`.
#[derive(Debug, Clone)]
pub enum AggregateValue<'s> {
    /// The rows themselves.
    Nodes(Vec<Field<'s>>),
    /// Numbers about them.
    Aggregate(Vec<AggregateItem<'s>>),
    /// A constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// One key of `aggregate`.
#[derive(Debug, Clone)]
pub struct AggregateItem<'s> {
    /// The key.
    pub key: String,
    /// What stands there.
    pub value: ItemValue<'s>,
}

/// What stands under a key of `aggregate`.
#[derive(Debug, Clone)]
pub enum ItemValue<'s> {
    /// `count`, of rows, or of those where the columns are not null, or of distinct ones.
    Count {
        /// Which columns; empty counts rows.
        columns: Vec<&'s Column>,
        /// Whether equal combinations count once.
        distinct: bool,
    },
    /// A function applied to columns, each under its key.
    Function(AggregateFunction, Vec<(String, FunctionValue<'s>)>),
    /// A constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// What stands under a key of `sum`, `max` and their like.
#[derive(Debug, Clone)]
pub enum FunctionValue<'s> {
    /// The function's value for a column.
    Column(&'s Column),
    /// A constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// An aggregate function over one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AggregateFunction(pub &'static str);

/// How rows are ordered.
#[derive(Debug, Clone)]
pub struct OrderBy<'s> {
    /// By what.
    pub target: OrderTarget<'s>,
    /// Whether descending.
    pub descending: bool,
    /// Whether NULL comes first.
    pub nulls_first: bool,
}

/// What rows are ordered by.
#[derive(Debug, Clone)]
pub enum OrderTarget<'s> {
    /// A column.
    Column(&'s Column),
    /// Something of the row an object relationship leads to.
    Object(
        &'s Relationship,
        &'s TrackedTable,
        BoolExp<'s>,
        Box<OrderTarget<'s>>,
    ),
    /// How many rows an array relationship leads to.
    Count(&'s Relationship, &'s TrackedTable, BoolExp<'s>),
    /// A function over a column of those rows.
    Function(
        &'s Relationship,
        &'s TrackedTable,
        BoolExp<'s>,
        AggregateFunction,
        &'s Column,
    ),
}
