//! IR → SQL trees. Postgres builds the JSON: a root field's statement returns one value, whose bytes are copied into the
//! response.
//!
//! Relationships become scalar subqueries in the target list. Measured against lateral joins on 100 rows with one object
//! each: a lateral join that the planner may turn into a hash join reads the whole other table (3.4 times slower) and
//! loses the rows' natural order; one that it may not turn into one is 5 % slower. With LIMIT, Postgres evaluates the subqueries
//! only for the rows that remain.
//!
//! - [`operation`]: root fields
//! - [`select`]: rows and aggregates
//! - [`predicate`]: conditions and orders
//! - [`mutation`]: INSERT, UPDATE, DELETE with their outputs
//! - [`insert_rows`]: rows to insert as arrays
//! - [`nested_insert`]: inserts through relationships, several statements

mod evaluation_order;
mod insert_rows;
mod mutation;
mod nested_insert;
mod operation;
mod predicate;
mod printed;
mod select;

pub use operation::translate;

use crate::ir::{AggregateFunction, ScalarValue, is_geo_type};
use engine_model::catalog::{Column, PgType};
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use engine_sql::ParamSource;
use engine_sql::ast::{Alias, Expr, Operator, Select, Table};
use engine_sql::guard::{self, ByteLimit};
use engine_sql::quote::schema_of;
use std::borrow::Cow;

/// Translates one root field; numbers its aliases.
pub struct Translator {
    next_alias: u32,
    stringify: bool,
    response: ByteLimit,
}

impl Translator {
    /// `stringify`: bigint, numeric and float8 are printed as strings. `response`: limit of the response.
    pub fn new(stringify: bool, response: ByteLimit) -> Self {
        Self {
            next_alias: 0,
            stringify,
            response,
        }
    }

    /// Returns a statement that fails if its response exceeds the limit.
    pub(crate) fn limited<'s>(&self, select: Select<'s>) -> Select<'s> {
        guard::limited(select, self.response, "data", "json")
    }

    /// Returns the same for a statement that returns changed rows as text.
    fn limited_rows<'s>(&self, select: Select<'s>) -> Select<'s> {
        guard::limited(select, self.response, "rows", "text")
    }

    fn alias(&mut self) -> Alias {
        self.next_alias += 1;
        Alias::Number(self.next_alias - 1)
    }
}

/// Returns the SQL name of a tracked table.
pub(super) fn table_name(table: &TrackedTable) -> Table<'_> {
    Table {
        schema: &table.table.name.schema,
        name: &table.table.name.name,
    }
}

fn column(alias: Alias, column: &Column) -> Expr<'_> {
    Expr::Column(alias, column.name.as_str().into())
}

/// Returns the condition that the row `to` of the target is related to the row `from`.
fn join(relationship: &Relationship, from: Alias, to: Alias) -> Expr<'_> {
    join_to(relationship, to, |here| Expr::Column(from, here.into()))
}

/// Returns the same for a row whose columns `from` reads.
fn join_to<'s>(
    relationship: &'s Relationship,
    to: Alias,
    mut from: impl FnMut(&'s str) -> Expr<'s>,
) -> Expr<'s> {
    let schemas = relationship.equality_schemas.iter();
    let pairs = relationship
        .mapping
        .iter()
        .zip(schemas)
        .map(|((here, there), schema)| {
            let equal = Operator {
                schema: schema.as_deref(),
                name: "=",
            };
            Expr::binary(Expr::Column(to, there.as_str().into()), equal, from(here))
        });
    Expr::And(pairs.collect())
}

/// Returns an operator for a left operand of type `ty`: for a type of an extension the operator of that extension.
fn operator<'s>(ty: Option<&'s PgType>, name: &'static str) -> Operator<'s> {
    let extension = ty.and_then(|ty| ty.extension.as_deref());
    Operator {
        schema: extension
            .filter(|extension| extension.operators.contains(name))
            .map(|extension| extension.schema.as_str()),
        name,
    }
}

/// Returns `left op right` for a left operand of type `ty`.
fn operation<'s>(ty: Option<&'s PgType>, left: Expr<'s>, op: &'static str, right: Expr<'s>) -> Expr<'s> {
    // Keywords cannot be qualified.
    let name = match op {
        "LIKE" => "~~",
        "NOT LIKE" => "!~~",
        "ILIKE" => "~~*",
        "NOT ILIKE" => "!~~*",
        "SIMILAR TO" => "~",
        "NOT SIMILAR TO" => "!~",
        op => op,
    };
    let qualified = operator(ty, name);
    if qualified.schema.is_none() {
        return Expr::binary(left, op, right);
    }
    let right = match op {
        "SIMILAR TO" | "NOT SIMILAR TO" => {
            Expr::SchemaCall(Cow::Borrowed("pg_catalog"), "similar_to_escape", vec![right])
        }
        _ => right,
    };
    Expr::binary(left, qualified, right)
}

/// Returns an aggregate function of values of a type: for a type of an extension the function of that extension.
fn aggregate_call<'s>(function: AggregateFunction, ty: &'s PgType, value: Expr<'s>) -> Expr<'s> {
    match ty.extension.as_deref() {
        Some(extension) if extension.aggregates.contains(function.0) => {
            Expr::SchemaCall(Cow::Borrowed(&extension.schema), function.0, vec![value])
        }
        _ => Expr::Call(function.0, vec![value]),
    }
}

/// Returns a function of `PostGIS`, whose schema is that of the type named by `ty`.
fn geo_call<'s>(ty: &str, function: &'static str, args: Vec<Expr<'s>>) -> Expr<'s> {
    match schema_of(ty) {
        Some(schema) => Expr::SchemaCall(Cow::Owned(schema), function, args),
        None => Expr::Call(function, args),
    }
}

/// Returns `(select)` as an expression.
fn subquery(select: Select<'_>) -> Expr<'_> {
    Expr::Subquery(Box::new(select))
}

fn is_geo(column: &Column) -> bool {
    is_geo_type(&column.ty.sql)
}

/// Reads a value of `PostGIS` from text, which `PostGIS` reads by different functions: `GeoJSON` is an object.
fn geo_from_text<'s>(ty: &'s PgType, text: Expr<'s>) -> Expr<'s> {
    let start = Expr::Call("left", vec![text.clone(), Expr::Number(1)]);
    let is_object = Expr::binary(start, "=", Expr::Raw("'{'"));
    let geojson = geo_call(&ty.sql, "ST_GeomFromGeoJSON", vec![text.clone()]).cast(ty.sql.as_str());
    Expr::Case(
        Box::new(is_object),
        Box::new(geojson),
        Box::new(text.cast(ty.sql.as_str())),
    )
}

fn source(value: &ScalarValue) -> ParamSource {
    match value {
        ScalarValue::Literal(text) => ParamSource::Literal(text.clone()),
        ScalarValue::Request(index) => ParamSource::Request(*index),
        ScalarValue::Session(name) => ParamSource::Session(name.clone()),
    }
}
