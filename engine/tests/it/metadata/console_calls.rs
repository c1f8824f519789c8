//! The calls that Hasura's console and CLI make, in an order in which each can succeed.

use crate::support::TestEngine;
use serde::Deserialize;
use serde_json::{Map, Value};
use testkit::TestDatabase;

/// A call and what its response must contain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    name: String,
    /// Path of a GET request.
    get: Option<String>,
    /// Path of a POST request.
    path: Option<String>,
    #[serde(default)]
    body: Value,
    #[serde(default = "ok")]
    status: u16,
    /// JSON pointers of values that exist.
    #[serde(default)]
    has: Vec<String>,
    /// JSON pointers of values, and the values.
    #[serde(default)]
    is: Map<String, Value>,
}

fn ok() -> u16 {
    200
}

#[tokio::test]
async fn calls_of_hasuras_console_and_cli_are_answered() {
    let database = TestDatabase::create("meta").await;
    let engine = TestEngine::start(&database, &[]).await;
    engine
        .sql("CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL)")
        .await;
    let calls: Vec<Call> = serde_json::from_str(include_str!("console_calls.json")).unwrap();
    assert!(calls.len() > 50);
    let mut problems = Vec::new();
    for call in calls {
        let (status, answer) = match (&call.get, &call.path) {
            (Some(path), None) => {
                let response = reqwest::get(format!("{}{path}", engine.url)).await.unwrap();
                (response.status().as_u16(), response.json().await.unwrap())
            }
            (None, Some(path)) => engine.post(path, &[], &call.body).await,
            _ => panic!("{}: either get or path", call.name),
        };
        let missing = call.has.iter().find(|pointer| answer.pointer(pointer).is_none());
        let other = call
            .is
            .iter()
            .find(|(pointer, value)| answer.pointer(pointer) != Some(value));
        if status != call.status || missing.is_some() || other.is_some() {
            problems.push(format!("{}: {status} {answer}", call.name));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
