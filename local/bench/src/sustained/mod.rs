//! The highest sustained rate of orders: an open load of several customers, whose orders arrive at a fixed rate, independent of
//! earlier ones. A rate is sustained if the customer sees 99 % of the orders assigned within a second after they were due, and
//! none is lost or doubled. Each rate has a stack of its own.

mod search;

use std::time::Duration;

use anyhow::Result;

use self::search::RateSearch;
use super::consumption::MeasuredStack;
use super::figures::{Goal, Table, count};
use local_demo::{CompletedOrders, Report};
use local_process::logs::Logs;

/// Duration of the arrivals of one rate, in seconds. A lower limit of the backlog that an overloaded stack accumulates.
const SECONDS: u32 = 15;
/// Each with a socket, and a queue of payments.
const CUSTOMERS: u32 = 64;
const MAX_P99_MS: f64 = 1_000.0;
const GOAL: Goal = Goal::AtLeast(450.0);

/// Result of one rate.
struct Attempt {
    report: Report,
    problems: Vec<String>,
}

pub(crate) async fn measure(rate: Option<u32>, runs: u32, logs: &Logs) -> Result<Table> {
    let mut table = Table::new("sustained");
    for run in 1..=runs {
        let log = |rate: u32| logs.log_line(&format!("sustained: run {run} of {runs}, {rate} orders/s"));
        if let Some(rate) = rate {
            log(rate);
            let attempt = attempt(rate, logs).await?;
            table.add("rate of arrivals", "/s", rate.into());
            add_times(&mut table, Some(&attempt));
            add_lost(&mut table, attempt.lost_or_doubled());
        } else {
            let mut search = RateSearch::default();
            let (mut best, mut lost) = (None, 0);
            while let Some(rate) = search.next() {
                log(rate);
                let attempt = attempt(rate, logs).await?;
                lost += attempt.lost_or_doubled();
                let sustained = attempt.is_sustained();
                search.record(rate, sustained);
                if sustained {
                    best = Some(attempt);
                }
            }
            let highest = search.highest().map_or(f64::NAN, f64::from);
            table.add_with_goal("highest rate with p99 < 1 s", "/s", highest, GOAL);
            add_times(&mut table, best.as_ref());
            add_lost(&mut table, lost);
        }
    }
    Ok(table)
}

async fn attempt(rate: u32, logs: &Logs) -> Result<Attempt> {
    let stack = MeasuredStack::start(logs).await?;
    let period = Duration::from_secs(1) / rate;
    let orders = CompletedOrders::run_at_rate(&stack.stack, rate * SECONDS, period, CUSTOMERS).await?;
    let (report, problems) = orders.audit(&stack.stack).await?;
    stack.stop().await;
    let attempt = Attempt { report, problems };
    logs.log_line(&format!("{rate} orders/s: {}", attempt.description()));
    Ok(attempt)
}

impl Attempt {
    fn is_sustained(&self) -> bool {
        let p99 = self.report.sent_to_assigned.p99_ms;
        p99.is_some_and(|ms| ms < MAX_P99_MS) && self.lost_or_doubled() == 0 && self.problems.is_empty()
    }

    fn lost_or_doubled(&self) -> u64 {
        self.report.lost + self.report.duplicate_payments + self.report.duplicate_assignments
    }

    /// Log line with the first problem, which explains orders that are not complete.
    fn description(&self) -> String {
        let result = if self.is_sustained() {
            "sustained"
        } else {
            "not sustained"
        };
        let p99 = self.report.sent_to_assigned.p99_ms.unwrap_or(f64::NAN);
        let problem = self.problems.first();
        let problem = problem.map_or_else(String::new, |problem| format!("; {problem}"));
        format!("{result}, p99 {p99:.0} ms, {} lost{problem}", self.report.lost)
    }
}

fn add_times(table: &mut Table, attempt: Option<&Attempt>) {
    let due = attempt.map(|attempt| attempt.report.sent_to_assigned);
    let placed = attempt.map(|attempt| attempt.report.placed_to_assigned);
    let ms = |value: Option<Option<f64>>| value.flatten().unwrap_or(f64::NAN);
    table.add("due → assigned p50", "ms", ms(due.map(|times| times.p50_ms)));
    table.add_with_goal(
        "due → assigned p99",
        "ms",
        ms(due.map(|times| times.p99_ms)),
        Goal::AtMost(MAX_P99_MS),
    );
    table.add(
        "placed → assigned p50",
        "ms",
        ms(placed.map(|times| times.p50_ms)),
    );
    table.add(
        "placed → assigned p99",
        "ms",
        ms(placed.map(|times| times.p99_ms)),
    );
}

fn add_lost(table: &mut Table, orders: u64) {
    table.add_with_goal("lost or doubled", "", count(orders), Goal::AtMost(0.0));
}
