//! Cost of an order at different numbers of stored orders: bursts on one stack, whose database receives a history
//! ([`history`]) of that many orders before them.

mod history;

use anyhow::{Context as _, Result};

use self::history::History;
use super::consumption::{Measured, MeasuredStack};
use super::figures::{Goal, Table, count, median};
use super::process_cpu::Group;
use local_demo::PlacementMode;
use local_process::logs::Logs;

/// Default numbers of stored orders.
pub(crate) const STORED_ORDERS: [u32; 3] = [1_000, 100_000, 1_000_000];
const BURST_ORDERS: u32 = 1_000;
/// Bursts at each number; the median counts. They add to the stored orders.
const BURSTS: u32 = 3;
const GOAL: Goal = Goal::AtMost(1.15);

/// Costs of an order, each the median of the bursts.
#[derive(Debug, Clone, Copy)]
struct Cost {
    postgres_ms: f64,
    all_ms: f64,
    burst_seconds: f64,
}

pub(crate) async fn measure(mut stored: Vec<u32>, runs: u32, logs: &Logs) -> Result<Table> {
    stored.sort_unstable();
    stored.dedup();
    let mut table = Table::new("grow");
    for run in 1..=runs {
        once(&mut table, &stored, &format!("grow: run {run} of {runs}"), logs).await?;
    }
    Ok(table)
}

async fn once(table: &mut Table, stored: &[u32], run: &str, logs: &Logs) -> Result<()> {
    let stack = MeasuredStack::start(logs).await?;
    let mut history = History::prepare(&stack.database).await?;
    logs.log_line(&format!("{run}, uncounted burst"));
    stack.measure(BURST_ORDERS, PlacementMode::Burst).await?;
    let (mut costs, mut lost) = (Vec::new(), 0);
    for orders in stored {
        history
            .extend(&stack.database, *orders, |stored| {
                logs.log_line(&format!("{run}, {stored} of {orders} orders stored"));
            })
            .await?;
        stack.warm_up().await?;
        logs.log_line(&format!("{run}, {BURSTS} bursts at {orders} stored orders"));
        let mut bursts = Vec::new();
        for _ in 0..BURSTS {
            bursts.push(stack.measure(BURST_ORDERS, PlacementMode::Burst).await?);
        }
        let reports = bursts.iter().map(|burst| &burst.report);
        lost += reports
            .map(|report| report.lost + report.duplicate_payments + report.duplicate_assignments)
            .sum::<u64>();
        let cost = Cost::of(&bursts);
        for (name, unit, value) in [
            ("CPU of Postgres per order", "ms", cost.postgres_ms),
            ("CPU of all processes per order", "ms", cost.all_ms),
            ("burst of 1000", "s", cost.burst_seconds),
        ] {
            table.add(&format!("{orders} stored orders: {name}"), unit, value);
        }
        costs.push(cost);
    }
    stack.stop().await;
    let fewest = costs.first().context("no number of stored orders")?;
    let most = costs.last().context("no number of stored orders")?;
    for (name, ratio) in [
        ("CPU of Postgres per order", most.postgres_ms / fewest.postgres_ms),
        ("CPU of all processes per order", most.all_ms / fewest.all_ms),
        ("burst of 1000", most.burst_seconds / fewest.burst_seconds),
    ] {
        table.add_with_goal(&format!("{name}: most stored ÷ fewest"), "×", ratio, GOAL);
    }
    table.add_with_goal("lost or doubled", "", count(lost), Goal::AtMost(0.0));
    Ok(())
}

impl Cost {
    fn of(bursts: &[Measured]) -> Self {
        let orders = f64::from(BURST_ORDERS);
        let median_of = |value: fn(&Measured) -> f64| median(&bursts.iter().map(value).collect::<Vec<_>>());
        Self {
            postgres_ms: median_of(|burst| burst.cpu.sum(Group::is_postgres)) / orders,
            all_ms: median_of(|burst| burst.cpu.sum(|_| true)) / orders,
            burst_seconds: median_of(|burst| burst.report.seconds),
        }
    }
}
