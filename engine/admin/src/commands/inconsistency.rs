//! Commands that return and drop inconsistent objects.

use super::success;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::Result;
use engine_model::metadata::inconsistent::MetadataObjectId;
use serde_json::{Value, json};

pub(super) fn get(transaction: &MetadataTransaction<'_>) -> Value {
    let inconsistent = transaction.now().inconsistent;
    json!({"is_consistent": inconsistent.is_empty(), "inconsistent_objects": *inconsistent})
}

/// Implements `drop_inconsistent_metadata`. Repeats until the metadata is consistent, because dropping an object may
/// make others inconsistent.
pub(super) async fn drop(transaction: &mut MetadataTransaction<'_>) -> Result<Value> {
    let working = transaction.begin().await?;
    let mut before = None;
    while !working.resolved().inconsistent.is_empty() {
        let inconsistent = working.resolved().inconsistent.iter();
        let objects: Vec<MetadataObjectId> = inconsistent.map(|object| object.id.clone()).collect();
        // What an inherited role does not inherit cannot be dropped.
        if before.as_ref() == Some(&objects) {
            break;
        }
        before = Some(objects.clone());
        working.apply_allowing_inconsistency(|metadata| {
            for object in &objects {
                metadata.remove(object);
            }
        });
    }
    Ok(success())
}
