//! Conditions on rows and the values compared in them.

use super::AggregateFunction;
use engine_model::catalog::{Column, PgType};
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use std::borrow::Cow;

/// Condition on a row.
#[derive(Debug, Clone)]
pub enum BoolExp<'s> {
    /// Conjunction; an empty list is true.
    And(Vec<BoolExp<'s>>),
    /// Disjunction; an empty list is false.
    Or(Vec<BoolExp<'s>>),
    /// Negation.
    Not(Box<BoolExp<'s>>),
    /// Comparison of a column.
    Compare {
        /// Compared column.
        column: &'s Column,
        /// SQL name of the type that the column is cast to (`_cast`).
        cast: Option<Cow<'s, str>>,
        /// Operator and operand.
        with: Comparison<'s>,
    },
    /// Condition on related rows; true if at least one of them satisfies it.
    Related(&'s Relationship, &'s TrackedTable, Box<BoolExp<'s>>),
    /// Comparison of an aggregate over the rows of an array relationship.
    Aggregated(Box<RelatedAggregate<'s>>),
    /// True if any row of a table satisfies the condition (`_exists` of permissions).
    Exists(&'s TrackedTable, Box<BoolExp<'s>>),
}

impl BoolExp<'_> {
    /// Condition that is true for every row.
    pub const ALL: Self = Self::And(Vec::new());

    /// Returns whether the condition is the constant [`Self::ALL`].
    pub fn is_all(&self) -> bool {
        matches!(self, Self::And(parts) if parts.is_empty())
    }

    /// Returns the conjunction of both conditions.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (all, other) if all.is_all() => other,
            (this, all) if all.is_all() => this,
            (this, other) => Self::And(vec![this, other]),
        }
    }
}

/// Aggregate of related rows and the comparisons of its value (`<name>_aggregate` in a condition).
#[derive(Debug, Clone)]
pub struct RelatedAggregate<'s> {
    pub relationship: &'s Relationship,
    /// Table of the related rows.
    pub table: &'s TrackedTable,
    /// Filter on the related rows.
    pub filter: BoolExp<'s>,
    pub value: Aggregation<'s>,
    /// Comparisons; all of them must be true.
    pub with: Vec<Comparison<'s>>,
}

/// Aggregate value over several rows.
#[derive(Debug, Clone)]
pub enum Aggregation<'s> {
    /// Number of rows, or of rows in which these columns are not NULL.
    Count {
        /// Counted columns; if empty, rows are counted.
        columns: Vec<&'s Column>,
        /// Whether equal combinations are counted once.
        distinct: bool,
    },
    /// Aggregate function of one column.
    Function(AggregateFunction, &'s Column),
}

/// Comparison of a value.
#[derive(Debug, Clone)]
pub enum Comparison<'s> {
    /// `column op value`.
    Op(Operator, Operand<'s>),
    /// `column = ANY (values)`.
    In(Vec<Scalar<'s>>),
    /// `column <> ALL (values)`.
    NotIn(Vec<Scalar<'s>>),
    /// `IS NULL` or `IS NOT NULL`.
    IsNull(bool),
}

/// Right operand of a comparison.
#[derive(Debug, Clone)]
pub enum Operand<'s> {
    Value(Scalar<'s>),
    /// Another column of the same row.
    Column(&'s Column),
    /// Column of the row that the outermost condition applies to (`["$", "column"]` of permissions).
    RootColumn(&'s Column),
}

/// Binary operator in Postgres' notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator(pub &'static str);

/// Value in Postgres' text form, with the type that Postgres parses it as.
#[derive(Debug, Clone)]
pub struct Scalar<'s> {
    /// Text form; `None` is NULL.
    pub text: Option<String>,
    /// SQL name of the type.
    pub ty: Cow<'s, str>,
}

impl<'s> Scalar<'s> {
    /// Returns a value with the type of the column.
    pub fn of(column: &'s Column, text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ty: Cow::Borrowed(cast_name(&column.ty)),
        }
    }
}

/// Returns the type name for a cast that does not truncate: `format_type` prints `bpchar` as "character", which means
/// one character in a cast, and `bit` likewise means one bit.
pub fn cast_name(ty: &PgType) -> &str {
    match ty.name.as_str() {
        "bpchar" => "bpchar",
        "bit" => "varbit",
        "varchar" => "varchar",
        _ => &ty.sql,
    }
}
