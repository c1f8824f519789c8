//! Account of one simulated person: its token and its requests.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::client::{Api, Failure, Refused};

/// Age at which a token is replaced. One that expires earlier is replaced when it is refused.
const TOKEN_MAX_AGE: Duration = Duration::from_mins(10);

/// Code of the engine for a token that has expired.
const INVALID_TOKEN: &str = "invalid-jwt";

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    api: Arc<Api>,
    token: Mutex<Option<(String, Instant)>>,
}

impl Account {
    pub(crate) fn new(api: &Arc<Api>, name: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            api: api.clone(),
            token: Mutex::default(),
        })
    }

    pub(crate) fn api(&self) -> &Arc<Api> {
        &self.api
    }

    /// Logs in; false if there is no account of this name.
    pub(crate) async fn exists(&self) -> bool {
        let mut delay = Api::first_delay();
        loop {
            let token = self.token().await;
            match self.api.settle(token, &mut delay).await {
                Some(Ok(_)) => return true,
                Some(Err(refused)) => {
                    if refused.code != "account_not_found" {
                        self.api.report(&self.name, &refused);
                    }
                    return false;
                }
                None => {}
            }
        }
    }

    /// The token, of a new login if it is old.
    pub(crate) async fn token(&self) -> Result<String, Failure> {
        let mut held = self.token.lock().await;
        if let Some((token, issued)) = &*held
            && issued.elapsed() < TOKEN_MAX_AGE
        {
            return Ok(token.clone());
        }
        let body = json!({"username": self.name});
        let (_, answer) = self.api.post(&self.api.login, None, &body).await?;
        let token = answer["token"].as_str().ok_or_else(|| refusal(&answer))?;
        *held = Some((token.to_owned(), Instant::now()));
        Ok(token.to_owned())
    }

    /// Makes the next request log in again.
    pub(crate) async fn forget_token(&self) {
        *self.token.lock().await = None;
    }

    /// Runs an operation, again until it is answered: a mutation may have taken effect before its repetition. Returns `data`.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Result<Value, Refused> {
        let body = json!({"query": query, "variables": variables});
        let mut delay = Api::first_delay();
        loop {
            let attempt = self.graphql_once(&body).await;
            if let Some(result) = self.api.settle(attempt, &mut delay).await {
                return result;
            }
        }
    }

    async fn graphql_once(&self, body: &Value) -> Result<Value, Failure> {
        let token = self.token().await?;
        let (_, mut answer) = self.api.post(&self.api.graphql, Some(&token), body).await?;
        let Some(error) = answer["errors"].get(0) else {
            return Ok(answer["data"].take());
        };
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        if code == INVALID_TOKEN {
            self.forget_token().await;
            return Err(Failure::unavailable(&error["message"]));
        }
        let refused = Refused {
            code: code.to_owned(),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
        };
        Err(refused.into())
    }

    /// Runs a mutation with one field; returns the number of rows that it changed, 0 if it was refused.
    pub(crate) async fn change(&self, mutation: &str, variables: Value) -> u64 {
        match self.graphql(mutation, variables).await {
            Ok(data) => data
                .as_object()
                .and_then(|fields| fields.values().next()?["affected_rows"].as_u64())
                .unwrap_or_default(),
            Err(refused) => {
                self.api.report(&self.name, &refused);
                0
            }
        }
    }

    /// Pays an order.
    pub(crate) async fn pay(&self, order_id: &str, amount: i64, card: &str) -> Result<(), Refused> {
        let body = json!({
            "info": {"full_name": "Simulated Customer", "credit_card_number": card, "cvv": "111"},
            "metadata": {"amount": amount, "type": "credit_card"},
            "order_id": order_id,
        });
        let mut delay = Api::first_delay();
        loop {
            let attempt = self.pay_once(&body).await;
            if let Some(result) = self.api.settle(attempt, &mut delay).await {
                return result;
            }
        }
    }

    async fn pay_once(&self, body: &Value) -> Result<(), Failure> {
        let token = self.token().await?;
        match self.api.post(&self.api.payment, Some(&token), body).await? {
            (StatusCode::OK, _) => Ok(()),
            (StatusCode::UNAUTHORIZED, _) => {
                self.forget_token().await;
                Err(Failure::unavailable("the token has expired"))
            }
            (_, answer) => Err(refusal(&answer)),
        }
    }
}

/// Error of a function.
fn refusal(answer: &Value) -> Failure {
    let text = |key: &str| answer["error"][key].as_str().unwrap_or_default().to_owned();
    Refused {
        code: text("code"),
        message: text("message"),
    }
    .into()
}
