//! One clean-up: deletes the old events of a trigger in batches, each in its own transaction.

use engine_error::{Code, Error, Result};
use engine_model::trigger::cleanup::CleanupLimits;
use engine_postgres::pool::driver_error;
use tokio_postgres::{Client, Transaction};

/// Smallest number of events that a batch reads at most, of any trigger: a small batch would otherwise need many statements to pass
/// the events of others.
pub const MIN_ROWS_READ: i64 = 10_000;

/// Parameters of a clean-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleanup {
    pub trigger: String,
    pub limits: CleanupLimits,
}

/// Numbers of deleted rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deleted {
    pub events: i64,
    pub calls: i64,
}

/// Deletes batches until no old event remains, or until `continues` returns false before a batch. Each batch continues after the
/// last row that the previous one has read. `deleted` counts the rows of the completed batches, also if a later one fails. Returns
/// an error with the code busy if another engine or command cleans the same trigger.
pub async fn run(
    client: &mut Client,
    cleanup: &Cleanup,
    deleted: &mut Deleted,
    continues: impl Fn() -> bool + Send,
) -> Result<()> {
    // Ids are not empty.
    let mut after = String::new();
    while continues() {
        let tx = begin(client, cleanup).await?;
        let batch = delete_events(&tx, cleanup, &after).await?;
        tx.commit().await.map_err(|error| driver_error(&error))?;
        deleted.events += batch.deleted.events;
        deleted.calls += batch.deleted.calls;
        match batch.last {
            Some(last) if batch.more => after = last,
            _ => return delete_kept_calls(client, cleanup, deleted, continues).await,
        }
    }
    Ok(())
}

/// Deletes the calls that earlier clean-ups have kept.
async fn delete_kept_calls(
    client: &mut Client,
    cleanup: &Cleanup,
    deleted: &mut Deleted,
    continues: impl Fn() -> bool + Send,
) -> Result<()> {
    let limits = &cleanup.limits;
    while limits.clean_invocation_logs && continues() {
        let tx = begin(client, cleanup).await?;
        let (hours, batch) = (hours(limits), i64::from(limits.events_per_statement()));
        let calls = tx
            .execute(
                include_str!("delete_kept_calls.sql"),
                &[&cleanup.trigger, &hours, &batch],
            )
            .await
            .map_err(|error| driver_error(&error))?;
        tx.commit().await.map_err(|error| driver_error(&error))?;
        if calls == 0 {
            break;
        }
        deleted.calls += i64::try_from(calls).unwrap_or(i64::MAX);
    }
    Ok(())
}

struct Batch {
    deleted: Deleted,
    /// Id up to which events were read; `None` if there is none after the previous batch.
    last: Option<String>,
    /// Whether more events may follow: a limit was reached.
    more: bool,
}

/// Begins the transaction of a batch, which holds the lock of the trigger. Not the session: a pooler may assign another one to each
/// transaction, and a batch that fails releases it. Between two batches, another engine or command can begin to clean the trigger;
/// the later batch is then refused, and the other clean-up deletes what this one has left.
async fn begin<'c>(client: &'c mut Client, cleanup: &Cleanup) -> Result<Transaction<'c>> {
    const LOCK: &str = "SELECT pg_try_advisory_xact_lock(hashtextextended('hdb_catalog.cleanup ' || $1, 0))";
    let begin = async {
        let tx = client.transaction().await?;
        let seconds = cleanup.limits.statement_timeout();
        // Plans that depend on statistics would read and sort the whole table for each batch.
        tx.batch_execute(&format!(
            "SET LOCAL statement_timeout = '{seconds}s'; SET LOCAL synchronous_commit = off; SET LOCAL enable_seqscan = off; \
             SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
        ))
        .await?;
        let is_free: bool = tx.query_one(LOCK, &[&cleanup.trigger]).await?.get(0);
        Ok((tx, is_free))
    };
    match begin.await {
        Ok((tx, true)) => Ok(tx),
        Ok((_, false)) => {
            let message = format!(
                "the event logs of trigger \"{}\" are being cleaned already",
                cleanup.trigger
            );
            Err(Error::new(Code::Busy, message))
        }
        Err(error) => Err(driver_error(&error)),
    }
}

async fn delete_events(tx: &Transaction<'_>, cleanup: &Cleanup, after: &str) -> Result<Batch> {
    let limits = &cleanup.limits;
    let (hours, batch) = (hours(limits), i64::from(limits.events_per_statement()));
    let read = batch.max(MIN_ROWS_READ);
    let row = tx
        .query_one(
            include_str!("delete.sql"),
            &[
                &cleanup.trigger,
                &after,
                &hours,
                &batch,
                &limits.clean_failed_events,
                &limits.clean_invocation_logs,
                &read,
            ],
        )
        .await
        .map_err(|error| driver_error(&error))?;
    Ok(Batch {
        more: row.get("more"),
        deleted: Deleted {
            events: row.get("events"),
            calls: row.get("calls"),
        },
        last: row.get("last"),
    })
}

/// A longer time than Postgres can subtract is a time before all events.
fn hours(limits: &CleanupLimits) -> i32 {
    const MAX_HOURS: u32 = 24 * 365 * 1000;
    i32::try_from(limits.clear_older_than.min(MAX_HOURS)).unwrap_or(i32::MAX)
}
