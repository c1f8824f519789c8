//! Installation of `hdb_catalog`: the objects of the engine in the database, created or updated at every start.

mod indexes;

use engine_error::{Code, Error, Result};
use engine_model::metadata::types::Metadata;
use engine_postgres::pool::{describe, driver_error};
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

/// Lock timeout of the set-up. While it waits for a lock of a table, later statements on the table wait behind it. Shorter than
/// the time after which Postgres looks for deadlocks.
const LOCK_TIMEOUT: &str = "500ms";

/// Pause after a lock timeout, in which the statements that waited behind the set-up run.
const PAUSE: Duration = Duration::from_secs(1);

/// Settings of the set-up.
#[derive(Debug, Clone, Copy)]
pub struct SetUp {
    /// Maximum size of the rows in an event.
    pub max_payload_bytes: u32,
    /// Maximum wait for locks that other transactions hold.
    pub wait: Duration,
}

/// Creates missing objects in `hdb_catalog`, and the initial, empty metadata. Several instances may start concurrently. Locks
/// tables only if they have to be changed; repeats the set-up while another transaction holds such a lock, so that the statements
/// of others never wait for longer than [`LOCK_TIMEOUT`]. Indexes of large tables are built afterwards.
pub async fn set_up(client: &mut Client, settings: SetUp) -> Result<()> {
    // CREATE … IF NOT EXISTS fails when executed concurrently, so that only one instance at a time may run it. The
    // number of the lock is arbitrary.
    // Other roles may create functions in `public`, which could match a call better than those of Postgres.
    // The limit is the result of a function: Postgres replaces its calls by the number when it plans the expression.
    let sql = format!(
        "SET LOCAL search_path = pg_catalog, pg_temp;\nSET LOCAL lock_timeout = '{LOCK_TIMEOUT}';\n\
         SELECT pg_advisory_xact_lock(827110942);\n{}\n{}\n\
         CREATE OR REPLACE FUNCTION hdb_catalog.max_payload_bytes() RETURNS bigint\n\
         LANGUAGE sql IMMUTABLE AS 'SELECT {}::bigint';\n{}",
        include_str!("install/metadata.sql"),
        include_str!("install/events.sql"),
        settings.max_payload_bytes,
        include_str!("install/scheduled_events.sql")
    );
    let empty = serde_json::to_string(&Metadata::default())
        .map_err(|error| Error::new(Code::Unexpected, format!("cannot serialize metadata: {error}")))?;
    let mut began = Instant::now();
    let mut logged = None;
    loop {
        let error = match attempt(client, &sql, &empty).await {
            Ok(true) => return Ok(()),
            Ok(false) => {
                indexes::build(client).await?;
                // Once more, to drop the indexes that those replace.
                began = Instant::now();
                continue;
            }
            Err(error) if is_lock(&error) => error,
            Err(error) => return Err(driver_error(&error)),
        };
        let holder = lock_holder(client).await.unwrap_or_else(|| describe(&error));
        if began.elapsed() >= settings.wait {
            let message = format!(
                "cannot set up hdb_catalog: {holder}; gave up after {} s (HASURA_GRAPHQL_DATABASE_WAIT, --database-wait); \
                 end that transaction, or start again when it has ended",
                settings.wait.as_secs()
            );
            return Err(Error::new(Code::Busy, message));
        }
        if logged.as_ref() != Some(&holder) {
            tracing::warn!(
                reason = holder,
                "the set-up of hdb_catalog waits for a lock, up to {} s",
                settings.wait.as_secs()
            );
            logged = Some(holder);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns whether all indexes exist.
async fn attempt(client: &mut Client, sql: &str, empty: &str) -> Result<bool, tokio_postgres::Error> {
    let mut transaction = client.transaction().await?;
    transaction.batch_execute(sql).await?;
    let is_complete = indexes::create(&transaction).await?;
    create_pgcrypto(&mut transaction).await?;
    transaction
        .execute_typed(
            "INSERT INTO hdb_catalog.hdb_metadata (id, metadata) VALUES (1, $1::text::json) ON CONFLICT DO NOTHING",
            &[(&empty, Type::TEXT)],
        )
        .await?;
    transaction.commit().await?;
    Ok(is_complete)
}

/// Whether another transaction holds a lock that the set-up needs. A running instance may lock the same tables in another order.
fn is_lock(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_some_and(|code| [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED].contains(code))
}

/// Describes the oldest transaction that holds a lock of a table in `hdb_catalog`. `None` if there is none, or it cannot be read.
async fn lock_holder(client: &Client) -> Option<String> {
    let row = client
        .query_opt(include_str!("install/lock_holder.sql"), &[])
        .await
        .ok()??;
    let (relation, pid): (&str, i32) = (row.get("relation"), row.get("pid"));
    Some(format!(
        "a transaction of the database process {pid} holds a lock of \"{relation}\""
    ))
}

/// Creates the extension pgcrypto in the schema `public`, as Hasura does: migrations made with Hasura call
/// `public.gen_random_uuid()` without creating it. The engine itself does not need it, so a failure is only logged.
async fn create_pgcrypto(transaction: &mut Transaction<'_>) -> Result<(), tokio_postgres::Error> {
    const EXISTS: &str = "SELECT FROM pg_catalog.pg_extension WHERE extname = 'pgcrypto'";
    const CREATE: &str = "CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public";
    if transaction.query_opt(EXISTS, &[]).await?.is_some() {
        return Ok(());
    }
    let savepoint = transaction.transaction().await?;
    match savepoint.batch_execute(CREATE).await {
        Ok(()) => savepoint.commit().await,
        Err(error) if error.as_db_error().is_some() && !is_lock(&error) => {
            tracing::info!(
                error = describe(&error),
                "cannot create the extension pgcrypto; migrations that call public.gen_random_uuid() require it: run \
                 `{CREATE}` as a role that may create extensions"
            );
            savepoint.rollback().await
        }
        Err(error) => Err(error),
    }
}
