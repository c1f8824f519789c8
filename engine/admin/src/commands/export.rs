//! Commands `export_metadata` and `dump_internal_state`.

use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::scheduled::document;
use serde_json::{Value, json};

/// Returns the metadata; with `"version": 2` also its resource version.
pub(super) fn export_metadata(transaction: &MetadataTransaction<'_>, version: u64) -> Result<Value> {
    let metadata = document::exported(&transaction.now().metadata);
    let metadata = serde_json::to_value(metadata)
        .map_err(|e| Error::new(Code::Unexpected, format!("cannot serialize metadata: {e}")))?;
    Ok(match version {
        2 => json!({"resource_version": transaction.resource_version(), "metadata": metadata}),
        _ => metadata,
    })
}

/// Returns the current state for diagnosis: the metadata, the inconsistent objects with reasons, the tracked tables
/// and counts. Hasura's format is internal and changes between releases; this one is specific to the engine.
pub(super) fn dump_internal_state(transaction: &MetadataTransaction<'_>) -> Result<Value> {
    let now = transaction.now();
    let tables: Vec<Value> = now
        .tracked
        .tables
        .values()
        .map(|table| {
            json!({
                "table": table.table.name,
                "graphql_name": table.in_graphql.then(|| table.names.object()),
                "kind": format!("{:?}", table.table.kind),
                "columns": table.columns.keys().collect::<Vec<_>>(),
                "relationships": table.relationships.keys().collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(json!({
        "resource_version": transaction.resource_version(),
        "metadata": export_metadata(transaction, 1)?,
        "inconsistent_objects": *now.inconsistent,
        "tables": tables,
        "event_triggers": now.tracked.event_triggers.len(),
        "cron_triggers": now.tracked.cron_triggers.len(),
        "tables_in_the_database": now.catalog.tables.len(),
        "table_resolutions": transaction.admin.resolutions.count(),
    }))
}
