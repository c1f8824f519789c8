//! The authentication webhook over HTTP.

use super::{SECRET, assert_accepted, engine, query, refusal, variables};
use crate::support::TestEngine;
use serde_json::{Value, json};
use std::io;
use testkit::webhook::{Received, Reply};
use testkit::{TestDatabase, Webhook};
use tokio::net::TcpListener;

/// Starts a hook that accepts the bearer token `alice`, and an engine that uses it.
async fn start(mode: &str) -> (Webhook, TestDatabase, TestEngine) {
    let hook = Webhook::behaving(|_, received| authorize(received)).await;
    let url = format!("{}/auth?key=hidden", hook.url);
    let (database, engine) = engine(&["--auth-hook", &url, "--auth-hook-mode", mode]).await;
    (hook, database, engine)
}

fn authorize(received: &Received) -> Reply {
    let token = match &received.body {
        Value::Null => received
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok()),
        body => body["headers"]["authorization"].as_str(),
    };
    if token == Some("Bearer alice") {
        let session = json!({"X-Hasura-Role": "admin", "X-Hasura-User-Id": "1", "note": "ignored"});
        Reply::status(200)
            .body(session)
            .header("set-cookie", "session=new; HttpOnly")
    } else {
        Reply::status(401)
    }
}

const ALICE: (&str, &str) = ("authorization", "Bearer alice");

#[tokio::test]
async fn get_hook_receives_headers_and_decides_about_the_session() {
    let (hook, _database, engine) = start("GET").await;
    let headers = [
        ALICE,
        ("x-hasura-role", "user"),
        ("x-hasura-user-id", "2"),
        ("x-hasura-use-backend-only-permissions", "nonsense"),
        ("x-custom", "kept"),
        ("cookie", "a=b"),
        ("referer", "http://app.test/"),
        ("accept-language", "en"),
        ("user-agent", "browser"),
        ("cache-control", "no-cache"),
    ];
    assert_eq!(
        variables(&engine, &headers).await,
        json!({"x-hasura-role": "admin", "x-hasura-user-id": "1"})
    );
    let received = hook.received().pop().unwrap();
    assert_eq!(
        (received.path.as_str(), &received.body),
        ("/auth?key=hidden", &Value::Null)
    );
    for (name, value) in [
        ALICE,
        ("x-hasura-role", "user"),
        ("x-hasura-user-id", "2"),
        ("x-custom", "kept"),
        ("cookie", "a=b"),
    ] {
        assert_eq!(received.headers[name], value);
    }
    for name in [
        "content-type",
        "content-length",
        "transfer-encoding",
        "referer",
        "accept-language",
        "user-agent",
        "cache-control",
        "origin",
    ] {
        assert!(!received.headers.contains_key(name), "{name}");
    }
    assert_ne!(received.headers["host"], engine.url.trim_start_matches("http://"));
}

#[tokio::test]
async fn post_hook_receives_headers_and_the_request() {
    let (hook, _database, engine) = start("post").await;
    let last = || hook.received().pop().unwrap().body;
    let one = json!({"query": "query Q { __typename }", "operationName": "Q", "variables": {"a": 1}, "extensions": {}});
    let two = json!({"query": "{ __typename }"});
    let sent = json!({"query": "query Q { __typename }", "operationName": "Q", "variables": {"a": 1}});
    for (path, body, request) in [
        ("/v1/graphql", &one, &sent),
        ("/v1/graphql", &json!([one, two]), &json!([sent, two])),
        ("/v1alpha1/graphql", &two, &two),
        (
            "/v1/metadata",
            &json!({"type": "export_metadata", "args": {}}),
            &Value::Null,
        ),
        ("/v1/graphql/explain", &json!({"query": two}), &Value::Null),
    ] {
        let (status, answer) = engine.post(path, &[ALICE, ("x-custom", "kept")], body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        let received = last();
        assert_eq!(received["request"], *request, "{path}");
        assert_eq!(received["headers"]["x-custom"], "kept");
        assert_eq!(received["headers"]["content-type"], "application/json");
    }
    assert_eq!(query(&engine, "/v1alpha1/graphql", &[]).await.0, 401);
    let large = json!({"query": "{ __typename }", "extensions": {"a": "x".repeat(1_100_000)}});
    let before = hook.count();
    let (status, answer) = engine.post("/v1alpha1/graphql", &[ALICE], &large).await;
    assert_eq!(status, 413, "{answer}");
    assert_eq!(hook.count(), before);
    // With the admin secret, neither the hook nor its limit applies.
    assert_eq!(engine.post("/v1alpha1/graphql", &[SECRET], &large).await.0, 200);
    assert_eq!(hook.count(), before);
}

#[tokio::test]
async fn request_body_is_not_sent_if_disabled() {
    let hook = Webhook::behaving(|_, received| authorize(received)).await;
    let options = [
        "--auth-hook",
        &hook.url,
        "--auth-hook-mode",
        "POST",
        "--auth-hook-send-request-body",
        "false",
    ];
    let (_database, engine) = engine(&options).await;
    assert_accepted(&engine, &[ALICE]).await;
    let body = hook.received().pop().unwrap().body;
    assert!(
        body["headers"].is_object() && body.get("request").is_none(),
        "{body}"
    );
    let large = json!({"query": "{ __typename }", "extensions": {"a": "x".repeat(1_100_000)}});
    assert_eq!(engine.post("/v1alpha1/graphql", &[ALICE], &large).await.0, 200);
}

#[tokio::test]
async fn refusals_have_the_status_of_their_cause() {
    let hook = Webhook::behaving(|_, received| {
        match received.headers.get("x-case").map(|case| case.to_str().unwrap()) {
            Some("no role") => Reply::status(200).body(json!({"X-Hasura-User-Id": "1"})),
            Some("number") => {
                Reply::status(200).body(json!({"X-Hasura-Role": "user", "X-Hasura-User-Id": 1}))
            }
            Some("text") => Reply::status(200).body("welcome"),
            Some("large") => {
                Reply::status(200).body(json!({"x-hasura-role": "user", "a": "x".repeat(70_000)}))
            }
            Some("redirect") => Reply::status(302).header("location", "/other"),
            Some("failure") => Reply::status(500).body(json!({"X-Hasura-Role": "admin"})),
            _ => Reply::status(401).body(json!({"X-Hasura-Role": "admin"})),
        }
    })
    .await;
    let (_database, engine) = engine(&["--auth-hook", &hook.url]).await;
    for path in ["/v1alpha1/graphql", "/v1/query", "/v2/query", "/v1/metadata"] {
        let body = json!({"query": "{ __typename }", "type": "export_metadata", "args": {}});
        let (status, answer) = engine.post(path, &[("authorization", "Bearer x")], &body).await;
        let (code, message) = if path == "/v1alpha1/graphql" {
            (
                &answer["errors"][0]["extensions"]["code"],
                &answer["errors"][0]["message"],
            )
        } else {
            (&answer["code"], &answer["error"])
        };
        assert_eq!(
            (status, code, message),
            (
                401,
                &json!("access-denied"),
                &json!("Authentication hook unauthorized this request")
            ),
            "{path}"
        );
    }
    let (status, answer) = query(&engine, "/v1/graphql", &[]).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (200, &json!("access-denied"))
    );
    assert_eq!(
        refusal(&engine, &[("x-case", "no role")]).await,
        (
            "invalid-params".to_owned(),
            "x-hasura-role not found in session variables".to_owned()
        )
    );
    for case in ["number", "text", "large", "redirect", "failure"] {
        let (status, answer) = query(&engine, "/v1alpha1/graphql", &[("x-case", case)]).await;
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["code"]),
            (500, &json!("unexpected")),
            "{case}"
        );
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(
            message.starts_with("Invalid response from authorization hook"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn unreachable_hook_is_an_error_without_its_address() {
    // The server does not use TLS, so no certificate can be verified.
    let plain = Webhook::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    for url in [
        plain.url.replace("http:", "https:"),
        format!("http://{closed}/?key=hidden"),
    ] {
        let (_database, engine) = engine(&["--auth-hook", &url]).await;
        let (status, answer) = query(&engine, "/v1alpha1/graphql", &[ALICE]).await;
        assert_eq!(
            (status, answer),
            (
                500,
                json!({"errors": [{
                    "extensions": {"path": "$", "code": "unexpected"}, "message": "webhook authentication request failed",
                }]})
            )
        );
        assert_accepted(&engine, &[SECRET]).await;
    }
}

#[tokio::test]
async fn cookies_of_the_hook_are_sent_to_the_client() {
    let (_hook, _database, engine) = start("GET").await;
    let send = async |header: (&str, &str)| {
        let request = engine
            .http
            .post(format!("{}/v1/graphql", engine.url))
            .header(header.0, header.1);
        let response = request
            .json(&json!({"query": "{ __typename }"}))
            .send()
            .await
            .unwrap();
        response.headers().get("set-cookie").cloned()
    };
    assert_eq!(send(ALICE).await.unwrap(), "session=new; HttpOnly");
    assert_eq!(send(SECRET).await, None);
}

#[tokio::test]
async fn body_is_not_read_before_a_refusal_in_get_mode() -> io::Result<()> {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    let (_hook, _database, engine) = start("GET").await;
    let address = engine.url.trim_start_matches("http://");
    let mut socket = BufReader::new(tokio::net::TcpStream::connect(address).await?);
    let head = format!("POST /v1alpha1/graphql HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1000\r\n\r\n");
    socket.write_all(head.as_bytes()).await?;
    let mut status = String::new();
    socket.read_line(&mut status).await?;
    assert_eq!(status, "HTTP/1.1 401 Unauthorized\r\n");
    Ok(())
}
