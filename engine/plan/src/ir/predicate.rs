//! Conditions on rows and the values compared in them.

use super::{AggregateFunction, ComputedValue, FunctionCall, Select};
use engine_model::catalog::{Column, PgType};
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use engine_sql::literal::array;
use engine_sql::quote::push_ident;
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
    /// Comparison of the scalar of a computed field.
    CompareComputed {
        value: Box<ComputedValue<'s>>,
        /// SQL name of the type that the value is cast to (`_cast`).
        cast: Option<Cow<'s, str>>,
        with: Comparison<'s>,
    },
    /// True if at least one of the rows of a computed field, which the query's function returns, satisfies the query's condition.
    ComputedRows(Box<Select<'s>>),
    /// True if at least one of the related rows satisfies the query's condition.
    Related(&'s Relationship, Box<Select<'s>>),
    /// Comparison of an aggregate over the rows of an array relationship.
    Aggregated(Box<RelatedAggregate<'s>>),
    /// True if any row of a table that the role can read satisfies the query's condition (`_exists` of data commands).
    Exists(Box<Select<'s>>),
    /// True if at least one related row satisfies a condition of a permission.
    RelatedUnfiltered(&'s Relationship, Box<Unfiltered<'s>>),
    /// True if one of the rows of a computed field satisfies a condition of a permission.
    ComputedRowsUnfiltered(Box<FunctionCall<'s>>, Box<Unfiltered<'s>>),
    /// True if any row of a table satisfies a condition of a permission (`_exists`).
    ExistsUnfiltered(Box<Unfiltered<'s>>),
}

/// Rows that the condition of a permission refers to. As in Hasura, the role's own permissions on them do not apply: a
/// filter may depend on rows that the role cannot read.
#[derive(Debug, Clone)]
pub struct Unfiltered<'s> {
    table: &'s TrackedTable,
    condition: BoolExp<'s>,
}

impl<'s> Unfiltered<'s> {
    /// Only `crate::condition` creates it, from conditions of permissions.
    pub(crate) fn new(table: &'s TrackedTable, condition: BoolExp<'s>) -> Self {
        Self { table, condition }
    }

    pub fn table(&self) -> &'s TrackedTable {
        self.table
    }

    pub fn condition(&self) -> &BoolExp<'s> {
        &self.condition
    }
}

impl BoolExp<'_> {
    /// Condition that is true for every row.
    pub const ALL: Self = Self::And(Vec::new());

    /// Condition that is false for every row.
    pub const NONE: Self = Self::Or(Vec::new());

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
    /// The related rows.
    pub rows: Select<'s>,
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
    /// Aggregate function of one or two columns.
    Function {
        function: AggregateFunction,
        columns: Vec<&'s Column>,
        /// Whether equal values, or equal pairs, are taken once.
        distinct: bool,
    },
}

/// Comparison of a value.
#[derive(Debug, Clone)]
pub enum Comparison<'s> {
    /// `column op value`.
    Op(Operator, Operand<'s>),
    /// `column = ANY (values)`.
    In(ScalarList<'s>),
    /// `column <> ALL (values)`.
    NotIn(ScalarList<'s>),
    /// `IS NULL` or `IS NOT NULL`.
    IsNull(bool),
    /// `ST_Function(column, value)` of `PostGIS`, or with a distance `ST_Function(column, value, distance)`.
    Spatial(&'static str, Scalar<'s>, Option<Scalar<'s>>),
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

/// Value of a scalar in Postgres' text form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScalarValue {
    /// Text known when the operation is bound; `None` is NULL.
    Literal(Option<String>),
    /// Value of the request, by its index in [`super::Operation::values`].
    Request(usize),
    /// Session variable, by its lowercase name, or [`ALL_VARIABLES`].
    Session(String),
}

/// Stands for all session variables as a JSON object. No variable has this name.
pub const ALL_VARIABLES: &str = "*";

impl ScalarValue {
    /// Returns the text that is known.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Literal(Some(text.into()))
    }
}

/// Value with the type that Postgres parses it as.
#[derive(Debug, Clone)]
pub struct Scalar<'s> {
    pub value: ScalarValue,
    /// SQL name of the type.
    pub ty: Cow<'s, str>,
}

impl<'s> Scalar<'s> {
    /// Returns a value of the type.
    pub fn new(value: ScalarValue, ty: impl Into<Cow<'s, str>>) -> Self {
        let ty = ty.into();
        Self { value, ty }
    }

    /// Returns a value with the type of the column.
    pub fn of(column: &'s Column, value: ScalarValue) -> Self {
        Self::new(value, cast_name(&column.ty))
    }
}

/// Operand of `IN`.
#[derive(Debug, Clone)]
pub enum ScalarList<'s> {
    Items(Vec<Scalar<'s>>),
    /// All elements as one Postgres array.
    Array(Scalar<'s>),
}

impl<'s> ScalarList<'s> {
    /// Returns a list of texts of the type. It is one array, so that its length does not change the statement. Elements
    /// that are arrays themselves cannot form one: those are listed.
    pub fn of(texts: Vec<String>, ty: impl Into<Cow<'s, str>>) -> Self {
        let ty = ty.into();
        match Self::array_type(&ty) {
            Some(array_type) => {
                let list = array(texts.into_iter().map(Some));
                Self::Array(Scalar::new(ScalarValue::text(list), array_type))
            }
            None => Self::Items(
                texts
                    .into_iter()
                    .map(|text| Scalar::new(ScalarValue::text(text), ty.clone()))
                    .collect(),
            ),
        }
    }

    /// Returns the type of an array of elements of the type; `None` if those are arrays themselves.
    pub fn array_type(ty: &str) -> Option<String> {
        (!ty.ends_with("[]")).then(|| format!("{ty}[]"))
    }
}

/// Whether a type, by its SQL name, is one of `PostGIS`. The name may be qualified.
pub fn is_geo_type(sql: &str) -> bool {
    matches!(sql.rsplit('.').next(), Some("geometry" | "geography"))
}

/// Returns the SQL name of a type in the schema of another, such as `lquery` beside `ltree`.
pub fn type_beside(ty: &PgType, name: &str) -> String {
    match &ty.extension {
        Some(extension) => {
            let mut sql = String::new();
            push_ident(&mut sql, &extension.schema);
            format!("{sql}.{name}")
        }
        None => name.to_owned(),
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
