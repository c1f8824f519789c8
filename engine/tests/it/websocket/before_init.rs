//! Connections of clients that are not authenticated, and the limit of messages afterwards.

use super::engine_with;
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;
use testkit::socket::{GRAPHQL_TRANSPORT_WS, SUBSCRIPTIONS_TRANSPORT_WS, Socket};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

const PROTOCOLS: [&str; 2] = [SUBSCRIPTIONS_TRANSPORT_WS, GRAPHQL_TRANSPORT_WS];

async fn secured(options: &[&str]) -> (TestDatabase, TestEngine) {
    let options: Vec<&str> = ["--admin-secret", "s3cret"]
        .iter()
        .chain(options)
        .copied()
        .collect();
    engine_with(&options).await
}

fn init(secret: &str, role: &str) -> Value {
    let headers = json!({"x-hasura-admin-secret": secret, "x-hasura-role": role});
    json!({"type": "connection_init", "payload": {"headers": headers}})
}

/// Performs the handshake on a plain TCP connection, which can send parts of frames.
async fn upgraded(engine: &TestEngine, protocol: &str) -> BufReader<TcpStream> {
    let address = engine.url.trim_start_matches("http://");
    let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
    let head = format!(
        "GET /v1/graphql HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        socket.read_line(&mut head).await.unwrap();
    }
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    assert!(head.contains(protocol), "{head}");
    socket
}

#[tokio::test]
async fn message_before_init_is_refused_before_its_end() {
    let (_database, engine) = secured(&["--websocket-connection-init-timeout", "3600"]).await;
    for protocol in PROTOCOLS {
        let mut socket = upgraded(&engine, protocol).await;
        // A masked text frame of 1 MiB, of which 64 KiB are sent.
        let mut frame = vec![0x81, 0x80 | 127];
        frame.extend((1024 * 1024_u64).to_be_bytes());
        frame.extend([0; 4]);
        frame.resize(frame.len() + 64 * 1024, b' ');
        socket.write_all(&frame).await.unwrap();
        let mut close = [0; 4];
        socket.read_exact(&mut close).await.unwrap();
        assert_eq!(close[0], 0x88, "a close frame");
        assert_eq!(u16::from_be_bytes([close[2], close[3]]), 1009);
    }
}

#[tokio::test]
async fn messages_before_init_have_a_common_limit() {
    let (_database, engine) = secured(&["--websocket-connection-init-timeout", "3600"]).await;
    let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    let wrong = init("wrong", &"x".repeat(1000));
    for _ in 0..50 {
        socket.send(&wrong).await;
        assert_eq!(socket.next().await["type"], "connection_error");
    }
    for _ in 0..20 {
        socket.send(&wrong).await;
    }
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn client_without_a_session_is_closed_at_the_deadline() {
    let (_database, engine) = secured(&["--websocket-connection-init-timeout", "1"]).await;
    for protocol in PROTOCOLS {
        let mut silent = Socket::open(&engine.url, "/v1/graphql", protocol).await;
        assert_eq!(silent.closed().await, 4408, "{protocol}");
    }
    let mut refused = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    refused.send(&init("wrong", "user")).await;
    assert_eq!(refused.next().await["type"], "connection_error");
    assert_eq!(refused.closed().await, 4408);
    // A session that ends is followed by another deadline.
    let mut ended = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    ended.send(&init("s3cret", "user")).await;
    assert_eq!(ended.next().await["type"], "connection_ack");
    refused = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    assert_eq!(refused.closed().await, 4408);
    ended.send(&init("wrong", "user")).await;
    assert_eq!(ended.next().await["type"], "connection_error");
    assert_eq!(ended.closed().await, 4408);
}

#[tokio::test]
async fn message_of_a_role_has_its_limit() {
    let (_database, engine) = secured(&["--max-role-body-bytes", "200000"]).await;
    let start = |bytes: usize| {
        json!({"type": "start", "id": "q", "payload": {
            "query": "query ($a: String) { __typename }", "variables": {"a": "x".repeat(bytes)},
        }})
    };
    for (role, expected) in [("user", Some(1009)), ("admin", None)] {
        let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
        socket.send(&init("s3cret", role)).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        // The limit applies to each message.
        for _ in 0..5 {
            socket.send(&start(190_000)).await;
            while socket.next().await["type"] != "complete" {}
        }
        for bytes in [250_000, 1_000_000] {
            socket.send(&start(bytes)).await;
            match expected {
                Some(code) => {
                    assert_eq!(socket.closed().await, code);
                    break;
                }
                None => while socket.next().await["type"] != "complete" {},
            }
        }
    }
}

/// A `connection_init` message with a valid secret and this number of headers.
fn init_of(headers: usize) -> Value {
    let mut init = init("s3cret", "admin");
    let members = init["payload"]["headers"].as_object_mut().unwrap();
    for n in members.len()..headers {
        members.insert(format!("x-{n}"), json!(""));
    }
    init
}

#[tokio::test]
async fn number_of_headers_is_limited() {
    let (_database, engine) = secured(&[]).await;
    let mut newer = Socket::open(&engine.url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
    newer.send(&init_of(101)).await;
    assert_eq!(newer.closed().await, 4400);
    let mut older = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    older.send(&init_of(100)).await;
    assert_eq!(older.next().await, json!({"type": "connection_ack"}));
    // An authenticated client may send longer messages.
    older.send(&init_of(30_000)).await;
    let message = "parsing ClientMessage failed: payload.headers has 30000 members; send at most 100";
    assert_eq!(
        older.next().await,
        json!({"type": "connection_error", "payload": message})
    );
    older.nothing_before("q").await;
}
