//! The audit: what the database says about a demo's orders.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio_postgres::SimpleQueryMessage;

use local_stack::setup::Metadata;

/// What the database says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OrderAudit {
    /// Orders that are there.
    pub(crate) orders: u64,
    /// Orders with a driver.
    pub(crate) assigned: u64,
    /// Succeeded payments beyond an order's first.
    pub(crate) duplicate_payments: u64,
    /// Assignments beyond an order's first.
    pub(crate) duplicate_assignments: u64,
    /// Orders approved without being valid and paid.
    pub(crate) approved_too_early: u64,
    /// Orders assigned without approval or without an assignment.
    pub(crate) assigned_too_early: u64,
    /// Payments of another amount than the order's total.
    pub(crate) wrong_amounts: u64,
}

impl OrderAudit {
    /// Asks Postgres itself.
    ///
    /// # Errors
    /// When it does not answer.
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
        let row = row.context("the audit are empty")?;
        Self::from_cells((0..row.len()).map(|n| row.get(n).unwrap_or_default()))
    }

    /// Asks by the engine's `run_sql`, for a stack whose database is not ours to reach.
    ///
    /// # Errors
    /// When the engine does not answer or does not let us.
    pub(crate) async fn from_engine(metadata: &Metadata, user: &str) -> Result<Self> {
        let command = json!({"type": "run_sql", "args": {"sql": sql(user)?, "read_only": true}});
        let answer = metadata
            .query(&command)
            .await
            .context("cannot read the audit by run_sql")?;
        let row = answer["result"][1]
            .as_array()
            .context("run_sql answered no row")?;
        Self::from_cells(row.iter().map(|cell| cell.as_str().unwrap_or_default()))
    }

    /// What is broken, in words; empty when everything holds.
    pub(crate) fn broken(&self) -> Vec<String> {
        [
            (self.duplicate_payments, "payments succeeded twice"),
            (self.duplicate_assignments, "orders were assigned twice"),
            (
                self.approved_too_early,
                "orders were approved before they were valid and paid",
            ),
            (
                self.assigned_too_early,
                "orders were assigned before they were approved",
            ),
            (
                self.wrong_amounts,
                "payments have another amount than the order's total",
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
            anyhow::bail!("the audit have {} columns", numbers.len());
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
    ensure!(harmless, "{user:?} is no user of a demo");
    Ok(include_str!("invariants.sql").replace("{user}", &format!("'{user}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_run_sql_answers() {
        let answer =
            json!({"result_type": "TuplesOk", "result": [["orders"], ["5", "4", "1", "0", "0", "0", "2"]]});
        let row = answer["result"][1].as_array().unwrap();
        let audit = OrderAudit::from_cells(row.iter().map(|cell| cell.as_str().unwrap())).unwrap();
        assert_eq!((audit.orders, audit.assigned), (5, 4));
        assert_eq!(
            audit.broken(),
            [
                "1 payments succeeded twice",
                "2 payments have another amount than the order's total"
            ]
        );
        assert!(OrderAudit::from_cells(["1", "x"].into_iter()).is_err());
        assert!(OrderAudit::from_cells(["1"].into_iter()).is_err());
    }

    #[test]
    fn a_user_is_never_sql() {
        assert!(sql("demo-1f").unwrap().contains("user_id = 'demo-1f'"));
        assert!(sql("x' OR 'a'='a").is_err());
    }
}
