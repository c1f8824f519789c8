//! Events that were given up: their list, redelivery of several events, cancellation of pending ones.

use super::{TestStack, everything};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::Gate;
use testkit::webhook::{Reply, Webhook};

const FAILED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE error";
const DELIVERED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered";
const VIEW: &str = r#"{"schema": "hdb_catalog", "name": "failed_events"}"#;

/// A stack whose webhook fails until the flag is set, with failed events for rows 1 to `events` of the trigger `one`.
async fn failed(events: i64) -> (TestStack, Arc<AtomicBool>) {
    let works = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&works);
    let webhook = Webhook::behaving(move |_, _| {
        if flag.load(Ordering::SeqCst) {
            Reply::status(200)
        } else {
            Reply::status(500).body("out of order")
        }
    })
    .await;
    let stack = TestStack::with(&[], webhook).await;
    stack.trigger("one", everything()).await;
    stack
        .run(&format!("INSERT INTO t (id) SELECT generate_series(1, {events})"))
        .await;
    stack.until(FAILED, events).await;
    (stack, works)
}

async fn ids(stack: &TestStack) -> Vec<String> {
    const IDS: &str = "SELECT id FROM hdb_catalog.event_log ORDER BY (payload #>> '{data,new,id}')::int";
    let rows = stack.client.query(IDS, &[]).await.expect("the events");
    rows.iter().map(|row| row.get(0)).collect()
}

/// The data of a query of a role.
async fn ask(stack: &TestStack, role: &str, query: &str) -> Value {
    let body = json!({ "query": query });
    let (status, answer) = stack
        .engine
        .post("/v1/graphql", &[("x-hasura-role", role)], &body)
        .await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn failed_events_are_a_view_that_a_role_can_query() {
    let (stack, _) = failed(1).await;
    let view: Value = serde_json::from_str(VIEW).unwrap();
    stack.engine.command("track_table", view.clone()).await;
    let query =
        "{ hdb_catalog_failed_events { trigger_name table_name op tries last_status reason last_response } }";
    let refused = ask(&stack, "operator", query).await;
    assert!(refused["errors"].is_array(), "{refused}");
    let permission = json!({"columns": "*", "filter": {}});
    let args = json!({"table": view, "role": "operator", "permission": permission});
    stack.engine.command("create_select_permission", args).await;
    let answer = ask(&stack, "operator", query).await;
    let event = &answer["data"]["hdb_catalog_failed_events"][0];
    assert_eq!(event["last_response"]["data"]["body"], "out of order", "{answer}");
    let mut event = event.clone();
    event["last_response"] = Value::Null;
    assert_eq!(
        event,
        json!({
            "trigger_name": "one", "table_name": "t", "op": "INSERT", "tries": 1, "last_status": 500,
            "reason": "the webhook responded with status 500", "last_response": null,
        })
    );
    stack
        .run("UPDATE hdb_catalog.event_log SET created_at = created_at - interval '1 hour'")
        .await;
    let old = "{ hdb_catalog_failed_events(where: {age_seconds: {_gte: 3600}}) { id created_at failed_at } }";
    let answer = ask(&stack, "operator", old).await;
    assert_eq!(
        answer["data"]["hdb_catalog_failed_events"]
            .as_array()
            .map(Vec::len),
        Some(1),
        "{answer}"
    );
}

#[tokio::test]
async fn reason_of_a_call_without_a_response_is_its_error() {
    let stack = TestStack::new().await;
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "webhook": "http://127.0.0.1:1/"}),
        )
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.until(FAILED, 1).await;
    let connection = "SELECT count(*) FROM hdb_catalog.failed_events WHERE last_status = 1000 AND reason LIKE 'connection failed%'";
    assert_eq!(stack.number(connection).await, 1);
    // A response that Postgres cannot read does not make the list unreadable, nor does a log that was deleted.
    stack
        .run(r#"UPDATE hdb_catalog.event_invocation_logs SET response = '{"type": "\u0000"}'"#)
        .await;
    let unreadable = "SELECT count(*) FROM hdb_catalog.failed_events WHERE reason = 'the last call ended with status 1000'";
    assert_eq!(stack.number(unreadable).await, 1);
    stack.run("DELETE FROM hdb_catalog.event_invocation_logs").await;
    let without = "SELECT count(*) FROM hdb_catalog.failed_events WHERE reason IS NULL AND failed_at IS NULL";
    assert_eq!(stack.number(without).await, 1);
}

#[tokio::test]
async fn listed_events_are_redelivered() {
    let (stack, works) = failed(3).await;
    works.store(true, Ordering::SeqCst);
    let ids = ids(&stack).await;
    let args = json!({"event_ids": [ids[0], ids[2], "unknown"]});
    let answer = stack.engine.command("pg_redeliver_event", args).await;
    assert_eq!(
        answer,
        json!({"message": "success", "redelivered": 2, "skipped": 1})
    );
    stack.until(DELIVERED, 2).await;
    assert_eq!(stack.number(FAILED).await, 1);
    let calls = stack.webhook.received();
    assert_eq!(calls.len(), 5);
    assert!(
        calls[3..]
            .iter()
            .all(|call| call.body["delivery_info"]["current_retry"] == 0)
    );
    // Also a delivered event, as with the form for one event, but none that is held.
    stack
        .run(&format!(
            "UPDATE hdb_catalog.event_log SET locked = now() WHERE id = '{}'",
            ids[0]
        ))
        .await;
    let args = json!({"event_ids": [ids[0], ids[2]]});
    let answer = stack.engine.command("redeliver_event", args).await;
    assert_eq!(
        answer,
        json!({"message": "success", "redelivered": 1, "skipped": 1})
    );
    stack.webhook.wait_for(6).await;
}

#[tokio::test]
async fn failed_events_of_a_trigger_are_redelivered_by_time() {
    const EVENTS: i64 = 1500;
    let (stack, works) = failed(EVENTS).await;
    // Row n was written at n seconds after midnight.
    stack
        .run("UPDATE hdb_catalog.event_log SET created_at = timestamp '2026-01-01' + make_interval(secs => (payload #>> '{data,new,id}')::int)")
        .await;
    works.store(true, Ordering::SeqCst);
    let range =
        json!({"trigger_name": "one", "from": "2026-01-01T01:00:03+01:00", "to": "2026-01-01T00:00:05Z"});
    let answer = stack.engine.command("redeliver_event", range.clone()).await;
    assert_eq!(answer, json!({"message": "success", "redelivered": 3}));
    stack.until(DELIVERED, 3).await;
    let delivered =
        "SELECT sum((payload #>> '{data,new,id}')::int) FROM hdb_catalog.event_log WHERE delivered";
    assert_eq!(stack.number(delivered).await, 3 + 4 + 5);
    // Only failed ones, unless asked.
    let answer = stack.engine.command("redeliver_event", range.clone()).await;
    assert_eq!(answer["redelivered"], 0);
    let mut all = range;
    all["status"] = json!("delivered");
    assert_eq!(
        stack.engine.command("redeliver_event", all).await["redelivered"],
        3
    );
    stack.until(DELIVERED, 3).await;
    // More than one batch.
    let rest = json!({"trigger_name": "one"});
    let answer = stack.engine.command("redeliver_event", rest).await;
    assert_eq!(answer["redelivered"], EVENTS - 3);
    stack.until(DELIVERED, EVENTS).await;
}

#[tokio::test]
async fn pending_events_are_cancelled() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    let retrying =
        json!({"insert": {"columns": "*"}, "retry_conf": {"num_retries": 1, "interval_sec": 3600}});
    stack.trigger("one", retrying).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
    let held = ids(&stack).await.remove(0);
    let args = json!({ "event_id": held });
    let (status, code, _, message) = stack.engine.refused("cancel_event", args.clone()).await;
    assert_eq!(
        (status, &*code, &*message),
        (400, "busy", "event is already being processed")
    );
    gate.open();
    stack.until(DELIVERED, 1).await;
    let (_, code, _, message) = stack.engine.refused("cancel_event", args).await;
    assert_eq!(
        (&*code, &*message),
        ("not-supported", "event was processed already")
    );
    let unknown = json!({"event_id": "unknown"});
    let (_, code, _, message) = stack.engine.refused("cancel_event", unknown).await;
    assert_eq!((&*code, &*message), ("not-exists", "event not found"));

    // Events that wait for a retry in an hour.
    stack
        .run(
            "INSERT INTO t (id) SELECT generate_series(2, 6);
             UPDATE hdb_catalog.event_log SET next_retry_at = timezone('utc', now()) + interval '1 hour', locked = NULL
             WHERE NOT delivered",
        )
        .await;
    let ids = ids(&stack).await;
    let one = json!({"event_id": ids[1]});
    assert_eq!(
        stack.engine.command("cancel_event", one.clone()).await,
        json!({"message": "success"})
    );
    assert_eq!(
        stack.engine.command("cancel_event", one).await,
        json!({"message": "success"})
    );
    let list = json!({"event_ids": [ids[0], ids[1], ids[2]]});
    let answer = stack.engine.command("pg_cancel_event", list).await;
    assert_eq!(
        answer,
        json!({"message": "success", "cancelled": 1, "skipped": 2})
    );
    let answer = stack
        .engine
        .command(
            "cancel_event",
            json!({"trigger_name": "one", "to": "2026-01-01T00:00:00Z"}),
        )
        .await;
    assert_eq!(answer, json!({"message": "success", "cancelled": 0}));
    let answer = stack
        .engine
        .command("cancel_event", json!({"trigger_name": "one"}))
        .await;
    assert_eq!(answer, json!({"message": "success", "cancelled": 3}));
    stack
        .run("UPDATE hdb_catalog.event_log SET next_retry_at = NULL; INSERT INTO t (id) VALUES (7)")
        .await;
    stack.until(DELIVERED, 2).await;
    assert_eq!(stack.webhook.received().len(), 2);
}

#[tokio::test]
async fn invalid_selections_are_refused() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    for (kind, args, code, path) in [
        ("redeliver_event", json!({}), "parse-failed", "$"),
        (
            "redeliver_event",
            json!({"event_ids": null}),
            "parse-failed",
            "$.event_ids",
        ),
        (
            "redeliver_event",
            json!({"event_ids": [1]}),
            "parse-failed",
            "$.event_ids[0]",
        ),
        (
            "redeliver_event",
            json!({"event_ids": [], "trigger_name": "one"}),
            "parse-failed",
            "$.event_ids",
        ),
        (
            "redeliver_event",
            json!({"event_ids": [], "from": "2026-01-01T00:00:00Z"}),
            "parse-failed",
            "$.event_ids",
        ),
        (
            "redeliver_event",
            json!({"event_ids": vec!["a"; 10_001]}),
            "parse-failed",
            "$.event_ids",
        ),
        (
            "redeliver_event",
            json!({"trigger_name": "one", "status": "pending"}),
            "parse-failed",
            "$.status",
        ),
        (
            "redeliver_event",
            json!({"trigger_name": "one", "from": "yesterday"}),
            "parse-failed",
            "$.from",
        ),
        (
            "cancel_event",
            json!({"trigger_name": "one", "to": "2026-01-01T00:00:00"}),
            "parse-failed",
            "$.to",
        ),
        (
            "cancel_event",
            json!({"trigger_name": "one", "status": "failed"}),
            "parse-failed",
            "$.status",
        ),
        (
            "cancel_event",
            json!({"trigger_name": "two"}),
            "not-exists",
            "$.args",
        ),
        ("cancel_event", json!({}), "parse-failed", "$"),
    ] {
        let refused = stack.engine.refused(kind, args.clone()).await;
        assert_eq!(
            (refused.0, &*refused.1, &*refused.2),
            (400, code, path),
            "{kind}: {}",
            refused.3
        );
    }
}
