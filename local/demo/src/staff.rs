//! The other roles of a demo: the restaurant that rejects orders, and the operator that lets deadlines pass.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use tokio_postgres::Client;

use super::client::{Graphql, token_of};

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

/// Staff of the restaurant.
#[derive(Debug)]
pub(crate) struct Restaurant(Graphql);

impl Restaurant {
    /// With an admin secret its role is a header; otherwise it logs in at the functions.
    pub(crate) async fn log_in(
        engine: &str,
        functions: &str,
        admin_secret: Option<&str>,
        retry_timeout: Duration,
    ) -> Result<Self> {
        let http = local_process::http_client()?;
        let credentials = if let Some(secret) = admin_secret {
            ("x-hasura-admin-secret", secret.to_owned())
        } else {
            let login = format!("{}/login", functions.trim_end_matches('/'));
            let token = token_of(&http, &login, RESTAURANT_USER, retry_timeout)
                .await
                .context("the restaurant cannot log in; pass the admin secret with --admin-secret")?;
            ("authorization", format!("Bearer {token}"))
        };
        let headers = vec![
            credentials,
            ("x-hasura-role", "restaurant".to_owned()),
            ("x-hasura-restaurant-id", RESTAURANT.to_owned()),
        ];
        Ok(Self(Graphql::new(engine, headers, http, retry_timeout)))
    }

    /// Rejects a paid order.
    pub(crate) async fn reject(&self, order_id: &str) -> Result<()> {
        let body = json!({"operationName": "reject", "query": REJECT, "variables": {"id": order_id}});
        let (answer, repeated) = self.0.send(&body).await?;
        let rows = &answer["data"]["update_orders_to_approve"]["affected_rows"];
        // After a repeated request the first one may have rejected it.
        ensure!(
            *rows == 1 || (repeated && *rows == 0),
            "the restaurant cannot reject {order_id}: {answer}"
        );
        Ok(())
    }
}

/// Operator of a dedicated stack, for which deadlines pass when they are told to.
pub(crate) struct Operator {
    database: Client,
    expire_orders: String,
    webhook_secret: String,
    http: reqwest::Client,
    retry_timeout: Duration,
}

impl Operator {
    pub(crate) async fn connect(
        database_url: &str,
        functions: &str,
        webhook_secret: &str,
        retry_timeout: Duration,
    ) -> Result<Self> {
        Ok(Self {
            database: local_services::postgres::connect(database_url)
                .await
                .context("cannot reach the database to let deadlines pass")?,
            expire_orders: format!("{}/expire-orders", functions.trim_end_matches('/')),
            webhook_secret: webhook_secret.to_owned(),
            http: local_process::http_client()?,
            retry_timeout,
        })
    }

    /// Lets the deadlines of an order pass and calls expire-orders, as its cron trigger does each minute.
    pub(crate) async fn expire(&self, order_id: &str) -> Result<()> {
        let rows = self.database.execute(PASS_DEADLINES, &[&order_id]).await?;
        ensure!(rows == 1, "order {order_id} does not exist");
        let deadline = Instant::now() + self.retry_timeout;
        loop {
            let sent = self
                .http
                .post(&self.expire_orders)
                .header("x-webhook-secret", &self.webhook_secret)
                .json(&json!({"name": "expire-orders", "payload": {}}))
                .send()
                .await;
            let problem = match sent {
                Ok(response) if response.status().is_success() => return Ok(()),
                Ok(response) if response.status().is_client_error() => {
                    bail!("{} responded {}", self.expire_orders, response.status());
                }
                Ok(response) => format!("it responded {}", response.status()),
                Err(error) => format!("{:#}", anyhow::Error::from(error)),
            };
            if Instant::now() > deadline {
                bail!("{} failed repeatedly: {problem}", self.expire_orders);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
