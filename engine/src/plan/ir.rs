//! The intermediate representation: what an operation wants of tables, with no GraphQL and no SQL in it. The GraphQL walk
//! (`super::walk`) and the v1 commands (`crate::metadata`'s DML) build it; `super::translate` turns it into statements.
//!
//! It borrows tables, columns and relationships from the snapshot (`'s`): a name that does not exist cannot be written
//! down. Values are text for Postgres to check ([`Scalar`]), except in rows to insert, which are JSON ([`InsertRow`]).
//! Permissions need no node of their own: a row filter is one more condition in [`Select::predicate`].

use crate::catalog::{Column, PgType};
use crate::metadata::tracked::{Relationship, TrackedTable};
use serde_json::Value;
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

/// A condition on a row.
#[derive(Debug, Clone)]
pub enum BoolExp<'s> {
    /// All hold; of none: true.
    And(Vec<BoolExp<'s>>),
    /// One holds; of none: false.
    Or(Vec<BoolExp<'s>>),
    /// It does not hold.
    Not(Box<BoolExp<'s>>),
    /// A column compared.
    Compare {
        /// Which column.
        column: &'s Column,
        /// Compared as another type (`_cast`): its name for SQL.
        cast: Option<Cow<'s, str>>,
        /// How and with what.
        with: Comparison<'s>,
    },
    /// A row that a relationship leads to satisfies the condition.
    Related(&'s Relationship, &'s TrackedTable, Box<BoolExp<'s>>),
    /// Any row of a table satisfies the condition (`_exists` of permissions).
    Exists(&'s TrackedTable, Box<BoolExp<'s>>),
}

impl BoolExp<'_> {
    /// Holds for every row.
    pub const ALL: Self = Self::And(Vec::new());

    /// Whether it holds for every row without looking.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::And(parts) if parts.is_empty())
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (all, other) if all.is_all() => other,
            (this, all) if all.is_all() => this,
            (this, other) => Self::And(vec![this, other]),
        }
    }
}

/// How a column is compared.
#[derive(Debug, Clone)]
pub enum Comparison<'s> {
    /// `column op value`.
    Op(Operator, Operand<'s>),
    /// `column = value`, NULL equal to NULL (v1's `$eq` of a nullable value).
    In(Vec<Scalar<'s>>),
    /// None of them.
    NotIn(Vec<Scalar<'s>>),
    /// `IS NULL` or `IS NOT NULL`.
    IsNull(bool),
}

/// What a column is compared with.
#[derive(Debug, Clone)]
pub enum Operand<'s> {
    /// A value.
    Value(Scalar<'s>),
    /// Another column of the same row.
    Column(&'s Column),
    /// A column of the row that the outermost condition is about (`["$", "column"]` of permissions).
    RootColumn(&'s Column),
}

/// A binary operator as Postgres writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator(pub &'static str);

/// A value in Postgres' text form, with the type that Postgres is asked to read it as.
#[derive(Debug, Clone)]
pub struct Scalar<'s> {
    /// The text; `None` is NULL.
    pub text: Option<String>,
    /// The type's name for SQL.
    pub ty: Cow<'s, str>,
}

impl<'s> Scalar<'s> {
    /// A value for a column.
    pub fn of(column: &'s Column, text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ty: Cow::Borrowed(cast_name(&column.ty)),
        }
    }
}

/// The name by which a value is cast to a type without losing anything: `format_type` calls `bpchar` "character", which
/// as a cast means one character, and `bit` likewise one bit.
pub fn cast_name(ty: &PgType) -> &str {
    match ty.name.as_str() {
        "bpchar" => "bpchar",
        "bit" => "varbit",
        "varchar" => "varchar",
        _ => &ty.sql,
    }
}

/// Rows to insert.
#[derive(Debug, Clone)]
pub struct Insert<'s> {
    /// Into which table.
    pub table: &'s TrackedTable,
    /// The rows, each with its own columns: the others take their defaults.
    pub rows: Vec<InsertRow<'s>>,
    /// What to do about conflicts.
    pub on_conflict: Option<OnConflict<'s>>,
}

/// One row to insert.
#[derive(Debug, Clone, Default)]
pub struct InsertRow<'s> {
    /// Columns and their values as JSON, as `json_to_recordset` reads them: a string for any type, null for NULL.
    pub values: Vec<(&'s Column, Value)>,
    /// Rows of related tables to insert with it, keys copied.
    pub related: Vec<RelatedInsert<'s>>,
}

/// Rows to insert through a relationship.
#[derive(Debug, Clone)]
pub struct RelatedInsert<'s> {
    /// Which relationship.
    pub relationship: &'s Relationship,
    /// What to insert; one row if it is an object relationship.
    pub insert: Insert<'s>,
}

/// `ON CONFLICT`.
#[derive(Debug, Clone)]
pub struct OnConflict<'s> {
    /// Which conflict; `None` is any (only with no columns to update).
    pub target: Option<ConflictTarget>,
    /// Columns that take the new row's values; empty leaves the row as it is.
    pub update: Vec<&'s Column>,
    /// Further assignments (a permission's presets).
    pub set: Vec<(&'s Column, Scalar<'s>)>,
    /// Update only where this holds of the old row.
    pub predicate: BoolExp<'s>,
}

/// What makes a conflict.
#[derive(Debug, Clone)]
pub enum ConflictTarget {
    /// A constraint's name.
    Constraint(String),
    /// Columns that a unique index covers.
    Columns(Vec<String>),
}

/// Rows to change.
#[derive(Debug, Clone)]
pub struct Update<'s> {
    /// Of which table.
    pub table: &'s TrackedTable,
    /// Which rows.
    pub predicate: BoolExp<'s>,
    /// How.
    pub set: Vec<(&'s Column, Assignment<'s>)>,
}

/// What a column becomes.
#[derive(Debug, Clone)]
pub enum Assignment<'s> {
    /// A value.
    Value(Scalar<'s>),
    /// `column op value`: `_inc` is `+`, v1's `$mul` is `*`, `_append` is `||`, `_delete_key` is `-`, `_delete_at_path` `#-`.
    Op(Operator, Scalar<'s>),
    /// `value op column`: `_prepend`.
    Reversed(Operator, Scalar<'s>),
    /// The column's default (v1's `$default`).
    Default,
}

/// Rows to remove.
#[derive(Debug, Clone)]
pub struct Delete<'s> {
    /// From which table.
    pub table: &'s TrackedTable,
    /// Which rows.
    pub predicate: BoolExp<'s>,
}

/// What a mutation does.
#[derive(Debug, Clone)]
pub enum Change<'s> {
    /// Insert.
    Insert(Insert<'s>),
    /// Update.
    Update(Update<'s>),
    /// Delete.
    Delete(Delete<'s>),
}

impl<'s> Change<'s> {
    /// The table it works on.
    pub fn table(&self) -> &'s TrackedTable {
        match self {
            Self::Insert(insert) => insert.table,
            Self::Update(update) => update.table,
            Self::Delete(delete) => delete.table,
        }
    }
}

/// What a mutation answers.
#[derive(Debug, Clone)]
pub enum MutationOutput<'s> {
    /// An object: affected rows and the rows themselves.
    Response(Vec<ResponseField<'s>>),
    /// The one row, or null.
    Row(Vec<Field<'s>>),
}

/// One key of a mutation's response.
#[derive(Debug, Clone)]
pub struct ResponseField<'s> {
    /// The key.
    pub key: String,
    /// What stands there.
    pub value: ResponseValue<'s>,
}

/// What stands under a key of a mutation's response.
#[derive(Debug, Clone)]
pub enum ResponseValue<'s> {
    /// How many rows were changed, related ones included.
    AffectedRows,
    /// The changed rows.
    Returning(Vec<Field<'s>>),
    /// A constant: `__typename`.
    Constant(Cow<'s, str>),
}
