//! Statements of the queue, one function each. They run on a dedicated small pool with `synchronous_commit = off`: a claim,
//! a settlement or a log row that is lost in a crash of Postgres only causes one more delivery.

use super::claimed::{Claimed, InstanceId, InstanceKey, Payload};
use super::delivery::Settlement;
use super::scan_windows::Window;
use engine_error::{Error, Result};
use engine_postgres::pool::{self, Connections, PoolOptions};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use trace_context::TraceContext;

/// Maximum number of connections: one for claims, one for settlements, and one for other statements such as releases.
const CONNECTIONS: usize = 3;

/// Planner settings that make the plans independent of statistics: a plan made for an empty table is also used when the table
/// is full a minute later. `hasura.scheduler`: changes of scheduled events by these sessions send no NOTIFY.
const SESSION: &str = "SET search_path = pg_catalog, pg_temp; SET synchronous_commit = off; SET plan_cache_mode = force_generic_plan; SET jit = off; \
                       SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; \
                       SET enable_mergejoin = off; SET hasura.scheduler = 'on'; \
                       SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// Maximum size of a payload that is returned by the claim of its event. The payloads of all events that an instance may hold are
/// then a few megabytes.
pub(in crate::events) const SMALL_PAYLOAD: i32 = 16 * 1024;

/// Maximum number of events that one statement sets aside, and that it returns to the queue.
const MAX_MOVED: i64 = 2000;

/// Events that were set aside, or returned to the queue.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// Numbers by trigger.
    pub(super) set_aside: Vec<(String, i64)>,
    pub(super) returned: i64,
}

impl Moved {
    /// Whether there may be more of them.
    pub(super) fn is_cut(&self) -> bool {
        let set_aside: i64 = self.set_aside.iter().map(|(_, events)| events).sum();
        set_aside >= MAX_MOVED || self.returned >= MAX_MOVED
    }
}

/// Access of one instance to the queue.
#[derive(Clone)]
pub(super) struct EventQueue {
    pool: Connections,
    pub(super) key: InstanceKey,
}

impl EventQueue {
    pub(super) fn new(pool: &PoolOptions, key: InstanceKey) -> Result<Self> {
        Ok(Self {
            pool: pool::build_with(pool, CONNECTIONS, SESSION)?,
            key,
        })
    }

    /// Transfers events held under former ids to a new one.
    pub(super) async fn switch_instance(&self, me: InstanceId, held: &[&str]) -> Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        self.execute(include_str!("transfer.sql"), &[&me, &self.key.0, &held])
            .await
            .map(drop)
    }

    /// `held`: events that this instance holds. With this list, other rows of the instance are claimed again.
    pub(super) async fn claim(
        &self,
        me: InstanceId,
        limit: usize,
        triggers: &[String],
        window: &Window,
        held: Option<&[String]>,
    ) -> Result<Vec<Claimed>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (from, seconds, only_from) = (&window.from, &window.seconds, &window.only_from);
        let params: [&(dyn ToSql + Sync); 8] = [
            &me,
            &limit,
            &triggers,
            from,
            seconds,
            only_from,
            &held,
            &SMALL_PAYLOAD,
        ];
        let rows = self.query(include_str!("claim.sql"), &params).await?;
        Ok(rows.iter().map(claimed).collect())
    }

    /// Checks that the database executes statements.
    pub(super) async fn ping(&self) -> Result<()> {
        self.query("SELECT 1", &[]).await.map(drop)
    }

    /// Returns the size of an event's payload in bytes; `None` if the event was deleted.
    pub(super) async fn payload_size(&self, event: &str) -> Result<Option<usize>> {
        let rows = self.query(include_str!("payload_size.sql"), &[&event]).await?;
        let size = |row: &Row| usize::try_from(row.get::<_, i32>(0)).unwrap_or(0);
        Ok(rows.first().map(size))
    }

    /// Returns the payload of an event; `None` if the event was deleted.
    pub(super) async fn payload(&self, event: &str) -> Result<Option<Payload>> {
        let rows = self.query(include_str!("payload.sql"), &[&event]).await?;
        Ok(rows.first().and_then(payload))
    }

    pub(super) async fn settle(&self, batch: &[Settlement]) -> Result<()> {
        let column = |get: fn(&Settlement) -> &str| batch.iter().map(get).collect::<Vec<_>>();
        let delivered: Vec<bool> = batch.iter().map(|s| s.outcome.delivered()).collect();
        let error: Vec<bool> = batch.iter().map(|s| s.outcome.failed()).collect();
        let retry_in: Vec<Option<f64>> = batch
            .iter()
            .map(|s| s.outcome.retry_in().map(|delay| delay.as_secs_f64()))
            .collect();
        let status: Vec<i32> = batch.iter().map(|s| s.status).collect();
        let (id, request, response) = (column(|s| &s.id), column(|s| &s.request), column(|s| &s.response));
        let params: [&(dyn ToSql + Sync); 8] = [
            &self.key.0,
            &id,
            &delivered,
            &error,
            &retry_in,
            &status,
            &request,
            &response,
        ];
        self.execute(include_str!("settle.sql"), &params).await.map(drop)
    }

    pub(super) async fn release(&self, events: &[&str]) -> Result<u64> {
        self.execute(include_str!("release.sql"), &[&self.key.0, &events])
            .await
    }

    /// Sets aside events of triggers that are not among `delivered`, and returns those of `delivered` to the queue: at most
    /// [`MAX_MOVED`] of each.
    pub(super) async fn set_aside(&self, delivered: &[String]) -> Result<Moved> {
        let mut moved = Moved::default();
        let sql = include_str!("set_aside.sql");
        for row in self.query(sql, &[&delivered, &MAX_MOVED]).await? {
            let events = row.get("events");
            match row.get("trigger_name") {
                Some(trigger) => moved.set_aside.push((trigger, events)),
                None => moved.returned = events,
            }
        }
        Ok(moved)
    }

    /// Inserts the instance into `engine_asleep`: transactions that read the table afterwards send a NOTIFY with their events.
    pub(super) async fn request_notify(&self, me: InstanceId) -> Result<()> {
        self.execute(
            "INSERT INTO hdb_catalog.engine_asleep (instance) VALUES ($1)",
            &[&me],
        )
        .await
        .map(drop)
    }

    /// Deletes the rows of the instance from `engine_asleep`.
    pub(super) async fn end_notify(&self) -> Result<()> {
        self.execute(
            "DELETE FROM hdb_catalog.engine_asleep WHERE instance >> 20 = $1",
            &[&self.key.0],
        )
        .await
        .map(drop)
    }

    /// Unregisters the instance when the engine stops.
    pub(super) async fn leave(&self) -> Result<()> {
        self.end_notify().await?;
        self.execute(
            "DELETE FROM hdb_catalog.instances WHERE id >> 20 = $1",
            &[&self.key.0],
        )
        .await
        .map(drop)
    }

    pub(super) async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let client = pool::get(&self.pool).await?;
        let rows = async { client.query(&client.prepare_cached(sql).await?, params).await };
        let result = rows.await;
        drop(client);
        result.map_err(|error| self.failed(&error))
    }

    pub(super) async fn execute(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let client = pool::get(&self.pool).await?;
        let count = async { client.execute(&client.prepare_cached(sql).await?, params).await };
        let result = count.await;
        drop(client);
        result.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &tokio_postgres::Error) -> Error {
        if pool::is_read_only(error) {
            pool::close_idle(&self.pool);
        }
        pool::driver_error(error)
    }
}

fn claimed(row: &Row) -> Claimed {
    Claimed {
        id: row.get("id"),
        schema: row.get("schema_name"),
        table: row.get("table_name"),
        trigger: row.get("trigger_name"),
        fresh: row.get("fresh"),
        tries: u32::try_from(row.get::<_, i32>("tries")).unwrap_or(0),
        created_at: row.get("created_at"),
        payload: payload(row),
    }
}

fn payload(row: &Row) -> Option<Payload> {
    Some(Payload {
        text: row.get::<_, Option<String>>("payload")?,
        cause: TraceContext::of_texts(row.get("trace_id"), row.get("span_id"), row.get("sampling_state")),
        undeliverable: row.get("undeliverable"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::claimed::COUNTER_BITS;

    #[test]
    fn statements_compare_the_key() {
        let shift = format!("locked_by >> {COUNTER_BITS}");
        for statement in [
            include_str!("transfer.sql"),
            include_str!("release.sql"),
            include_str!("settle.sql"),
        ] {
            assert!(statement.contains(&shift), "{statement}");
        }
    }
}
