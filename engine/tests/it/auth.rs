//! Authentication: JWT, key sets, the webhook, the unauthorized role, and sessions of sockets.

mod admission;
mod hostile;
mod jwt;
mod key_sets;
mod start;
mod webhook;
mod websocket;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;
use testkit::jwt::now;

const SECRET: (&str, &str) = ("x-hasura-admin-secret", "s3cret");
const NAMESPACE: &str = "https://hasura.io/jwt/claims";

/// A table whose column `session` records the session variables of an insert.
const TABLE: &str =
    "CREATE TABLE probe (id serial PRIMARY KEY, session json DEFAULT current_setting('hasura.user')::json)";

/// Starts an engine with an admin secret and these options.
async fn engine(options: &[&str]) -> (TestDatabase, TestEngine) {
    let database = TestDatabase::create("auth").await;
    let options: Vec<&str> = ["--admin-secret", SECRET.1]
        .iter()
        .chain(options)
        .copied()
        .collect();
    let engine = TestEngine::start(&database, &options).await;
    let commands = json!({"type": "bulk", "args": [
        {"type": "run_sql", "args": {"sql": TABLE}},
        {"type": "track_table", "args": "probe"},
    ]});
    let (status, answer) = engine.post("/v1/query", &[SECRET], &commands).await;
    assert_eq!(status, 200, "{answer}");
    (database, engine)
}

/// Returns the session variables of a request with the role admin, as the database receives them.
async fn variables(engine: &TestEngine, headers: &[(&str, &str)]) -> Value {
    let body = json!({"query": "mutation { insert_probe_one(object: {}) { session } }"});
    let (_, mut answer) = engine.post("/v1/graphql", headers, &body).await;
    let session = answer["data"]["insert_probe_one"]["session"].take();
    assert!(session.is_object(), "{answer}");
    session
}

/// Returns the code and message of the error with which `/v1alpha1/graphql` refuses a request with status 400.
async fn refusal(engine: &TestEngine, headers: &[(&str, &str)]) -> (String, String) {
    let (status, answer) = query(engine, "/v1alpha1/graphql", headers).await;
    assert_eq!(status, 400, "{answer}");
    let (v1_status, v1) = query(engine, "/v1/graphql", headers).await;
    assert_eq!((v1_status, &v1), (200, &answer));
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["path"], "$");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

async fn query(engine: &TestEngine, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    engine
        .post(path, headers, &json!({"query": "{ __typename }"}))
        .await
}

async fn assert_accepted(engine: &TestEngine, headers: &[(&str, &str)]) {
    for path in ["/v1/graphql", "/v1alpha1/graphql"] {
        let expected = json!({"data": {"__typename": "query_root"}});
        assert_eq!(query(engine, path, headers).await, (200, expected), "{headers:?}");
    }
}

/// Claims of a token that is valid for some minutes.
fn claims(hasura: &Value) -> Value {
    json!({"sub": "1", "name": "Alice", "iat": now(0), "exp": now(600), NAMESPACE: hasura})
}

/// Hasura's claims for user 1 with these roles; the first is the default.
fn roles(roles: &[&str]) -> Value {
    json!({"x-hasura-user-id": "1", "x-hasura-default-role": roles[0], "x-hasura-allowed-roles": roles})
}
