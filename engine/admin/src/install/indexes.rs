//! The indexes of `hdb_catalog`. Those of small tables are created in the transaction of the set-up. Those of large ones, of a database
//! that was Hasura's or that an earlier version used, are built after it, by one engine at a time: meanwhile events are written and
//! read, and other engines that start wait without a limit of time.

use super::{PAUSE, is_lock};
use engine_error::{Code, Error, Result};
use engine_postgres::pool::{describe, driver_error};
use std::time::Instant;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, GenericClient, Transaction};

/// Size of a table in bytes up to which its indexes are built while writes wait.
const SMALL: i64 = 8 * 1024 * 1024;

/// Number of the lock of the engine that builds indexes; arbitrary.
const LOCK: i64 = 827_110_943;

struct Index {
    name: &'static str,
    table: &'static str,
    is_unique: bool,
    /// Method, columns and condition.
    definition: &'static str,
}

impl Index {
    const fn new(name: &'static str, table: &'static str, definition: &'static str) -> Self {
        Self {
            name,
            table,
            is_unique: false,
            definition,
        }
    }

    /// An index of ranges of pages. Rows are stored in the order of time, so that it suffices to find the newest ones; a new row rarely
    /// changes it, and it does not prevent HOT updates.
    const fn of_time(name: &'static str, table: &'static str) -> Self {
        Self::new(name, table, "USING brin (created_at) WITH (autosummarize = on)")
    }

    fn is_of_time(&self) -> bool {
        self.definition.starts_with("USING brin")
    }

    /// Returns the statement that creates it; `how` is empty or `CONCURRENTLY`.
    fn statement(&self, how: &str) -> String {
        let Self {
            name,
            table,
            is_unique,
            definition,
        } = self;
        let unique = if *is_unique { "UNIQUE" } else { "" };
        format!("CREATE {unique} INDEX {how} {name} ON hdb_catalog.{table} {definition}")
    }
}

static INDEXES: [Index; 14] = [
    // The queue. Hasura's index begins with `locked`, so that each claim leaves a dead entry at its front, where the next claim starts
    // to read. Without `locked` a claim changes no indexed column (a HOT update). Only the settlement leaves a dead entry, and cannot
    // be a HOT update: it removes the row from this index. A separate table of the waiting events would write as much: its row and
    // its deletion, instead of the second entry in the primary key.
    Index::new(
        "event_log_waiting_idx",
        "event_log",
        "(next_retry_at NULLS FIRST, created_at) WHERE NOT delivered AND NOT error AND NOT archived",
    ),
    // Events that wait for their trigger to be resumed, or created: finds them by the trigger. Other events have no entry.
    Index::new(
        "event_log_set_aside_idx",
        "event_log",
        "(trigger_name, created_at) WHERE next_retry_at = 'infinity' AND NOT delivered AND NOT error AND NOT archived",
    ),
    Index::of_time("event_log_created_at_idx", "event_log"),
    // Events that were given up, of which there are few: for the view `failed_events`.
    Index::new(
        "event_log_failed_idx",
        "event_log",
        "(created_at) WHERE error AND NOT archived",
    ),
    // Finds the calls of an event. No query selects calls by `id`, which is random: such an index would add an entry at another place
    // for each call.
    Index::new(
        "event_invocation_logs_event_id_idx",
        "event_invocation_logs",
        "(event_id)",
    ),
    Index::of_time("event_invocation_logs_created_at_idx", "event_invocation_logs"),
    // Calls of deleted events, for their own deletion.
    Index::new(
        "event_invocation_logs_kept_idx",
        "event_invocation_logs",
        "(trigger_name, created_at) WHERE trigger_name IS NOT NULL",
    ),
    Index::new("hdb_cron_event_status", "hdb_cron_events", "(status)"),
    Index {
        is_unique: true,
        ..Index::new(
            "hdb_cron_events_unique_scheduled",
            "hdb_cron_events",
            "(trigger_name, scheduled_time) WHERE status = 'scheduled'",
        )
    },
    // Order in which events are claimed. A claim changes the status within the condition, so that it reads no dead entries of others.
    Index::new(
        "hdb_cron_events_due",
        "hdb_cron_events",
        "(coalesce(next_retry_at, scheduled_time)) WHERE status IN ('scheduled', 'locked')",
    ),
    Index::new(
        "hdb_cron_event_invocation_event_id",
        "hdb_cron_event_invocation_logs",
        "(event_id)",
    ),
    Index::new("hdb_scheduled_event_status", "hdb_scheduled_events", "(status)"),
    Index::new(
        "hdb_scheduled_events_due",
        "hdb_scheduled_events",
        "(coalesce(next_retry_at, scheduled_time)) WHERE status IN ('scheduled', 'locked')",
    ),
    Index::new(
        "hdb_scheduled_event_invocation_event_id",
        "hdb_scheduled_event_invocation_logs",
        "(event_id)",
    ),
];

/// Drops indexes of Hasura that the engine does not use. Each event leaves two entries in an index on all rows, and only commands of
/// operators select events by trigger; `event_log_waiting_idx` replaces the other one.
const DROP_UNUSED: &str =
    "DROP INDEX IF EXISTS hdb_catalog.event_log_trigger_name_idx, hdb_catalog.event_log_fetch_events";

/// Index to be created.
struct Missing {
    index: &'static Index,
    /// Size of its table.
    bytes: i64,
    /// Whether an unfinished one exists.
    is_invalid: bool,
}

async fn missing(client: &impl GenericClient) -> Result<Vec<Missing>, tokio_postgres::Error> {
    let names: Vec<&str> = INDEXES.iter().map(|index| index.name).collect();
    let tables: Vec<&str> = INDEXES.iter().map(|index| index.table).collect();
    let rows = client
        .query_typed(
            include_str!("missing_indexes.sql"),
            &[(&names, Type::TEXT_ARRAY), (&tables, Type::TEXT_ARRAY)],
        )
        .await?;
    let missing = rows.iter().filter_map(|row| {
        let name: &str = row.get("name");
        Some(Missing {
            index: INDEXES.iter().find(|index| index.name == name)?,
            bytes: row.get("size"),
            is_invalid: row.get("invalid"),
        })
    });
    Ok(missing.collect())
}

/// Creates the missing indexes of small tables, and drops unused ones when all others exist. Returns whether they do.
pub(super) async fn create(transaction: &Transaction<'_>) -> Result<bool, tokio_postgres::Error> {
    let mut is_complete = true;
    for Missing {
        index,
        bytes,
        is_invalid,
    } in missing(transaction).await?
    {
        if bytes > SMALL || is_invalid {
            is_complete = false;
            continue;
        }
        transaction.batch_execute(&index.statement("")).await?;
        if index.is_of_time() {
            // Otherwise each row in the first range would change its entry; the others have one only when they are full.
            let sql = format!(
                "SELECT pg_catalog.brin_desummarize_range('hdb_catalog.{}', 0)",
                index.name
            );
            transaction.batch_execute(&sql).await?;
        }
    }
    if is_complete {
        transaction.batch_execute(DROP_UNUSED).await?;
    }
    Ok(is_complete)
}

/// Builds the other missing indexes, or waits for the engine that builds them.
pub(super) async fn build(client: &Client) -> Result<()> {
    let mut logged = false;
    loop {
        let missing = missing(client).await.map_err(|e| driver_error(&e))?;
        if missing.is_empty() {
            return Ok(());
        }
        // Not by waiting for the lock: a build waits for the end of earlier statements, also for the end of this one.
        let locked = client
            .query_typed(
                "SELECT pg_catalog.pg_try_advisory_lock($1)",
                &[(&LOCK, Type::INT8)],
            )
            .await
            .map_err(|e| driver_error(&e))?;
        if locked.first().is_some_and(|row| row.get(0)) {
            let built = build_all(client).await;
            // If the connection is closed, its lock is released, too.
            let _ = client
                .query_typed("SELECT pg_catalog.pg_advisory_unlock($1)", &[(&LOCK, Type::INT8)])
                .await;
            return built;
        }
        if !logged {
            let names: Vec<&str> = missing.iter().map(|missing| missing.index.name).collect();
            tracing::info!(
                indexes = names.join(", "),
                "waiting for another engine, which builds indexes of hdb_catalog"
            );
            logged = true;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Builds the missing indexes while this engine has the lock, without the time limits of the session.
async fn build_all(client: &Client) -> Result<()> {
    const LIMITS: &str =
        "SELECT pg_catalog.current_setting('statement_timeout'), pg_catalog.current_setting('lock_timeout')";
    const SET: &str = "SELECT pg_catalog.set_config('statement_timeout', $1, false), pg_catalog.set_config('lock_timeout', $2, false)";
    let limits = client
        .query_one(LIMITS, &[])
        .await
        .map_err(|e| driver_error(&e))?;
    let set = async |statement: &str, lock: &str| {
        let limits: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
            [(&statement, Type::TEXT), (&lock, Type::TEXT)];
        client
            .query_typed(SET, &limits)
            .await
            .map_err(|e| driver_error(&e))
    };
    set("0", "0").await?;
    let mut built = Ok(());
    // Again: another engine may have built some of them meanwhile.
    for missing in missing(client).await.map_err(|e| driver_error(&e))? {
        built = build_one(client, missing).await;
        if built.is_err() {
            break;
        }
    }
    set(limits.get(0), limits.get(1)).await?;
    built
}

async fn build_one(client: &Client, missing: Missing) -> Result<()> {
    let Missing {
        index,
        bytes,
        mut is_invalid,
    } = missing;
    let began = Instant::now();
    tracing::info!(
        index = index.name,
        table = index.table,
        megabytes = bytes / 1_000_000,
        "building an index of hdb_catalog; the engine starts afterwards"
    );
    let drop_invalid = format!("DROP INDEX CONCURRENTLY IF EXISTS hdb_catalog.{}", index.name);
    loop {
        // No query uses an unfinished index, but each write changes it.
        let attempt = async {
            if is_invalid {
                client.batch_execute(&drop_invalid).await?;
            }
            client.batch_execute(&index.statement("CONCURRENTLY")).await
        };
        let Err(error) = attempt.await else { break };
        if !is_lock(&error) {
            // Best effort: the next start drops it otherwise.
            let _ = client.batch_execute(&drop_invalid).await;
            let message = format!(
                "cannot build the index {} of hdb_catalog: {}",
                index.name,
                describe(&error)
            );
            return Err(Error::new(Code::PostgresError, message));
        }
        tracing::warn!(
            index = index.name,
            error = describe(&error),
            "building the index again"
        );
        is_invalid = true;
        tokio::time::sleep(PAUSE).await;
    }
    tracing::info!(
        index = index.name,
        seconds = began.elapsed().as_secs(),
        "built the index"
    );
    Ok(())
}
