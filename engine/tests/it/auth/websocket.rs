//! Sessions of sockets: credentials in `connection_init` and in the handshake, expiry, renewal.

use super::{SECRET, claims, engine, roles};
use crate::support::TestEngine;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::jwt::{TestKey, now};
use testkit::socket::{GRAPHQL_TRANSPORT_WS, SUBSCRIPTIONS_TRANSPORT_WS, Socket, SocketEvent};
use testkit::webhook::Reply;
use testkit::{TestDatabase, Webhook, eventually_within};

const LIVE: &str = "subscription { probe { id } }";

async fn with_key() -> (TestKey, TestDatabase, TestEngine) {
    let key = TestKey::generate("EdDSA");
    let config = json!({"type": "Ed25519", "key": key.pem()}).to_string();
    let (database, engine) = engine(&["--jwt-secret", &config]).await;
    (key, database, engine)
}

/// A `connection_init` message with a token for an admin of this user id that expires in some seconds.
fn init(key: &TestKey, user: &str, seconds: i64) -> Value {
    let mut hasura = roles(&["admin"]);
    hasura["x-hasura-user-id"] = user.into();
    let mut claims = claims(&hasura);
    claims["exp"] = now(seconds).into();
    init_with(&json!({"Authorization": format!("Bearer {}", key.sign(&claims))}))
}

fn init_with(headers: &Value) -> Value {
    json!({"type": "connection_init", "payload": {"headers": headers}})
}

async fn acknowledged(socket: &mut Socket, init: &Value) {
    socket.send(init).await;
    assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
}

#[tokio::test]
async fn socket_is_closed_when_the_token_expires() {
    let (key, _database, engine) = with_key().await;
    for protocol in [SUBSCRIPTIONS_TRANSPORT_WS, GRAPHQL_TRANSPORT_WS] {
        let mut socket = Socket::open(&engine.url, "/v1/graphql", protocol).await;
        acknowledged(&mut socket, &init(&key, "1", 5)).await;
        let start = if protocol == GRAPHQL_TRANSPORT_WS {
            "subscribe"
        } else {
            "start"
        };
        socket
            .send(&json!({"type": start, "id": "s", "payload": {"query": LIVE}}))
            .await;
        assert_eq!(socket.next().await["payload"], json!({"data": {"probe": []}}));
        assert_eq!(socket.closed().await, 1000);
    }
}

#[tokio::test]
async fn expired_token_stops_operations_of_a_client_that_does_not_read() {
    let (key, _database, engine) = with_key().await;
    let mut socket = Socket::open(&engine.url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
    acknowledged(&mut socket, &init(&key, "1", 5)).await;
    socket
        .send(&json!({"type": "subscribe", "id": "s", "payload": {"query": LIVE}}))
        .await;
    assert_eq!(socket.next().await["payload"], json!({"data": {"probe": []}}));
    // The responses exceed the send queue and the socket buffers, so that a response waits for capacity until the token expires.
    let ping = json!({"type": "ping", "payload": {"text": "x".repeat(1_000_000)}});
    let flood = tokio::spawn(async move {
        loop {
            socket.send(&ping).await;
        }
    });
    eventually_within(Duration::from_secs(20), "the subscription stops", async || {
        (engine.engine.live.pollers() == 0).then_some(())
    })
    .await;
    flood.abort();
}

#[tokio::test]
async fn invalid_token_is_refused_per_protocol() {
    let (key, _database, engine) = with_key().await;
    let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    socket.send(&init(&key, "1", -1)).await;
    let expected = json!({"type": "connection_error", "payload": "Could not verify JWT: JWTExpired"});
    assert_eq!(socket.next().await, expected);
    socket.start("q", "{ __typename }", json!({})).await;
    let message = socket.expect("q", "error").await["message"].take();
    assert_eq!(
        message,
        "cannot start as connection_init failed with : Could not verify JWT: JWTExpired"
    );
    socket.expect("q", "complete").await;
    acknowledged(&mut socket, &init(&key, "1", 600)).await;

    let mut socket = Socket::open(&engine.url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
    socket.send(&init_with(&json!({}))).await;
    assert_eq!(socket.closed().await, 4403);
}

#[tokio::test]
async fn oversized_messages_and_tokens_are_refused() {
    let (key, _database, engine) = with_key().await;
    for protocol in [SUBSCRIPTIONS_TRANSPORT_WS, GRAPHQL_TRANSPORT_WS] {
        let mut socket = Socket::open(&engine.url, "/v1/graphql", protocol).await;
        let huge = "x".repeat(100_000);
        socket
            .send(&init_with(&json!({"Authorization": format!("Bearer {huge}")})))
            .await;
        assert_eq!(socket.closed().await, 1009);
    }
    let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    let long = "x".repeat(20_000);
    socket
        .send(&init_with(&json!({"Authorization": format!("Bearer {long}")})))
        .await;
    let message = "Could not verify JWT: the token exceeds 16384 bytes";
    assert_eq!(
        socket.next().await,
        json!({"type": "connection_error", "payload": message})
    );
    // The limit does not apply to an authenticated client.
    acknowledged(&mut socket, &init(&key, "1", 600)).await;
    socket
        .start(
            "q",
            "query ($a: String) { __typename }",
            json!({"a": "x".repeat(100_000)}),
        )
        .await;
    let message = socket.next().await;
    assert_eq!(message["id"], "q", "{message}");
}

#[tokio::test]
async fn headers_of_the_payload_replace_those_of_the_handshake() {
    let (key, _database, engine) = with_key().await;
    let token = |user: &str| {
        init(&key, user, 600)["payload"]["headers"]["Authorization"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let handshake = token("handshake");
    let headers = [
        ("Sec-WebSocket-Protocol", SUBSCRIPTIONS_TRANSPORT_WS),
        ("Authorization", &handshake),
        ("X-Hasura-User-Id", "spoofed"),
    ];
    let insert = "mutation { insert_probe_one(object: {}) { session } }";
    for (payload, user) in [
        (json!({}), "handshake"),
        (
            json!({"authorization": token("payload"), "x-hasura-user-id": "spoofed"}),
            "payload",
        ),
    ] {
        let mut socket = Socket::try_open(&engine.url, "/v1/graphql", &headers)
            .await
            .unwrap();
        acknowledged(&mut socket, &init_with(&payload)).await;
        socket.start("m", insert, json!({})).await;
        let session = socket.expect("m", "data").await["data"]["insert_probe_one"]["session"].take();
        assert_eq!(
            session,
            json!({"x-hasura-role": "admin", "x-hasura-user-id": user})
        );
    }
}

#[tokio::test]
async fn renewed_session_continues_its_subscriptions() {
    let (key, _database, engine) = with_key().await;
    let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    acknowledged(&mut socket, &init(&key, "1", 5)).await;
    socket.start("s", LIVE, json!({})).await;
    socket.expect("s", "data").await;
    acknowledged(&mut socket, &init(&key, "1", 600)).await;
    // The first token expires on the other connection; the renewed one is still open afterwards.
    let mut other = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    acknowledged(&mut other, &init(&key, "1", 6)).await;
    assert_eq!(other.closed().await, 1000);
    let body = json!({"query": "mutation { insert_probe_one(object: {}) { id } }"});
    engine.post("/v1/graphql", &[SECRET], &body).await;
    assert_eq!(
        socket.expect("s", "data").await,
        json!({"data": {"probe": [{"id": 1}]}})
    );
}

#[tokio::test]
async fn subscriptions_end_with_their_session() {
    let (key, _database, engine) = with_key().await;
    for second in [init(&key, "2", 600), init(&key, "1", -1)] {
        let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
        acknowledged(&mut socket, &init(&key, "1", 600)).await;
        socket.start("s", LIVE, json!({})).await;
        socket.expect("s", "data").await;
        socket.send(&second).await;
        socket.expect("s", "complete").await;
        let kind = socket.next().await["type"].take();
        assert!(kind == "connection_ack" || kind == "connection_error", "{kind}");
    }
}

/// A hook that accepts the cookie or the bearer token `alice`, and replies with these further members.
async fn hook(further: Value) -> Webhook {
    Webhook::behaving(move |_, received| {
        let has = |name: &str, value: &str| received.headers.get(name).is_some_and(|found| found == value);
        if has("cookie", "user=alice") || has("authorization", "Bearer alice") {
            let mut session = json!({"X-Hasura-Role": "admin"});
            for (name, value) in further.as_object().unwrap() {
                session[name] = value.clone();
            }
            Reply::status(200).body(&session)
        } else {
            Reply::status(401)
        }
    })
    .await
}

#[tokio::test]
async fn expiry_of_the_hook_closes_the_socket() {
    let bearer = init_with(&json!({"Authorization": "Bearer alice"}));
    let past = "Sun, 06 Nov 1994 08:49:37 GMT";
    for further in [
        json!({"Cache-Control": "max-age=1"}),
        json!({"cache-control": "max-age=1", "Expires": "Fri, 31 Dec 9999 00:00:00 GMT"}),
        json!({"Expires": past}),
    ] {
        let hook = hook(further).await;
        let (_database, engine) = engine(&["--auth-hook", &hook.url]).await;
        let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
        socket.send(&bearer).await;
        assert_eq!(
            socket.receive().await,
            SocketEvent::Message(json!({"type": "connection_ack"}))
        );
        assert_eq!(socket.closed().await, 1000);
    }
    let hook = hook(json!({"Expires": "never", "Cache-Control": "soon"})).await;
    let (_database, engine) = engine(&["--auth-hook", &hook.url]).await;
    let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    acknowledged(&mut socket, &bearer).await;
    socket.nothing_before("q").await;
    let mut refused = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    refused
        .send(&init_with(&json!({"Authorization": "Bearer bob"})))
        .await;
    assert_eq!(
        refused.next().await,
        json!({"type": "connection_error", "payload": "Authentication hook unauthorized this request"})
    );
}

/// Whether a handshake with the cookie authenticates the connection.
async fn cookie_is_accepted(engine: &TestEngine, origin: Option<&str>) -> bool {
    let mut headers = vec![
        ("Sec-WebSocket-Protocol", SUBSCRIPTIONS_TRANSPORT_WS),
        ("Cookie", "user=alice"),
    ];
    headers.extend(origin.map(|origin| ("Origin", origin)));
    let mut socket = Socket::try_open(&engine.url, "/v1/graphql", &headers)
        .await
        .unwrap();
    socket.send(&init_with(&json!({}))).await;
    socket.next().await["type"] == "connection_ack"
}

#[tokio::test]
async fn cookies_count_only_for_own_and_listed_origins() {
    let hook = hook(json!({})).await;
    let app = Some("https://app.test");
    let (_database, any) = engine(&["--auth-hook", &hook.url]).await;
    assert!(cookie_is_accepted(&any, None).await);
    assert!(cookie_is_accepted(&any, Some(&any.url)).await);
    assert!(!cookie_is_accepted(&any, app).await);
    let post = async |engine: &TestEngine, origin: &str| {
        let headers = [("cookie", "user=alice"), ("origin", origin)];
        engine
            .post("/v1alpha1/graphql", &headers, &json!({"query": "{ __typename }"}))
            .await
            .0
    };
    assert_eq!(post(&any, &any.url).await, 200);
    assert_eq!(post(&any, "https://app.test").await, 401);
    let (_database, listed) = engine(&["--auth-hook", &hook.url, "--cors-domain", "https://app.test"]).await;
    assert!(cookie_is_accepted(&listed, app).await);
    assert_eq!(post(&listed, "https://app.test").await, 200);
    let (_database, disabled) = engine(&["--auth-hook", &hook.url, "--disable-cors"]).await;
    assert!(!cookie_is_accepted(&disabled, None).await);
    let options = ["--auth-hook", &hook.url, "--disable-cors", "--ws-read-cookie"];
    let (_database, reading) = engine(&options).await;
    assert!(cookie_is_accepted(&reading, None).await);
}
