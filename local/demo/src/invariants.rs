//! Audit of a demo's orders: counts read from the database after the run.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio_postgres::SimpleQueryMessage;

use local_stack::setup::Metadata;

/// Counts over the orders of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OrderAudit {
    /// Existing orders.
    pub(crate) orders: u64,
    /// Orders with a driver.
    pub(crate) assigned: u64,
    /// Successful payments in excess of one per order.
    pub(crate) duplicate_payments: u64,
    /// Assignments in excess of one per order.
    pub(crate) duplicate_assignments: u64,
    /// Orders approved without being valid and paid.
    pub(crate) approved_too_early: u64,
    /// Orders assigned without approval or without an assignment.
    pub(crate) assigned_too_early: u64,
    /// Payments whose amount is not the order's total.
    pub(crate) wrong_amounts: u64,
}

impl OrderAudit {
    /// Reads the counts directly from Postgres.
    pub(crate) async fn from_postgres(url: &str, user: &str) -> Result<Self> {
        let database = local_services::postgres::connect(url)
            .await
            .context("cannot reach the database for the audit")?;
        let messages = database
            .simple_query(&sql(user)?)
            .await
            .context("cannot read the audit")?;
        let row = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let row = row.context("the audit query returned no row")?;
        Self::from_cells((0..row.len()).map(|n| row.get(n).unwrap_or_default()))
    }

    /// Reads the counts through the engine's `run_sql`, for databases that only the engine can reach.
    pub(crate) async fn from_engine(metadata: &Metadata, user: &str) -> Result<Self> {
        let command = json!({"type": "run_sql", "args": {"sql": sql(user)?, "read_only": true}});
        let answer = metadata
            .query(&command)
            .await
            .context("cannot read the audit with run_sql")?;
        let row = answer["result"][1]
            .as_array()
            .context("run_sql returned no row")?;
        Self::from_cells(row.iter().map(|cell| cell.as_str().unwrap_or_default()))
    }

    /// Human-readable descriptions of violated invariants.
    pub(crate) fn violations(&self) -> Vec<String> {
        [
            (self.duplicate_payments, "duplicate payments"),
            (self.duplicate_assignments, "duplicate assignments"),
            (
                self.approved_too_early,
                "orders approved before they were valid and paid",
            ),
            (
                self.assigned_too_early,
                "orders assigned before they were approved",
            ),
            (
                self.wrong_amounts,
                "payments with an amount other than the order's total",
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
    }

    fn from_cells<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Self> {
        let numbers: Vec<u64> = cells
            .map(|cell| cell.parse().with_context(|| format!("not a number: {cell:?}")))
            .collect::<Result<_>>()?;
        let [
            orders,
            assigned,
            duplicate_payments,
            duplicate_assignments,
            approved_too_early,
            assigned_too_early,
            wrong_amounts,
        ] = numbers[..]
        else {
            anyhow::bail!("the audit has {} columns", numbers.len());
        };
        Ok(Self {
            orders,
            assigned,
            duplicate_payments,
            duplicate_assignments,
            approved_too_early,
            assigned_too_early,
            wrong_amounts,
        })
    }
}

fn sql(user: &str) -> Result<String> {
    let harmless = user.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    ensure!(harmless, "invalid demo user {user:?}");
    Ok(include_str!("invariants.sql").replace("{user}", &format!("'{user}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_sql_results_are_parsed() {
        let answer =
            json!({"result_type": "TuplesOk", "result": [["orders"], ["5", "4", "1", "0", "0", "0", "2"]]});
        let row = answer["result"][1].as_array().unwrap();
        let audit = OrderAudit::from_cells(row.iter().map(|cell| cell.as_str().unwrap())).unwrap();
        assert_eq!((audit.orders, audit.assigned), (5, 4));
        assert_eq!(
            audit.violations(),
            [
                "1 duplicate payments",
                "2 payments with an amount other than the order's total"
            ]
        );
        assert!(OrderAudit::from_cells(["1", "x"].into_iter()).is_err());
        assert!(OrderAudit::from_cells(["1"].into_iter()).is_err());
    }

    #[test]
    fn user_names_cannot_inject_sql() {
        assert!(sql("demo-1f").unwrap().contains("user_id = 'demo-1f'"));
        assert!(sql("x' OR 'a'='a").is_err());
    }
}
