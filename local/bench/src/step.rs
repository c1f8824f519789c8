//! A warm step compared with one UPDATE of the same row size on the same Postgres: the cost of the guard, the history
//! row and the pool, and, for the call, of gateway and Lambda Runtime API, in addition to the one write that every
//! solution needs.
//!
//! Both are measured in turns within one run, so that noise affects both.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use shared::Config;
use shared::database::Database;
use shared::order::{Delivery, OrderId};
use shared::steps::validate_order;
use tokio_postgres::Client;

use super::figures::{Goal, Table, mean_ms, percentile_ms};
use super::load::{Load, closed};
use super::rig::{Rig, call, ensure_no_errors};
use local_process::logs::Logs;
use local_services::postgres;

const CONCURRENT_CLIENTS: usize = 16;
/// Calls of a single client, per turn.
const SEQUENTIAL_CALLS: u64 = 200;
/// Calls of the concurrent clients, per turn.
const CONCURRENT_CALLS: u64 = 2_000;
/// Turns per run.
const TURNS: u64 = 3;

const UPDATE: &str = "UPDATE orders SET total = 500 WHERE order_id = $1";

pub(crate) async fn measure(runs: u32, logs: &Logs) -> Result<Table> {
    let mut table = Table::new("step");
    for run in 1..=runs {
        logs.log_line(&format!("step: run {run} of {runs}"));
        once(&mut table, logs).await?;
    }
    Ok(table)
}

async fn once(table: &mut Table, logs: &Logs) -> Result<()> {
    let rig = Rig::start(100, Some(20)).await?;
    let bench = Arc::new(Bench::new(&rig, logs).await?);
    for (clients, calls) in [(1, SEQUENTIAL_CALLS), (CONCURRENT_CLIENTS, CONCURRENT_CALLS)] {
        let (mut bare, mut step, mut called) = (Load::default(), Load::default(), Load::default());
        // The first turn only warms up.
        for turn in 0..=TURNS {
            for kind in [Kind::Bare, Kind::Step, Kind::Call] {
                let prefix = format!("{kind:?}-{clients}-{turn}");
                rig.place(&prefix, calls).await?;
                let load = bench.turn(kind, clients, calls, prefix).await;
                ensure_no_errors(&format!("{kind:?}"), load.errors)?;
                if turn > 0 {
                    let all = match kind {
                        Kind::Bare => &mut bare,
                        Kind::Step => &mut step,
                        Kind::Call => &mut called,
                    };
                    all.times.extend(load.times);
                    all.took += load.took;
                }
            }
        }
        if clients == 1 {
            let mean = mean_ms(&bare.times);
            let (step, called) = (
                percentile_ms(&mut step.times, 50),
                percentile_ms(&mut called.times, 50),
            );
            table.add("bare UPDATE, 1 client: mean", "ms", mean);
            table.add("step, 1 client: p50", "ms", step);
            table.add("step called through the gateway, 1 client: p50", "ms", called);
            table.add_with_goal(
                "step p50 ÷ bare mean, 1 client",
                "×",
                step / mean,
                Goal::AtMost(1.5),
            );
            table.add("call p50 ÷ bare mean, 1 client", "×", called / mean);
        } else {
            let rate = bare.rate();
            table.add("bare UPDATE, 16 clients", "/s", rate);
            table.add("step, 16 clients", "/s", step.rate());
            table.add("step called through the gateway, 16 clients", "/s", called.rate());
            table.add_with_goal(
                "step rate ÷ bare rate, 16 clients",
                "×",
                step.rate() / rate,
                Goal::AtLeast(0.45),
            );
            table.add("call rate ÷ bare rate, 16 clients", "×", called.rate() / rate);
        }
    }
    drop(bench);
    rig.stop().await;
    Ok(())
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// One prepared UPDATE, directly to Postgres.
    Bare,
    /// The step as a function runs it, through pgBouncer.
    Step,
    /// The step over HTTP: gateway, Lambda Runtime API, function process, pgBouncer.
    Call,
}

struct Bench {
    bare: Vec<(Client, tokio_postgres::Statement)>,
    database: Database,
    http: reqwest::Client,
    url: String,
    // Ends the processes on drop.
    _functions: lambda_host::Functions,
}

impl Bench {
    async fn new(rig: &Rig, logs: &Logs) -> Result<Self> {
        let mut bare = Vec::new();
        for _ in 0..CONCURRENT_CLIENTS {
            let client = postgres::connect(&rig.services.database_url()).await?;
            let statement = client
                .prepare(UPDATE)
                .await
                .context("cannot prepare the UPDATE")?;
            bare.push((client, statement));
        }
        let config = Config::from_values(
            Some(&rig.services.functions_url("validate-order")?),
            None,
            Some(&CONCURRENT_CLIENTS.to_string()),
        )
        .context("cannot configure the step")?;
        let functions = rig
            .function(
                "validate-order",
                &rig.services.functions_url("validate-order")?,
                CONCURRENT_CLIENTS,
                logs,
            )
            .await?;
        Ok(Self {
            bare,
            database: Database::new(&config),
            http: local_process::http_client()?,
            url: format!("{}/validate-order", functions.url()),
            _functions: functions,
        })
    }

    async fn turn(self: &Arc<Self>, kind: Kind, clients: usize, calls: u64, prefix: String) -> Load {
        let bench = self.clone();
        let prefix: Arc<str> = prefix.into();
        closed(clients, calls, None, move |client, number| {
            let (bench, prefix) = (bench.clone(), prefix.clone());
            async move { bench.one(kind, client, &format!("{prefix}-{number}")).await }
        })
        .await
    }

    async fn one(&self, kind: Kind, client: usize, order_id: &str) -> bool {
        match kind {
            Kind::Bare => {
                let (client, statement) = &self.bare[client];
                client
                    .execute(statement, &[&order_id])
                    .await
                    .is_ok_and(|rows| rows == 1)
            }
            Kind::Step => match OrderId::parse(order_id) {
                Ok(id) => validate_order::run(&self.database, &id, &Delivery::default())
                    .await
                    .is_ok(),
                Err(_) => false,
            },
            Kind::Call => call(&self.http, &self.url, order_id).await,
        }
    }
}
