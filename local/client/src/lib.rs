//! Client of the public interfaces of a stack, for the orders of `demo` and for simulated people: login by name, GraphQL and payments
//! over HTTP. It tells failures that a repetition may solve ([`Failure::Unavailable`]) from those that it does not ([`Refused`]); the
//! caller repeats, with the delays of a [`BackOff`].

mod back_off;
mod failure;
mod response;

use std::time::Duration;

use anyhow::Result;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

pub use self::back_off::BackOff;
pub use self::failure::{Failure, Refused};

/// Places orders with their items in one transaction.
pub const PLACE: &str = "mutation place($orders: [orders_insert_input!]!, $items: [items_insert_input!]!) {
  insert_orders(objects: $orders) { affected_rows }
  insert_items(objects: $items) { affected_rows }
}";

/// A card that the simulated payment gateway accepts.
pub const CARD: &str = "1234 1234 1234 1234";

/// Headers of a session.
pub type Headers = [(&'static str, String)];

/// Public interfaces of a stack.
#[derive(Debug, Clone)]
pub struct Client {
    graphql: String,
    login: String,
    payment: String,
    http: reqwest::Client,
    timeout: Option<Duration>,
}

/// A payment by card.
#[derive(Debug, Clone, Copy)]
pub struct Payment<'a> {
    pub order_id: &'a str,
    pub amount: i64,
    pub name: &'a str,
    pub card: &'a str,
}

impl Client {
    /// `engine` and `functions` are base URLs. A request without a response fails after `timeout`; without one it waits.
    pub fn new(engine: &str, functions: &str, timeout: Option<Duration>) -> Result<Self> {
        let functions = functions.trim_end_matches('/');
        Ok(Self {
            graphql: format!("{}/v1/graphql", engine.trim_end_matches('/')),
            login: format!("{functions}/login"),
            payment: format!("{functions}/payment"),
            http: local_process::http_client()?,
            timeout,
        })
    }

    /// Uses another address for the login than `/login` below the functions.
    #[must_use]
    pub fn with_login(self, login: &str) -> Self {
        Self {
            login: login.to_owned(),
            ..self
        }
    }

    fn post(&self, url: &str) -> RequestBuilder {
        let request = self.http.post(url);
        match self.timeout {
            Some(timeout) => request.timeout(timeout),
            None => request,
        }
    }

    /// The GraphQL endpoint.
    pub fn graphql_url(&self) -> &str {
        &self.graphql
    }

    /// Logs a user in by name; returns the token.
    pub async fn log_in(&self, user: &str) -> Result<String, Failure> {
        let request = self.post(&self.login).json(&json!({"username": user}));
        let answer = response::of_function(&self.login, request).await?;
        match answer["token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None => Err(Failure::unavailable(format!(
                "{} responded without a token",
                self.login
            ))),
        }
    }

    /// Runs an operation once; returns `data`.
    pub async fn graphql(&self, headers: &Headers, query: &str, variables: &Value) -> Result<Value, Failure> {
        let request = self.post(&self.graphql);
        let request = headers
            .iter()
            .fold(request, |request: RequestBuilder, (name, value)| {
                request.header(*name, value)
            })
            .json(&json!({"query": query, "variables": variables}));
        response::of_engine(&self.graphql, request).await
    }

    /// Pays an order once. A repetition is safe: it returns the result of the first payment.
    pub async fn pay(&self, token: &str, payment: Payment<'_>) -> Result<(), Failure> {
        let body = json!({
            "info": {"full_name": payment.name, "credit_card_number": payment.card, "cvv": "111"},
            "metadata": {"amount": payment.amount, "type": "credit_card"},
            "order_id": payment.order_id,
        });
        let request = self.post(&self.payment).bearer_auth(token).json(&body);
        response::of_function(&self.payment, request).await.map(drop)
    }
}

/// Calls a function that is not one of the interfaces above, for example a step; returns the body of a success.
pub async fn call(url: &str, request: RequestBuilder) -> Result<Value, Failure> {
    response::of_function(url, request).await
}

/// Session of a token.
pub fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

/// Whether a function refused the token of a session, which a new login may solve.
pub fn is_refused_token(refused: &Refused) -> bool {
    // The last one is that of an authorizer in front of the function.
    matches!(
        refused.code.as_str(),
        "missing_token" | "invalid_token" | "http-401"
    )
}
