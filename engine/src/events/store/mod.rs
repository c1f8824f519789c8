//! The queue's statements, each a function. They run on a small pool of their own with `synchronous_commit = off`: a claim,
//! a settlement or a log row that is lost in a crash of Postgres only causes one more delivery.

use super::deliver::Settlement;
use crate::error::Result;
use crate::exec::pool;
use crate::server::config::Config;
use deadpool_postgres::{Object, Pool};
use std::collections::BTreeMap;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

/// One claims while the other settles; the third is for handing back and the like.
const CONNECTIONS: usize = 3;

/// The planner must not be tempted by an empty table's statistics: what it plans now serves a full one a minute later.
const SESSION: &str = "SET synchronous_commit = off; SET plan_cache_mode = force_generic_plan; SET jit = off; \
                       SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; \
                       SET enable_mergejoin = off";

/// What identifies a running engine: the key of the advisory lock that it holds.
pub(super) type InstanceId = i64;

/// An event that this engine holds.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) id: String,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) trigger: String,
    /// Deliveries so far.
    pub(super) tries: u32,
    /// `2018-09-05T07:14:21.601701Z`.
    pub(super) created_at: String,
    /// `event` of the delivery, as JSON text.
    pub(super) payload: String,
    /// The trace that the change belongs to.
    pub(super) trace_id: Option<String>,
    pub(super) span_id: Option<String>,
}

/// The queue.
#[derive(Clone)]
pub(super) struct Store {
    pool: Pool,
}

impl Store {
    pub(super) fn new(config: &Config) -> Result<Self> {
        Ok(Self { pool: pool::build_with(config, CONNECTIONS, SESSION)? })
    }

    pub(super) async fn claim(&self, me: InstanceId, limit: usize, triggers: &[&str]) -> Result<Vec<Claimed>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.query(include_str!("claim.sql"), &[&me, &limit, &triggers]).await?;
        Ok(rows.iter().map(claimed).collect())
    }

    pub(super) async fn settle(&self, mine: &[InstanceId], batch: &[Settlement]) -> Result<()> {
        let column = |get: fn(&Settlement) -> &str| batch.iter().map(get).collect::<Vec<_>>();
        let delivered: Vec<bool> = batch.iter().map(|s| s.fate.delivered()).collect();
        let error: Vec<bool> = batch.iter().map(|s| s.fate.failed()).collect();
        let retry_in: Vec<Option<f64>> = batch.iter().map(|s| s.fate.retry_in().map(f64::from)).collect();
        let status: Vec<i32> = batch.iter().map(|s| s.status).collect();
        let (id, request, response) = (column(|s| &s.id), column(|s| &s.request), column(|s| &s.response));
        let params: [&(dyn ToSql + Sync); 8] =
            [&mine, &id, &delivered, &error, &retry_in, &status, &request, &response];
        self.execute(include_str!("settle.sql"), &params).await.map(drop)
    }

    pub(super) async fn release(&self, mine: &[InstanceId], events: &[&str]) -> Result<u64> {
        self.execute(include_str!("release.sql"), &[&mine, &events]).await
    }

    pub(super) async fn adopt(&self, me: InstanceId, former: &[InstanceId], events: &[&str]) -> Result<u64> {
        self.execute(include_str!("adopt.sql"), &[&me, &former, &events]).await
    }

    /// Sets events of unknown triggers aside; how many of each.
    pub(super) async fn set_aside(&self, known: &[&str]) -> Result<BTreeMap<String, usize>> {
        let mut counts = BTreeMap::new();
        for row in self.query(include_str!("set_aside.sql"), &[&known]).await? {
            *counts.entry(row.get(0)).or_default() += 1;
        }
        Ok(counts)
    }

    /// From when this returns, commits with an event notify.
    pub(super) async fn fall_asleep(&self, me: InstanceId) -> Result<()> {
        self.execute("INSERT INTO hdb_catalog.engine_asleep (instance) VALUES ($1)", &[&me]).await.map(drop)
    }

    pub(super) async fn wake_up(&self, mine: &[InstanceId]) -> Result<()> {
        self.execute("DELETE FROM hdb_catalog.engine_asleep WHERE instance = ANY ($1)", &[&mine]).await.map(drop)
    }

    async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let client = pool::get(&self.pool).await?;
        let statement = client.prepare_cached(sql).await.map_err(|error| failed(client.clone_guard(), &error))?;
        client.query(&statement, params).await.map_err(|error| pool::driver_error(&error))
    }
}
