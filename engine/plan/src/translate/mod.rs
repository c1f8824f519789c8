//! IR → SQL trees. Postgres builds the JSON: a root field's statement answers with one value, which goes into the response
//! as the bytes it came in.
//!
//! Relationships become scalar subqueries in the target list. Measured against lateral joins on 100 rows with one object
//! each: a lateral join that the planner may turn into a hash join reads the whole other table (3.4 times slower) and
//! loses the rows' natural order; one that it may not is 5 % slower. With LIMIT, Postgres evaluates the subqueries
//! only for the rows that remain.
//!
//! - [`select`]: rows and aggregates
//! - [`predicate`]: conditions and orders
//! - [`change`]: INSERT, UPDATE, DELETE with their outputs
//! - [`nested`]: inserts through relationships, several statements

pub mod mutation;
pub mod nested_insert;
mod predicate;
mod select;

pub(super) use select::object;

use engine_model::catalog::{Column, TypeKind};
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use engine_sql::ast::{Alias, Expr, Select, Table};

/// Translates one root field; numbers its aliases.
pub struct Translator {
    next_alias: u32,
    stringify: bool,
}

impl Translator {
    /// `stringify`: bigint, numeric and float8 are printed as strings.
    pub fn new(stringify: bool) -> Self {
        Self {
            next_alias: 0,
            stringify,
        }
    }

    fn alias(&mut self) -> Alias {
        self.next_alias += 1;
        Alias::Number(self.next_alias - 1)
    }
}

/// A tracked table's name for SQL.
pub(super) fn table_name(table: &TrackedTable) -> Table<'_> {
    Table {
        schema: &table.table.name.schema,
        name: &table.table.name.name,
    }
}

fn column(alias: Alias, column: &Column) -> Expr<'_> {
    Expr::Column(alias, column.name.as_str().into())
}

/// The rows of `to` that belong to the row of `from`.
fn join(relationship: &Relationship, from: Alias, to: Alias) -> Expr<'_> {
    let pairs = relationship.mapping.iter().map(|(here, there)| {
        Expr::binary(
            Expr::Column(to, there.as_str().into()),
            "=",
            Expr::Column(from, here.as_str().into()),
        )
    });
    Expr::And(pairs.collect())
}

/// `(select)` as an expression.
fn subquery(select: Select<'_>) -> Expr<'_> {
    Expr::Subquery(Box::new(select))
}

fn is_geo(column: &Column) -> bool {
    is_geo_type(&column.ty.sql)
}

/// The same of a type, by its name for SQL, which may be qualified.
fn is_geo_type(sql: &str) -> bool {
    matches!(sql.rsplit('.').next(), Some("geometry" | "geography"))
}

/// Whether Hasura counts the type among those whose numbers JavaScript cannot hold.
fn is_big_number(column: &Column) -> bool {
    !matches!(column.ty.kind, TypeKind::Array(_))
        && matches!(column.ty.base.as_str(), "int8" | "numeric" | "float8")
}
