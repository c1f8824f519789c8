//! Tracking of tables, views and relationships.

mod commands;

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio_postgres::Client;

use super::Metadata;
use super::export::Known;
use super::schema::{objects, run_sql_command};
use commands::{ForeignKey, Table, commands};

const TABLES: &str = include_str!("tables.sql");
const FOREIGN_KEYS: &str = include_str!("foreign_keys.sql");

/// Tracks every table and view of the schema public and creates a relationship in both directions for each foreign
/// key, with the names that Hasura's console proposes. Tracked objects are kept.
pub async fn track(database: &Client, metadata: &Metadata) -> Result<()> {
    let mut rows = [Vec::new(), Vec::new()];
    for (rows, sql) in rows.iter_mut().zip([TABLES, FOREIGN_KEYS]) {
        for row in database.query(sql, &[]).await? {
            let columns = (0..row.len()).map(|column| row.try_get::<_, String>(column));
            rows.push(columns.collect::<Result<Vec<_>, _>>()?);
        }
    }
    let [tables, keys] = rows;
    track_these(metadata, tables, keys).await
}

/// [`track`] for databases that only the engine can reach, of the objects that `schema` creates: others in the same database belong to
/// another application.
pub async fn track_remotely(metadata: &Metadata, schema: &str) -> Result<()> {
    let mut rows = [Vec::new(), Vec::new()];
    for (rows, sql) in rows.iter_mut().zip([TABLES, FOREIGN_KEYS]) {
        let answer = metadata
            .query(&run_sql_command(sql, true))
            .await
            .context("cannot read the tables through the engine")?;
        // The first row contains the columns' names.
        for row in answer["result"].as_array().into_iter().flatten().skip(1) {
            let columns = row.as_array().into_iter().flatten();
            rows.push(
                columns
                    .map(|column| column.as_str().unwrap_or_default().to_owned())
                    .collect::<Vec<_>>(),
            );
        }
    }
    let [mut tables, mut keys] = rows;
    let own = objects(schema);
    let is_own = |name: &String| own.contains(name.as_str());
    tables.retain(|row| row.first().is_some_and(is_own));
    keys.retain(|row| matches!(row.as_slice(), [table, _, target] if is_own(table) && is_own(target)));
    track_these(metadata, tables, keys).await
}

async fn track_these(metadata: &Metadata, tables: Vec<Vec<String>>, keys: Vec<Vec<String>>) -> Result<()> {
    let export = metadata
        .query(&json!({"type": "export_metadata", "args": {}}))
        .await
        .context("cannot read the engine's metadata")?;
    let known = Known::from_export(&export);
    let tables: Vec<Table> = tables
        .into_iter()
        .filter_map(|row| {
            let [name, is_enum] = row.try_into().ok()?;
            Some(Table {
                name,
                is_enum: is_enum == "true",
            })
        })
        .collect();
    let keys: Vec<ForeignKey> = keys
        .into_iter()
        .filter_map(|row| {
            let [table, column, target] = row.try_into().ok()?;
            Some(ForeignKey {
                table,
                column,
                target,
            })
        })
        .collect();
    let commands = commands(&tables, &keys, &known);
    if commands.is_empty() {
        return Ok(());
    }
    metadata
        .query(&json!({"type": "bulk", "args": commands}))
        .await
        .context("the engine rejected the tracking of the tables")?;
    Ok(())
}
