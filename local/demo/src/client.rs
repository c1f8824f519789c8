//! Sessions of the demo: a customer that places, pays and cancels orders, and the retries that it shares with the staff.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local_client::{BackOff, CARD, Client, Failure, PLACE, Payment, Refused};
use serde_json::{Value, json};

/// The order of the Node.js example's browser app, and its price.
const ITEM: &str = "pizza";
const AMOUNT: i64 = 500;

const CANCEL: &str = "mutation cancel($id: String!) {
  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true, close_reason: \"I have changed my mind.\"}) { status }
}";

/// Retries of transient failures, for a limited time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retries(Duration);

impl Retries {
    pub(crate) const fn within(time: Duration) -> Self {
        Self(time)
    }

    /// Repeats an attempt until it is answered; returns the answer, and whether the request was sent more than once, so that an
    /// earlier one, whose response was lost, may have succeeded.
    pub(crate) async fn until_answered<T, Attempt>(
        self,
        mut attempt: impl FnMut() -> Attempt,
    ) -> Result<(Result<T, Refused>, bool)>
    where
        Attempt: Future<Output = Result<T, Failure>>,
    {
        let deadline = Instant::now() + self.0;
        let mut back_off = BackOff::new(Duration::from_millis(50), Duration::from_secs(1));
        let mut repeated = false;
        loop {
            let failure = match attempt().await {
                Ok(answer) => return Ok((Ok(answer), repeated)),
                Err(Failure::Refused(refused)) => return Ok((Err(refused), repeated)),
                Err(failure) => failure,
            };
            let wait = back_off.after(&failure);
            if Instant::now() + wait > deadline {
                return Err(failure).context("a request failed repeatedly");
            }
            tokio::time::sleep(wait).await;
            repeated = true;
        }
    }
}

/// A session at the engine.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    client: Client,
    pub(crate) headers: Vec<(&'static str, String)>,
    retries: Retries,
}

impl Session {
    pub(crate) const fn new(client: Client, headers: Vec<(&'static str, String)>, retries: Retries) -> Self {
        Self {
            client,
            headers,
            retries,
        }
    }

    /// Sends an operation until it is answered; see [`Retries::until_answered`].
    pub(crate) async fn send(
        &self,
        query: &str,
        variables: &Value,
    ) -> Result<(Result<Value, Refused>, bool)> {
        self.retries
            .until_answered(|| self.client.graphql(&self.headers, query, variables))
            .await
    }
}

/// A customer of one stack.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    /// Owner of the orders.
    pub(crate) user: String,
    pub(crate) session: Session,
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
    /// Without a token, a new customer logs in at the functions.
    pub(crate) async fn log_in(
        client: Client,
        admin_secret: Option<&str>,
        token: Option<&str>,
        retries: Retries,
    ) -> Result<Self> {
        let (user, token) = if let Some(token) = token {
            (subject(token)?, token.to_owned())
        } else {
            let user = format!("demo-{}", uuid::Uuid::new_v4().simple());
            let token = log_in(&client, &user, retries).await?;
            (user, token)
        };
        // Role and user are those of the headers if the admin secret is sent or the engine has none, and otherwise those of
        // the token.
        let headers = vec![
            credentials(admin_secret, &token),
            ("x-hasura-role", "customer".to_owned()),
            ("x-hasura-user-id", user.clone()),
        ];
        Ok(Self {
            user,
            session: Session::new(client, headers, retries),
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
        let (answer, repeated) = self
            .session
            .send(PLACE, &json!({"orders": orders, "items": items}))
            .await?;
        let answered = Instant::now();
        match answer {
            Ok(_) => Ok(answered),
            // The first attempt had succeeded; only its response was lost.
            Err(refused) if repeated && refused.code == "constraint-violation" => Ok(answered),
            Err(refused) => bail!("the engine rejected the order: {refused}"),
        }
    }

    /// Cancels an order.
    pub(crate) async fn cancel(&self, order_id: &str) -> Result<()> {
        let (answer, repeated) = self.session.send(CANCEL, &json!({"id": order_id})).await?;
        let is_cancelled = match &answer {
            Ok(data) => data["update_orders_by_pk"]["status"] == "cancelled",
            Err(refused) => repeated && refused.message.contains("it is cancelled"),
        };
        ensure!(is_cancelled, "order {order_id} cannot be cancelled: {answer:?}");
        Ok(())
    }

    /// Pays an order. Transient errors are retried, because payment is idempotent.
    pub(crate) async fn pay(&self, order_id: &str) -> Result<Paid> {
        let payment = Payment {
            order_id,
            amount: AMOUNT,
            name: "Demo Customer",
            card: CARD,
        };
        let Session { client, retries, .. } = &self.session;
        let (answer, _) = retries
            .until_answered(|| client.pay(&self.token, payment))
            .await
            .with_context(|| format!("payment of {order_id}"))?;
        match answer {
            Ok(()) => Ok(Paid::At(Instant::now())),
            Err(refused) if refused.code == "order_closed" => Ok(Paid::Closed),
            Err(refused) => bail!("payment of {order_id} was rejected: {refused}"),
        }
    }
}

/// Logs a user in by name; returns the token.
pub(crate) async fn log_in(client: &Client, user: &str, retries: Retries) -> Result<String> {
    let (answer, _) = retries.until_answered(|| client.log_in(user)).await?;
    answer.with_context(|| format!("{user:?} cannot log in; pass the token of a customer with --token"))
}

/// Header of the admin secret; without one, of a token.
pub(crate) fn credentials(admin_secret: Option<&str>, token: &str) -> (&'static str, String) {
    admin_secret.map_or_else(
        || local_client::bearer(token),
        |secret| ("x-hasura-admin-secret", secret.to_owned()),
    )
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn attempts_are_repeated_until_they_are_answered_or_the_time_is_over() {
        let attempts = Cell::new(0);
        let second = Retries::within(Duration::from_secs(5)).until_answered(|| {
            attempts.set(attempts.get() + 1);
            let answer = match attempts.get() {
                1 => Err(Failure::unavailable("down")),
                _ => Ok("up"),
            };
            std::future::ready(answer)
        });
        let (answer, repeated) = second.await.unwrap();
        assert_eq!((answer.unwrap(), repeated, attempts.get()), ("up", true, 2));

        let never = Retries::within(Duration::ZERO)
            .until_answered(|| std::future::ready(Err::<(), _>(Failure::unavailable("down"))))
            .await;
        let error = format!("{:#}", never.unwrap_err());
        assert!(
            error.contains("failed repeatedly") && error.contains("down"),
            "{error}"
        );
    }
}
