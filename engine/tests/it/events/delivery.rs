//! Requests to webhooks, and the effects of their responses.

use super::{DONE, TestStack, everything};
use serde_json::{Value, json};
use testkit::Gate;
use testkit::webhook::{Reply, Webhook};

fn retrying(num_retries: u32, timeout_sec: u32) -> Value {
    let conf = json!({"num_retries": num_retries, "interval_sec": 1, "timeout_sec": timeout_sec});
    json!({"insert": {"columns": "*"}, "retry_conf": conf})
}

#[tokio::test]
async fn envelope_has_hasuras_format() {
    let stack = TestStack::new().await;
    // A variable that exists in every test process; a test cannot set its own.
    let header = json!([
        {"name": "X-Fixed", "value": "fixed"},
        {"name": "X-From-Env", "value_from_env": "CARGO_PKG_NAME"},
        {"name": "Content-Type", "value": "text/plain"},
    ]);
    let webhook = format!("{}/{{{{CARGO_PKG_NAME}}}}/path", stack.webhook.url);
    let conf = json!({"num_retries": 4});
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "headers": header, "webhook": webhook, "retry_conf": conf}),
        )
        .await;
    stack.run("INSERT INTO t (id, name) VALUES (1, 'a')").await;
    let call = stack.webhook.wait_for(1).await.remove(0);
    assert_eq!(call.path, "/engine/path");
    let mut body = call.body.clone();
    let id = body["id"].take();
    let created_at = body["created_at"].take();
    assert_eq!(
        body,
        json!({
            "id": null,
            "created_at": null,
            "table": {"schema": "public", "name": "t"},
            "trigger": {"name": "one"},
            "event": {
                "op": "INSERT",
                "data": {"old": null, "new": {"id": 1, "name": "a", "note": null, "doc": null}},
                "session_variables": null,
                "trace_context": null,
            },
            "delivery_info": {"current_retry": 0, "max_retries": 4},
        })
    );
    assert!(created_at.as_str().unwrap().ends_with('Z'), "{created_at}");
    let header = |name: &str| {
        call.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header("content-type").unwrap(), "application/json");
    assert!(
        header("user-agent")
            .unwrap()
            .starts_with("hasura-graphql-engine/")
    );
    assert_eq!(
        (header("x-fixed").unwrap(), header("x-from-env").unwrap()),
        ("fixed".into(), "engine".into())
    );
    assert!(header("x-b3-traceid").is_some() && header("x-b3-spanid").is_some());

    stack.until(DONE, 1).await;
    let row = stack
        .client
        .query_one(
            "SELECT event_id, status, request, response FROM hdb_catalog.event_invocation_logs",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(json!(row.get::<_, String>(0)), id);
    assert_eq!(row.get::<_, i32>(1), 200);
    // The log of a delivered event has neither headers nor a copy of the event.
    assert_eq!(
        row.get::<_, Value>(2),
        json!({
            "payload": {"delivery_info": {"current_retry": 0, "max_retries": 4}}, "headers": [], "version": "2"
        })
    );
    let shown = stack
        .engine
        .command("pg_get_event_by_id", json!({"event_id": id}))
        .await;
    let request = &shown["invocations"][0]["request"];
    assert_eq!(
        (&request["version"], &request["payload"]),
        (&json!("2"), &call.body)
    );
    let response: Value = row.get(3);
    assert_eq!(
        (&response["type"], &response["version"]),
        (&json!("webhook_response"), &json!("2"))
    );
    assert_eq!(
        (&response["data"]["body"], &response["data"]["status"]),
        (&json!("thanks"), &json!(200))
    );
}

#[tokio::test]
async fn failing_webhook_is_called_once_plus_retries() {
    let stack = TestStack::with(&[], Webhook::behaving(|_, _| Reply::status(500)).await).await;
    let mut definition = retrying(2, 60);
    definition["headers"] = json!([{"name": "X-From-Env", "value_from_env": "CARGO_PKG_NAME"}]);
    stack.trigger("one", definition).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.until(DONE, 1).await;
    let calls = stack.webhook.received();
    let retries: Vec<&Value> = calls
        .iter()
        .map(|call| &call.body["delivery_info"]["current_retry"])
        .collect();
    assert_eq!(retries, [&json!(0), &json!(1), &json!(2)]);
    let row = stack
        .client
        .query_one("SELECT error, delivered, tries, locked IS NULL, next_retry_at IS NULL FROM hdb_catalog.event_log", &[])
        .await
        .unwrap();
    let outcome: (bool, bool, i32, bool, bool) = (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4));
    assert_eq!(outcome, (true, false, 3, true, true));
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.event_invocation_logs WHERE status = 500")
            .await,
        3
    );
    // The log of a failed call is complete.
    let logged = stack
        .client
        .query_one(
            "SELECT request, response FROM hdb_catalog.event_invocation_logs ORDER BY created_at LIMIT 1",
            &[],
        )
        .await
        .unwrap();
    let (request, response): (Value, Value) = (logged.get(0), logged.get(1));
    assert_eq!(request["payload"], calls[0].body);
    let headers = request["headers"].as_array().unwrap();
    assert!(
        headers.contains(&json!({"name": "X-From-Env", "value_from_env": "CARGO_PKG_NAME"})),
        "{headers:?}"
    );
    assert!(!response["data"]["headers"].as_array().unwrap().is_empty());
}

/// Waits for the first settlement, asserts that the next delivery is scheduled in `seconds`, and makes it due.
async fn bring_retry_forward(stack: &TestStack, seconds: u32) {
    stack
        .until("SELECT count(*) FROM hdb_catalog.event_log WHERE tries = 1", 1)
        .await;
    // Compared with the clock of the database and a tolerance of minutes: the interval is an hour.
    let scheduled = format!(
        "SELECT count(*) FROM hdb_catalog.event_log WHERE NOT delivered AND NOT error
         AND next_retry_at - timezone('utc', now()) BETWEEN make_interval(secs => {seconds} - 600) AND make_interval(secs => {seconds})"
    );
    assert_eq!(stack.number(&scheduled).await, 1);
    assert_eq!(stack.webhook.count(), 1);
    stack
        .run("UPDATE hdb_catalog.event_log SET next_retry_at = timezone('utc', now())")
        .await;
}

#[tokio::test]
async fn retry_is_scheduled_after_the_interval() {
    let webhook = Webhook::behaving(|index, _| Reply::status(if index == 0 { 500 } else { 200 })).await;
    let stack = TestStack::with(&[], webhook).await;
    let conf = json!({"num_retries": 1, "interval_sec": 3600});
    stack
        .trigger("one", json!({"insert": {"columns": "*"}, "retry_conf": conf}))
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    bring_retry_forward(&stack, 3600).await;
    stack
        .until(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered AND tries = 2",
            1,
        )
        .await;
}

#[tokio::test]
async fn retry_after_applies_without_retries_left() {
    let webhook = Webhook::behaving(|index, _| match index {
        0 => Reply::status(503).header("retry-after", "3600"),
        _ => Reply::status(200),
    })
    .await;
    let stack = TestStack::with(&[], webhook).await;
    stack.trigger("one", retrying(0, 60)).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    bring_retry_forward(&stack, 3600).await;
    stack
        .until(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered AND tries = 2",
            1,
        )
        .await;
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let webhook = Webhook::behaving(|_, call| match call.path.as_str() {
        "/" => Reply::status(302).header("location", "/elsewhere"),
        _ => Reply::status(200),
    })
    .await;
    let stack = TestStack::with(&[], webhook).await;
    stack.trigger("one", retrying(0, 60)).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack
        .until("SELECT count(*) FROM hdb_catalog.event_log WHERE error", 1)
        .await;
    assert_eq!(stack.webhook.count(), 1);
}

#[tokio::test]
async fn webhook_timeout_counts_as_failure() {
    let webhook = Webhook::behaving(|index, _| match index {
        0 => Reply::never(),
        _ => Reply::status(200),
    })
    .await;
    let stack = TestStack::with(&[], webhook).await;
    stack.trigger("one", retrying(1, 1)).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack
        .until(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered AND tries = 2",
            1,
        )
        .await;
    let row = stack
        .client
        .query_one(
            "SELECT response FROM hdb_catalog.event_invocation_logs WHERE status = 1000",
            &[],
        )
        .await
        .unwrap();
    let response: Value = row.get(0);
    assert_eq!(response["type"], "client_error");
    assert!(
        response["data"]["message"].as_str().unwrap().contains("timeout"),
        "{response}"
    );
}

#[tokio::test]
async fn unreachable_webhook_is_logged() {
    let stack = TestStack::new().await;
    // The listener is dropped, so the port refuses connections.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "webhook": format!("http://127.0.0.1:{port}")}),
        )
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack
        .until(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE error AND tries = 1",
            1,
        )
        .await;
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.event_invocation_logs WHERE status = 1000")
            .await,
        1
    );
}

#[tokio::test]
async fn calls_in_flight_and_held_events_are_bounded() {
    const CALLS: usize = 8;
    const HELD: i64 = 200;
    let gate = Gate::closed();
    let stack = TestStack::with(&["--events-http-pool-size", "8"], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack
        .run("INSERT INTO t (id) SELECT generate_series(1, 1000)")
        .await;
    let held = "SELECT count(*) FROM hdb_catalog.event_log WHERE locked IS NOT NULL";
    stack.until(held, HELD).await;
    stack.webhook.wait_for(CALLS).await;
    // A change by the engine itself wakes the dispatcher.
    let insert = "mutation { insert_t_one(object: {id: 1001}) { id } }";
    let response = stack.engine.graphql(insert, json!({})).await;
    assert_eq!(response["data"]["insert_t_one"]["id"], 1001, "{response}");
    assert_eq!(stack.number(held).await, HELD);
    gate.open();
    stack.until(DONE, 1001).await;
    assert_eq!(stack.webhook.count(), 1001);
    assert_eq!(stack.webhook.most_in_flight(), CALLS);
}

#[tokio::test]
async fn slow_webhook_does_not_block_others() {
    let webhook = Webhook::behaving(|_, call| match call.path.as_str() {
        "/slow" => Reply::never(),
        _ => Reply::status(200),
    })
    .await;
    let options = ["--events-http-pool-size", "8", "--graceful-shutdown-timeout", "0"];
    let stack = TestStack::with(&options, webhook).await;
    let at = |path: &str, operation: &str| json!({operation: {"columns": "*"}, "webhook": format!("{}{path}", stack.webhook.url)});
    stack.trigger("slow", at("/slow", "insert")).await;
    stack.trigger("quick", at("/quick", "delete")).await;
    stack
        .run("INSERT INTO t (id) SELECT generate_series(1, 1000)")
        .await;
    stack.webhook.wait_for(4).await;
    stack.run("DELETE FROM t WHERE id <= 50").await;
    stack
        .until("SELECT count(*) FROM hdb_catalog.event_log WHERE delivered", 50)
        .await;
}
