//! The nodes of a statement. A parameter holds the source of its value and its type; the printer numbers it.

use crate::statement::{DeferredValue, ParamSource};
use std::borrow::Cow;
use std::sync::Arc;

/// Table alias: generated and printed as `"_t3"`, or a fixed name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alias {
    Number(u32),
    /// Fixed name, such as the CTE of a mutation.
    Named(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table<'s> {
    pub schema: &'s str,
    pub name: &'s str,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Expr<'s> {
    /// `"alias"."column"`.
    Column(Alias, Cow<'s, str>),
    /// Whole row: `"alias".*`.
    Row(Alias),
    /// Whole row as a value of a table's row type: `ROW("alias".*)::"schema"."table"`. The source of the row may be a subquery.
    TypedRow(Alias, Table<'s>),
    /// `($n)::type`: a value in text form.
    Param(ParamSource, Cow<'s, str>),
    /// Constant text of this code base: a keyword or literal.
    Raw(&'static str),
    /// Number computed by the translator, never a client's value.
    Number(i64),
    /// `(($n)::text[])[index]`: element of an array, counted from 1. Elements of one array share its parameter.
    Element(Arc<ParamSource>, usize),
    /// String literal for response keys and type names, never for a client's value.
    Text(Cow<'s, str>),
    /// `name(args…)`.
    Call(&'static str, Vec<Expr<'s>>),
    /// `"schema".name(args…)`.
    SchemaCall(Cow<'s, str>, &'static str, Vec<Expr<'s>>),
    /// `"schema"."name"(args…, "argument" => value…)`: function of the database that is not part of Postgres or an extension.
    UserCall(Table<'s>, Vec<Expr<'s>>, Vec<(&'s str, Expr<'s>)>),
    /// `name(DISTINCT args…)`.
    CallDistinct(&'static str, Vec<Expr<'s>>),
    /// `(a, b)`.
    Tuple(Vec<Expr<'s>>),
    /// `(expr)::type`; the type name is quoted as the catalog quotes it.
    Cast(Box<Expr<'s>>, Cow<'s, str>),
    /// `(left op right)`.
    Binary(Box<Expr<'s>>, Operator<'s>, Box<Expr<'s>>),
    /// `(left op ANY (right))` or `(left op ALL (right))`, where `right` is an array.
    Quantified(Box<Expr<'s>>, Operator<'s>, &'static str, Box<Expr<'s>>),
    /// Conjunction; an empty list is true.
    And(Vec<Expr<'s>>),
    /// Disjunction; an empty list is false.
    Or(Vec<Expr<'s>>),
    /// `(NOT expr)`.
    Not(Box<Expr<'s>>),
    /// `(expr IS NULL)`.
    IsNull(Box<Expr<'s>>),
    /// `CASE WHEN condition THEN first ELSE second END`.
    Case(Box<Expr<'s>>, Box<Expr<'s>>, Box<Expr<'s>>),
    /// Rows that an earlier statement returned, as an array of the table's row type.
    DeferredRows(Table<'s>),
    /// `(composite)."field"`.
    Field(Box<Expr<'s>>, &'s str),
    /// `(array)[index]`.
    Subscript(Box<Expr<'s>>, Box<Expr<'s>>),
    /// `EXISTS (select)`.
    Exists(Box<Select<'s>>),
    /// `(select)`.
    Subquery(Box<Select<'s>>),
}

/// Binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator<'s> {
    /// Schema in which Postgres looks it up; by default `search_path`.
    pub schema: Option<&'s str>,
    pub name: &'static str,
}

impl From<&'static str> for Operator<'_> {
    fn from(name: &'static str) -> Self {
        Self { schema: None, name }
    }
}

impl<'s> Expr<'s> {
    /// `left op right`.
    pub fn binary(left: Self, op: impl Into<Operator<'s>>, right: Self) -> Self {
        Self::Binary(Box::new(left), op.into(), Box::new(right))
    }

    /// `expr::ty`.
    #[must_use]
    pub fn cast(self, ty: impl Into<Cow<'s, str>>) -> Self {
        Self::Cast(Box::new(self), ty.into())
    }

    /// Value that an earlier statement produces, as text that is cast to `ty`.
    pub fn deferred(value: DeferredValue, ty: impl Into<Cow<'s, str>>) -> Self {
        Self::Param(ParamSource::Deferred(value), ty.into())
    }

    /// `coalesce(expr, default)`.
    #[must_use]
    pub fn or(self, default: &'static str) -> Self {
        Self::Call("coalesce", vec![self, Self::Raw(default)])
    }
}

/// `SELECT …`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Select<'s> {
    /// `WITH …`.
    pub with: Vec<Cte<'s>>,
    /// `DISTINCT ON (…)`.
    pub distinct_on: Vec<Expr<'s>>,
    /// Select list.
    pub columns: Vec<Output<'s>>,
    /// `FROM …`; several sources form a cross join.
    pub from: Vec<Source<'s>>,
    /// `WHERE …`.
    pub predicate: Option<Expr<'s>>,
    /// `ORDER BY …`.
    pub order_by: Vec<OrderBy<'s>>,
    /// `LIMIT …`.
    pub limit: Option<Expr<'s>>,
    /// `OFFSET …`.
    pub offset: Option<Expr<'s>>,
}

/// Output of a SELECT or RETURNING.
#[derive(Debug, Clone, PartialEq)]
pub enum Output<'s> {
    /// `expr AS "name"`.
    As(Expr<'s>, Cow<'s, str>),
    /// `"alias".*`.
    Star(Alias),
}

/// Item of a FROM list.
#[derive(Debug, Clone, PartialEq)]
pub enum Source<'s> {
    /// `"schema"."table" AS alias`.
    Table(Table<'s>, Alias),
    /// A CTE: `"name" AS alias`.
    Cte(CteName, Alias),
    /// `(select) AS alias`.
    Select(Box<Select<'s>>, Alias),
    /// `expr AS alias`: a set-returning function whose rows are of a table's type.
    Function(Expr<'s>, Alias),
    /// `expr AS alias("column")`: a set-returning function of single values.
    Series(Expr<'s>, Alias, &'s str),
    /// `unnest(array, …) AS alias("column", …)`: one array per column.
    Unnest(Vec<Expr<'s>>, Alias, Vec<&'s str>),
}

/// Name of a CTE: `"_m0"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CteName(pub u32);

/// `"_m0" AS (statement)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cte<'s> {
    pub name: CteName,
    pub statement: ModifyingStatement<'s>,
}

/// `expr ASC NULLS LAST`.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy<'s> {
    /// Sort key.
    pub expr: Expr<'s>,
    pub descending: bool,
    pub nulls_first: bool,
}

/// Data-modifying statement in WITH.
#[derive(Debug, Clone, PartialEq)]
pub enum ModifyingStatement<'s> {
    Insert(Insert<'s>),
    Update(Update<'s>),
    Delete(Delete<'s>),
}

/// `INSERT INTO table AS alias (columns) rows ON CONFLICT … RETURNING …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert<'s> {
    pub table: Table<'s>,
    pub alias: Alias,
    /// Column list; empty if all columns take their defaults.
    pub columns: Vec<&'s str>,
    pub rows: InsertRows<'s>,
    /// `ON CONFLICT …`.
    pub on_conflict: Option<OnConflict<'s>>,
    /// `RETURNING …`.
    pub returning: Vec<Output<'s>>,
}

/// Rows of an INSERT.
#[derive(Debug, Clone, PartialEq)]
pub enum InsertRows<'s> {
    /// `DEFAULT VALUES`: one row.
    Defaults,
    Select(Box<Select<'s>>),
    /// `VALUES (…), …`. `None` is `DEFAULT`.
    Values(Vec<Vec<Option<Expr<'s>>>>),
}

/// `ON CONFLICT target DO …`.
#[derive(Debug, Clone, PartialEq)]
pub struct OnConflict<'s> {
    /// Conflict target; `None` matches any conflict.
    pub target: Option<ConflictTarget<'s>>,
    /// `DO UPDATE SET …`; empty is `DO NOTHING`.
    pub set: Vec<(&'s str, Expr<'s>)>,
    /// `WHERE …` of `DO UPDATE`.
    pub predicate: Option<Expr<'s>>,
}

/// Conflict target of an INSERT.
#[derive(Debug, Clone, PartialEq)]
pub enum ConflictTarget<'s> {
    /// `ON CONSTRAINT name`.
    Constraint(Cow<'s, str>),
    /// `(columns)`.
    Columns(Vec<Cow<'s, str>>),
}

/// `UPDATE table AS alias SET … WHERE … RETURNING …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Update<'s> {
    pub table: Table<'s>,
    pub alias: Alias,
    /// `SET column = expr`.
    pub set: Vec<(&'s str, Expr<'s>)>,
    /// `WHERE …`.
    pub predicate: Expr<'s>,
    /// `RETURNING …`.
    pub returning: Vec<Output<'s>>,
}

/// `DELETE FROM table AS alias WHERE … RETURNING …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Delete<'s> {
    pub table: Table<'s>,
    pub alias: Alias,
    /// `WHERE …`.
    pub predicate: Expr<'s>,
    /// `RETURNING …`.
    pub returning: Vec<Output<'s>>,
}
