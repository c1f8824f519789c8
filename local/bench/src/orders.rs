//! Orders through the whole stack, measured by the customer: one at a time, and a thousand in one mutation.

use anyhow::Result;

use super::figures::{Goal, Table, count};
use local_demo::PlacementMode;
use local_process::logs::Logs;

const SEQUENTIAL_ORDERS: u32 = 50;
const BURST_ORDERS: u32 = 1_000;

pub(crate) async fn measure(runs: u32, logs: &Logs) -> Result<Table> {
    let mut table = Table::new("orders");
    for run in 1..=runs {
        logs.log_line(&format!("orders: run {run} of {runs}, one at a time"));
        let idle = local_demo::measure(SEQUENTIAL_ORDERS, PlacementMode::OneByOne, logs).await?;
        let ms = |percentile: Option<f64>| percentile.unwrap_or(f64::NAN);
        table.add(
            "idle: placed → validated p50",
            "ms",
            ms(idle.placed_to_validated.p50_ms),
        );
        table.add(
            "idle: paid → approved p50",
            "ms",
            ms(idle.paid_to_approved.p50_ms),
        );
        table.add(
            "idle: approved → assigned p50",
            "ms",
            ms(idle.approved_to_assigned.p50_ms),
        );
        table.add_with_goal(
            "idle: placed → assigned p50",
            "ms",
            ms(idle.placed_to_assigned.p50_ms),
            Goal::AtMost(30.0),
        );
        table.add(
            "idle: placed → assigned p99",
            "ms",
            ms(idle.placed_to_assigned.p99_ms),
        );
        logs.log_line(&format!("orders: run {run} of {runs}, {BURST_ORDERS} at once"));
        let burst = local_demo::measure(BURST_ORDERS, PlacementMode::Burst, logs).await?;
        table.add_with_goal(
            "burst of 1000: all assigned",
            "s",
            burst.seconds,
            Goal::AtMost(4.0),
        );
        table.add("burst of 1000: orders", "/s", burst.orders_per_second);
        table.add_with_goal(
            "lost or doubled",
            "",
            count(idle.lost + burst.lost + burst.duplicate_payments + burst.duplicate_assignments),
            Goal::AtMost(0.0),
        );
    }
    Ok(table)
}
