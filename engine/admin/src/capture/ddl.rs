//! SQL text of capture functions and their triggers.

use super::numbers;
use engine_model::catalog::{Column, PgType, Table, TableName, TypeKind};
use engine_model::trigger::types::{Columns, Operation, OperationSpec};

/// Settings that determine how rows are represented in events.
#[derive(Debug, Clone, Default)]
pub(super) struct PayloadOptions {
    /// `HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES`.
    pub(super) stringify_numeric: bool,
    /// Schema of `PostGIS`, if it is installed.
    pub(super) postgis: Option<String>,
}

/// Capture function of one operation of a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CaptureFunction {
    pub(super) name: String,
    pub(super) body: String,
    pub(super) table: TableName,
    pub(super) operation: Operation,
}

/// `notify_hasura_<trigger>_<OPERATION>`: at most 63 characters, because a trigger's name has at most 42.
pub(super) fn function_name(trigger: &str, operation: Operation) -> String {
    format!("notify_hasura_{trigger}_{}", operation.keyword())
}

/// Returns the body of the function. `comparable`: whether rows of the listen columns can be compared with `<>`.
///
/// Each expression that names columns contains the table as a `regclass` constant. PL/pgSQL keeps the plan of an expression
/// for the session, with the column types of its first execution; the constant makes the plan depend on the table, so that
/// Postgres discards it when the table is altered, also by a client that does not use the engine.
///
/// The usual event is written by one INSERT, without another function: this code runs for each changed row. Expressions without
/// a subquery are evaluated by PL/pgSQL itself, without the executor. The INSERT is outside the exception block, whose
/// subtransaction would otherwise consume a transaction id.
///
/// The exception block is the path for what these expressions cannot represent: a column that was renamed or dropped by
/// another client, a type without equality, a geometry without `GeoJSON`. Its functions ignore missing columns and convert
/// each column on its own. `hdb_catalog.insert_event_log` writes events that are too large or that jsonb cannot represent.
pub(super) fn body(
    trigger: &str,
    table: &Table,
    operation: Operation,
    spec: &OperationSpec,
    comparable: bool,
    dialect: &PayloadOptions,
) -> String {
    let payload = Payload::new(table, spec.payload.as_ref().unwrap_or(&Columns::All), dialect);
    let sides = match operation {
        Operation::Insert => (None, Some("NEW")),
        Operation::Update => (Some("OLD"), Some("NEW")),
        Operation::Delete => (Some("OLD"), None),
    };
    let data = |row: &dyn Fn(&str) -> String| {
        let json = |side: Option<&str>| side.map_or_else(|| "NULL".to_owned(), row);
        format!(
            "row_data := json_build_object('old', {}, 'new', {});",
            json(sides.0),
            json(sides.1)
        )
    };
    let (unchanged, unchanged_fallback) = if operation == Operation::Update {
        (
            skip_unless(&differs(table, &spec.columns, comparable)),
            skip_unless(&differs_fallback(&spec.columns)),
        )
    } else {
        (String::new(), String::new())
    };
    format!(
        include_str!("body.sql"),
        signature = signature(table, &[Some(&spec.columns), spec.payload.as_ref()]),
        unchanged = unchanged,
        data = data(&|side| payload.expression(side, table)),
        unchanged_fallback = unchanged_fallback,
        fallback = data(&|side| payload.fallback(side)),
        schema = literal(&table.name.schema),
        name = literal(&table.name.name),
        trigger = literal(trigger),
    )
}

fn skip_unless(condition: &str) -> String {
    format!("IF NOT ({condition}) THEN\n      RETURN NULL;\n    END IF;")
}

/// Returns the condition that a listen column differs. The cast makes each side one value: two bare `ROW(…)` would be
/// compared column by column, with NULL <> NULL unknown.
fn differs(table: &Table, columns: &Columns, comparable: bool) -> String {
    let operator = if comparable { "<>" } else { "*<>" };
    match columns {
        Columns::All => format!("OLD {operator} NEW"),
        Columns::Named(names) => {
            let row = |side| {
                let fields = names.iter().map(|name| field(side, name));
                format!(
                    "ROW({})::record",
                    list(std::iter::once(dependency(table)).chain(fields))
                )
            };
            format!("{} {operator} {}", row("OLD"), row("NEW"))
        }
    }
}

fn differs_fallback(columns: &Columns) -> String {
    let names = match columns {
        Columns::All => "NULL".to_owned(),
        Columns::Named(names) => text_array(names.iter().map(String::as_str)),
    };
    format!("hdb_catalog.rows_differ(OLD, NEW, {names})")
}

/// Columns of a payload.
enum Payload<'a> {
    /// The whole row, as `row_to_json` represents it. This stays correct when another client adds or drops a column.
    Row,
    /// Columns with their conversions.
    Columns(Vec<(&'a Column, Conversion<'a>)>),
}

impl<'a> Payload<'a> {
    fn new(table: &'a Table, columns: &'a Columns, dialect: &'a PayloadOptions) -> Self {
        let shown: Vec<(&Column, Conversion<'_>)> = match columns {
            Columns::All => table.columns.iter().collect::<Vec<_>>(),
            Columns::Named(names) => names.iter().filter_map(|name| table.column(name)).collect(),
        }
        .into_iter()
        .map(|column| (column, Conversion::of(column, dialect)))
        .collect();
        let is_plain = |(_, conversion): &(&Column, Conversion<'_>)| matches!(conversion, Conversion::None);
        if *columns == Columns::All && shown.iter().all(is_plain) {
            return Self::Row;
        }
        Self::Columns(shown)
    }

    fn expression(&self, side: &str, table: &Table) -> String {
        match self {
            Self::Row => format!("row_to_json({side})"),
            Self::Columns(columns) => {
                let pairs = columns.iter().map(|(column, conversion)| {
                    let value = conversion.apply(&field(side, &column.name));
                    format!("{}, {value}", literal(&column.name))
                });
                format!(
                    "CASE WHEN {} IS NOT NULL THEN {} END",
                    dependency(table),
                    numbers::object(&pairs.collect::<Vec<_>>())
                )
            }
        }
    }

    fn fallback(&self, side: &str) -> String {
        match self {
            Self::Row => format!("hdb_catalog.row_as_json({side}, NULL, NULL)"),
            Self::Columns(columns) => {
                let names = text_array(columns.iter().map(|(column, _)| column.name.as_str()));
                let values: Vec<String> = columns
                    .iter()
                    .map(|(column, conversion)| conversion.apply(&field("($1)", &column.name)))
                    .collect();
                format!(
                    "hdb_catalog.row_as_json({side}, {names}, {})",
                    text_array(values.iter().map(String::as_str))
                )
            }
        }
    }
}

/// Conversion of a column for which `row_to_json` alone is not sufficient.
enum Conversion<'a> {
    None,
    /// Large numbers as strings, also those inside arrays and composite values.
    Numbers(&'a PgType),
    /// `GeoJSON` by the `PostGIS` of this schema.
    Geometry(&'a str),
}

impl<'a> Conversion<'a> {
    fn of(column: &'a Column, dialect: &'a PayloadOptions) -> Self {
        if dialect.stringify_numeric && column.ty.has_large_numbers() {
            return Self::Numbers(&column.ty);
        }
        match (&column.ty.kind, column.ty.base.as_str(), &dialect.postgis) {
            (TypeKind::Base, "geometry" | "geography", Some(schema)) => Self::Geometry(schema),
            _ => Self::None,
        }
    }

    fn apply(&self, value: &str) -> String {
        match self {
            Self::None => value.to_owned(),
            Self::Numbers(ty) => numbers::as_strings(value, ty),
            // 15 digits, and the CRS if it is not the default one: the same format as in Hasura's GraphQL responses.
            Self::Geometry(schema) => {
                format!("{}.ST_AsGeoJSON({value}, 15, 4)::json", identifier(schema))
            }
        }
    }
}

/// Returns a constant that makes a plan depend on the table. The oid instead of the name: it survives a rename.
fn dependency(table: &Table) -> String {
    format!("'{}'::regclass", table.oid)
}

/// Returns the columns of which the function depends, with their types, as a comment: [`super::reconcile`] compares the
/// texts of functions, and so replaces a function when a type has changed.
fn signature(table: &Table, columns: &[Option<&Columns>]) -> String {
    let is_used = |column: &&Column| {
        columns.iter().any(|columns| match columns {
            Some(Columns::Named(names)) => names.contains(&column.name),
            Some(Columns::All) | None => true,
        })
    };
    let types = table.columns.iter().filter(is_used).map(|column| {
        let name = identifier(&column.name);
        // Not the SQL name, which depends on `search_path`.
        format!("{name} {}", identifier(&column.ty.name))
    });
    // A comment ends at the end of the line, and names may contain line breaks.
    list(types).replace(['\n', '\r'], " ")
}

/// Returns the statements that create the function and its trigger.
pub(super) fn install(function: &CaptureFunction) -> String {
    let name = qualified("hdb_catalog", &function.name);
    format!(
        "{create}CREATE TRIGGER {trigger} AFTER {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();\n",
        create = replace(function),
        trigger = identifier(&function.name),
        table = qualified(&function.table.schema, &function.table.name),
        operation = function.operation.keyword(),
    )
}

/// Returns the statements that create the function, or replace it without a lock of the table.
///
/// SECURITY DEFINER, so that a role with write access to the table can write its events without privileges on
/// `hdb_catalog`; all names are qualified, because such a function must not use its caller's `search_path`.
pub(super) fn replace(function: &CaptureFunction) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger\n\
         LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS {body};\n\
         REVOKE ALL ON FUNCTION {name}() FROM PUBLIC;\n",
        name = qualified("hdb_catalog", &function.name),
        body = literal(&function.body),
    )
}

/// Returns the statement that removes a function and its trigger.
pub(super) fn remove(name: &str) -> String {
    format!(
        "DROP FUNCTION IF EXISTS {}() CASCADE;\n",
        qualified("hdb_catalog", name)
    )
}

pub(super) fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", identifier(schema), identifier(name))
}

fn field(side: &str, name: &str) -> String {
    format!("{side}.{}", identifier(name))
}

pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

// `E''` does not depend on standard_conforming_strings.
pub(super) fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn text_array<'a>(items: impl Iterator<Item = &'a str>) -> String {
    format!("ARRAY[{}]::text[]", list(items.map(literal)))
}
