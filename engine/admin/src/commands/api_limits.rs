//! Commands `set_api_limits` and `remove_api_limits`.

use super::success;
use crate::args::parse;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::api_limits::{API_LIMITS, ApiLimits};
use engine_model::metadata::types::Metadata;
use serde_json::Value;

/// Replaces the limits of all roles.
pub(super) async fn set(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    if !args.is_object() {
        return Err(Error::new(Code::ParseFailed, "API limits are an object"));
    }
    let given = args.clone();
    let limits = to_json(&parse::<ApiLimits>(args)?)?;
    if let Some(key) = unknown_key(&given, &limits) {
        let message = format!("unknown key in API limits: \"{key}\"; correct or remove it");
        return Err(Error::new(Code::ParseFailed, message));
    }
    let working = transaction.begin().await?;
    working.edit_document_rest(|document| {
        document.insert(API_LIMITS.to_owned(), limits);
        Ok(())
    })?;
    Ok(success())
}

pub(super) async fn remove(transaction: &mut MetadataTransaction<'_>) -> Result<Value> {
    let working = transaction.begin().await?;
    working.edit_document_rest(|document| {
        document.shift_remove(API_LIMITS);
        Ok(())
    })?;
    Ok(success())
}

/// Checks the limits of a document, and gives them the form of exports.
pub(super) fn normalize(metadata: &mut Metadata) -> Result<()> {
    let limits =
        ApiLimits::of(metadata).map_err(|reason| Error::new(Code::ParseFailed, reason).at(API_LIMITS))?;
    match limits {
        Some(limits) => metadata.rest.insert(API_LIMITS.to_owned(), to_json(&limits)?),
        None => metadata.rest.shift_remove(API_LIMITS),
    };
    Ok(())
}

/// Returns a key that has no effect: it is not in the form of exports. A misspelled limit would otherwise limit nothing.
fn unknown_key<'v>(given: &'v Value, exported: &Value) -> Option<&'v str> {
    given
        .as_object()?
        .iter()
        .find_map(|(key, value)| match exported.get(key) {
            Some(exported) => unknown_key(value, exported),
            // Exports omit a limit that is null.
            None if value.is_null() => None,
            None => Some(key.as_str()),
        })
}

fn to_json(limits: &ApiLimits) -> Result<Value> {
    serde_json::to_value(limits)
        .map_err(|error| Error::new(Code::Unexpected, format!("cannot serialize API limits: {error}")))
}
