//! A whole local stack and the actions of its customers and staff.

use local_stack::{Access, Options, Stack};
use serde_json::{Value, json};
use testkit::{Socket, eventually};
use tokio_postgres::Client;

use crate::{calls::payment, invariants};

/// Mutation with which the apps of the Node.js example place an order, including the `__typename` that their client adds.
pub const PLACE: &str = "mutation ($uuid: String!, $items: [items_insert_input!]!, $user_id: String!) {
  insert_orders(objects: {order_id: $uuid, user_id: $user_id, address: \"my-address\", restaurant_id: 1}) {
    returning { order_id __typename } __typename
  }
  insert_items(objects: $items) { returning { id __typename } __typename }
}";

/// A running stack.
pub struct TestStack {
    /// All services of the stack.
    pub services: Stack,
    /// Direct connection to Postgres.
    pub database: Client,
    admin_secret: Option<String>,
    http: reqwest::Client,
}

impl TestStack {
    /// Starts a stack that identifies its callers, as `cargo xtask dev` does.
    pub async fn secured() -> Self {
        let options = Options {
            access: Access::Secured,
            ..Options::for_tests().expect("the binaries are built")
        };
        Self::open_with(options).await
    }

    /// Starts a stack with the options for tests.
    pub async fn open() -> Self {
        Self::open_with(Options::for_tests().expect("the binaries are built")).await
    }

    /// Starts a stack with these options.
    pub async fn open_with(options: Options) -> Self {
        let services = Stack::start(options).await.expect("all services start");
        let database = local_services::postgres::connect(&services.addresses().postgres)
            .await
            .expect("Postgres");
        let admin_secret = services.addresses().admin_secret().expect("the admin secret");
        Self {
            services,
            database,
            admin_secret,
            http: local_process::http_client().expect("an HTTP client"),
        }
    }

    /// Checks the invariants and stops all services.
    pub async fn close(self) {
        let broken = invariants::broken(&self.database).await;
        self.services.stop().await;
        assert_eq!(broken, [""; 0]);
    }

    /// Restarts Postgres, and connects [`Self::database`] again.
    pub async fn restart_postgres(&mut self) {
        self.services
            .postgres_mut()
            .expect("the stack has its own Postgres")
            .restart()
            .await
            .expect("Postgres starts again");
        self.connect_again().await;
    }

    /// Reconnects to Postgres after a restart.
    pub async fn connect_again(&mut self) {
        let url = self.services.addresses().postgres.clone();
        self.database = eventually("Postgres accepts connections again", async || {
            local_services::postgres::connect(&url).await.ok()
        })
        .await;
    }

    /// Runs a GraphQL operation as admin; returns the status and the body.
    pub async fn graphql(&self, path: &str, query: &str, variables: Value) -> (u16, Value) {
        let secret = self.admin_secret.as_deref();
        let headers: Vec<_> = secret
            .into_iter()
            .map(|secret| ("x-hasura-admin-secret", secret))
            .collect();
        self.graphql_with(&headers, path, query, variables).await
    }

    /// Runs a GraphQL operation with a token; returns the body.
    pub async fn graphql_as(&self, token: &str, query: &str, variables: Value) -> Value {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        self.graphql_with(&headers, "/v1/graphql", query, variables)
            .await
            .1
    }

    /// Runs a GraphQL operation with these headers; returns the status and the body.
    pub async fn graphql_with(
        &self,
        headers: &[(&str, &str)],
        path: &str,
        query: &str,
        variables: Value,
    ) -> (u16, Value) {
        let body = json!({"operationName": null, "query": query, "variables": variables});
        self.post_with(headers, path, &body).await
    }

    /// Posts to the engine with these headers; returns the status and the body.
    pub async fn post_with(&self, headers: &[(&str, &str)], path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.services.addresses().engine);
        let mut request = self.http.post(url).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("the engine answers");
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    /// Places an order as the app of the Node.js example does; `items` are names of the menu.
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

    /// Logs a user in; returns the token.
    pub async fn log_in(&self, username: &str) -> String {
        let (status, body) = self.call("/login", &json!({"username": username})).await;
        assert_eq!(status, 200, "{body}");
        body["token"].as_str().expect("a token").to_owned()
    }

    /// Pays an order with a token; returns the status and the body.
    pub async fn pay_as(&self, token: &str, order_id: &str, amount: i64, card: &str) -> (u16, Value) {
        let url = format!("{}/payment", self.services.addresses().functions);
        let request = self
            .http
            .post(url)
            .bearer_auth(token)
            .json(&payment(order_id, amount, card));
        let response = request.send().await.expect("the gateway answers");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    /// Pays an order; returns the status and the body.
    pub async fn pay(&self, order_id: &str, amount: i64, card: &str) -> (u16, Value) {
        self.call("/payment", &payment(order_id, amount, card)).await
    }

    /// Pays an order; retries transient errors, as the app does.
    pub async fn pay_until_paid(&self, order_id: &str, amount: i64) {
        eventually("the payment succeeds", async || {
            match self.pay(order_id, amount, "1234 1234 1234 1234").await.0 {
                200 => Some(()),
                409 | 429 | 500..=599 => None,
                other => panic!("unexpected payment status {other}"),
            }
        })
        .await;
    }

    /// Posts to the functions' gateway.
    pub async fn call(&self, path: &str, body: &Value) -> (u16, Value) {
        self.post(&format!("{}{path}", self.services.addresses().functions), body)
            .await
    }

    /// Opens a WebSocket with the protocol and path of the Node.js example's apps.
    pub async fn socket(&self) -> Socket {
        Socket::subscriptions_transport_ws(&self.services.addresses().engine, "/v1alpha1/graphql").await
    }

    /// Waits until an order has this status.
    pub async fn until(&self, order_id: &str, status: &str) {
        let sql = "SELECT status FROM orders WHERE order_id = $1";
        eventually(&format!("{order_id} is {status}"), async || {
            let row = self.database.query_opt(sql, &[&order_id]).await.ok()??;
            (row.get::<_, &str>(0) == status).then_some(())
        })
        .await;
    }

    /// Waits until this number of orders have this status.
    pub async fn until_all(&self, count: i64, status: &str) {
        let sql = "SELECT count(*) FROM orders WHERE status = $1";
        eventually(&format!("{count} orders are {status}"), async || {
            let row = self.database.query_one(sql, &[&status]).await.ok()?;
            (row.get::<_, i64>(0) == count).then_some(())
        })
        .await;
    }

    async fn post(&self, url: &str, body: &Value) -> (u16, Value) {
        // No response is possible: fault tests kill services.
        let Ok(response) = self.http.post(url).json(body).send().await else {
            return (502, Value::Null);
        };
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }
}
