//! Commands that return and drop inconsistent objects.

use super::success;
use crate::ddl_sync::remove;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::Result;
use engine_model::metadata::inconsistent::MetadataObjectId;
use serde_json::{Value, json};

pub(super) fn get(change: &MetadataTransaction<'_>) -> Value {
    let inconsistent = change.now().inconsistent;
    json!({"is_consistent": inconsistent.is_empty(), "inconsistent_objects": *inconsistent})
}

/// Implements `drop_inconsistent_metadata`. Repeats until the metadata is consistent, because dropping an object may
/// make others inconsistent.
pub(super) async fn drop(change: &mut MetadataTransaction<'_>) -> Result<Value> {
    change.begin().await?;
    while !change.now().inconsistent.is_empty() {
        let places: Vec<MetadataObjectId> = change
            .now()
            .inconsistent
            .iter()
            .map(|object| object.place.clone())
            .collect();
        change
            .apply_allowing_inconsistency(|metadata| {
                for place in &places {
                    remove(metadata, place);
                }
                Ok(())
            })
            .await?;
    }
    Ok(success())
}
