//! Log lines of requests: they carry the fields of the request's spans.

use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use testkit::{EngineProcess, Socket, TestDatabase};
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

/// A query that fails with an error that the engine logs.
const FAILING: &str = "query Broken { broken { id } }";

/// Starts the binary, because a test process has one tracing subscriber for all tests.
async fn engine(database: &TestDatabase) -> EngineProcess {
    let binary = Path::new(env!("CARGO_BIN_EXE_engine"));
    let engine = EngineProcess::start(binary, database.url(), &[], &[]).await;
    engine
        .client
        .sql("CREATE FUNCTION fail() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
              CREATE VIEW broken AS SELECT fail() AS id")
        .await;
    engine.client.command("track_table", json!("broken")).await;
    engine
}

/// Returns the next line that matches.
async fn line(log: &mut Receiver<Value>, matches: impl Fn(&Value) -> bool) -> Value {
    let next = async {
        loop {
            let line = log.recv().await.unwrap();
            if matches(&line) {
                return line;
            }
        }
    };
    timeout(Duration::from_secs(30), next).await.unwrap()
}

#[tokio::test]
async fn line_inside_http_request_has_request_fields() {
    let database = TestDatabase::create("log").await;
    let engine = engine(&database).await;
    let mut log = engine.log();
    let headers = [("x-request-id", "mine"), ("x-hasura-role", "admin")];
    let body = json!({"query": FAILING, "operationName": "Broken"});
    let (_, response) = engine.client.post("/v1/graphql", &headers, &body).await;
    assert!(response["errors"].is_array(), "{response}");
    let failure = line(&mut log, |line| line["level"] == "ERROR").await;
    assert_eq!(
        failure["spans"][0],
        json!({
            "name": "request", "request_id": "mine", "method": "POST", "path": "/v1/graphql", "role": "admin",
            "operation.name": "Broken",
        })
    );
    let request = line(&mut log, |line| {
        line["target"] == "http-log" && line["request_id"] == "mine"
    })
    .await;
    assert_eq!(
        [&request["method"], &request["path"], &request["status"]],
        [&json!("POST"), &json!("/v1/graphql"), &json!(200)]
    );
}

#[tokio::test]
async fn line_inside_websocket_operation_has_request_fields() {
    let database = TestDatabase::create("log").await;
    let engine = engine(&database).await;
    let mut log = engine.log();
    let handshake = [
        ("sec-websocket-protocol", "graphql-ws"),
        ("x-request-id", "socket"),
    ];
    let mut socket = Socket::try_open(&engine.client.url, "/v1/graphql", &handshake)
        .await
        .unwrap();
    socket.send(&json!({"type": "connection_init"})).await;
    socket.start_named("1", Some("Broken"), FAILING, json!({})).await;
    let failure = line(&mut log, |line| line["level"] == "ERROR").await;
    assert_eq!(
        failure["spans"],
        json!([
            {"name": "websocket", "request_id": "socket", "protocol": "graphql-ws", "role": "admin"},
            {"name": "operation", "operation.id": "1", "operation.name": "Broken"},
        ])
    );
}
