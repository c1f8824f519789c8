//! Customer's HTTP client: logs in, places and cancels orders over GraphQL, pays them over `/payment`, and retries transient errors.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::{Value, json};

/// The order of the Node.js example's browser app, and its price.
const ITEM: &str = "pizza";
const AMOUNT: u32 = 500;

const PLACE: &str = "mutation place($orders: [orders_insert_input!]!, $items: [items_insert_input!]!) {
  insert_orders(objects: $orders) { affected_rows }
  insert_items(objects: $items) { affected_rows }
}";

const CANCEL: &str = "mutation cancel($id: String!) {
  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true, close_reason: \"I have changed my mind.\"}) { status }
}";

/// GraphQL endpoint with the headers of a session.
#[derive(Debug, Clone)]
pub(crate) struct Graphql {
    url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    http: reqwest::Client,
    /// Time during which transient errors are retried.
    retry_timeout: Duration,
}

impl Graphql {
    /// `engine` is the engine's base URL.
    pub(crate) fn new(
        engine: &str,
        headers: Vec<(&'static str, String)>,
        http: reqwest::Client,
        retry_timeout: Duration,
    ) -> Self {
        Self {
            url: format!("{}/v1/graphql", engine.trim_end_matches('/')),
            headers,
            http,
            retry_timeout,
        }
    }

    /// Sends an operation until it is answered; returns the answer, and whether the operation was sent more than once, so that an
    /// earlier request, whose response was lost, may have succeeded.
    pub(crate) async fn send(&self, body: &Value) -> Result<(Value, bool)> {
        let deadline = Instant::now() + self.retry_timeout;
        let mut repeated = false;
        loop {
            match self.send_once(body).await {
                Ok(answer) => return Ok((answer, repeated)),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => {
                    repeated = true;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn send_once(&self, body: &Value) -> Result<Value> {
        let mut request = self.http.post(&self.url).json(body);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("cannot reach {}", self.url))?;
        let status = response.status();
        if status.is_server_error() {
            bail!("{} responded {status}", self.url);
        }
        response
            .json()
            .await
            .with_context(|| format!("{} responded {status}; the body is not valid JSON", self.url))
    }
}

/// A customer of one stack.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    /// Owner of the orders.
    pub(crate) user: String,
    pub(crate) graphql: Graphql,
    payment: String,
    /// Token for payments.
    token: String,
}

/// Result of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paid {
    /// The payment succeeded, at this time.
    At(Instant),
    /// The order was closed before, and nothing was charged.
    Closed,
}

impl Customer {
    /// `engine` and `functions` are base URLs. Without a token, a new customer logs in at the functions.
    pub(crate) async fn log_in(
        engine: &str,
        functions: &str,
        admin_secret: Option<&str>,
        token: Option<&str>,
        retry_timeout: Duration,
    ) -> Result<Self> {
        let functions = functions.trim_end_matches('/');
        let http = local_process::http_client()?;
        let (user, token) = if let Some(token) = token {
            (subject(token)?, token.to_owned())
        } else {
            let user = format!("demo-{}", uuid::Uuid::new_v4().simple());
            let token = token_of(&http, &format!("{functions}/login"), &user, retry_timeout).await?;
            (user, token)
        };
        // Role and user are those of the headers if the admin secret is sent or the engine has none, and otherwise those of
        // the token.
        let credentials = match admin_secret {
            Some(secret) => ("x-hasura-admin-secret", secret.to_owned()),
            None => ("authorization", format!("Bearer {token}")),
        };
        let headers = vec![
            credentials,
            ("x-hasura-role", "customer".to_owned()),
            ("x-hasura-user-id", user.clone()),
        ];
        Ok(Self {
            user,
            graphql: Graphql::new(engine, headers, http, retry_timeout),
            payment: format!("{functions}/payment"),
            token,
        })
    }

    /// Places orders at their restaurants in one mutation, one pizza each; returns the time of the response.
    pub(crate) async fn place(&self, placed: &[(String, i32)]) -> Result<Instant> {
        let orders: Vec<Value> = placed
            .iter()
            .map(|(id, restaurant)| {
                json!({"order_id": id, "address": "1 Main St, Springfield", "restaurant_id": restaurant})
            })
            .collect();
        let items: Vec<Value> = placed
            .iter()
            .map(|(id, _)| json!({"order_id": id, "item": ITEM}))
            .collect();
        let body = json!({"operationName": "place", "query": PLACE, "variables": {"orders": orders, "items": items}});
        let (answer, repeated) = self.graphql.send(&body).await?;
        let answered = Instant::now();
        let Some(error) = answer["errors"].get(0) else {
            return Ok(answered);
        };
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        // The first attempt had succeeded; only its response was lost.
        if repeated && code == "constraint-violation" {
            return Ok(answered);
        }
        bail!(
            "the engine rejected the order: {} (code {code})",
            error["message"]
        );
    }

    /// Cancels an order.
    pub(crate) async fn cancel(&self, order_id: &str) -> Result<()> {
        let body = json!({"operationName": "cancel", "query": CANCEL, "variables": {"id": order_id}});
        let (answer, repeated) = self.graphql.send(&body).await?;
        let message = answer["errors"][0]["message"].as_str();
        let is_cancelled = answer["data"]["update_orders_by_pk"]["status"] == "cancelled"
            || (repeated && message.is_some_and(|message| message.contains("it is cancelled")));
        ensure!(is_cancelled, "order {order_id} cannot be cancelled: {answer}");
        Ok(())
    }

    /// Pays an order. Transient errors are retried, because payment is idempotent.
    pub(crate) async fn pay(&self, order_id: &str) -> Result<Paid> {
        let body = json!({
            "info": {"full_name": "Demo Customer", "credit_card_number": "1234 1234 1234 1234", "cvv": "111"},
            "metadata": {"amount": AMOUNT, "type": "credit_card"},
            "order_id": order_id,
        });
        let deadline = Instant::now() + self.graphql.retry_timeout;
        let mut wait = Duration::from_millis(50);
        loop {
            let http = &self.graphql.http;
            let request = http.post(&self.payment).bearer_auth(&self.token).json(&body);
            let problem = match request.send().await {
                Ok(response) if response.status().is_success() => return Ok(Paid::At(Instant::now())),
                Ok(response) => {
                    let status = response.status();
                    let told = response
                        .headers()
                        .get(RETRY_AFTER)
                        .and_then(|value| value.to_str().ok()?.parse().ok());
                    let text = response.text().await.unwrap_or_default();
                    if status == StatusCode::CONFLICT && text.contains("order_closed") {
                        return Ok(Paid::Closed);
                    }
                    if !is_retryable(status, &text) {
                        bail!("payment of {order_id} was rejected: {status} {text}");
                    }
                    wait = told.map_or(wait, Duration::from_secs);
                    format!("{status} {text}")
                }
                Err(error) => format!("{:#}", anyhow::Error::from(error)),
            };
            if Instant::now() + wait > deadline {
                bail!("payment of {order_id} failed repeatedly: {problem}");
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(1));
        }
    }
}

/// Logs a user in by name.
pub(crate) async fn token_of(
    http: &reqwest::Client,
    login: &str,
    user: &str,
    retry_timeout: Duration,
) -> Result<String> {
    let deadline = Instant::now() + retry_timeout;
    loop {
        let response = http
            .post(login)
            .json(&json!({"username": user}))
            .send()
            .await
            .with_context(|| format!("cannot reach {login}"))?;
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        match body["token"].as_str() {
            Some(token) => return Ok(token.to_owned()),
            None if is_retryable(status, &text) && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            None => bail!("{login} responded {status} {text}; pass the token of a customer with --token"),
        }
    }
}

/// The user of a token, without verification, which is the task of the functions.
fn subject(token: &str) -> Result<String> {
    let claims = token.split('.').nth(1).unwrap_or_default();
    let claims = URL_SAFE_NO_PAD
        .decode(claims)
        .context("--token is not a JSON Web Token")?;
    let claims: Value = serde_json::from_slice(&claims).context("--token is not a JSON Web Token")?;
    let user = claims["https://hasura.io/jwt/claims"]["x-hasura-user-id"].as_str();
    let user = user.or_else(|| claims["sub"].as_str());
    Ok(user.context("--token names no user")?.to_owned())
}

/// Whether a retry may succeed: server error, rate limit, or a first attempt still in progress.
fn is_retryable(status: StatusCode, text: &str) -> bool {
    status.is_server_error()
        || (status == StatusCode::TOO_MANY_REQUESTS && !text.contains("too_many_attempts"))
        || (status == StatusCode::CONFLICT && text.contains("payment_in_progress"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transient_errors_are_retryable() {
        assert!(is_retryable(StatusCode::SERVICE_UNAVAILABLE, ""));
        assert!(is_retryable(StatusCode::INTERNAL_SERVER_ERROR, ""));
        assert!(is_retryable(
            StatusCode::TOO_MANY_REQUESTS,
            r#"{"message":"Too Many Requests"}"#
        ));
        assert!(!is_retryable(
            StatusCode::TOO_MANY_REQUESTS,
            r#"{"error":{"code":"too_many_attempts"}}"#
        ));
        assert!(is_retryable(
            StatusCode::CONFLICT,
            r#"{"error":{"code":"payment_in_progress"}}"#
        ));
        assert!(!is_retryable(
            StatusCode::CONFLICT,
            r#"{"error":{"code":"amount_mismatch"}}"#
        ));
        assert!(!is_retryable(StatusCode::PAYMENT_REQUIRED, ""));
    }
}
