//! GraphQL operations of a customer that cost more than they look.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{Begin, Step, Target};

pub(super) const ATTACKS: &[(&str, Begin)] = &[
    ("one variable many times", |target| {
        let query = format!(
            "query ($a: orders_bool_exp!) {{ orders(where: {{_and: [{}]}}) {{ order_id }} }}",
            "$a, ".repeat(20_000)
        );
        let predicates = vec![json!({"address": {"_eq": "x"}}); 1000];
        run(
            target,
            json!({"query": query, "variables": {"a": {"_or": predicates}}}),
        )
    }),
    ("many fragments", |target| {
        let mut query = String::from("fragment f on orders { ");
        query.push_str(&"address ".repeat(4000));
        query.push('}');
        for number in 0..4000 {
            let _ = write!(query, " query q{number} {{ orders {{ ...f }} }}");
        }
        run(target, json!({"query": query, "operationName": "q1"}))
    }),
    ("20 000 fields", |target| {
        let mut query = String::from("{ orders { ");
        for number in 0..19_000 {
            let _ = write!(query, "f{number}:address ");
        }
        query.push_str("} }");
        run(target, json!({"query": query}))
    }),
    ("deep nesting", |target| {
        let query = format!("{{ orders {}", "{ items { order ".repeat(20_000));
        run(target, json!({"query": query}))
    }),
    ("many relationships in a condition", |target| {
        let conditions = vec![json!({"items": {"item": {"_eq": "pizza"}}}); 20_000];
        let query = "query ($a: [orders_bool_exp!]!) { orders(where: {_or: $a}) { order_id } }";
        run(target, json!({"query": query, "variables": {"a": conditions}}))
    }),
    ("nested lists by alias", |target| {
        let mut query = String::from("{ ");
        for number in 0..40 {
            let _ = write!(
                query,
                "o{number}: orders {{ order_id address items {{ item quantity order {{ address items {{ item }} }} }} }} "
            );
        }
        query.push('}');
        run(target, json!({"query": query}))
    }),
    ("expensive regular expression", |target| {
        let query = "query ($r: String!) { orders(where: {address: {_regex: $r}}) { order_id } }";
        run(
            target,
            json!({"query": query, "variables": {"r": "^(((((a*)*)*)*)*)*\\1$|(.{1,50}){1,200}x"}}),
        )
    }),
    ("deep order", |target| {
        let mut order = json!("asc");
        for _ in 0..1000 {
            order = json!({"restaurant": order});
        }
        let query = "query ($o: [orders_order_by!]) { orders(order_by: $o) { order_id } }";
        run(target, json!({"query": query, "variables": {"o": [order]}}))
    }),
    ("batch of large operations", |target| {
        let mut query = String::from("{ orders { ");
        for number in 0..2000 {
            let _ = write!(query, "f{number}:address ");
        }
        query.push_str("} }");
        run(target, Value::Array(vec![json!({"query": query}); 20]))
    }),
    ("address of a megabyte", |target| {
        let query = "mutation ($a: String!) {
          insert_orders_one(object: {order_id: \"attack\", address: $a, restaurant_id: 1}) { order_id }
        }";
        run(
            target,
            json!({"query": query, "variables": {"a": "x".repeat(1024 * 1024)}}),
        )
    }),
    ("metadata and SQL as a customer", |target| {
        Box::pin(async move {
            let command = json!({"type": "run_sql", "args": {"sql": "SELECT pg_sleep(60)"}});
            post(&target, "/v2/query", &command).await
        })
    }),
];

fn run(target: Arc<Target>, body: Value) -> Step {
    Box::pin(async move { post(&target, "/v1/graphql", &body).await })
}

/// Sends a request as the customer; returns the status and the code of the first error.
async fn post(target: &Target, path: &str, body: &Value) -> Result<String> {
    let request = target
        .http
        .post(target.engine_url(path))
        .bearer_auth(&target.token)
        .json(body);
    let response = request.send().await?;
    let status = response.status().as_u16();
    let bytes = response.bytes().await?;
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let first = answer.get(0).unwrap_or(&answer);
    let code = first["errors"][0]["extensions"]["code"]
        .as_str()
        .or_else(|| first["code"].as_str());
    ensure!(
        status != 401 && code != Some("invalid-jwt"),
        "the token of the attacker was refused: {answer}"
    );
    Ok(code.map_or_else(|| status.to_string(), |code| format!("{status} {code}")))
}
