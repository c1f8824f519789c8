//! Time limits of connections, and their number.

use super::engine;
use super::raw::RawConnection;
use crate::support::{LOCKED, TestEngine, hold_lock, release_lock, until_waiting};
use serde_json::json;
use testkit::socket::{GRAPHQL_TRANSPORT_WS, Socket, SocketEvent};
use testkit::{TestDatabase, eventually};

const SECRET: &str = "x-hasura-admin-secret: s3cret\r\n";

/// Starts an engine with an admin secret and a view whose queries wait for the lock.
async fn secured(options: &[&str]) -> (TestDatabase, TestEngine) {
    let database = TestDatabase::create("meta").await;
    let admin = database.connect().await;
    admin
        .batch_execute(&format!("CREATE VIEW slow AS SELECT 1 AS id FROM {LOCKED}"))
        .await
        .unwrap();
    let all: Vec<&str> = ["--admin-secret", "s3cret"]
        .iter()
        .chain(options)
        .copied()
        .collect();
    let engine = TestEngine::start(&database, &all).await;
    let mut connection = RawConnection::open(&engine).await;
    let track = json!({"type": "track_table", "args": "slow"}).to_string();
    connection.post("/v1/metadata", SECRET, &track).await;
    assert_eq!(connection.response().await.status, 200);
    (database, engine)
}

/// Sends a query that waits for the lock.
async fn send_slow(connection: &mut RawConnection) {
    let query = json!({"query": "{ slow { id } }"}).to_string();
    connection.post("/v1/graphql", SECRET, &query).await;
}

#[tokio::test]
async fn connections_without_progress_are_closed() {
    let (_database, engine) = engine(&[
        "--request-header-timeout",
        "0.2",
        "--request-body-timeout",
        "0.2",
        "--keep-alive-timeout",
        "0.2",
    ])
    .await;
    let open = async || RawConnection::open(&engine).await;

    let mut silent = open().await;
    let mut half_head = open().await;
    half_head.send("POST /v1/graphql HTTP/1.1\r\nHost: localho").await;
    let mut idle = open().await;
    assert_eq!(idle.get("/v1/version").await.status, 200);
    let mut half_second_head = open().await;
    assert_eq!(half_second_head.get("/v1/version").await.status, 200);
    half_second_head.send("GET /v1/ver").await;
    for connection in [&mut silent, &mut half_head, &mut idle, &mut half_second_head] {
        assert_eq!(connection.closed().await, "");
    }
    for path in [
        "/v1alpha1/graphql",
        "/v1/query",
        "/v2/query",
        "/v1/metadata",
        "/v1/graphql/explain",
    ] {
        let mut half_body = open().await;
        half_body.send_head(path, "Content-Length: 100\r\n").await;
        half_body.send("{\"query\": ").await;
        let mut half_chunk = open().await;
        half_chunk.send_head(path, "Transfer-Encoding: chunked\r\n").await;
        half_chunk.send("5\r\n{\"q").await;
        for connection in [&mut half_body, &mut half_chunk] {
            let response = connection.response().await;
            assert_eq!(response.status, 408, "{path}");
            assert!(
                response.body.contains("HASURA_GRAPHQL_REQUEST_BODY_TIMEOUT"),
                "{response:?}"
            );
            assert_eq!(connection.closed().await, "", "{path}");
        }
    }
}

#[tokio::test]
async fn idle_connection_has_its_own_time_limit() {
    let (_database, engine) =
        engine(&["--request-header-timeout", "0.1", "--keep-alive-timeout", "3600"]).await;
    let mut idle = RawConnection::open(&engine).await;
    assert_eq!(idle.get("/v1/version").await.status, 200);
    // Opened later, and closed by the shorter limit.
    let mut silent = RawConnection::open(&engine).await;
    assert_eq!(silent.closed().await, "");
    assert_eq!(idle.get("/v1/version").await.status, 200);
    idle.send("G").await;
    assert_eq!(idle.closed().await, "");
}

#[tokio::test]
async fn slow_request_has_no_limit_of_its_connection() {
    let (database, engine) =
        secured(&["--request-header-timeout", "0.1", "--keep-alive-timeout", "0.1"]).await;
    let holder = hold_lock(&database).await;
    let mut slow = RawConnection::open(&engine).await;
    send_slow(&mut slow).await;
    until_waiting(&holder, 1).await;
    let mut silent = RawConnection::open(&engine).await;
    assert_eq!(silent.closed().await, "");
    release_lock(&holder).await;
    assert_eq!(slow.response().await.status, 200);
}

#[tokio::test]
async fn client_that_does_not_read_its_response_is_disconnected() {
    let (_database, engine) = secured(&["--response-write-timeout", "0.2", "--max-connections", "1"]).await;
    let mut deaf = RawConnection::open(&engine).await;
    let sql = json!({"type": "run_sql", "args": {"sql": "SELECT repeat('x', 50000000)"}}).to_string();
    deaf.post("/v2/query", SECRET, &sql).await;
    // The only connection is free again when the client is disconnected.
    eventually("another client is accepted", async || {
        let status = RawConnection::try_get(&engine, "/v1alpha1/config", SECRET).await;
        (status == Some(200)).then_some(())
    })
    .await;
    assert!(deaf.closed().await.len() < 50_000_000);
}

#[tokio::test]
async fn connections_that_are_not_in_use_are_closed_for_others() {
    let (database, engine) = secured(&["--max-connections", "3", "--request-header-timeout", "3600"]).await;
    let holder = hold_lock(&database).await;
    let mut busy = RawConnection::open(&engine).await;
    send_slow(&mut busy).await;
    until_waiting(&holder, 1).await;
    let mut idle = RawConnection::open(&engine).await;
    idle.post("/v1/graphql", SECRET, r#"{"query": "{ __typename }"}"#)
        .await;
    assert_eq!(idle.response().await.status, 200);
    let mut silent = RawConnection::open(&engine).await;

    // Each of these requests closes a connection that is not in use: one without a session, then the idle one.
    let mut first = RawConnection::open(&engine).await;
    send_slow(&mut first).await;
    until_waiting(&holder, 2).await;
    assert_eq!(silent.closed().await, "");
    let mut second = RawConnection::open(&engine).await;
    send_slow(&mut second).await;
    until_waiting(&holder, 3).await;
    assert_eq!(idle.closed().await, "");

    // All connections are in use.
    let mut refused = RawConnection::open(&engine).await;
    let response = refused.get("/v1/version").await;
    assert_eq!(response.status, 503);
    assert!(response.head.contains("Retry-After: 1\r\n"), "{response:?}");
    assert!(response.body.contains("too many connections"), "{response:?}");
    assert_eq!(refused.closed().await, "");

    release_lock(&holder).await;
    for connection in [&mut busy, &mut first, &mut second] {
        let response = connection.response().await;
        assert_eq!(
            (response.status, &*response.body),
            (200, r#"{"data":{"slow":[{"id":1}]}}"#)
        );
    }
    assert_eq!(
        RawConnection::try_get(&engine, "/v1/version", "").await,
        Some(200)
    );
}

#[tokio::test]
async fn sockets_without_a_session_are_closed_for_others() {
    let (_database, engine) = secured(&[
        "--max-connections",
        "1",
        "--websocket-connection-init-timeout",
        "3600",
        "--unauthorized-role",
        "anonymous",
    ])
    .await;
    let mut unknown = Socket::open(&engine.url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
    // A session without credentials does not keep the connection.
    unknown.send(&json!({"type": "connection_init"})).await;
    assert_eq!(unknown.next().await["type"], "connection_ack");
    let mut known = Socket::open(&engine.url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
    assert_eq!(unknown.closed().await, 1013);
    let headers = json!({"x-hasura-admin-secret": "s3cret"});
    known
        .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
        .await;
    assert_eq!(known.next().await["type"], "connection_ack");
    assert_eq!(
        RawConnection::try_get(&engine, "/v1/version", "").await,
        Some(503)
    );
    drop(known);
    eventually("the connection of the socket is free", async || {
        let status = RawConnection::try_get(&engine, "/v1/version", "").await;
        (status == Some(200)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn connections_of_an_address_are_limited() {
    let (_database, engine) = engine(&["--max-connections-per-address", "20"]).await;
    let mut open = Vec::new();
    eventually("the limit is reached", async || {
        let mut connection = RawConnection::open(&engine).await;
        let status = connection.get("/v1/version").await.status;
        open.push(connection);
        (status == 503).then_some(())
    })
    .await;
    assert!(open.len() <= 21, "{}", open.len());
    open.clear();
    eventually("the connections are free", async || {
        let status = RawConnection::try_get(&engine, "/v1/version", "").await;
        (status == Some(200)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn headers_are_limited_in_number_and_length() {
    let (_database, engine) = engine(&["--max-header-bytes", "10000"]).await;
    let many = "x-a: b\r\n".repeat(101);
    let long = format!("x-a: {}\r\n", "b".repeat(10_000));
    for headers in [many, long] {
        let mut connection = RawConnection::open(&engine).await;
        connection.send_head("/v1/graphql", &headers).await;
        let sent = connection.closed().await;
        assert!(sent.starts_with("HTTP/1.1 431 "), "{sent}");
    }
}

#[tokio::test]
async fn graceful_shutdown_closes_idle_connections() {
    let (database, engine) =
        secured(&["--request-header-timeout", "3600", "--keep-alive-timeout", "3600"]).await;
    let holder = hold_lock(&database).await;
    let mut silent = RawConnection::open(&engine).await;
    let mut idle = RawConnection::open(&engine).await;
    assert_eq!(idle.get("/v1/version").await.status, 200);
    let mut busy = RawConnection::open(&engine).await;
    send_slow(&mut busy).await;
    until_waiting(&holder, 1).await;
    let mut socket = Socket::open(&engine.url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
    engine.begin_stop().await;
    assert_eq!(silent.closed().await, "");
    assert_eq!(idle.closed().await, "");
    assert_eq!(socket.receive().await, SocketEvent::Closed(1001));
    release_lock(&holder).await;
    let response = busy.response().await;
    assert_eq!(response.status, 200);
    assert!(
        response.head.to_lowercase().contains("connection: close"),
        "{response:?}"
    );
    engine.stop().await;
}
