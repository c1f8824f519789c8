//! Conditions on rows, and the values that they compare with.

use super::AggregateFunction;
use crate::catalog::{Column, PgType};
use crate::metadata::tracked::{Relationship, TrackedTable};
use std::borrow::Cow;

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
    /// What the rows come to that an array relationship leads to, compared.
    Aggregated(Box<RelatedAggregate<'s>>),
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

/// An aggregate of related rows, and what is asked of it (`<name>_aggregate` of a condition).
#[derive(Debug, Clone)]
pub struct RelatedAggregate<'s> {
    /// Which relationship.
    pub relationship: &'s Relationship,
    /// The table that it leads to.
    pub table: &'s TrackedTable,
    /// Which of its rows.
    pub filter: BoolExp<'s>,
    /// What of them.
    pub value: Aggregation<'s>,
    /// All of these hold.
    pub with: Vec<Comparison<'s>>,
}

/// One value out of many rows.
#[derive(Debug, Clone)]
pub enum Aggregation<'s> {
    /// How many rows, or how many with these columns not NULL.
    Count {
        /// Which columns; none counts rows.
        columns: Vec<&'s Column>,
        /// Whether equal ones count once.
        distinct: bool,
    },
    /// A function of one column.
    Function(AggregateFunction, &'s Column),
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
