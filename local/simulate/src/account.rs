//! Account of one simulated person: its token and its requests.

use std::sync::Arc;
use std::time::{Duration, Instant};

use local_client::{Failure, Payment, Refused, bearer, is_refused_token};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::client::Api;

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
        let mut back_off = Api::back_off();
        loop {
            let token = self.token().await;
            match self.api.settle(token, &mut back_off).await {
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
        let token = self.api.client.log_in(&self.name).await?;
        *held = Some((token.clone(), Instant::now()));
        Ok(token)
    }

    /// Makes the next request log in again.
    pub(crate) async fn forget_token(&self) {
        *self.token.lock().await = None;
    }

    /// Runs an operation, again until it is answered: a mutation may have taken effect before its repetition. Returns `data`.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Result<Value, Refused> {
        let mut back_off = Api::back_off();
        loop {
            let attempt = self.graphql_once(query, &variables).await;
            if let Some(result) = self.api.settle(attempt, &mut back_off).await {
                return result;
            }
        }
    }

    async fn graphql_once(&self, query: &str, variables: &Value) -> Result<Value, Failure> {
        let session = [bearer(&self.token().await?)];
        match self.api.client.graphql(&session, query, variables).await {
            Err(Failure::Refused(refused)) if refused.code == INVALID_TOKEN => {
                self.forget_token().await;
                Err(Failure::unavailable(refused))
            }
            result => result,
        }
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
        let payment = Payment {
            order_id,
            amount,
            name: "Simulated Customer",
            card,
        };
        let mut back_off = Api::back_off();
        loop {
            let attempt = self.pay_once(payment).await;
            if let Some(result) = self.api.settle(attempt, &mut back_off).await {
                return result;
            }
        }
    }

    async fn pay_once(&self, payment: Payment<'_>) -> Result<(), Failure> {
        let token = self.token().await?;
        match self.api.client.pay(&token, payment).await {
            Err(Failure::Refused(refused)) if is_refused_token(&refused) => {
                self.forget_token().await;
                Err(Failure::unavailable(refused))
            }
            result => result,
        }
    }
}
