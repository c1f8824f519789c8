//! Benefit of the pool: many function processes with one connection each, on a Postgres with a hundred connections;
//! directly and through pgBouncer. At the rates of the Node.js example's published table, as far as one small machine
//! can generate them, and with enough concurrent callers to use every process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::figures::{Goal, Table, percentile_ms};
use super::load::{Load, closed, open};
use super::rig::{Rig, call};
use local_process::logs::Logs;

/// `max_connections` of Postgres.
const CONNECTIONS: u32 = 100;
/// Connections of the pool.
const POOL: u32 = 20;
const PROCESSES: usize = 150;
/// Concurrent callers, as in the measurements of the Node.js example.
const CALLERS: usize = 256;
/// Duration of each load.
const DURATION: Duration = Duration::from_secs(10);
/// Orders per load: more than can be processed.
const ORDERS: u64 = 60_000;

pub(crate) async fn measure(runs: u32, logs: &Logs) -> Result<Table> {
    let mut table = Table::new("pool");
    for run in 1..=runs {
        for (way, pool) in [("direct", None), ("pgBouncer", Some(POOL))] {
            logs.log_line(&format!("pool: run {run} of {runs}, {way}"));
            once(&mut table, way, pool, logs).await?;
        }
    }
    Ok(table)
}

async fn once(table: &mut Table, way: &'static str, pool: Option<u32>, logs: &Logs) -> Result<()> {
    let rig = Rig::start(CONNECTIONS, pool).await?;
    let functions = rig
        .function(
            "validate-order",
            &rig.services.functions_url("validate-order")?,
            PROCESSES,
            logs,
        )
        .await?;
    let (http, url) = (
        local_process::http_client()?,
        Arc::<str>::from(format!("{}/validate-order", functions.url())),
    );
    let one = {
        move |prefix: &'static str| {
            let (http, url) = (http.clone(), url.clone());
            move |number: u64| {
                let (http, url) = (http.clone(), url.clone());
                async move { call(&http, &url, &format!("{prefix}-{number}")).await }
            }
        }
    };
    let mut note = |name: &str, load: &mut Load| {
        let (percent, rate) = (load.error_percent(), load.rate());
        let name = format!("{way}: {name}");
        if pool.is_some() {
            table.add_with_goal(&format!("{name}: errors"), "%", percent, Goal::AtMost(0.0));
        } else {
            table.add(&format!("{name}: errors"), "%", percent);
        }
        table.add(&format!("{name}: answered well"), "/s", rate);
        table.add(&format!("{name}: p50"), "ms", percentile_ms(&mut load.times, 50));
        table.add(&format!("{name}: p99"), "ms", percentile_ms(&mut load.times, 99));
    };

    // The concurrent callers first: they activate every process, as a busy hour on Lambda does.
    rig.place("busy", ORDERS).await?;
    let busy = one("busy");
    let mut load = closed(CALLERS, ORDERS, Some(DURATION), move |_, number| busy(number)).await;
    let rate = load.rate();
    note("256 callers", &mut load);
    for (name, prefix, rate) in [
        ("100/s", "low", 100.0),
        ("1000/s", "high", 1_000.0),
        ("70 % of that rate", "most", (0.7 * rate).max(100.0)),
    ] {
        rig.place(prefix, ORDERS).await?;
        let mut load = open(rate, DURATION, one(prefix)).await;
        note(name, &mut load);
    }
    functions.stop().await;
    rig.stop().await;
    Ok(())
}
