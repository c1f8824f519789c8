//! Bounds of the work for clients before their authentication by the webhook.

use super::{SECRET, assert_accepted, engine, query};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::socket::{GRAPHQL_TRANSPORT_WS, SUBSCRIPTIONS_TRANSPORT_WS, Socket};
use testkit::webhook::Reply;
use testkit::{Gate, TestDatabase, Webhook, eventually};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Maximum length of a body that the hook receives.
const BODY: usize = 1024 * 1024;

/// Number of such bodies that use all of the capacity.
const BODIES: usize = 8;

#[tokio::test]
async fn concurrent_calls_of_the_hook_are_limited() {
    for mode in ["GET", "POST"] {
        let gate = Gate::closed();
        let held = gate.clone();
        let accepted = json!({"X-Hasura-Role": "admin"});
        let hook = Webhook::behaving(move |_, _| Reply::status(200).body(&accepted).after(&held)).await;
        let (_database, engine) = engine(&["--auth-hook", &hook.url, "--auth-hook-mode", mode]).await;
        let mut waiting = JoinSet::new();
        for _ in 0..100 {
            let client = engine.clone();
            waiting.spawn(async move {
                let body = json!({"query": "{ __typename }"});
                client.post("/v1/graphql", &[], &body).await
            });
        }
        hook.wait_for(100).await;
        // Concurrently, because each of them first waits for a call.
        tokio::join!(
            assert_busy(&engine, "/v1/graphql"),
            assert_busy(&engine, "/v1alpha1/graphql"),
            assert_busy(&engine, "/v1/query"),
            async {
                let mut socket = Socket::open(&engine.url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
                socket.send(&json!({"type": "connection_init"})).await;
                assert_eq!(socket.closed().await, 1013, "{mode}");
            },
            async {
                let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
                socket.send(&json!({"type": "connection_init"})).await;
                let message = "too many concurrent authentications; retry later";
                assert_eq!(
                    socket.next().await,
                    json!({"type": "connection_error", "payload": message}),
                    "{mode}"
                );
            },
        );
        assert_accepted(&engine, &[SECRET]).await;
        gate.open();
        while let Some(answer) = waiting.join_next().await {
            assert_eq!(
                answer.unwrap(),
                (200, json!({"data": {"__typename": "query_root"}})),
                "{mode}"
            );
        }
        assert_eq!(hook.count(), 100, "{mode}");
        assert_accepted(&engine, &[]).await;
    }
}

/// Asserts that a request is refused until there is capacity.
async fn assert_busy(engine: &TestEngine, path: &str) {
    let body = json!({"query": "{ __typename }", "type": "export_metadata", "args": {}});
    let request = engine.http.post(format!("{}{path}", engine.url)).json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 503, "{path}");
    assert_eq!(response.headers()["retry-after"], "1", "{path}");
}

#[tokio::test]
async fn requests_wait_for_a_call_of_the_hook() {
    let gate = Gate::closed();
    let held = gate.clone();
    let accepted = json!({"X-Hasura-Role": "admin"});
    let hook = Webhook::behaving(move |_, _| Reply::status(200).body(&accepted).after(&held)).await;
    let (_database, engine) = engine(&["--auth-hook", &hook.url, "--auth-hook-mode", "POST"]).await;
    let mut waiting = JoinSet::new();
    for _ in 0..120 {
        let client = engine.clone();
        waiting.spawn(async move {
            let body = json!({"query": "{ __typename }"});
            client.post("/v1alpha1/graphql", &[], &body).await
        });
    }
    hook.wait_for(100).await;
    gate.open();
    while let Some(answer) = waiting.join_next().await {
        assert_eq!(
            answer.unwrap(),
            (200, json!({"data": {"__typename": "query_root"}}))
        );
    }
    assert_eq!(hook.count(), 120);
}

/// An engine whose hook accepts each request with the role admin, and receives its body.
async fn accepting() -> (Webhook, TestDatabase, TestEngine) {
    let accepted: Value = json!({"X-Hasura-Role": "admin"});
    let hook = Webhook::behaving(move |_, _| Reply::status(200).body(&accepted)).await;
    let (database, engine) = engine(&["--auth-hook", &hook.url, "--auth-hook-mode", "POST"]).await;
    (hook, database, engine)
}

/// Sends a request except for the last byte of its body.
async fn unfinished(engine: &TestEngine, length: usize) -> BufReader<TcpStream> {
    let address = engine.url.trim_start_matches("http://");
    let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
    let head =
        format!("POST /v1alpha1/graphql HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut body = br#"{"query": "{ __typename }"}"#.to_vec();
    body.resize(length - 1, b' ');
    // An error means that the engine has refused the body, which its response says.
    drop(socket.write_all(&body).await);
    socket
}

async fn status_line(socket: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    // Without a response the line is empty.
    drop(socket.read_line(&mut line).await);
    line.trim_end().to_owned()
}

#[tokio::test]
async fn bodies_before_the_authentication_are_limited_together() {
    let (_hook, _database, engine) = accepting().await;
    // Incomplete bodies are refused after some seconds, so a slow machine needs several tries.
    eventually("the bodies use the capacity and release it", async || {
        let mut waiting = Vec::new();
        for _ in 0..BODIES {
            waiting.push(unfinished(&engine, BODY).await);
        }
        // The engine receives the bodies while it answers.
        let mut answers = 0;
        while query(&engine, "/v1/graphql", &[]).await.0 != 503 {
            answers += 1;
            if answers == 500 {
                return None;
            }
        }
        assert_accepted(&engine, &[SECRET]).await;
        let mut first = waiting.remove(0);
        first.write_all(b" ").await.ok()?;
        if status_line(&mut first).await != "HTTP/1.1 200 OK" {
            return None;
        }
        assert_accepted(&engine, &[]).await;
        Some(())
    })
    .await;
}

#[tokio::test]
async fn body_before_the_authentication_has_a_deadline() {
    let (hook, _database, engine) = accepting().await;
    let mut socket = unfinished(&engine, 1000).await;
    assert_eq!(status_line(&mut socket).await, "HTTP/1.1 408 Request Timeout");
    assert_eq!(hook.count(), 0);
}

#[tokio::test]
async fn incomplete_bodies_do_not_prevent_other_logins() {
    let (_hook, _database, engine) = accepting().await;
    let address = engine.url.trim_start_matches("http://");
    let head = format!(
        "POST /v1alpha1/graphql HTTP/1.1\r\nHost: {address}\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n"
    );
    let mut idle = Vec::new();
    for _ in 0..150 {
        let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
        socket.write_all(head.as_bytes()).await.unwrap();
        // The engine sends this line when it begins to read the body.
        assert_eq!(status_line(&mut socket).await, "HTTP/1.1 100 Continue");
        idle.push(socket);
    }
    assert_accepted(&engine, &[]).await;
}
