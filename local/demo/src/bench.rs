//! Orders on a running stack, for benchmarks. Running them and reading the audit are separate steps, so that a measurement
//! around the first does not contain the second.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use crate::invariants::OrderAudit;
use crate::options;
use crate::plan::Ending;
use crate::report::Report;
use crate::run::{Outcome, PlacementMode};
use crate::target::{Target, drive};
use local_process::logs::{LogLevel, Logs};
use local_stack::{ConcurrencyArgs, Stack};

/// Starts a dedicated stack: durable, with an ephemeral database and free ports.
pub async fn start_stack(logs: &Logs) -> Result<Stack> {
    Stack::start(options(ConcurrencyArgs::from_env(), LogLevel::Error, logs)?).await
}

/// Orders that were placed and followed to their end, before the audit.
#[derive(Debug)]
pub struct CompletedOrders {
    users: Vec<String>,
    orders: usize,
    outcome: Outcome,
}

impl CompletedOrders {
    /// Runs this number of orders of one customer.
    pub async fn run(stack: &Stack, orders: u32, mode: PlacementMode) -> Result<Self> {
        Self::run_all(stack, &[(orders, mode)]).await
    }

    /// Runs the orders of several customers concurrently, each with a socket of its own: `orders` in total, of which one is due in
    /// each `period`.
    pub async fn run_at_rate(stack: &Stack, orders: u32, period: Duration, customers: u32) -> Result<Self> {
        let runs: Vec<_> = (0..customers)
            .map(|customer| {
                // The customers take turns.
                let mode = PlacementMode::Every {
                    period: period * customers,
                    delay: period * customer,
                };
                (share(orders, customer, customers), mode)
            })
            .collect();
        Self::run_all(stack, &runs).await
    }

    async fn run_all(stack: &Stack, runs: &[(u32, PlacementMode)]) -> Result<Self> {
        let database_url = stack.engine().database_url();
        let target = Target::of(stack.addresses(), database_url, stack.engine().webhook_secret());
        let orders: usize = runs.iter().map(|(orders, _)| *orders as usize).sum();
        let runs = runs
            .iter()
            .map(|(orders, mode)| drive(assigned(*orders), *mode, None, &target, |_| {}));
        let mut users = Vec::new();
        let mut all = Outcome::default();
        for (user, outcome) in try_join_all(runs).await? {
            users.push(user);
            all.times.extend(outcome.times);
            all.took = all.took.max(outcome.took);
            all.assigned += outcome.assigned;
            all.closed += outcome.closed;
            all.problems.extend(outcome.problems);
        }
        Ok(Self {
            users,
            orders,
            outcome: all,
        })
    }

    /// Reads the audit. Returns the report and descriptions of the problems, which may be the consequence of an overload.
    pub async fn audit(self, stack: &Stack) -> Result<(Report, Vec<String>)> {
        let mut audit = OrderAudit::default();
        for user in &self.users {
            // The audit uses the engine's role: see `Target::of`.
            audit = audit.plus(&OrderAudit::from_postgres(stack.engine().database_url(), user).await?);
        }
        let mut problems = self.outcome.problems.clone();
        problems.extend(audit.violations());
        let report = Report::new(self.orders, &self.outcome, &audit);
        Ok((report, problems))
    }

    /// [`Self::audit`] that returns an error if there was a problem.
    pub async fn report(self, stack: &Stack) -> Result<Report> {
        let (report, problems) = self.audit(stack).await?;
        ensure!(problems.is_empty(), "{}", problems.join("; "));
        Ok(report)
    }
}

/// Plan of orders that all end with a driver.
fn assigned(orders: u32) -> Vec<Ending> {
    (0..orders).map(|_| Ending::Assigned).collect()
}

/// Number of orders of one of the customers; the first ones get the remainder.
fn share(orders: u32, customer: u32, customers: u32) -> u32 {
    orders / customers + u32::from(customer < orders % customers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_order_belongs_to_one_customer() {
        for (orders, customers) in [(100, 8), (7, 8), (8, 8), (1, 1)] {
            let shares: Vec<_> = (0..customers)
                .map(|customer| share(orders, customer, customers))
                .collect();
            assert_eq!(shares.iter().sum::<u32>(), orders);
            assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1);
        }
    }
}
