//! What orders cost a running stack: processor time by group of processes and WAL.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio_postgres::Client;

use super::figures::count;
use super::process_cpu::{CpuMeter, CpuTimes};
use local_demo::{CompletedOrders, PlacementMode, Report, start_stack};
use local_process::logs::Logs;
use local_services::postgres;
use local_stack::Stack;

/// Uncounted orders after the start of a stack: connections are opened, statements are prepared, and pages are changed for the
/// first time after a checkpoint.
const WARM_UP_ORDERS: u32 = 20;
/// Maximum time from the last assignment to the settlement of all events.
const SETTLEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// A stack with a superuser's connection to its Postgres. Its database is ephemeral, so that the superuser may read tables of
/// the engine's role.
#[derive(Debug)]
pub(crate) struct MeasuredStack {
    pub(crate) stack: Stack,
    pub(crate) database: Client,
}

/// Report of the orders and what they consumed.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) report: Report,
    pub(crate) cpu: CpuTimes,
    /// Bytes, including the images of pages that were changed for the first time after a checkpoint.
    pub(crate) wal_bytes: f64,
}

impl MeasuredStack {
    /// Starts a stack and warms it up.
    pub(crate) async fn start(logs: &Logs) -> Result<Self> {
        let stack = start_stack(logs).await?;
        let database = postgres::connect(&stack.addresses().postgres).await?;
        let stack = Self { stack, database };
        stack.warm_up().await?;
        Ok(stack)
    }

    /// Takes a checkpoint, runs a few orders, and updates the statistics of the tables: without them, Postgres expects that the orders of
    /// this customer are few, and reads them all for each live query.
    pub(crate) async fn warm_up(&self) -> Result<()> {
        self.database
            .batch_execute("CHECKPOINT")
            .await
            .context("cannot take a checkpoint")?;
        CompletedOrders::run(&self.stack, WARM_UP_ORDERS, PlacementMode::InProgress(1))
            .await?
            .report(&self.stack)
            .await?;
        self.settled().await?;
        self.analyze().await
    }

    /// Updates the statistics of the tables, as autovacuum does within a minute.
    pub(crate) async fn analyze(&self) -> Result<()> {
        self.database
            .batch_execute("ANALYZE")
            .await
            .context("cannot update the statistics")
    }

    /// Runs orders of one customer until all their events are settled. Returns an error if an invariant is violated.
    pub(crate) async fn measure(&self, orders: u32, mode: PlacementMode) -> Result<Measured> {
        let wal_before = self.wal_position().await?;
        let meter = CpuMeter::start(&self.stack);
        let (running, done) = mpsc::channel();
        // Ends with the sender, also if this future is dropped.
        let sampling = tokio::task::spawn_blocking(move || meter.run_until(&done));
        let completed = CompletedOrders::run(&self.stack, orders, mode).await?;
        self.settled().await?;
        drop(running);
        let cpu = sampling.await?;
        let wal_bytes = u64::try_from(self.wal_position().await? - wal_before)?;
        Ok(Measured {
            report: completed.report(&self.stack).await?,
            cpu,
            wal_bytes: count(wal_bytes),
        })
    }

    /// Waits until all events are settled: the customer sees the last update before the engine has recorded its delivery.
    pub(crate) async fn settled(&self) -> Result<()> {
        let deadline = Instant::now() + SETTLEMENT_TIMEOUT;
        let sql = "SELECT EXISTS (SELECT FROM hdb_catalog.event_log WHERE NOT delivered AND NOT error AND NOT archived)";
        while self.database.query_one(sql, &[]).await?.try_get(0)? {
            ensure!(
                Instant::now() < deadline,
                "events are not settled {} s after the last assignment",
                SETTLEMENT_TIMEOUT.as_secs()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn wal_position(&self) -> Result<i64> {
        let sql = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint";
        Ok(self.database.query_one(sql, &[]).await?.try_get(0)?)
    }

    pub(crate) async fn stop(self) {
        drop(self.database);
        self.stack.stop().await;
    }
}
