//! Persistence of the metadata: one row of `hdb_catalog.hdb_metadata`, with a version by which engine instances and
//! clients detect concurrent changes.

use engine_error::{Code, Error, Result};
use engine_model::metadata::api_limits::ApiLimits;
use engine_model::metadata::types::Metadata;
use engine_postgres::pool::{describe, driver_error};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Transaction};

/// Metadata as stored, with its `resource_version`.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Invalid entries are kept separately in each list.
    pub metadata: Metadata,
    /// Incremented by each write; 0 if the row does not exist.
    pub resource_version: i64,
}

/// Maximum number of attempts to create the objects in `hdb_catalog`. Each takes a second, after which Postgres detects a deadlock.
const SET_UP_ATTEMPTS: u32 = 10;

/// Creates missing objects in `hdb_catalog`, and the initial, empty metadata. Several instances may start
/// concurrently. `max_payload_bytes`: maximum size of the rows in an event.
pub async fn set_up(client: &mut tokio_postgres::Client, max_payload_bytes: u32) -> Result<()> {
    // CREATE … IF NOT EXISTS fails when executed concurrently, so that only one instance at a time may run it. The
    // number of the lock is arbitrary.
    // Other roles may create functions in `public`, which could match a call better than those of Postgres.
    // The limit is the result of a function: Postgres replaces its calls by the number when it plans the expression.
    let sql = format!(
        "SET LOCAL search_path = pg_catalog, pg_temp;\nSELECT pg_advisory_xact_lock(827110942);\n{}\n{}\n\
         CREATE OR REPLACE FUNCTION hdb_catalog.max_payload_bytes() RETURNS bigint\n\
         LANGUAGE sql IMMUTABLE AS 'SELECT {max_payload_bytes}::bigint';\n{}",
        include_str!("install/metadata.sql"),
        include_str!("install/events.sql"),
        include_str!("install/scheduled_events.sql")
    );
    let mut attempt = 1;
    let mut transaction = loop {
        let transaction = client.transaction().await.map_err(|e| driver_error(&e))?;
        match transaction.batch_execute(&sql).await {
            Ok(()) => break transaction,
            // CREATE INDEX locks its table even if the index exists, and a running instance may lock the same tables in another order.
            Err(error)
                if error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED) && attempt < SET_UP_ATTEMPTS =>
            {
                attempt += 1;
                tracing::debug!(
                    "the set-up of hdb_catalog and another instance wait for each other; trying again"
                );
                transaction.rollback().await.map_err(|e| driver_error(&e))?;
            }
            Err(error) => return Err(driver_error(&error)),
        }
    };
    create_pgcrypto(&mut transaction).await?;
    let empty = to_json(&Metadata::default())?;
    transaction
        .execute_typed(
            "INSERT INTO hdb_catalog.hdb_metadata (id, metadata) VALUES (1, $1::text::json) ON CONFLICT DO NOTHING",
            &[(&empty, Type::TEXT)],
        )
        .await
        .map_err(|e| driver_error(&e))?;
    transaction.commit().await.map_err(|e| driver_error(&e))
}

/// Creates the extension pgcrypto in the schema `public`, as Hasura does: migrations made with Hasura call
/// `public.gen_random_uuid()` without creating it. The engine itself does not need it, so a failure is only logged.
async fn create_pgcrypto(transaction: &mut Transaction<'_>) -> Result<()> {
    const EXISTS: &str = "SELECT FROM pg_catalog.pg_extension WHERE extname = 'pgcrypto'";
    const CREATE: &str = "CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public";
    if transaction
        .query_opt(EXISTS, &[])
        .await
        .map_err(|e| driver_error(&e))?
        .is_some()
    {
        return Ok(());
    }
    let savepoint = transaction.transaction().await.map_err(|e| driver_error(&e))?;
    match savepoint.batch_execute(CREATE).await {
        Ok(()) => savepoint.commit().await.map_err(|e| driver_error(&e)),
        Err(error) if error.as_db_error().is_some() => {
            tracing::info!(
                error = describe(&error),
                "cannot create the extension pgcrypto; migrations that call public.gen_random_uuid() require it: run \
                 `{CREATE}` as a role that may create extensions"
            );
            savepoint.rollback().await.map_err(|e| driver_error(&e))
        }
        Err(error) => Err(driver_error(&error)),
    }
}

pub async fn load(client: &impl GenericClient) -> Result<Stored> {
    let rows = client
        .query_typed(
            "SELECT metadata::text, resource_version::int8 FROM hdb_catalog.hdb_metadata WHERE id = 1",
            &[],
        )
        .await
        .map_err(|e| driver_error(&e))?;
    let Some(row) = rows.first() else {
        return Ok(Stored {
            metadata: Metadata::default(),
            resource_version: 0,
        });
    };
    let text: &str = row.try_get(0).map_err(|e| driver_error(&e))?;
    let resource_version = row.try_get(1).map_err(|e| driver_error(&e))?;
    let value = serde_json::from_str(text).map_err(|e| {
        Error::new(
            Code::Unexpected,
            format!("stored metadata is not valid JSON: {e}"),
        )
    })?;
    let metadata = engine_model::metadata::versions::read(value)?;
    // Commands refuse invalid limits, so that only a change of the stored document by other means leads here.
    if let Err(reason) = ApiLimits::of(&metadata) {
        tracing::error!(
            reason,
            "the stored API limits are invalid and have no effect; correct them with set_api_limits"
        );
    }
    Ok(Stored {
        metadata,
        resource_version,
    })
}

/// Returns the version of the stored metadata. Cheap, because it is polled.
pub async fn version(client: &impl GenericClient) -> Result<i64> {
    let rows = client
        .query_typed(
            "SELECT resource_version::int8 FROM hdb_catalog.hdb_metadata WHERE id = 1",
            &[],
        )
        .await
        .map_err(|e| driver_error(&e))?;
    rows.first()
        .map_or(Ok(0), |row| row.try_get(0).map_err(|e| driver_error(&e)))
}

/// Writes the metadata if its version is still `expected`, and returns the new version. Otherwise fails with
/// `conflict`.
pub async fn save(client: &impl GenericClient, metadata: &Metadata, expected: i64) -> Result<i64> {
    let text = to_json(metadata)?;
    let rows = client
        .query_typed(
            include_str!("save_metadata.sql"),
            &[(&text, Type::TEXT), (&expected, Type::INT8)],
        )
        .await
        .map_err(|e| driver_error(&e))?;
    match rows.first() {
        Some(row) => row.try_get(0).map_err(|e| driver_error(&e)),
        None => Err(conflict(expected)),
    }
}

/// Error for a version sent by a client that is not the current one.
pub fn conflict(referenced: i64) -> Error {
    Error::new(
        Code::Conflict,
        format!("metadata resource version referenced ({referenced}) did not match current version"),
    )
}

fn to_json(metadata: &Metadata) -> Result<String> {
    serde_json::to_string(metadata)
        .map_err(|e| Error::new(Code::Unexpected, format!("cannot serialize metadata: {e}")))
}
