//! Limits, timeouts, an unreachable database, failed starts, connections that close early.

use super::{client, engine};
use crate::support::{LOCKED, TestEngine, hold_lock, release_lock, start_error, until_waiting};
use serde_json::json;
use std::io::Write as _;
use testkit::proxy::{Proxy, address_of};
use testkit::{Socket, TestDatabase, Webhook, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn large_bodies_and_deep_documents_are_refused() {
    let (_database, engine) = engine(&[
        "--max-body-bytes",
        "2000",
        "--max-query-bytes",
        "500",
        "--max-depth",
        "2",
    ])
    .await;
    let (status, answer) = engine
        .post("/v1/query", &[], &json!({"type": "x".repeat(3000)}))
        .await;
    assert_eq!(status, 413);
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("HASURA_GRAPHQL_MAX_BODY_BYTES"),
        "{answer}"
    );
    let query = format!("{{ __typename {} }}", " ".repeat(600));
    let answer = engine.graphql(&query, json!({})).await;
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("HASURA_GRAPHQL_MAX_QUERY_BYTES"),
        "{answer}"
    );
    let answer = engine
        .graphql("{ author_aggregate { nodes { id } } }", json!({}))
        .await;
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("HASURA_GRAPHQL_MAX_DEPTH"), "{answer}");
}

#[tokio::test]
async fn health_reports_inconsistent_metadata() {
    let (_database, engine) = engine(&[]).await;
    let health = async || {
        let response = reqwest::get(format!("{}/healthz", engine.url)).await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(health().await, (200, "OK".to_owned()));
    let broken = json!({"allow_inconsistent_metadata": true, "metadata": {"tables": [{"table": "nothing"}]}});
    engine.command("replace_metadata", broken).await;
    assert_eq!(
        health().await,
        (200, "WARN: inconsistent objects in schema".to_owned())
    );
}

#[tokio::test]
async fn unreachable_database_returns_503_with_retry_after() {
    let database = TestDatabase::create("meta").await;
    let proxy = Proxy::before(address_of(database.url())).await;
    let engine = TestEngine::start_on(&proxy.url(database.url()), &[]).await;
    engine.sql("CREATE TABLE author (id int)").await;
    engine.command("track_table", json!("author")).await;
    proxy.go_away();
    for path in ["/v1/graphql", "/v1alpha1/graphql", "/v1/query"] {
        let body = if path == "/v1/query" {
            json!({"type": "run_sql", "args": {"sql": "SELECT 1"}})
        } else {
            json!({"query": "{ author { id } }"})
        };
        let response = client()
            .post(format!("{}{path}", engine.url))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 503, "{path}");
        assert!(response.headers().contains_key("retry-after"), "{path}");
        let text = response.text().await.unwrap();
        assert!(!text.contains("SELECT"), "{text}");
    }
    let health = reqwest::get(format!("{}/healthz", engine.url)).await.unwrap();
    assert_eq!(health.status(), 500);
    proxy.come_back();
    eventually("the engine reaches the database again", async || {
        let answer = engine.graphql("{ author { id } }", json!({})).await;
        (answer == json!({"data": {"author": []}})).then_some(())
    })
    .await;
}

/// Sets or resets `default_transaction_read_only` and closes the sessions that have the former value.
async fn set_read_only(database: &TestDatabase, admin: &tokio_postgres::Client, read_only: bool) {
    const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let setting = if read_only {
        "SET default_transaction_read_only = on"
    } else {
        "RESET default_transaction_read_only"
    };
    let name = database.url().rsplit('/').next().unwrap();
    let name = name.split('?').next().unwrap();
    admin
        .batch_execute(&format!("ALTER DATABASE \"{name}\" {setting}"))
        .await
        .unwrap();
    if read_only {
        admin.batch_execute(TERMINATE).await.unwrap();
    }
}

/// The sessions of the engine that began while the database was read-only stay so after it is writable; the engine
/// replaces them.
#[tokio::test]
async fn read_only_database_is_a_transient_error() {
    let (database, engine) = engine(&[]).await;
    let admin = database.connect().await;
    let webhook = Webhook::start().await;
    let trigger =
        json!({"name": "added", "table": "author", "webhook": webhook.url, "insert": {"columns": "*"}});
    engine.command("create_event_trigger", trigger).await;
    let insert = "mutation { insert_author_one(object: {name: \"b\"}) { name } }";
    let requests = [
        ("/v1/graphql", json!({"query": insert})),
        (
            "/v1/query",
            json!({"type": "insert", "args": {"table": "author", "objects": [{"name": "c"}]}}),
        ),
        (
            "/v1/query",
            json!({"type": "run_sql", "args": {"sql": "INSERT INTO author (name) VALUES ('d')"}}),
        ),
        (
            "/v1/metadata",
            json!({"type": "untrack_table", "args": {"table": "author", "cascade": true}}),
        ),
    ];
    set_read_only(&database, &admin, true).await;
    for (path, body) in &requests {
        // The first requests may meet a connection that was just terminated, which is transient as well.
        eventually(
            "the request is refused because the database is read-only",
            async || {
                let response = client()
                    .post(format!("{}{path}", engine.url))
                    .json(body)
                    .send()
                    .await
                    .unwrap();
                assert_eq!(response.status(), 503, "{path} {body}");
                assert!(response.headers().contains_key("retry-after"), "{path} {body}");
                response.text().await.unwrap().contains("read-only").then_some(())
            },
        )
        .await;
    }
    let mut socket = Socket::graphql_transport_ws(&engine.url).await;
    let subscribe = json!({"type": "subscribe", "id": "m", "payload": {"query": insert}});
    socket.send(&subscribe).await;
    let payload = socket.expect("m", "next").await;
    let error = &payload["errors"][0];
    assert_eq!(error["extensions"]["code"], "unexpected", "{payload}");
    assert_eq!(
        error["message"], "database is temporarily unavailable; retry later",
        "{payload}"
    );

    // Written by another session: the engine cannot claim the event yet.
    admin
        .batch_execute("SET default_transaction_read_only = off; INSERT INTO author (name) VALUES ('event')")
        .await
        .unwrap();
    set_read_only(&database, &admin, false).await;
    eventually("the engine writes again", async || {
        let response = engine.graphql(insert, json!({})).await;
        (response == json!({"data": {"insert_author_one": {"name": "b"}}})).then_some(())
    })
    .await;
    for name in ["event", "b"] {
        eventually("the event is delivered", async || {
            let deliveries = webhook.received();
            let mut names = deliveries
                .iter()
                .map(|call| &call.body["event"]["data"]["new"]["name"]);
            names.any(|other| other == name).then_some(())
        })
        .await;
    }
    engine.sql("INSERT INTO author (name) VALUES ('d')").await;
}

#[tokio::test]
async fn incomplete_request_has_no_effect() {
    let (_database, engine) = engine(&[]).await;
    let address = engine.url.trim_start_matches("http://").to_owned();
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    let mut head = Vec::new();
    write!(
        head,
        "POST /v1alpha1/graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{\"query\""
    )
    .unwrap();
    socket.write_all(&head).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    assert_eq!(
        engine.graphql("{ __typename }", json!({})).await,
        json!({"data": {"__typename": "query_root"}})
    );
}

#[tokio::test]
async fn query_is_cancelled_at_the_time_limit() {
    let (database, engine) = engine(&["--operation-timeout", "1"]).await;
    engine
        .sql(&format!("CREATE VIEW slow AS SELECT 1 AS id FROM {LOCKED}"))
        .await;
    engine.command("track_table", json!("slow")).await;
    let holder = hold_lock(&database).await;
    let locked = format!("SELECT 1 FROM {LOCKED}");
    let query = async {
        until_waiting(&holder, 1).await;
        let response = engine.graphql("{ slow { id } }", json!({})).await;
        assert_eq!(
            response["errors"][0]["extensions"]["code"], "time-limit-exceeded",
            "{response}"
        );
        release_lock(&holder).await;
    };
    // The limit does not apply to `run_sql`: the statement started before the query and outlives it.
    let (response, ()) = tokio::join!(engine.sql(&locked), query);
    assert_eq!(response["result_type"], "TuplesOk");
}

#[tokio::test]
async fn start_without_a_database_fails_after_the_configured_wait() {
    let url = "postgres://u:hunter2@127.0.0.1:9/x";
    let error = start_error(url, &["--database-wait", "1"]).await;
    assert!(error.contains("HASURA_GRAPHQL_DATABASE_WAIT"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn start_on_a_missing_database_fails_without_waiting() {
    let database = TestDatabase::create("meta").await;
    // A wait of this length would end the test as hanging.
    let error = start_error(
        &format!("{}_missing", database.url()),
        &["--database-wait", "86400"],
    )
    .await;
    assert!(error.contains("does not exist"), "{error}");
}

#[tokio::test]
async fn occupied_port_is_reported_before_the_database_is_used() {
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port().to_string();
    let error = start_error("postgres://127.0.0.1:9/x", &["--server-port", &port]).await;
    assert!(error.contains("HASURA_GRAPHQL_SERVER_PORT"), "{error}");
}

#[tokio::test]
async fn requests_share_pooled_connections() {
    const CONNECTIONS: i64 = 2;
    const REQUESTS: usize = 12;
    let (database, engine) = engine(&["--pg-connections", "2"]).await;
    engine
        .sql(&format!("CREATE VIEW slow AS SELECT 1 AS id FROM {LOCKED}"))
        .await;
    engine.command("track_table", json!("slow")).await;
    let holder = hold_lock(&database).await;
    let requests =
        futures_util::future::join_all((0..REQUESTS).map(|_| engine.graphql("{ slow { id } }", json!({}))));
    let release = async {
        until_waiting(&holder, CONNECTIONS).await;
        eventually("the other requests wait for a connection", async || {
            (engine.engine.pool.status().waiting == REQUESTS - 2).then_some(())
        })
        .await;
        until_waiting(&holder, CONNECTIONS).await;
        release_lock(&holder).await;
    };
    let (responses, ()) = tokio::join!(requests, release);
    for response in responses {
        assert_eq!(response, json!({"data": {"slow": [{"id": 1}]}}));
    }
}
