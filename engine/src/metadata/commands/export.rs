//! `export_metadata`.

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
