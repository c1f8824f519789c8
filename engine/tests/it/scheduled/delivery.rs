//! Requests to webhooks, and their invocation logs.

use super::{TestStack, cron_events, one_off_events};
use serde_json::{Value, json};
use testkit::webhook::{Reply, Webhook};

#[tokio::test]
async fn cron_event_has_hasuras_format() {
    let stack = TestStack::new().await;
    // A variable that exists in every test process; a test cannot set its own.
    let headers = json!([
        {"name": "X-Fixed", "value": "fixed"},
        {"name": "X-From-Env", "value_from_env": "CARGO_PKG_NAME"},
    ]);
    let payload: Value =
        serde_json::from_str(r#"{"digits": 0.10000000000000000000000001, "list": [null, "ä"]}"#).unwrap();
    stack
        .trigger(
            "nightly",
            json!({
                "webhook": format!("{}/{{{{CARGO_PKG_NAME}}}}/path", stack.webhook.url),
                "headers": headers, "payload": payload, "comment": "every night",
            }),
        )
        .await;
    stack
        .run(
            "INSERT INTO hdb_catalog.hdb_cron_events (id, trigger_name, scheduled_time)
             VALUES ('event-1', 'nightly', date_trunc('hour', now()))",
        )
        .await;
    let call = stack.webhook.wait_for(1).await.remove(0);
    assert_eq!(call.path, "/engine/path");
    let hour = "SELECT to_char(timezone('utc', scheduled_time), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
                FROM hdb_catalog.hdb_cron_events WHERE id = 'event-1'";
    let body = json!({
        "id": "event-1", "name": "nightly", "scheduled_time": stack.text(hour).await,
        "payload": payload, "comment": "every night",
    });
    assert_eq!(call.body, body);
    let header = |name: &str| call.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("x-fixed"), Some("fixed"));
    assert_eq!(header("x-from-env"), Some("engine"));
    assert_eq!(header("content-type"), Some("application/json"));
    assert!(
        header("user-agent")
            .unwrap()
            .starts_with("hasura-graphql-engine/")
    );
    assert_eq!(header("x-b3-traceid").map(str::len), Some(32));
    assert_eq!(header("x-b3-parentspanid"), None);
    stack.until(&cron_events("delivered"), 1).await;
    let row = stack
        .rows("SELECT tries, next_retry_at, locked_by FROM hdb_catalog.hdb_cron_events WHERE id = 'event-1'")
        .await;
    assert_eq!(
        row,
        json!([{"tries": 1, "next_retry_at": null, "locked_by": null}])
    );
    let log = stack
        .rows("SELECT event_id, status, request, response FROM hdb_catalog.hdb_cron_event_invocation_logs")
        .await;
    assert_eq!(log[0]["event_id"], "event-1");
    assert_eq!(log[0]["status"], 200);
    let (request, response) = (&log[0]["request"], &log[0]["response"]);
    assert_eq!((&request["payload"], &request["version"]), (&body, &json!("1")));
    let logged = request["headers"].as_array().unwrap();
    assert!(
        logged.contains(&json!({"name": "X-From-Env", "value_from_env": "CARGO_PKG_NAME"})),
        "{logged:?}"
    );
    assert_eq!(
        (
            &response["type"],
            &response["version"],
            &response["data"]["body"],
            &response["data"]["status"]
        ),
        (
            &json!("webhook_response"),
            &json!("1"),
            &json!("thanks"),
            &json!(200)
        )
    );
}

#[tokio::test]
async fn absent_payload_is_null_and_absent_comment_is_left_out() {
    let stack = TestStack::new().await;
    stack.trigger("bare", json!({})).await;
    stack.due("bare", 1).await;
    let mut body = stack.webhook.wait_for(1).await.remove(0).body;
    body["id"].take();
    body["scheduled_time"].take();
    assert_eq!(
        body,
        json!({"id": null, "name": "bare", "scheduled_time": null, "payload": null})
    );
}

#[tokio::test]
async fn one_off_event_has_hasuras_format() {
    let stack = TestStack::new().await;
    let now = stack.now().await;
    let id = stack
        .one_off(json!({
            "webhook": format!("{}/{{{{CARGO_PKG_NAME}}}}", stack.webhook.url), "schedule_at": now,
            "payload": {"foo": "baz"}, "headers": [{"name": "X-Key", "value_from_env": "CARGO_PKG_NAME"}], "comment": "once",
        }))
        .await;
    let call = stack.webhook.wait_for(1).await.remove(0);
    let created_at = stack
        .text("SELECT (to_json(created_at) #>> '{}') || 'Z' FROM hdb_catalog.hdb_scheduled_events")
        .await;
    assert_eq!(
        call.body,
        json!({"id": id, "scheduled_time": now, "payload": {"foo": "baz"}, "comment": "once", "created_at": created_at})
    );
    assert_eq!(
        (call.path.as_str(), &call.headers["x-key"]),
        ("/engine", &"engine".parse().unwrap())
    );
    stack.until(&one_off_events("delivered"), 1).await;
    let logs = "SELECT count(*) FROM hdb_catalog.hdb_scheduled_event_invocation_logs WHERE status = 200";
    assert_eq!(stack.number(logs).await, 1);
}

#[tokio::test]
async fn events_written_by_sql_are_delivered() {
    let stack = TestStack::new().await;
    stack
        .run(&format!(
            "INSERT INTO hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time, payload)
             VALUES ('\"{}/sql\"', now(), '{{\"a\": \"\\u0000\"}}')",
            stack.webhook.url
        ))
        .await;
    let call = stack.webhook.wait_for(1).await.remove(0);
    assert_eq!(
        (call.path.as_str(), &call.body["payload"]),
        ("/sql", &json!({"a": "\0"}))
    );
    // An operator's correction of the time, and a repetition, are noticed as well.
    stack.until(&one_off_events("delivered"), 1).await;
    stack
        .run("UPDATE hdb_catalog.hdb_scheduled_events SET status = 'scheduled', tries = 0")
        .await;
    stack.webhook.wait_for(2).await;
    let later = stack
        .one_off(json!({"schedule_at": "2999-01-01T00:00:00Z"}))
        .await;
    stack
        .run("UPDATE hdb_catalog.hdb_scheduled_events SET scheduled_time = now() WHERE status = 'scheduled'")
        .await;
    assert_eq!(stack.webhook.wait_for(3).await[2].body["id"], later);
}

#[tokio::test]
async fn slow_webhook_does_not_delay_other_events() {
    let webhook = Webhook::behaving(|_, call| {
        if call.body["name"] == "slow" {
            Reply::never()
        } else {
            Reply::status(200)
        }
    })
    .await;
    let options = [
        "--events-http-pool-size",
        "20",
        "--graceful-shutdown-timeout",
        "0",
    ];
    let stack = TestStack::with(&options, webhook).await;
    for name in ["slow", "quick"] {
        stack.trigger(name, json!({})).await;
    }
    stack.due_between("slow", 1, 10).await;
    stack.webhook.wait_for(8).await;
    stack.due("quick", 1).await;
    stack.one_off(json!({})).await;
    stack.until(&cron_events("delivered"), 1).await;
    stack.until(&one_off_events("delivered"), 1).await;
    assert!(stack.webhook.most_in_flight() <= 20);
}

#[tokio::test]
async fn backlog_is_delivered_with_few_slots() {
    let stack = TestStack::with(&["--events-http-pool-size", "4"], Webhook::start().await).await;
    for name in ["a", "b", "c"] {
        stack.trigger(name, json!({})).await;
        stack.due_between(name, 1, 20).await;
    }
    stack.until(&cron_events("delivered"), 60).await;
    assert_eq!(stack.webhook.count(), 60);
    assert!(stack.webhook.most_in_flight() <= 2);
}

#[tokio::test]
async fn large_payloads_are_delivered_whole_and_logged_in_part() {
    let stack = TestStack::with(&["--events-max-payload-bytes", "100000"], Webhook::start().await).await;
    let payload = json!("x".repeat(90_000));
    stack.one_off(json!({"payload": payload})).await;
    assert_eq!(stack.webhook.wait_for(1).await[0].body["payload"], payload);
    stack.until(&one_off_events("delivered"), 1).await;
    let logged = stack
        .text("SELECT request #>> '{payload,payload}' FROM hdb_catalog.hdb_scheduled_event_invocation_logs")
        .await;
    assert!(
        logged.len() < 9000 && logged.ends_with("... truncated, 90002 bytes"),
        "{}",
        logged.len()
    );
    // Larger than the limit: refused by the command, and not delivered if SQL writes it.
    let args = json!({
        "webhook": stack.webhook.url, "schedule_at": "2999-01-01T00:00:00Z", "payload": "x".repeat(100_000),
    });
    let (status, _, path, error) = stack.engine.refused("create_scheduled_event", args).await;
    assert_eq!((status, &*path), (400, "$.args"));
    assert!(
        error.contains("100002 bytes; the limit is 100000 bytes"),
        "{error}"
    );
    stack
        .run(&format!(
            "INSERT INTO hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time, payload)
             VALUES ('\"{}\"', now(), to_json(repeat('x', 100000)))",
            stack.webhook.url
        ))
        .await;
    stack.until(&one_off_events("error"), 1).await;
    assert_eq!(stack.webhook.count(), 1);
}
