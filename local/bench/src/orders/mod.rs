//! Orders through the whole stack, measured by the customer: one at a time, and a thousand in one mutation. In the same run
//! [`floor`]: the statements alone.

mod floor;

use anyhow::Result;

use super::consumption::{Measured, MeasuredStack};
use super::figures::{Goal, Table, count};
use super::process_cpu::Group;
use super::process_memory::{self, StackMemory};
use local_demo::PlacementMode;
use local_process::logs::Logs;
use local_services::programs;
use local_tools::pgbouncer;

/// Enough for a 99th percentile that is not one of the two slowest orders.
const SEQUENTIAL_ORDERS: u32 = 200;
const BURST_ORDERS: u32 = 1_000;

pub(crate) async fn measure(runs: u32, logs: &Logs) -> Result<Table> {
    let mut table = Table::new("orders");
    for run in 1..=runs {
        logs.log_line(&format!("orders: run {run} of {runs}, the floor"));
        let floor = floor::measure(SEQUENTIAL_ORDERS, BURST_ORDERS).await?;
        let stack = MeasuredStack::start(logs).await?;
        logs.log_line(&format!("orders: run {run} of {runs}, one at a time"));
        let idle = stack
            .measure(SEQUENTIAL_ORDERS, PlacementMode::InProgress(1))
            .await?;
        // Opens the connections of the pool, and fills their caches; those of the floor have run orders before they are measured.
        logs.log_line(&format!(
            "orders: run {run} of {runs}, the first {BURST_ORDERS} at once"
        ));
        let first_burst = stack.measure(BURST_ORDERS, PlacementMode::Burst).await?;
        stack.analyze().await?;
        logs.log_line(&format!("orders: run {run} of {runs}, {BURST_ORDERS} at once"));
        let burst = stack.measure(BURST_ORDERS, PlacementMode::Burst).await?;
        let memory = process_memory::of_stack(&stack.stack);
        stack.stop().await;
        add_times(&mut table, &idle, &burst, &floor);
        add_first_burst(&mut table, &first_burst);
        add_cost(&mut table, "idle", &idle, SEQUENTIAL_ORDERS, 8.0);
        add_cost(&mut table, "burst", &burst, BURST_ORDERS, 4.5);
        add_memory(&mut table, &memory);
        let violations = [idle, first_burst, burst]
            .map(|measured| measured.report)
            .map(|report| report.lost + report.duplicate_payments + report.duplicate_assignments);
        table.add_with_goal(
            "lost or doubled",
            "",
            count(violations.iter().sum()),
            Goal::AtMost(0.0),
        );
    }
    Ok(table)
}

fn add_times(table: &mut Table, idle: &Measured, burst: &Measured, floor: &floor::Floor) {
    let report = &idle.report;
    let ms = |percentile: Option<f64>| percentile.unwrap_or(f64::NAN);
    for (name, percentiles) in [
        ("idle: placed → validated p50", report.placed_to_validated),
        ("idle: paid → approved p50", report.paid_to_approved),
        ("idle: approved → assigned p50", report.approved_to_assigned),
    ] {
        table.add(name, "ms", ms(percentiles.p50_ms));
    }
    let (p50, p99) = (
        ms(report.placed_to_assigned.p50_ms),
        ms(report.placed_to_assigned.p99_ms),
    );
    table.add_with_goal("idle: placed → assigned p50", "ms", p50, Goal::AtMost(9.0));
    table.add_with_goal("idle: placed → assigned p99", "ms", p99, Goal::AtMost(20.0));
    table.add("floor: an order p50", "ms", floor.idle_p50_ms);
    table.add("floor: an order p99", "ms", floor.idle_p99_ms);
    table.add_with_goal(
        "idle p50 ÷ floor",
        "×",
        p50 / floor.idle_p50_ms,
        Goal::AtMost(7.0),
    );
    table.add("burst of 1000: all assigned", "s", burst.report.seconds);
    table.add("burst of 1000: orders", "/s", burst.report.orders_per_second);
    table.add("floor: burst of 1000", "s", floor.burst_seconds);
    table.add_with_goal(
        "burst ÷ floor",
        "×",
        burst.report.seconds / floor.burst_seconds,
        Goal::AtMost(if statements_are_prepared() { 5.0 } else { 7.5 }),
    );
}

fn add_first_burst(table: &mut Table, burst: &Measured) {
    table.add(
        "first burst after the start: all assigned",
        "s",
        burst.report.seconds,
    );
    table.add(
        "first burst after the start: CPU per order, sum",
        "ms",
        burst.cpu.sum(|_| true) / f64::from(BURST_ORDERS),
    );
}

/// Whether the pool tracks prepared statements; without a pool, connections keep them.
fn statements_are_prepared() -> bool {
    programs::pgbouncer().map_or(true, |program| pgbouncer::tracks_statements(&program))
}

fn add_cost(table: &mut Table, what: &str, measured: &Measured, orders: u32, cpu_goal: f64) {
    let orders = f64::from(orders);
    for group in Group::ALL {
        let name = format!("{what}: CPU per order, {}", group.name());
        table.add(&name, "ms", measured.cpu.of(group) / orders);
    }
    table.add_with_goal(
        &format!("{what}: CPU per order, sum"),
        "ms",
        measured.cpu.sum(|_| true) / orders,
        Goal::AtMost(cpu_goal),
    );
    table.add_with_goal(
        &format!("{what}: WAL per order, page images included"),
        "KB",
        measured.wal_bytes / 1e3 / orders,
        Goal::AtMost(9.0),
    );
}

fn add_memory(table: &mut Table, memory: &StackMemory) {
    table.add_with_goal(
        "memory of all functions after the burst",
        "MB",
        memory.functions.resident_mb,
        Goal::AtMost(60.0),
    );
    table.add(
        "memory of all functions, shared pages divided",
        "MB",
        memory.functions.proportional_mb,
    );
    table.add(
        "memory of the engine after the burst",
        "MB",
        memory.engine.resident_mb,
    );
    table.add(
        "memory of the engine, shared pages divided",
        "MB",
        memory.engine.proportional_mb,
    );
}
