//! Calls of the functions' gateway, at the rate that a deployment admits: API Gateway, whose computing time is not that of the stack,
//! limits the routes of payment and login to fifty calls per second. The local gateway, which computes on this machine, has no such
//! limit.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::super::honest::payment;
use super::{Begin, Target};

/// Pause after each call: two attacks call the same route, and leave ten calls per second to the honest clients.
const PAUSE: Duration = Duration::from_millis(50);

/// Pause after a call with five megabytes, which a line of 100 Mbit/s needs for them.
const LARGE_PAUSE: Duration = Duration::from_millis(400);

pub(super) const ATTACKS: &[(&str, Begin)] = &[
    ("cards tried on one order", |target| {
        Box::pin(async move {
            let place = json!({"query": "mutation {
              insert_orders(objects: {order_id: \"cards\", address: \"x\", restaurant_id: 1}) { affected_rows }
              insert_items(objects: {order_id: \"cards\", item: \"pizza\"}) { affected_rows }
            }"});
            // Refused after the first time: the order exists.
            let request = target.http.post(target.engine_url("/v1/graphql"));
            request.bearer_auth(&target.token).json(&place).send().await?;
            let declined = payment("cards", 500, "4000 0000 0000 0002");
            post(&target, "/payment", Some(&target.token), &declined).await
        })
    }),
    ("payment of a foreign order", |target| {
        Box::pin(async move {
            let foreign = payment("soak-0", 500, "1234 1234 1234 1234");
            post(&target, "/payment", Some(&target.token), &foreign).await
        })
    }),
    ("event without the webhook secret", |target| {
        Box::pin(async move {
            let event = json!({"event": {"data": {"new": {"order_id": "soak-0"}}}});
            post(&target, "/validate-order", None, &event).await
        })
    }),
    ("login with a body of five megabytes", |target| {
        Box::pin(async move {
            let name = "x".repeat(5 * 1024 * 1024);
            let answer = post(&target, "/login", None, &json!({"username": name})).await;
            sleep(LARGE_PAUSE).await;
            answer
        })
    }),
    ("runtime API through the gateway", |target| {
        Box::pin(async move {
            let path = "/2018-06-01/runtime/invocation/next";
            post(&target, path, None, &Value::Null).await
        })
    }),
];

async fn post(target: &Target, path: &str, token: Option<&str>, body: &Value) -> Result<String> {
    let mut request = target.http.post(format!("{}{path}", target.functions)).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await;
    sleep(PAUSE).await;
    Ok(response?.status().as_u16().to_string())
}
