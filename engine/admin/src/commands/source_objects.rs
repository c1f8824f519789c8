//! Commands that describe the database to Hasura's console: its tables and functions, tracked or not.

use super::lookup::{check_source, table_of};
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Table, TableKind, TableName};
use engine_postgres::pool;
use serde_json::{Map, Value, json};

/// Functions that can be tracked: they return rows of a table or view.
const FUNCTIONS: &str = include_str!("get_trackable_functions.sql");

/// Schema of the engine's own tables.
const CATALOG: &str = "hdb_catalog";

/// Returns the kinds of sources: Postgres only.
pub(super) fn list_kinds() -> Value {
    json!({"sources": [{"builtin": true, "kind": "pg", "display_name": "pg", "available": true}]})
}

/// Returns the names of all tables and views.
pub(super) async fn tables(transaction: &mut MetadataTransaction<'_>, args: &Value) -> Result<Value> {
    check_source(transaction, args)?;
    transaction.begin().await?;
    let now = transaction.now();
    Ok(names(now.catalog.tables.keys()).collect())
}

fn names<'n>(tables: impl Iterator<Item = &'n TableName>) -> impl Iterator<Item = Value> {
    tables
        .filter(|name| name.schema != CATALOG)
        .map(|name| json!(name))
}

/// Returns the tables, views and functions that are not tracked and can be.
pub(super) async fn trackables(transaction: &mut MetadataTransaction<'_>, args: &Value) -> Result<Value> {
    check_source(transaction, args)?;
    transaction.begin().await?;
    let now = transaction.now();
    let untracked = now
        .catalog
        .tables
        .keys()
        .filter(|name| now.metadata.table(name).is_none());
    let tables: Vec<Value> = names(untracked).map(|name| json!({"name": name})).collect();
    let client = pool::get(&transaction.admin.pool).await?;
    let rows = client
        .query_typed(FUNCTIONS, &[])
        .await
        .map_err(|e| pool::driver_error(&e))?;
    let mut functions = Vec::with_capacity(rows.len());
    for row in rows {
        let get = |index| {
            row.try_get::<_, String>(index)
                .map_err(|e| pool::driver_error(&e))
        };
        let name = TableName::new(get(0)?, get(1)?);
        if !super::lookup::is_tracked_function(&now.metadata, &name) {
            functions.push(json!({"name": name, "volatility": get(2)?}));
        }
    }
    Ok(json!({"tables": tables, "functions": functions}))
}

/// Returns the definition of a table or view.
pub(super) async fn table(transaction: &mut MetadataTransaction<'_>, args: &Value) -> Result<Value> {
    let name = table_of(args)?;
    check_source(transaction, args)?;
    transaction.begin().await?;
    let now = transaction.now();
    let table = now.catalog.tables.get(&name).ok_or_else(|| {
        let message = format!("no such table/view exists in source: \"{name}\"");
        Error::new(Code::NotExists, message).at("table").at("args")
    })?;
    Ok(describe(table))
}

fn describe(table: &Table) -> Value {
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(|column| {
            let mut described = json!({
                "name": column.name,
                "type": column.ty.name,
                "nullable": column.nullable,
                "insertable": table.insertable,
                "updatable": table.updatable,
            });
            if let Some(comment) = &column.comment {
                described["description"] = json!(comment);
            }
            described
        })
        .collect();
    let keys: Map<String, Value> = table
        .foreign_keys
        .iter()
        .map(|key| {
            let mapping: Map<String, Value> = key
                .mapping
                .iter()
                .map(|(own, target)| (own.clone(), json!(target)))
                .collect();
            let described = json!({"foreign_table": key.target, "column_mapping": mapping});
            (key.name.clone(), described)
        })
        .collect();
    let mut described = json!({
        "name": table.name,
        "type": match table.kind {
            TableKind::Table | TableKind::ForeignTable => "table",
            TableKind::View | TableKind::MaterializedView => "view",
        },
        "columns": columns,
        "primary_key": table.primary_key.as_ref().map(|key| &key.columns),
        "foreign_keys": keys,
        "insertable": table.insertable,
        "updatable": table.updatable,
        "deletable": table.deletable,
    });
    if let Some(comment) = &table.comment {
        described["description"] = json!(comment);
    }
    described
}
