//! Intermediate representation: the table operations of a request, independent of GraphQL and SQL. The GraphQL binder
//! (`super::walk`) and the v1 commands (`crate::metadata`'s DML) build it; `super::translate` turns it into statements.
//!
//! It borrows tables, columns and relationships from the snapshot (`'s`), so it cannot contain a name that does not
//! exist. Values are text that Postgres checks ([`Scalar`]), except in rows to insert, which are JSON ([`InsertRow`]).
//! Permissions need no separate node: a row filter is an additional condition in [`Select::predicate`].
//!
//! This module defines queries; conditions and values are in `predicate`, mutations in `change`.

mod mutation;
mod predicate;

pub use mutation::{
    Assignment, ConflictTarget, Delete, Insert, InsertRow, Mutation, MutationOutput, OnConflict,
    RelatedInsert, ResponseField, ResponseValue, Update,
};
pub use predicate::{
    Aggregation, BoolExp, Comparison, Operand, Operator, RelatedAggregate, Scalar, cast_name,
};

use engine_model::catalog::Column;
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use std::borrow::Cow;

/// Query on the rows of one table.
#[derive(Debug, Clone)]
pub struct Select<'s> {
    pub table: &'s TrackedTable,
    pub predicate: BoolExp<'s>,
    pub order_by: Vec<OrderBy<'s>>,
    /// `DISTINCT ON` columns; they must be the first columns of `order_by`.
    pub distinct_on: Vec<&'s Column>,
    /// LIMIT.
    pub limit: Option<u32>,
    /// OFFSET.
    pub offset: Option<u64>,
    /// Selected fields of each row.
    pub fields: Vec<Field<'s>>,
}

impl<'s> Select<'s> {
    /// Returns a query on all rows of a table that selects no fields.
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

/// Rows after a cursor value, returned in batches in the order of the cursor column (`orders_stream`).
#[derive(Debug, Clone)]
pub struct Stream<'s> {
    /// Filter and selected fields; without order and limit.
    pub rows: Select<'s>,
    /// Column whose value is the position in the stream.
    pub cursor: &'s Column,
    /// Whether the stream runs from high to low values.
    pub descending: bool,
    /// Maximum number of rows per batch.
    pub batch_size: u32,
}

/// Field of a row's JSON object.
#[derive(Debug, Clone)]
pub struct Field<'s> {
    /// Response key.
    pub key: String,
    pub value: FieldValue<'s>,
}

/// Value of a field of a row.
#[derive(Debug, Clone)]
pub enum FieldValue<'s> {
    /// Column; for json and jsonb columns optionally only the value at a path.
    Column(&'s Column, Option<Vec<String>>),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
    /// Row of an object relationship, or null.
    Object(&'s Relationship, Box<Select<'s>>),
    /// Rows of an array relationship.
    Array(&'s Relationship, Box<Select<'s>>),
    /// Aggregates over the rows of an array relationship.
    Aggregate(&'s Relationship, Box<Aggregate<'s>>),
}

#[derive(Debug, Clone)]
pub struct Aggregate<'s> {
    /// Aggregated rows; `fields` of this query is not used.
    pub rows: Select<'s>,
    /// Selected fields.
    pub fields: Vec<AggregateField<'s>>,
}

/// Field of `orders_aggregate`.
#[derive(Debug, Clone)]
pub struct AggregateField<'s> {
    /// Response key.
    pub key: String,
    pub value: AggregateValue<'s>,
}

/// Value of a field of `orders_aggregate`.
#[derive(Debug, Clone)]
pub enum AggregateValue<'s> {
    /// The rows themselves.
    Nodes(Vec<Field<'s>>),
    /// Results of aggregate functions over the rows.
    Aggregate(Vec<AggregateItem<'s>>),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// Field of `aggregate`.
#[derive(Debug, Clone)]
pub struct AggregateItem<'s> {
    /// Response key.
    pub key: String,
    pub value: ItemValue<'s>,
}

/// Value of a field of `aggregate`.
#[derive(Debug, Clone)]
pub enum ItemValue<'s> {
    /// `count` of rows, of rows in which the columns are not null, or of distinct combinations.
    Count {
        /// Counted columns; if empty, rows are counted.
        columns: Vec<&'s Column>,
        /// Whether equal combinations are counted once.
        distinct: bool,
    },
    /// Aggregate function applied to columns, each under its response key.
    Function(AggregateFunction, Vec<(String, FunctionValue<'s>)>),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// Value of a field of `sum`, `max` and the other aggregate functions.
#[derive(Debug, Clone)]
pub enum FunctionValue<'s> {
    /// Result of the function for a column.
    Column(&'s Column),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// Aggregate function of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AggregateFunction(pub &'static str);

/// Item of an ORDER BY list.
#[derive(Debug, Clone)]
pub struct OrderBy<'s> {
    /// Sort key.
    pub target: OrderTarget<'s>,
    pub descending: bool,
    pub nulls_first: bool,
}

/// Sort key of a query.
#[derive(Debug, Clone)]
pub enum OrderTarget<'s> {
    Column(&'s Column),
    /// Sort key in the row of an object relationship.
    Object(
        &'s Relationship,
        &'s TrackedTable,
        BoolExp<'s>,
        Box<OrderTarget<'s>>,
    ),
    /// Number of rows of an array relationship.
    Count(&'s Relationship, &'s TrackedTable, BoolExp<'s>),
    /// Aggregate function over a column of the rows of an array relationship.
    Function(
        &'s Relationship,
        &'s TrackedTable,
        BoolExp<'s>,
        AggregateFunction,
        &'s Column,
    ),
}
