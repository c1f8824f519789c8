//! Execution of a multiplexed statement: one result per set of variable values.

use super::context::Context;
use super::lanes::LanePermit;
use super::poller::PollerKey;
use super::types::{BatchEnd, BatchEntry, CohortResult};
use bytes::Bytes;
use engine_error::Result;
use engine_postgres::error::{StatementContext, from_postgres};
use engine_postgres::limit::{ByteBudget, CheckedOut, with_deadline};
use engine_postgres::pool;
use engine_postgres::share::Permits;
use engine_postgres::statement::collect;
use engine_sql::BoundStatement;
use futures_util::future::join3;
use std::borrow::Cow;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::Json;

/// Maximum number of prepared statements per connection. The number grows with each distinct live query and the driver never
/// evicts a statement, so beyond this limit all are dropped and those in use are prepared again.
const MAX_PREPARED: usize = 500;

/// Maximum number of bytes of the values in one statement.
const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Divides cohorts into batches of one statement each: at most `max_cohorts`, and at most [`MAX_BATCH_BYTES`] of values, which only
/// a single cohort may exceed.
pub(super) fn batches(mut due: &[BatchEntry], max_cohorts: usize) -> Vec<&[BatchEntry]> {
    let mut batches = Vec::new();
    while !due.is_empty() {
        let mut bytes = 0;
        let fitting = due.iter().take(max_cohorts).take_while(|(_, params)| {
            bytes += params.iter().flatten().map(String::len).sum::<usize>();
            bytes <= MAX_BATCH_BYTES
        });
        let (batch, rest) = due.split_at(fitting.count().max(1));
        batches.push(batch);
        due = rest;
    }
    batches
}

/// How a statement runs.
pub(super) struct Admission<'c> {
    pub(super) lane: LanePermit<'c>,
    /// Share of the client of all subscribers.
    pub(super) permits: Option<Permits>,
    /// Time after which the statement is cancelled, unless it is that of one cohort and may be slow.
    pub(super) patience: Option<Duration>,
    /// Time limit of the statement.
    pub(super) limit: Option<Duration>,
}

/// Runs the statement of a poller for all of `batch` in one round trip (two if it is not prepared on the connection). Each result
/// is returned with its index in the batch; `None` if the statement was cancelled because it took long. `spent` increases by the time for
/// which it occupied a connection.
pub(super) async fn run(
    context: &Context,
    PollerKey { sql, .. }: &PollerKey,
    batch: &[BatchEntry],
    admission: Admission<'_>,
    spent: &mut Duration,
) -> Result<Option<Vec<(usize, CohortResult)>>> {
    let Admission {
        mut lane,
        permits,
        patience,
        limit,
    } = admission;
    let params = batch.iter().map(|(_, params)| &**params);
    let subscribers: Vec<(usize, &[Option<String>])> = params.enumerate().collect();
    let client = CheckedOut::within(&context.pool, permits).await?;
    let isolation = context
        .pool
        .isolation(context.schema.load().resolved.metadata.isolation_level());
    let started = Instant::now();
    if client.statement_cache.size() > MAX_PREPARED {
        client.statement_cache.clear();
    }
    let budget = ByteBudget::new(context.options.batch_response);
    let query = async |statement: &tokio_postgres::Statement| {
        let stream = client.query_raw(statement, [Json(&subscribers)]).await?;
        collect(stream, &budget).await
    };
    let work = async {
        let statement = client.prepare_cached(sql).await?;
        let Some(begin) = isolation.begin_if_not_default() else {
            return query(&statement).await;
        };
        // All three are sent when first polled, so that a dropped run leaves no open transaction.
        let (opened, rows, committed) = join3(
            client.batch_execute(begin),
            query(&statement),
            client.batch_execute("COMMIT"),
        )
        .await;
        opened?;
        let rows = rows?;
        committed?;
        Ok(rows)
    };
    let rows = {
        let mut rows = pin!(with_deadline(limit, &client, budget.within(work)));
        let in_time = match patience {
            Some(patience) => timeout(patience, &mut rows).await.ok(),
            None => Some(rows.as_mut().await),
        };
        // The statement of one cohort continues, as a slow one, if their number permits.
        let slow = match &in_time {
            None if batch.len() == 1 => context.lanes.try_slow(),
            _ => None,
        };
        match (in_time, slow) {
            (Some(rows), _) => Some(rows),
            (None, Some(slow)) => {
                lane = slow;
                Some(rows.await)
            }
            (None, None) => None,
        }
    };
    drop(lane);
    *spent += started.elapsed();
    let Some(rows) = rows else { return Ok(None) };
    let rows: Option<Result<Vec<Row>, tokio_postgres::Error>> = rows;
    let Some(rows) = rows else {
        // The connection is not released, but closed with the results that are left.
        return Err(context.options.batch_response.exceeded(None));
    };
    client.release();
    let rows = rows.map_err(|error| {
        let statement = BoundStatement {
            sql: Cow::Borrowed(&**sql),
            params: Vec::new(),
        };
        from_postgres(
            &error,
            &StatementContext {
                statement: Some(&statement),
                prepared: true,
            },
        )
    })?;
    rows.iter()
        .map(|row| {
            let index: i32 = row.try_get(0)?;
            let data: &str = row.try_get(1)?;
            // Rows of streams have two additional columns.
            let cursor: Option<String> = if row.len() > 2 { row.try_get(2)? } else { None };
            let end = match cursor {
                Some(cursor) => Some(BatchEnd {
                    cursor,
                    full: row.try_get(3)?,
                }),
                None => None,
            };
            let answer = CohortResult {
                data: Bytes::copy_from_slice(data.as_bytes()),
                end,
            };
            Ok((usize::try_from(index).unwrap_or(usize::MAX), answer))
        })
        .collect::<Result<_, tokio_postgres::Error>>()
        .map(Some)
        .map_err(|error| pool::driver_error(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::types::{CohortKey, Params};

    /// Returns the sizes of the batches of cohorts with values of these lengths.
    fn sizes(lengths: &[usize], max_cohorts: usize) -> Vec<usize> {
        let entry = |length: &usize| {
            let params: Params = [Some("x".repeat(*length)), None].into();
            let key = CohortKey {
                params: Params::clone(&params),
                alone: None,
            };
            (key, params)
        };
        let due: Vec<BatchEntry> = lengths.iter().map(entry).collect();
        batches(&due, max_cohorts).into_iter().map(<[_]>::len).collect()
    }

    #[test]
    fn batches_are_limited_by_cohorts_and_by_bytes() {
        const HALF: usize = MAX_BATCH_BYTES / 2;
        assert_eq!(sizes(&[], 2), [0; 0]);
        assert_eq!(sizes(&[1, 1, 1, 1, 1], 2), [2, 2, 1]);
        assert_eq!(sizes(&[1, 1], 0), [1, 1]);
        assert_eq!(sizes(&[HALF, HALF, HALF, HALF, 0], 100), [2, 3]);
        assert_eq!(sizes(&[1, MAX_BATCH_BYTES + 1, 1, 1], 100), [1, 1, 2]);
    }
}
