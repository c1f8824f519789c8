//! SQL text of capture functions and their triggers.

use engine_model::catalog::{Column, Table, TableName, TypeKind};
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
pub(super) fn body(
    trigger: &str,
    table: &Table,
    operation: Operation,
    spec: &OperationSpec,
    comparable: bool,
    dialect: &PayloadOptions,
) -> String {
    let row = |side| {
        row_json(
            side,
            table,
            spec.payload.as_ref().unwrap_or(&Columns::All),
            dialect,
        )
    };
    let (old, new) = match operation {
        Operation::Insert => ("NULL".to_owned(), row("NEW")),
        Operation::Update => (row("OLD"), row("NEW")),
        Operation::Delete => (row("OLD"), "NULL".to_owned()),
    };
    let insert = format!(
        "PERFORM hdb_catalog.insert_event_log({}, {}, {}, TG_OP, json_build_object('old', {old}, 'new', {new}));",
        literal(&table.name.schema),
        literal(&table.name.name),
        literal(trigger),
    );
    if operation == Operation::Update {
        let differs = if comparable { "<>" } else { "*<>" };
        let (old, new) = (listened("OLD", &spec.columns), listened("NEW", &spec.columns));
        format!("BEGIN\n  IF {old} {differs} {new} THEN\n    {insert}\n  END IF;\n  RETURN NULL;\nEND")
    } else {
        format!("BEGIN\n  {insert}\n  RETURN NULL;\nEND")
    }
}

// The cast makes it one value: two bare ROW(…) would be compared column by column, with NULL <> NULL unknown.
fn listened(side: &str, columns: &Columns) -> String {
    match columns {
        Columns::All => side.to_owned(),
        Columns::Named(names) => format!(
            "ROW({})::record",
            list(names.iter().map(|name| field(side, name)))
        ),
    }
}

fn row_json(side: &str, table: &Table, columns: &Columns, dialect: &PayloadOptions) -> String {
    let shown: Vec<&Column> = match columns {
        Columns::All => table.columns.iter().collect(),
        Columns::Named(names) => names.iter().filter_map(|name| table.column(name)).collect(),
    };
    // `row_to_json` of the whole row stays correct when another client adds or drops a column.
    if *columns == Columns::All
        && shown
            .iter()
            .all(|column| converted(side, column, dialect).is_none())
    {
        return format!("row_to_json({side})");
    }
    let columns = list(shown.into_iter().map(|column| {
        let value = converted(side, column, dialect).unwrap_or_else(|| field(side, &column.name));
        format!("{value} AS {}", identifier(&column.name))
    }));
    format!("(SELECT row_to_json(e) FROM (SELECT {columns}) AS e)")
}

/// Returns the expression of a column for which `row_to_json` alone is not sufficient.
fn converted(side: &str, column: &Column, dialect: &PayloadOptions) -> Option<String> {
    let value = field(side, &column.name);
    if matches!(column.ty.kind, TypeKind::Array(_)) {
        return None;
    }
    match (column.ty.base.as_str(), &dialect.postgis) {
        ("int8" | "numeric" | "float8", _) if dialect.stringify_numeric => Some(format!("{value}::text")),
        ("geometry" | "geography", Some(schema)) => {
            // 15 digits, and the CRS if it is not the default one: the same format as in Hasura's GraphQL responses.
            Some(format!(
                "{}.ST_AsGeoJSON({value}, 15, 4)::json",
                identifier(schema)
            ))
        }
        _ => None,
    }
}

/// Returns the statements that create or replace the function and its trigger.
pub(super) fn install(function: &CaptureFunction) -> String {
    include_str!("function.sql")
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("{function}", &qualified("hdb_catalog", &function.name))
        .replace("{trigger}", &identifier(&function.name))
        .replace(
            "{table}",
            &qualified(&function.table.schema, &function.table.name),
        )
        .replace("{operation}", function.operation.keyword())
        .replace("{body}", &literal(&function.body))
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

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

// `E''` does not depend on standard_conforming_strings.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
