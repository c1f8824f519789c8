//! Opaque key-value storage for clients such as Hasura's CLI and console.

use super::success;
use crate::args::parse;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_postgres::pool;
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::types::Type;

const READ: &str = "SELECT json_build_object('id', hasura_uuid, 'cli_state', cli_state, \
                    'console_state', console_state)::text FROM hdb_catalog.hdb_version";

pub(super) async fn get(transaction: &MetadataTransaction<'_>) -> Result<Value> {
    let client = pool::get(&transaction.admin.pool).await?;
    let row = client
        .query_typed(READ, &[])
        .await
        .map_err(|e| pool::driver_error(&e))?;
    let text: &str = match row.first() {
        Some(row) => row.try_get(0).map_err(|e| pool::driver_error(&e))?,
        None => "{}",
    };
    serde_json::from_str(text).map_err(|e| Error::new(Code::Unexpected, e.to_string()))
}

#[derive(Deserialize)]
struct Set {
    #[serde(rename = "type")]
    kind: Kind,
    state: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Cli,
    Console,
}

pub(super) async fn set(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Set { kind, state } = parse(args)?;
    let sql = match kind {
        Kind::Cli => "UPDATE hdb_catalog.hdb_version SET cli_state = $1::text::jsonb",
        Kind::Console => "UPDATE hdb_catalog.hdb_version SET console_state = $1::text::jsonb",
    };
    let client = pool::get(&transaction.admin.pool).await?;
    let state = state.to_string();
    client
        .execute_typed(sql, &[(&state, Type::TEXT)])
        .await
        .map_err(|e| pool::driver_error(&e))?;
    Ok(success())
}
