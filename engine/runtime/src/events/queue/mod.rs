//! Statements of the queue, one function each. They run on a dedicated small pool with `synchronous_commit = off`: a claim,
//! a settlement or a log row that is lost in a crash of Postgres only causes one more delivery.

use super::delivery::Settlement;
use super::scan_windows::Window;
use engine_error::{Error, Result};
use engine_postgres::pool::{self, Connections, PoolOptions};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// Maximum number of connections: one for claims, one for settlements, and one for other statements such as releases.
const CONNECTIONS: usize = 3;

/// Planner settings that make the plans independent of statistics: a plan made for an empty table is also used when the table
/// is full a minute later.
const SESSION: &str = "SET synchronous_commit = off; SET plan_cache_mode = force_generic_plan; SET jit = off; \
                       SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; \
                       SET enable_mergejoin = off";

/// Id of a running instance: the key of the advisory lock that it holds.
pub(super) type InstanceId = i64;

/// Event held by this instance.
#[derive(Debug, Clone, Default)]
pub(super) struct Claimed {
    pub(super) id: String,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) trigger: String,
    /// Whether the event has never waited for a retry.
    pub(super) fresh: bool,
    /// Number of previous delivery attempts.
    pub(super) tries: u32,
    /// UTC, for example `2018-09-05T07:14:21.601701Z`.
    pub(super) created_at: String,
    /// `event` of the delivery, as JSON text.
    pub(super) payload: String,
    /// Trace that the change belongs to.
    pub(super) trace_id: Option<String>,
    pub(super) span_id: Option<String>,
}

/// Access of one instance to the queue.
#[derive(Clone)]
pub(super) struct EventQueue {
    pool: Connections,
    /// Ids that this instance has had; the last one is current.
    mine: Arc<RwLock<Vec<InstanceId>>>,
}

impl EventQueue {
    pub(super) fn new(pool: &PoolOptions) -> Result<Self> {
        Ok(Self {
            pool: pool::build_with(pool, CONNECTIONS, SESSION)?,
            mine: Arc::default(),
        })
    }

    /// Sets the id under which events are claimed, and transfers events held under former ids to it.
    pub(super) async fn switch_instance(&self, me: InstanceId, held: &[&str]) -> Result<()> {
        let former = self.mine();
        if !held.is_empty() {
            self.execute(include_str!("transfer.sql"), &[&me, &former, &held])
                .await?;
        }
        if let Ok(mut mine) = self.mine.write() {
            mine.push(me);
        }
        Ok(())
    }

    fn mine(&self) -> Vec<InstanceId> {
        self.mine.read().map(|mine| mine.clone()).unwrap_or_default()
    }

    pub(super) async fn claim(
        &self,
        me: InstanceId,
        limit: usize,
        triggers: &[String],
        window: &Window,
    ) -> Result<Vec<Claimed>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (from, seconds, only_from) = (&window.from, &window.seconds, &window.only_from);
        let params: [&(dyn ToSql + Sync); 6] = [&me, &limit, &triggers, from, seconds, only_from];
        let rows = self.query(include_str!("claim.sql"), &params).await?;
        Ok(rows.iter().map(claimed).collect())
    }

    pub(super) async fn settle(&self, batch: &[Settlement]) -> Result<()> {
        let column = |get: fn(&Settlement) -> &str| batch.iter().map(get).collect::<Vec<_>>();
        let delivered: Vec<bool> = batch.iter().map(|s| s.outcome.delivered()).collect();
        let error: Vec<bool> = batch.iter().map(|s| s.outcome.failed()).collect();
        let retry_in: Vec<Option<f64>> = batch
            .iter()
            .map(|s| s.outcome.retry_in().map(f64::from))
            .collect();
        let status: Vec<i32> = batch.iter().map(|s| s.status).collect();
        let (id, request, response) = (column(|s| &s.id), column(|s| &s.request), column(|s| &s.response));
        let mine = self.mine();
        let params: [&(dyn ToSql + Sync); 8] = [
            &mine, &id, &delivered, &error, &retry_in, &status, &request, &response,
        ];
        self.execute(include_str!("settle.sql"), &params).await.map(drop)
    }

    pub(super) async fn release(&self, events: &[&str]) -> Result<u64> {
        self.execute(include_str!("release.sql"), &[&self.mine(), &events])
            .await
    }

    /// Postpones events of unknown triggers and returns their number by trigger.
    pub(super) async fn postpone(&self, known: &[String]) -> Result<BTreeMap<String, usize>> {
        let mut counts = BTreeMap::new();
        for row in self.query(include_str!("postpone.sql"), &[&known]).await? {
            *counts.entry(row.get(0)).or_default() += 1;
        }
        Ok(counts)
    }

    /// Inserts the instance into `engine_asleep`: transactions that read the table afterwards send a NOTIFY with their events.
    pub(super) async fn fall_asleep(&self, me: InstanceId) -> Result<()> {
        self.execute(
            "INSERT INTO hdb_catalog.engine_asleep (instance) VALUES ($1)",
            &[&me],
        )
        .await
        .map(drop)
    }

    pub(super) async fn wake_up(&self) -> Result<()> {
        let mine = self.mine();
        self.execute(
            "DELETE FROM hdb_catalog.engine_asleep WHERE instance = ANY ($1)",
            &[&mine],
        )
        .await
        .map(drop)
    }

    /// Unregisters the instance when the engine stops.
    pub(super) async fn leave(&self) -> Result<()> {
        let mine = self.mine();
        self.wake_up().await?;
        self.execute("DELETE FROM hdb_catalog.instances WHERE id = ANY ($1)", &[&mine])
            .await
            .map(drop)
    }

    async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let client = pool::get(&self.pool).await?;
        let rows = async { client.query(&client.prepare_cached(sql).await?, params).await };
        let result = rows.await;
        drop(client);
        result.map_err(|error| self.failed(&error))
    }

    async fn execute(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64> {
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
        payload: row.get("payload"),
        trace_id: row.get("trace_id"),
        span_id: row.get("span_id"),
    }
}
