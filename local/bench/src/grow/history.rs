//! Stored orders: copies of a delivered order that has passed through the stack, with its items, payment, charge, assignment,
//! history, events and invocation logs. So each stored order has the rows, and rows of the size, that a real one has left.

use anyhow::{Context as _, Result};
use tokio_postgres::Client;

const PREPARE: &str = include_str!("prepare.sql");

/// Orders per transaction.
const BATCH: u32 = 20_000;
/// Tables with rows of an order.
const TABLES: &str = "orders, items, payments, simulated_gateway_charges, assignment, order_history, \
                      hdb_catalog.event_log, hdb_catalog.event_invocation_logs";

/// Number of stored orders, and the order that they are copies of.
#[derive(Debug)]
pub(super) struct History {
    template: String,
    stored: u32,
}

impl History {
    /// Delivers the newest order, of which all events are settled, and prepares the session for copies of it.
    pub(super) async fn prepare(database: &Client) -> Result<Self> {
        let sql = "SELECT order_id FROM orders WHERE driver_assigned ORDER BY created DESC LIMIT 1";
        let template: String = database
            .query_one(sql, &[])
            .await
            .context("there is no order to copy")?
            .try_get(0)?;
        for flag in ["food_picked", "delivered"] {
            let sql = format!("UPDATE orders SET {flag} = true WHERE order_id = $1");
            database.execute(&sql, &[&template]).await?;
        }
        database
            .batch_execute(PREPARE)
            .await
            .context("cannot prepare the copies of an order")?;
        Ok(Self { template, stored: 0 })
    }

    /// Stores further orders up to this number; then vacuums and takes a checkpoint, so that no background work of the copies is
    /// measured. `progress` receives the number of stored orders.
    pub(super) async fn extend(
        &mut self,
        database: &Client,
        orders: u32,
        progress: impl Fn(u32),
    ) -> Result<()> {
        while self.stored < orders {
            let next = (self.stored + BATCH).min(orders);
            let (first, last) = (i64::from(self.stored) + 1, i64::from(next));
            database
                .execute(
                    "SELECT pg_temp.store_orders($1, $2, $3)",
                    &[&self.template, &first, &last],
                )
                .await
                .context("cannot store orders")?;
            self.stored = next;
            progress(next);
        }
        // Separately: several statements in one message are a transaction, in which VACUUM is not allowed.
        for statement in [&format!("VACUUM (ANALYZE) {TABLES}"), "CHECKPOINT"] {
            database.batch_execute(statement).await.context("cannot vacuum")?;
        }
        Ok(())
    }
}
