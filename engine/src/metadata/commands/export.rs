//! `export_metadata`, `dump_internal_state`.

use crate::error::{Code, Error, Result};
use crate::metadata::change::Change;
use serde_json::{Value, json};

/// The metadata; asked with `"version": 2`, its resource version too.
pub(super) fn export_metadata(change: &Change<'_>, version: u64) -> Result<Value> {
    let metadata = serde_json::to_value(&*change.now().metadata)
        .map_err(|e| Error::new(Code::Unexpected, format!("the metadata cannot be written: {e}")))?;
    Ok(match version {
        2 => json!({"resource_version": change.resource_version(), "metadata": metadata}),
        _ => metadata,
    })
}

/// What is in force, for people who look for a fault: the metadata, what of it is not served and why, and how many things
/// are. Hasura's form of it is its own and follows its releases; so does ours.
pub(super) fn dump_internal_state(change: &Change<'_>) -> Result<Value> {
    let now = change.now();
    let tables: Vec<Value> = now
        .tracked
        .tables
        .values()
        .map(|table| {
            json!({
                "table": table.table.name,
                "graphql_name": table.in_graphql.then_some(&table.graphql_name),
                "kind": format!("{:?}", table.table.kind),
                "columns": table.columns.keys().collect::<Vec<_>>(),
                "relationships": table.relationships.keys().collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(json!({
        "resource_version": change.resource_version(),
        "metadata": export_metadata(change, 1)?,
        "inconsistent_objects": *now.inconsistent,
        "tables": tables,
        "event_triggers": now.tracked.event_triggers.len(),
        "tables_in_the_database": now.catalog.tables.len(),
    }))
}
