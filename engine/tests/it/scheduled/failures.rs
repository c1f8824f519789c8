//! Retries, tolerance, and events that cannot be delivered.

use super::{TestStack, cron_events, one_off_events};
use serde_json::{Value, json};
use testkit::webhook::{Reply, Webhook};

const LOGS: &str =
    "SELECT status, request, response FROM hdb_catalog.hdb_cron_event_invocation_logs ORDER BY created_at";
const ONE_OFF_LOGS: &str = "SELECT status, request, response FROM hdb_catalog.hdb_scheduled_event_invocation_logs ORDER BY created_at";

fn retrying(num_retries: u32, seconds: u32) -> Value {
    json!({"retry_conf": {"num_retries": num_retries, "retry_interval_seconds": seconds}})
}

#[tokio::test]
async fn one_retry_means_two_calls() {
    let stack = TestStack::with(&[], Webhook::behaving(|_, _| Reply::status(500)).await).await;
    stack.trigger("failing", retrying(1, 0)).await;
    stack.due("failing", 1).await;
    stack.until(&cron_events("error"), 1).await;
    let row = stack
        .rows("SELECT tries, next_retry_at FROM hdb_catalog.hdb_cron_events WHERE status = 'error'")
        .await;
    assert_eq!(row, json!([{"tries": 2, "next_retry_at": null}]));
    assert_eq!(stack.webhook.count(), 2);
    let logs = stack.rows(LOGS).await;
    assert_eq!(logs.as_array().unwrap().len(), 2);
    assert_eq!(
        (&logs[0]["status"], &logs[1]["status"]),
        (&json!(500), &json!(500))
    );
    let ids: Vec<Value> = stack
        .webhook
        .received()
        .iter()
        .map(|call| call.body["id"].clone())
        .collect();
    assert_eq!(ids[0], ids[1]);
}

/// Waits for the first failure, asserts that the next attempt is an hour later, and makes it due.
async fn bring_retry_forward(stack: &TestStack) {
    // Compared with the clock of the database and a tolerance of minutes.
    let waiting = "SELECT count(*) FROM hdb_catalog.hdb_cron_events WHERE status = 'scheduled' AND tries = 1
                   AND next_retry_at - now() BETWEEN interval '50 minutes' AND interval '1 hour'";
    stack.until(waiting, 1).await;
    assert_eq!(stack.webhook.count(), 1);
    stack
        .run("UPDATE hdb_catalog.hdb_cron_events SET next_retry_at = now() WHERE tries = 1")
        .await;
    stack.until(&cron_events("delivered"), 1).await;
    assert_eq!(stack.webhook.count(), 2);
}

#[tokio::test]
async fn retry_is_scheduled_after_the_interval() {
    let webhook = Webhook::behaving(|index, _| Reply::status(if index == 0 { 500 } else { 200 })).await;
    let stack = TestStack::with(&[], webhook).await;
    stack.trigger("failing", retrying(1, 3600)).await;
    stack.due("failing", 1).await;
    bring_retry_forward(&stack).await;
}

#[tokio::test]
async fn retry_after_applies_without_retries_left() {
    let webhook = Webhook::behaving(|index, _| match index {
        0 => Reply::status(503).header("retry-after", "3600"),
        _ => Reply::status(200),
    })
    .await;
    let stack = TestStack::with(&[], webhook).await;
    stack.trigger("busy", retrying(0, 1)).await;
    stack.due("busy", 1).await;
    bring_retry_forward(&stack).await;
}

#[tokio::test]
async fn event_older_than_its_tolerance_is_dead() {
    let stack = TestStack::new().await;
    stack.trigger("default", json!({})).await;
    let short = json!({"retry_conf": {"tolerance_seconds": 60, "num_retries": 5}});
    stack.trigger("short", short.clone()).await;
    stack.due("default", 6 * 3600 + 1).await;
    stack.due("short", 61).await;
    let id = stack
        .one_off(json!({"schedule_at": "2020-01-01T00:00:00Z"}))
        .await;
    stack.until(&cron_events("dead"), 2).await;
    stack.until(&one_off_events("dead"), 1).await;
    let tries = "SELECT max(tries) AS tries, min(id) AS id FROM hdb_catalog.hdb_scheduled_events";
    assert_eq!(stack.rows(tries).await, json!([{"tries": 0, "id": id}]));
    assert_eq!(stack.rows(LOGS).await, json!([]));
    assert_eq!(stack.rows(ONE_OFF_LOGS).await, json!([]));
    // Younger ones are delivered.
    stack.due("default", 6 * 3600 - 600).await;
    stack.due("short", 1).await;
    stack.until(&cron_events("delivered"), 2).await;
    assert_eq!(stack.webhook.count(), 2);
}

#[tokio::test]
async fn call_without_a_response_is_a_client_error() {
    let webhook = Webhook::behaving(|_, _| Reply::never()).await;
    let stack = TestStack::with(&[], webhook).await;
    let conf = json!({"retry_conf": {"timeout_seconds": 1}});
    stack.trigger("silent", conf).await;
    stack.due("silent", 1).await;
    stack.until(&cron_events("error"), 1).await;
    let log = stack.rows(LOGS).await[0].take();
    assert_eq!(log["status"], 1000);
    assert_eq!(
        log["response"],
        json!({"type": "client_error", "version": "1", "data": {"message": "timeout: no answer within 1 s"}})
    );
    assert_eq!(log["request"]["payload"]["name"], "silent");
}

#[tokio::test]
async fn missing_and_private_variables_are_refused() {
    let stack = TestStack::new().await;
    for (change, message) in [
        (
            json!({"webhook": "{{NOWHERE_TO_BE_FOUND}}/x"}),
            "environment variable 'NOWHERE_TO_BE_FOUND' not set",
        ),
        (
            json!({"webhook": {"from_env": "NOWHERE_TO_BE_FOUND"}}),
            "environment variable 'NOWHERE_TO_BE_FOUND' not set",
        ),
        (
            json!({"webhook": "{{AWS_SECRET_ACCESS_KEY}}"}),
            "metadata must not read the environment variable",
        ),
        (
            json!({"headers": [{"name": "a", "value_from_env": "PGPASSWORD"}]}),
            "metadata must not read",
        ),
        (
            json!({"headers": [{"name": "a", "value_from_env": "HASURA_GRAPHQL_ADMIN_SECRET"}]}),
            "env variables starting with \"HASURA_GRAPHQL_\" are not allowed in value_from_env",
        ),
        (json!({"webhook": "ftp://example.com"}), "must begin with http"),
        (
            json!({"request_transform": {"version": 2}}),
            "request_transform is not supported",
        ),
    ] {
        let args = stack.args("new", change.clone());
        let (status, _, _, error) = stack.engine.refused("create_cron_trigger", args).await;
        assert!(status == 400 && error.contains(message), "{error}");
        if change.get("request_transform").is_none() {
            let mut args = json!({"webhook": stack.webhook.url, "schedule_at": "2999-01-01T00:00:00Z"});
            for (key, value) in change.as_object().unwrap() {
                args[key] = value.clone();
            }
            let (status, _, _, error) = stack.engine.refused("create_scheduled_event", args).await;
            assert!(status == 400 && error.contains(message), "{error}");
        }
    }
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.hdb_scheduled_events")
            .await,
        0
    );
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.hdb_cron_events")
            .await,
        0
    );
}

#[tokio::test]
async fn events_that_cannot_be_delivered_end_with_the_reason() {
    let stack = TestStack::new().await;
    for (webhook, conf, reason) in [
        (
            r#""{{NOWHERE_TO_BE_FOUND}}/x""#,
            "null",
            "environment variable 'NOWHERE_TO_BE_FOUND' not set",
        ),
        (
            r#""{{PGPASSWORD}}""#,
            "null",
            "metadata must not read the environment variable",
        ),
        (r#""http://169.254.169.254/latest""#, "null", "link-local address"),
        ("17", "null", "the event is not valid"),
        (
            r#""http://127.0.0.1:1""#,
            r#"{"num_retries": -1}"#,
            "num_retries cannot be a negative value",
        ),
    ] {
        stack
            .run(&format!(
                "TRUNCATE hdb_catalog.hdb_scheduled_events CASCADE;
                 INSERT INTO hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time, retry_conf)
                 VALUES ('{}', now(), '{conf}')",
                webhook.replace('\'', "''")
            ))
            .await;
        stack.until(&one_off_events("error"), 1).await;
        let log = stack.rows(ONE_OFF_LOGS).await[0].take();
        assert_eq!(
            (&log["status"], &log["response"]["type"]),
            (&json!(1000), &json!("client_error"))
        );
        let message = log["response"]["data"]["message"].as_str().unwrap();
        assert!(message.contains(reason), "{message}");
    }
    assert_eq!(stack.webhook.count(), 0);
}

/// SQL of an application can write any time.
#[tokio::test]
async fn infinite_times_do_not_stop_the_others() {
    let stack = TestStack::new().await;
    stack.trigger("one", json!({})).await;
    let cron = |time: &str| {
        format!(
            "INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time) VALUES ('one', '{time}');
             INSERT INTO hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time, retry_conf, payload, header_conf)
             VALUES ('\"{}\"', '{time}', NULL, NULL, NULL);",
            stack.webhook.url
        )
    };
    stack.run(&cron("infinity")).await;
    stack.run(&cron("-infinity")).await;
    stack.until(&cron_events("dead"), 1).await;
    stack.until(&one_off_events("dead"), 1).await;
    stack.due("one", 1).await;
    stack.until(&cron_events("delivered"), 1).await;
    assert_eq!(stack.webhook.count(), 1);
}
