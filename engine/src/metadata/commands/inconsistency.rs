//! What does not fit, and how to be rid of it.

use super::success;
use crate::error::Result;
use crate::metadata::change::Change;
use crate::metadata::follow::remove;
use crate::metadata::inconsistent::Place;
use serde_json::{Value, json};

/// `get_inconsistent_metadata`.
pub(super) fn get(change: &Change<'_>) -> Value {
    let inconsistent = change.now().inconsistent;
    json!({"is_consistent": inconsistent.is_empty(), "inconsistent_objects": *inconsistent})
}

/// `drop_inconsistent_metadata`: again and again, because what is dropped may leave something else hanging.
pub(super) async fn drop(change: &mut Change<'_>) -> Result<Value> {
    change.begin().await?;
    while !change.now().inconsistent.is_empty() {
        let places: Vec<Place> = change
            .now()
            .inconsistent
            .iter()
            .map(|object| object.place.clone())
            .collect();
        change
            .apply_anyway(|metadata| {
                for place in &places {
                    remove(metadata, place);
                }
                Ok(())
            })
            .await?;
    }
    Ok(success())
}
