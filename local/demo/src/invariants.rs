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
    /// Orders that were cancelled.
    pub(crate) cancelled: u64,
    /// Orders that were rejected.
    pub(crate) rejected: u64,
    /// Orders that expired.
    pub(crate) expired: u64,
    /// Payments that were returned.
    pub(crate) refunded: u64,
    /// Payments of closed orders that are open or not returned yet.
    pub(crate) unreturned: u64,
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
    /// Refunds of the gateway in excess of one per charge.
    pub(crate) duplicate_refunds: u64,
    /// Difference between the money that the gateway has kept and the totals of the paid orders that are not closed.
    pub(crate) unbalanced: u64,
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
            (self.unreturned, "payments of closed orders that are not returned"),
            (self.duplicate_refunds, "duplicate refunds"),
            (
                self.unbalanced,
                "units of money between the gateway's ledger and the orders",
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
    }

    /// Sum of the counts of several users.
    pub(crate) fn plus(self, other: &Self) -> Self {
        Self {
            orders: self.orders + other.orders,
            assigned: self.assigned + other.assigned,
            cancelled: self.cancelled + other.cancelled,
            rejected: self.rejected + other.rejected,
            expired: self.expired + other.expired,
            refunded: self.refunded + other.refunded,
            unreturned: self.unreturned + other.unreturned,
            duplicate_payments: self.duplicate_payments + other.duplicate_payments,
            duplicate_assignments: self.duplicate_assignments + other.duplicate_assignments,
            approved_too_early: self.approved_too_early + other.approved_too_early,
            assigned_too_early: self.assigned_too_early + other.assigned_too_early,
            wrong_amounts: self.wrong_amounts + other.wrong_amounts,
            duplicate_refunds: self.duplicate_refunds + other.duplicate_refunds,
            unbalanced: self.unbalanced + other.unbalanced,
        }
    }

    fn from_cells<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Self> {
        let numbers: Vec<u64> = cells
            .map(|cell| cell.parse().with_context(|| format!("not a number: {cell:?}")))
            .collect::<Result<_>>()?;
        let [
            orders,
            assigned,
            cancelled,
            rejected,
            expired,
            refunded,
            unreturned,
            duplicate_payments,
            duplicate_assignments,
            approved_too_early,
            assigned_too_early,
            wrong_amounts,
            duplicate_refunds,
            unbalanced,
        ] = numbers[..]
        else {
            anyhow::bail!("the audit has {} columns", numbers.len());
        };
        Ok(Self {
            orders,
            assigned,
            cancelled,
            rejected,
            expired,
            refunded,
            unreturned,
            duplicate_payments,
            duplicate_assignments,
            approved_too_early,
            assigned_too_early,
            wrong_amounts,
            duplicate_refunds,
            unbalanced,
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
        let answer = json!({"result_type": "TuplesOk", "result": [["orders"], ["6", "4", "1", "0", "1", "0", "0", "1", "0", "0", "0", "2", "0", "500"]]});
        let row = answer["result"][1].as_array().unwrap();
        let audit = OrderAudit::from_cells(row.iter().map(|cell| cell.as_str().unwrap())).unwrap();
        assert_eq!((audit.orders, audit.assigned, audit.cancelled), (6, 4, 1));
        assert_eq!(
            audit.violations(),
            [
                "1 duplicate payments",
                "2 payments with an amount other than the order's total",
                "500 units of money between the gateway's ledger and the orders"
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
