//! Several engines on one database; shutdown and sudden death of an engine.

use super::{TestStack, cron_events, one_off_events};
use crate::support::{KillableEngine, TestEngine};
use serde_json::json;
use std::collections::HashMap;
use testkit::webhook::{Reply, Webhook};
use testkit::{Gate, eventually};

const HELD: &str = "SELECT count(*) FROM (
    SELECT status, locked_by FROM hdb_catalog.hdb_cron_events
    UNION ALL SELECT status, locked_by FROM hdb_catalog.hdb_scheduled_events) AS events
  WHERE status = 'locked' AND locked_by IS NOT NULL";

const HOLDER: &str = "SELECT locked_by FROM hdb_catalog.hdb_cron_events WHERE status = 'locked'";

#[tokio::test]
async fn two_engines_deliver_each_event_once() {
    let stack = TestStack::new().await;
    stack.trigger("one", json!({})).await;
    let second = TestEngine::start(&stack.database, &[]).await;
    stack.until("SELECT count(*) FROM hdb_catalog.instances", 2).await;
    stack
        .run(
            "INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time)
             SELECT 'one', now() - make_interval(secs => n) FROM generate_series(1, 300) AS n",
        )
        .await;
    stack
        .run(&format!(
            "INSERT INTO hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time)
             SELECT '\"{}\"', now() FROM generate_series(1, 300)",
            stack.webhook.url
        ))
        .await;
    stack.until(&cron_events("delivered"), 300).await;
    stack.until(&one_off_events("delivered"), 300).await;
    let mut calls: HashMap<String, usize> = HashMap::new();
    for call in stack.webhook.received() {
        *calls.entry(call.body["id"].to_string()).or_default() += 1;
    }
    assert_eq!((calls.len(), calls.values().max()), (600, Some(&1)));
    second.stop().await;
}

#[tokio::test]
async fn trigger_created_by_another_engine_is_delivered_by_both() {
    let mut stack = TestStack::new().await;
    let second = TestEngine::start(&stack.database, &[]).await;
    stack.trigger("one", json!({})).await;
    stack.engine.stop().await;
    stack.engine = second;
    // Without a command that would make the second engine read the metadata.
    stack.due("one", 1).await;
    stack.until(&cron_events("delivered"), 1).await;
}

#[tokio::test]
async fn events_of_killed_engine_are_taken_over() {
    let webhook = Webhook::behaving(|index, _| match index {
        0..2 => Reply::never(),
        _ => Reply::status(200),
    })
    .await;
    let mut stack = TestStack::with(&["--graceful-shutdown-timeout", "0"], webhook).await;
    stack.trigger("one", json!({})).await;
    stack.engine.stop().await;
    let killed = KillableEngine::start(&stack.database);
    stack.client
        .batch_execute(&format!(
            "INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time) VALUES ('one', now());
             INSERT INTO hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time) VALUES ('\"{}\"', now())",
            stack.webhook.url
        ))
        .await
        .unwrap();
    stack.webhook.wait_for(2).await;
    let held: i64 = stack.client.query_one(HELD, &[]).await.unwrap().get(0);
    assert_eq!(held, 2);
    // A running engine waits for the events of the other one.
    stack.engine = TestEngine::start(&stack.database, &[]).await;
    stack.until("SELECT count(*) FROM hdb_catalog.instances", 2).await;
    killed.kill();
    stack.webhook.wait_for(4).await;
    stack.until(&cron_events("delivered"), 1).await;
    stack.until(&one_off_events("delivered"), 1).await;
}

#[tokio::test]
async fn events_locked_by_hasura_are_delivered() {
    let stack = TestStack::new().await;
    stack.trigger("one", json!({})).await;
    stack
        .run(
            "INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time, status)
             VALUES ('one', now() - interval '1 minute', 'locked')",
        )
        .await;
    stack.until(&cron_events("delivered"), 1).await;
}

#[tokio::test]
async fn shutdown_completes_calls_and_releases_the_rest() {
    let gate = Gate::closed();
    let held_by = gate.clone();
    let webhook = Webhook::behaving(move |_, call| match call.path.as_str() {
        "/silent" => Reply::never(),
        _ => Reply::status(200).after(&held_by),
    })
    .await;
    let stack = TestStack::with(&["--graceful-shutdown-timeout", "1"], webhook).await;
    let silent = json!({"webhook": format!("{}/silent", stack.webhook.url)});
    stack.trigger("silent", silent).await;
    stack.due("silent", 1).await;
    stack.one_off(json!({})).await;
    stack.webhook.wait_for(2).await;
    stack.engine.begin_stop().await;
    gate.open();
    stack.engine.stop().await;
    let count = async |sql: &str| stack.client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    assert_eq!(count(HELD).await, 0);
    assert_eq!(count(&one_off_events("delivered")).await, 1);
    assert_eq!(count("SELECT count(*) FROM hdb_catalog.instances").await, 0);
    let released = "SELECT count(*) FROM hdb_catalog.hdb_cron_events
                    WHERE status = 'scheduled' AND tries = 0 AND locked_by IS NULL AND scheduled_time <= now()";
    assert_eq!(count(released).await, 1);
}

#[tokio::test]
async fn lost_instance_lock_is_replaced_without_duplicate_delivery() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", json!({})).await;
    stack.due("one", 1).await;
    stack.one_off(json!({})).await;
    stack.webhook.wait_for(2).await;
    let former = stack.number(HOLDER).await;
    stack
        .run(
            "SELECT pg_terminate_backend(pid) FROM pg_locks
             WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .await;
    eventually("a new id holds the event", || async {
        (stack.number(HOLDER).await != former).then_some(())
    })
    .await;
    gate.open();
    stack.until(&cron_events("delivered"), 1).await;
    stack.until(&one_off_events("delivered"), 1).await;
    stack.due("one", 60).await;
    stack.until(&cron_events("delivered"), 2).await;
    assert_eq!(stack.webhook.count(), 3);
}
