//! The other roles of a demo: the restaurant that rejects orders, and the operator that lets deadlines pass.

use anyhow::{Context as _, Result, ensure};
use local_client::{Client, Failure};
use serde_json::json;

use super::client::{Retries, Session, credentials, log_in};

/// User of the restaurant whose orders are rejected, see `demo-accounts.sql`.
const RESTAURANT_USER: &str = "restaurant-2";
/// Its id.
const RESTAURANT: &str = "2";

const REJECT: &str = "mutation reject($id: String!) {
  update_orders_to_approve(
    where: {order_id: {_eq: $id}}, _set: {rejected: true, close_reason: \"The kitchen is too busy.\"}
  ) { affected_rows }
}";

/// Makes each deadline of an open order pass.
const PASS_DEADLINES: &str =
    "UPDATE orders SET pay_by = now(), answer_by = now(), assign_by = now() WHERE order_id = $1";

const CLOSED: &str = "SELECT closed FROM orders WHERE order_id = $1";

/// Staff of the restaurant.
#[derive(Debug)]
pub(crate) struct Restaurant(Session);

impl Restaurant {
    /// With an admin secret its role is a header; otherwise it logs in at the functions.
    pub(crate) async fn log_in(client: Client, admin_secret: Option<&str>, retries: Retries) -> Result<Self> {
        let token = if admin_secret.is_some() {
            String::new()
        } else {
            log_in(&client, RESTAURANT_USER, retries)
                .await
                .context("the restaurant cannot log in; pass the admin secret with --admin-secret")?
        };
        let headers = vec![
            credentials(admin_secret, &token),
            ("x-hasura-role", "restaurant".to_owned()),
            ("x-hasura-restaurant-id", RESTAURANT.to_owned()),
        ];
        Ok(Self(Session::new(client, headers, retries)))
    }

    /// Rejects a paid order.
    pub(crate) async fn reject(&self, order_id: &str) -> Result<()> {
        let (answer, repeated) = self.0.send(REJECT, &json!({"id": order_id})).await?;
        let rows = answer
            .as_ref()
            .map(|data| &data["update_orders_to_approve"]["affected_rows"]);
        // After a repeated request the first one may have rejected it.
        ensure!(
            rows.is_ok_and(|rows| *rows == 1 || (repeated && *rows == 0)),
            "the restaurant cannot reject {order_id}: {answer:?}"
        );
        Ok(())
    }
}

/// Operator of a dedicated stack, for which deadlines pass when they are told to.
pub(crate) struct Operator {
    database: tokio_postgres::Client,
    expire_orders: String,
    webhook_secret: String,
    http: reqwest::Client,
    retries: Retries,
}

impl Operator {
    pub(crate) async fn connect(
        database_url: &str,
        functions: &str,
        webhook_secret: &str,
        retries: Retries,
    ) -> Result<Self> {
        Ok(Self {
            database: local_services::postgres::connect(database_url)
                .await
                .context("cannot reach the database to let deadlines pass")?,
            expire_orders: format!("{}/expire-orders", functions.trim_end_matches('/')),
            webhook_secret: webhook_secret.to_owned(),
            http: local_process::http_client()?,
            retries,
        })
    }

    /// Lets the deadlines of an order pass and calls expire-orders, as its cron trigger does each minute, until it has closed the order. A
    /// call skips an order that another one has locked, and that one may be killed.
    pub(crate) async fn expire(&self, order_id: &str) -> Result<()> {
        let rows = self.database.execute(PASS_DEADLINES, &[&order_id]).await?;
        ensure!(rows == 1, "order {order_id} does not exist");
        let (answer, _) = self
            .retries
            .until_answered(|| self.close_overdue(order_id))
            .await
            .context("expire-orders")?;
        Ok(answer?)
    }

    async fn close_overdue(&self, order_id: &str) -> Result<(), Failure> {
        let sent = self
            .http
            .post(&self.expire_orders)
            .header("x-webhook-secret", &self.webhook_secret)
            .json(&json!({"name": "expire-orders", "payload": {}}));
        local_client::call(&self.expire_orders, sent).await?;
        let row = self.database.query_one(CLOSED, &[&order_id]).await;
        if row.map_err(Failure::unavailable)?.get(0) {
            Ok(())
        } else {
            Err(Failure::unavailable(format!("order {order_id} is not expired")))
        }
    }
}
