//! Bounds of events: what is stored, what the engine holds in memory, and what the invocation log contains.

use super::{TABLE, TestStack, everything};
use serde_json::{Value, json};
use std::path::Path;
use testkit::socket::{GRAPHQL_TRANSPORT_WS, SUBSCRIPTIONS_TRANSPORT_WS, Socket};
use testkit::webhook::{Reply, Webhook};
use testkit::{EngineProcess, Gate, TestDatabase};

const FAILED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE error";
const DELIVERED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered";
const MIB: u64 = 1024 * 1024;

/// Bytes of the queue and of the invocation log in the database.
const STORED: &str = "SELECT pg_total_relation_size('hdb_catalog.event_log') + pg_total_relation_size('hdb_catalog.event_invocation_logs')";

async fn log_entry(stack: &TestStack) -> (i32, Value, Value) {
    let entry = "SELECT status, request, response FROM hdb_catalog.event_invocation_logs ORDER BY created_at DESC LIMIT 1";
    let row = stack.client.query_one(entry, &[]).await.unwrap();
    (row.get(0), row.get(1), row.get(2))
}

/// Over HTTP with the admin's rights, as a data command, and over both WebSocket protocols. All methods of authentication make
/// their sessions with the same check (unit tests of `engine_server::auth`).
#[tokio::test]
async fn long_session_variables_are_refused_on_every_path() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    let long = "v".repeat(5000);
    let headers = [("x-hasura-role", "admin"), ("x-hasura-long", long.as_str())];
    let insert = json!({"query": "mutation { insert_t(objects: [{id: 1}, {id: 2}]) { affected_rows } }"});
    let command = json!({"type": "insert", "args": {"table": "t", "objects": [{"id": 1}]}});
    let sql = json!({"type": "run_sql", "args": {"sql": "INSERT INTO t (id) VALUES (1)"}});
    for (path, refused, body) in [
        ("/v1/graphql", 200, &insert),
        ("/v1alpha1/graphql", 400, &insert),
        ("/v1/query", 400, &command),
        ("/v1/query", 400, &sql),
        ("/v2/query", 400, &sql),
    ] {
        let (status, response) = stack.engine.post(path, &headers, body).await;
        assert_eq!(status, refused, "{path}: {response}");
        assert!(
            response.to_string().contains("session variables are too long"),
            "{path}: {response}"
        );
    }
    let init = json!({"type": "connection_init", "payload": {"headers": {"x-hasura-long": long}}});
    let mut socket = Socket::open(&stack.engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    socket.send(&init).await;
    assert_eq!(socket.next().await["type"], "connection_error");
    let mut socket = Socket::open(&stack.engine.url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
    socket.send(&init).await;
    assert!((4400..4500).contains(&socket.closed().await));
    assert_eq!(stack.number("SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn session_variables_set_by_sql_are_bounded_in_events() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    // 2 MB that do not compress, and 50 rows.
    stack
        .run(
            "SELECT set_config('hasura.user', json_build_object('x-hasura-role', 'user', 'x-hasura-big',
               (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 65536) AS i))::text, false),
               set_config('hasura.tracecontext', json_build_object('trace_id', repeat('x', 100000))::text, false);
             INSERT INTO t (id) SELECT generate_series(1, 50)",
        )
        .await;
    stack.until(DELIVERED, 50).await;
    for call in stack.webhook.received() {
        let event = &call.body["event"];
        assert_eq!(event["trace_context"], Value::Null);
        let mark = event["session_variables"]["truncated"].as_str().unwrap();
        assert!(mark.ends_with("the limit is 32768 bytes"), "{mark}");
    }
    assert!(stack.number(STORED).await < 2_000_000);
    // The largest variables that a request can have.
    stack
        .run(
            r"SELECT set_config('hasura.user', json_build_object('x-hasura-a', repeat(E'\x01', 4000))::text, false),
                      set_config('hasura.tracecontext', '', false);
               DELETE FROM t WHERE id = 1",
        )
        .await;
    stack.until(DELIVERED, 51).await;
    let variables = &stack.webhook.received()[50].body["event"]["session_variables"];
    assert_eq!(variables, &json!({"x-hasura-a": "\u{1}".repeat(4000)}));
}

#[tokio::test]
async fn row_beyond_the_limit_is_written_and_its_event_fails_with_the_reason() {
    let options = ["--events-max-payload-bytes", "100000"];
    let stack = TestStack::with(&options, Webhook::start().await).await;
    let mut definition = everything();
    definition["retry_conf"] = json!({"num_retries": 5});
    stack.trigger("one", definition).await;
    stack
        .run("INSERT INTO t (id, name, note) VALUES (7, 'a', repeat('x', 200000))")
        .await;
    stack.until(FAILED, 1).await;
    assert_eq!(stack.number("SELECT length(note)::bigint FROM t").await, 200_000);
    assert_eq!(stack.webhook.count(), 0);
    let payload = stack.payloads().await.remove(0);
    assert_eq!(payload["data"], json!({"old": null, "new": {"id": 7}}));
    assert_eq!(payload["op"], "INSERT");
    let (status, _, response) = log_entry(&stack).await;
    let reason = response["data"]["message"].as_str().unwrap();
    assert_eq!((status, &response["type"]), (1000, &json!("client_error")));
    assert!(
        reason.contains("the limit is 100000 bytes (HASURA_GRAPHQL_EVENTS_MAX_PAYLOAD_BYTES)"),
        "{reason}"
    );
    assert_eq!(
        stack
            .number("SELECT tries::bigint FROM hdb_catalog.event_log")
            .await,
        1
    );
    // A redelivered event fails again instead of being sent without its rows.
    let id: String = stack
        .client
        .query_one("SELECT id FROM hdb_catalog.event_log", &[])
        .await
        .unwrap()
        .get(0);
    stack
        .engine
        .command("redeliver_event", json!({"event_id": id}))
        .await;
    let logged = "SELECT count(*) FROM hdb_catalog.event_invocation_logs";
    stack.until(logged, 2).await;
    stack.until(FAILED, 1).await;
    assert_eq!(stack.webhook.count(), 0);
    // The next change of the row is small.
    stack.run("DELETE FROM t; INSERT INTO t (id) VALUES (8)").await;
    let call = stack.webhook.wait_for(1).await.remove(0);
    assert_eq!(call.body["event"]["data"]["new"]["id"], 8);
}

#[tokio::test]
async fn large_event_is_delivered_whole_and_logged_as_an_excerpt() {
    let stack = TestStack::with(
        &[],
        Webhook::behaving(|index, _| Reply::status(if index < 2 { 400 } else { 200 })).await,
    )
    .await;
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "retry_conf": {"num_retries": 2, "interval_sec": 1}}),
        )
        .await;
    stack
        .run("INSERT INTO t (id, note) VALUES (1, repeat('ä', 1000000))")
        .await;
    stack.until(DELIVERED, 1).await;
    for call in stack.webhook.received() {
        let note = call.body["event"]["data"]["new"]["note"].as_str().unwrap();
        assert_eq!(note.chars().filter(|&c| c == 'ä').count(), 1_000_000);
    }
    let (status, request, _) = log_entry(&stack).await;
    assert_eq!(status, 200);
    assert_eq!(request["payload"]["trigger"]["name"], "one");
    assert_eq!(request["payload"]["delivery_info"]["current_retry"], 2);
    let logged = request["payload"]["event"].as_str().unwrap();
    assert!(logged.starts_with(r#"{"op": "INSERT""#), "{logged}");
    let mark = "... truncated, ";
    let (beginning, size) = logged.split_once(mark).unwrap();
    assert!(beginning.len() <= 8192, "{}", beginning.len());
    let size: u64 = size.strip_suffix(" bytes").unwrap().parse().unwrap();
    assert!(size > 2_000_000, "{size}");
    let logs = "SELECT sum(octet_length(request::text))::bigint FROM hdb_catalog.event_invocation_logs";
    assert!(stack.number(logs).await < 3 * 20_000);
}

#[tokio::test]
async fn long_response_is_logged_with_a_mark() {
    let webhook = Webhook::behaving(|_, _| {
        Reply::status(413)
            .body(&"r".repeat(1_000_000))
            .header("x-long", &"h".repeat(5000))
    })
    .await;
    let stack = TestStack::with(&[], webhook).await;
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "retry_conf": {"num_retries": 0}}),
        )
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.until(FAILED, 1).await;
    let (status, _, response) = log_entry(&stack).await;
    assert_eq!(status, 413);
    let body = response["data"]["body"].as_str().unwrap();
    assert_eq!(body.find("... truncated"), Some(32 * 1024));
    assert!(
        body.ends_with("... truncated, 1000000 bytes"),
        "{}",
        &body[32_000..]
    );
    let headers = response["data"]["headers"].as_array().unwrap();
    let long = headers.iter().find(|header| header["name"] == "x-long").unwrap();
    assert!(
        long["value"]
            .as_str()
            .unwrap()
            .ends_with("h... truncated, 5000 bytes")
    );
}

#[tokio::test]
async fn retry_after_is_followed_for_a_limited_number_of_tries() {
    let webhook = Webhook::behaving(|_, _| Reply::status(503).header("retry-after", "1")).await;
    let stack = TestStack::with(&["--events-max-retries-after", "2"], webhook).await;
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "retry_conf": {"num_retries": 0}}),
        )
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.until(FAILED, 1).await;
    assert_eq!(stack.webhook.count(), 3);
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.event_invocation_logs WHERE status = 503")
            .await,
        3
    );
}

#[tokio::test]
async fn events_larger_than_the_budget_are_delivered_one_at_a_time() {
    let gate = Gate::closed();
    let options = ["--events-max-bytes-in-flight", "1000000"];
    let stack = TestStack::with(&options, Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack
        .run("INSERT INTO t (id, note) SELECT i, repeat('x', 2000000) FROM generate_series(1, 3) AS i")
        .await;
    stack.webhook.wait_for(1).await;
    // Small events do not wait for them.
    stack.run("INSERT INTO t (id) VALUES (4), (5)").await;
    stack.webhook.wait_for(3).await;
    gate.open();
    stack.until(DELIVERED, 5).await;
    let large = |call: &testkit::webhook::Received| call.body["event"]["data"]["new"]["note"].is_string();
    assert_eq!(
        stack.webhook.received().iter().filter(|call| large(call)).count(),
        3
    );
    assert_eq!(stack.webhook.most_in_flight(), 3);
}

/// The binary, because the memory of a test process is that of all tests and of the webhook.
#[tokio::test]
async fn memory_of_deliveries_is_bounded_by_bytes() {
    const EVENTS: i64 = 16;
    let database = TestDatabase::create("ev").await;
    let client = database.connect().await;
    client.batch_execute(TABLE).await.unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_engine"));
    let engine = EngineProcess::start(binary, database.url(), &[], &[]).await;
    let webhook = Webhook::start().await;
    engine.client.command("track_table", json!("t")).await;
    engine
        .client
        .command(
            "create_event_trigger",
            json!({"name": "one", "table": "t", "webhook": webhook.url, "insert": {"columns": "*"}}),
        )
        .await;
    let before = engine.resident_bytes();
    client
        .batch_execute(&format!(
            "INSERT INTO t (id, note) SELECT i, repeat('x', 8 * 1024 * 1024) FROM generate_series(1, {EVENTS}) AS i"
        ))
        .await
        .unwrap();
    let mut most = before;
    testkit::eventually("all events are delivered", async || {
        most = most.max(engine.resident_bytes());
        let delivered: i64 = client.query_one(DELIVERED, &[]).await.unwrap().get(0);
        (delivered == EVENTS).then_some(())
    })
    .await;
    let growth = most - before;
    assert!(growth < 150 * MIB, "{} MiB", growth / MIB);
}
