//! Messages and close codes of the two protocols.

use super::{CHANGE, NOTES, change, engine, engine_with, note};
use serde_json::{Value, json};
use testkit::socket::{Socket, SocketEvent};

#[tokio::test]
async fn queries_and_mutations_return_data_and_complete() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket
        .start("a", "{ note(where: {id: {_eq: 1}}) { text } }", json!({}))
        .await;
    assert_eq!(
        socket.expect("a", "data").await,
        json!({"data": {"note": [{"text": "first"}]}})
    );
    socket.expect("a", "complete").await;
    socket
        .start("a", CHANGE, json!({"id": 1, "text": "second"}))
        .await;
    assert_eq!(
        socket.expect("a", "data").await,
        json!({"data": {"update_note": {"affected_rows": 1}}})
    );
    socket.expect("a", "complete").await;
}

#[tokio::test]
async fn errors_before_and_during_execution_have_different_forms() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("1", "{ nothing }", json!({})).await;
    let payload = socket.expect("1", "error").await;
    assert_eq!(payload["errors"][0]["extensions"]["code"], "validation-failed");
    assert_eq!(
        payload["errors"][0]["extensions"]["path"],
        "$.selectionSet.nothing"
    );
    socket.expect("1", "complete").await;
    socket
        .start("2", CHANGE, json!({"id": 1, "text": "forbidden"}))
        .await;
    let payload = socket.expect("2", "data").await;
    assert_eq!(payload["data"], Value::Null);
    assert_eq!(
        payload["errors"][0]["extensions"]["code"], "permission-error",
        "{payload}"
    );
    socket.expect("2", "complete").await;

    let mut old = Socket::open(&engine.url, "/v1alpha1/graphql", "graphql-ws").await;
    old.send(&json!({"type": "connection_init"})).await;
    assert_eq!(old.next().await["type"], "connection_ack");
    old.start("1", "{ nothing }", json!({})).await;
    let payload = old.expect("1", "error").await;
    assert_eq!(
        (&payload["code"], &payload["path"]),
        (&json!("validation-failed"), &json!("$.selectionSet.nothing"))
    );
    old.expect("1", "complete").await;
    old.start("2", CHANGE, json!({"id": 1, "text": "forbidden"}))
        .await;
    assert_eq!(
        old.expect("2", "data").await["errors"][0]["code"],
        "permission-error"
    );
}

#[tokio::test]
async fn subscriptions_transport_ws_survives_invalid_messages() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::open(&engine.url, "/v1/graphql", "graphql-ws").await;
    socket.start("early", "{ __typename }", json!({})).await;
    let payload = socket.expect("early", "error").await;
    assert_eq!(payload["extensions"]["code"], "start-failed", "{payload}");
    assert_eq!(
        payload["message"],
        "start received before the connection is initialised"
    );
    socket.expect("early", "complete").await;
    for garbage in [
        "not json",
        r#"{"type":"dance"}"#,
        r#"{"type":"stop"}"#,
        "[]",
        r#"{"type":"start","id":"1"}"#,
    ] {
        socket.send_text(garbage).await;
        let message = socket.next().await;
        assert_eq!(message["type"], "connection_error", "{garbage}");
        assert!(
            message["payload"]
                .as_str()
                .is_some_and(|text| text.starts_with("parsing ClientMessage failed: "))
        );
    }
    // The connection may be initialised twice.
    for _ in 0..2 {
        socket.send(&json!({"type": "connection_init"})).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
    }
    socket.start("s", NOTES, json!({"id": 1})).await;
    socket.expect("s", "data").await;
    socket.start("s", NOTES, json!({"id": 2})).await;
    let payload = socket.expect("s", "error").await;
    assert_eq!(payload["message"], "an operation already exists with this id: s");
    socket.expect("s", "complete").await;
}

#[tokio::test]
async fn graphql_transport_ws_runs_from_init_to_complete() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::graphql_transport_ws(&engine.url).await;
    assert_eq!(
        socket.receive().await,
        SocketEvent::Message(json!({"type": "ping", "payload": {"message": "keepalive"}}))
    );
    socket.send(&json!({"type": "pong"})).await;
    socket.send(&json!({"type": "ping", "payload": {"a": 1}})).await;
    assert_eq!(socket.next().await, json!({"type": "pong", "payload": {"a": 1}}));
    let subscribe = |id: &str, query: &str| json!({"type": "subscribe", "id": id, "payload": {"query": query, "variables": {"id": 1}}});
    socket
        .send(&subscribe(
            "q",
            "query ($id: Int!) { note(where: {id: {_eq: $id}}) { id text } }",
        ))
        .await;
    assert_eq!(socket.expect("q", "next").await, note(1, "first"));
    socket.expect("q", "complete").await;
    socket.send(&subscribe("s", NOTES)).await;
    assert_eq!(socket.expect("s", "next").await, note(1, "first"));
    change(&engine, 1, "second").await;
    assert_eq!(socket.expect("s", "next").await, note(1, "second"));
    socket.send(&json!({"type": "complete", "id": "s"})).await;
    socket.send(&subscribe("e", "{ nothing }")).await;
    let payload = socket.expect("e", "error").await;
    assert_eq!(payload[0]["extensions"]["code"], "validation-failed", "{payload}");
    // An error completes its operation; the id may be used again.
    socket
        .send(&subscribe(
            "e",
            "query ($id: Int!) { note_by_pk(id: $id) { id } }",
        ))
        .await;
    socket.expect("e", "next").await;
    socket.expect("e", "complete").await;
}

#[tokio::test]
async fn graphql_transport_ws_closes_with_specified_codes() {
    let (_database, engine) = engine_with(&["--websocket-connection-init-timeout", "1"]).await;
    let open = || Socket::open(&engine.url, "/v1/graphql", "graphql-transport-ws");
    let subscribe =
        json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { __typename }"}});

    let mut silent = open().await;
    assert_eq!(silent.closed().await, 4408);
    let mut early = open().await;
    early.send(&subscribe).await;
    assert_eq!(early.closed().await, 4401);
    for garbage in [
        "not json",
        r#"{"type":"start","id":"1","payload":{"query":"{a}"}}"#,
        r#"{"type":"complete"}"#,
    ] {
        let mut socket = Socket::graphql_transport_ws(&engine.url).await;
        socket.send_text(garbage).await;
        assert_eq!(socket.closed().await, 4400, "{garbage}");
    }
    let mut twice = Socket::graphql_transport_ws(&engine.url).await;
    twice.send(&json!({"type": "connection_init"})).await;
    assert_eq!(twice.closed().await, 4429);
    engine.command("track_table", json!("note")).await;
    let mut duplicate = Socket::graphql_transport_ws(&engine.url).await;
    let live = json!({"type": "subscribe", "id": "1", "payload": {"query": NOTES, "variables": {"id": 1}}});
    duplicate.send(&live).await;
    duplicate.expect("1", "next").await;
    duplicate.send(&live).await;
    assert_eq!(duplicate.closed().await, 4409);
}

#[tokio::test]
async fn missing_secret_is_refused_per_protocol() {
    let (_database, engine) = engine_with(&["--admin-secret", "s3cret"]).await;
    let mut socket = Socket::open(&engine.url, "/v1/graphql", "graphql-ws").await;
    socket
        .send(&json!({"type": "connection_init", "payload": {"headers": {"x-hasura-admin-secret": "wrong"}}}))
        .await;
    let message = socket.next().await;
    assert_eq!(message["type"], "connection_error");
    socket.start("1", "{ __typename }", json!({})).await;
    let payload = socket.expect("1", "error").await;
    let text = payload["message"].as_str().expect("the error has a message");
    assert!(
        text.starts_with("cannot start as connection_init failed with : "),
        "{text}"
    );
    socket.expect("1", "complete").await;
    // A second `connection_init` with the right secret succeeds.
    socket
        .send(
            &json!({"type": "connection_init", "payload": {"headers": {"X-Hasura-Admin-Secret": "s3cret"}}}),
        )
        .await;
    assert_eq!(socket.next().await["type"], "connection_ack");

    let mut newer = Socket::open(&engine.url, "/v1/graphql", "graphql-transport-ws").await;
    newer.send(&json!({"type": "connection_init"})).await;
    assert_eq!(newer.closed().await, 4403);
    // The secret may also be a header of the handshake.
    let headers = [
        ("Sec-WebSocket-Protocol", "graphql-ws"),
        ("X-Hasura-Admin-Secret", "s3cret"),
    ];
    let mut socket = Socket::try_open(&engine.url, "/v1/graphql", &headers)
        .await
        .expect("the engine accepts the handshake");
    socket.send(&json!({"type": "connection_init"})).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
}

#[tokio::test]
async fn foreign_origin_and_unknown_path_are_refused() {
    let (_database, engine) = engine_with(&["--cors-domain", "https://app.example.com"]).await;
    let open = async |path: &str, origin: &str| {
        let headers = [("Sec-WebSocket-Protocol", "graphql-ws"), ("Origin", origin)];
        Socket::try_open(&engine.url, path, &headers).await.is_ok()
    };
    assert!(open("/v1/graphql", "https://app.example.com").await);
    assert!(!open("/v1/graphql", "https://evil.example.com").await);
    assert!(!open("/v1/other", "https://app.example.com").await);
}

#[tokio::test]
async fn shutdown_closes_sockets_with_going_away() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("s", NOTES, json!({"id": 1})).await;
    socket.expect("s", "data").await;
    engine.stop().await;
    assert_eq!(socket.closed().await, 1001);
}

#[tokio::test]
async fn slow_oversized_and_malformed_clients_do_not_affect_others() {
    let (_database, engine) = engine_with(&["--max-body-bytes", "2000000"]).await;
    engine.command("track_table", json!("note")).await;
    // This client never reads: 40 live queries, each with a result of 500 kB at every change.
    let pad = "x".repeat(500_000);
    let mut slow = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    for n in 0..40 {
        slow.start(&format!("s{n}"), NOTES, json!({"id": 1})).await;
    }
    let mut good = Socket::graphql_transport_ws(&engine.url).await;
    let query = json!({"query": NOTES, "variables": {"id": 2}});
    good.send(&json!({"type": "subscribe", "id": "g", "payload": query}))
        .await;
    assert_eq!(good.expect("g", "next").await, note(2, "first"));
    for n in 0..10 {
        change(&engine, 1, &format!("{n} {pad}")).await;
        // A message above the limit closes only its own socket.
        let mut oversized = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
        oversized.send_text(&"x".repeat(2_100_000)).await;
        assert_ne!(oversized.closed().await, 1000);
        let mut malformed = Socket::graphql_transport_ws(&engine.url).await;
        malformed.send_text("{\"type\": \"subscribe\", \"id\": ").await;
        assert_eq!(malformed.closed().await, 4400);
        change(&engine, 2, &format!("{n}")).await;
        assert_eq!(good.expect("g", "next").await, note(2, &format!("{n}")));
    }
}

/// Returns the result of an operation; skips the messages before it.
async fn result(socket: &mut Socket, id: &str) -> Value {
    loop {
        let mut message = socket.next().await;
        if message["id"] == id && message["type"] == "data" {
            return message["payload"].take();
        }
    }
}

#[tokio::test]
async fn operations_of_one_socket_run_in_order() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    let query = "query ($id: Int!) { note(where: {id: {_eq: $id}}) { id text } }";
    for round in 0..10 {
        for n in 0..20 {
            let variables = json!({"id": 1, "text": format!("{round}-{n}")});
            socket.start(&format!("m{round}-{n}"), CHANGE, variables).await;
        }
        let id = format!("q{round}");
        socket.start(&id, query, json!({"id": 1})).await;
        let last = note(1, &format!("{round}-19"));
        assert_eq!(result(&mut socket, &id).await, last);
    }
}

#[tokio::test]
async fn client_that_does_not_read_bounds_buffered_results() {
    let (_database, engine) = engine().await;
    engine
        .sql(
            "CREATE TABLE big (id int PRIMARY KEY, t text); INSERT INTO big VALUES (1, repeat('x', 1000000))",
        )
        .await;
    engine.command("track_table", json!("big")).await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    for n in 0..200 {
        socket
            .start(&format!("q{n}"), "{ big { id t } }", json!({}))
            .await;
    }
    // Only the operations that run concurrently have results; the others have not started and hold no pooled connection.
    let watcher = engine.engine.pool.clone();
    let mut other = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    other.start("q", "{ note(limit: 1) { id } }", json!({})).await;
    other.expect("q", "data").await;
    assert!(
        watcher.status().size <= 20,
        "{} connections: too many operations ran concurrently",
        watcher.status().size
    );
    // All results arrive once the client reads.
    let mut completed = 0;
    while completed < 200 {
        if socket.next().await["type"] == "complete" {
            completed += 1;
        }
    }
}
