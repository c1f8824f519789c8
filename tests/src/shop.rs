//! A whole stack of a test's own, and what customers and people of the shop do with it.

use std::time::{Duration, Instant};

use local_stack::{Options, Stack};
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::{calls::payment, invariants, socket::Socket};

/// What the reference's apps send to place one order; `__typename` stands where their client puts it.
pub const PLACE: &str = "mutation ($uuid: String!, $items: [items_insert_input!]!, $user_id: String!) {
  insert_orders(objects: {order_id: $uuid, user_id: $user_id, address: \"my-address\", restaurant_id: 1}) {
    returning { order_id __typename } __typename
  }
  insert_items(objects: $items) { returning { id __typename } __typename }
}";

/// How long an order may take to its next place, with room for a fault in between.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running stack.
pub struct Shop {
    /// The parts.
    pub stack: Stack,
    /// Direct to Postgres.
    pub database: Client,
    http: reqwest::Client,
}

impl Shop {
    /// A stack with the tests' own options.
    pub async fn open() -> Self {
        Self::open_with(Options::for_tests().expect("the binaries")).await
    }

    /// A stack with these options.
    pub async fn open_with(options: Options) -> Self {
        let stack = Stack::start(options).await.expect("the stack starts");
        let database = local_services::postgres::connect(&stack.addresses().postgres)
            .await
            .expect("Postgres");
        Self {
            stack,
            database,
            http: local_process::http_client().expect("an HTTP client"),
        }
    }

    /// Ends everything, after a last look at the invariants.
    pub async fn close(self) {
        let broken = invariants::broken(&self.database).await;
        self.stack.stop().await;
        assert_eq!(broken, [""; 0]);
    }

    /// Connects to Postgres again, after it was restarted.
    pub async fn connect_again(&mut self) {
        let url = self.stack.addresses().postgres.clone();
        self.database = eventually("Postgres is back", async || {
            local_services::postgres::connect(&url).await.ok()
        })
        .await;
    }

    /// A GraphQL operation; the status and the whole answer.
    pub async fn graphql(&self, path: &str, query: &str, variables: Value) -> (u16, Value) {
        let body = json!({"operationName": null, "query": query, "variables": variables});
        self.post(&format!("{}{path}", self.stack.addresses().engine), &body)
            .await
    }

    /// Places an order as the reference's app does; its items by name.
    pub async fn place(&self, order_id: &str, items: &[&str]) {
        let items: Vec<Value> = items
            .iter()
            .map(|item| json!({"order_id": order_id, "item": item}))
            .collect();
        let variables = json!({"uuid": order_id, "items": items, "user_id": "tester"});
        let (_, answer) = self.graphql("/v1alpha1/graphql", PLACE, variables).await;
        assert_eq!(
            answer["data"]["insert_orders"]["returning"][0]["order_id"], order_id,
            "{answer}"
        );
    }

    /// Pays; status and answer.
    pub async fn pay(&self, order_id: &str, amount: i64, card: &str) -> (u16, Value) {
        self.call("/payment", &payment(order_id, amount, card)).await
    }

    /// Pays, again and again while the trouble is one that passes, as an app would.
    pub async fn pay_until_paid(&self, order_id: &str, amount: i64) {
        eventually("the payment", async || {
            match self.pay(order_id, amount, "1234 1234 1234 1234").await.0 {
                200 => Some(()),
                409 | 429 | 500..=599 => None,
                other => panic!("payment answered {other}"),
            }
        })
        .await;
    }

    /// A call through the gateway.
    pub async fn call(&self, path: &str, body: &Value) -> (u16, Value) {
        self.post(&format!("{}{path}", self.stack.addresses().functions), body)
            .await
    }

    /// A socket of the older protocol on the older path, as the reference's apps open it.
    pub async fn socket(&self) -> Socket {
        Socket::open(&self.stack.addresses().engine, "/v1alpha1/graphql").await
    }

    /// Waits until the order has that status.
    pub async fn until(&self, order_id: &str, status: &str) {
        let sql = "SELECT status FROM orders WHERE order_id = $1";
        eventually(&format!("{order_id} is {status}"), async || {
            let row = self.database.query_opt(sql, &[&order_id]).await.ok()??;
            (row.get::<_, &str>(0) == status).then_some(())
        })
        .await;
    }

    /// Waits until that many orders have that status.
    pub async fn until_all(&self, count: i64, status: &str) {
        let sql = "SELECT count(*) FROM orders WHERE status = $1";
        eventually(&format!("{count} orders are {status}"), async || {
            let row = self.database.query_one(sql, &[&status]).await.ok()?;
            (row.get::<_, i64>(0) == count).then_some(())
        })
        .await;
    }

    async fn post(&self, url: &str, body: &Value) -> (u16, Value) {
        // No answer is an answer too: the part was killed at this moment.
        let Ok(response) = self.http.post(url).json(body).send().await else {
            return (502, Value::Null);
        };
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }
}

/// Waits until there is a value; fails after a minute.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, look).await
}

/// The same with another patience.
pub async fn eventually_within<T>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = look().await {
            return value;
        }
        assert!(began.elapsed() < patience, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
