//! Event triggers: create, delete, redeliver, invoke.

use crate::error::{Code, Error, Result};
use crate::metadata::change::Change;
use serde_json::Value;

/// Runs the command `kind` (without `pg_`).
pub(super) async fn run(_change: &mut Change<'_>, kind: &str, _args: Value) -> Result<Value> {
    Err(Error::new(
        Code::NotSupported,
        format!("{kind} is not supported yet"),
    ))
}
