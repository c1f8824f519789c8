//! Several engines on one database; shutdown and sudden death of an engine.

mod lost_connections;

use super::{TestStack, everything};
use crate::support::{KillableEngine, TestEngine};
use serde_json::json;
use std::collections::HashMap;
use testkit::Gate;
use testkit::webhook::{Reply, Webhook};

const HELD: &str =
    "SELECT count(*) FROM hdb_catalog.event_log WHERE locked IS NOT NULL OR locked_by IS NOT NULL";
const DELIVERED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered";

/// Starts the delivery of an event; its webhook waits for the gate.
async fn delivering() -> (TestStack, Gate) {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
    (stack, gate)
}

#[tokio::test]
async fn two_engines_share_events() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    let second = TestEngine::start(&stack.database, &[]).await;
    stack.until("SELECT count(*) FROM hdb_catalog.instances", 2).await;
    stack
        .run("INSERT INTO t (id) SELECT generate_series(1, 600)")
        .await;
    // No event is settled before the gate opens, and one engine may hold fewer than 600.
    let holders = "SELECT count(DISTINCT locked_by) FROM hdb_catalog.event_log";
    stack.until(holders, 2).await;
    gate.open();
    stack.until(DELIVERED, 600).await;
    let mut calls: HashMap<String, usize> = HashMap::new();
    for call in stack.webhook.received() {
        *calls.entry(call.body["id"].to_string()).or_default() += 1;
    }
    assert_eq!((calls.len(), calls.values().max()), (600, Some(&1)));
    second.stop().await;
    stack.until("SELECT count(*) FROM hdb_catalog.instances", 1).await;
}

#[tokio::test]
async fn events_of_killed_engine_are_taken_over() {
    let webhook = Webhook::behaving(|index, _| match index {
        0..5 => Reply::never(),
        _ => Reply::status(200),
    })
    .await;
    let mut stack = TestStack::with(&["--graceful-shutdown-timeout", "0"], webhook).await;
    stack.trigger("one", everything()).await;
    stack.engine.stop().await;
    let killed = KillableEngine::start(&stack.database);
    stack
        .client
        .batch_execute("INSERT INTO t (id) SELECT generate_series(1, 5)")
        .await
        .unwrap();
    stack.webhook.wait_for(5).await;
    let held: i64 = stack.client.query_one(HELD, &[]).await.unwrap().get(0);
    assert_eq!(held, 5);
    killed.kill();
    stack.engine = TestEngine::start(&stack.database, &[]).await;
    stack.webhook.wait_for(10).await;
    stack.until(DELIVERED, 5).await;
    stack.until("SELECT count(*) FROM hdb_catalog.instances", 1).await;
}

#[tokio::test]
async fn graceful_shutdown_releases_events() {
    let webhook = Webhook::behaving(|_, _| Reply::never()).await;
    let options = ["--events-http-pool-size", "3", "--graceful-shutdown-timeout", "1"];
    let stack = TestStack::with(&options, webhook).await;
    stack.trigger("one", everything()).await;
    stack
        .run("INSERT INTO t (id) SELECT generate_series(1, 20)")
        .await;
    stack.webhook.wait_for(3).await;
    stack.until(HELD, 20).await;
    stack.engine.stop().await;
    let count = async |sql: &str| stack.client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    assert_eq!(count(HELD).await, 0);
    assert_eq!(count("SELECT count(*) FROM hdb_catalog.instances").await, 0);
    assert_eq!(count("SELECT count(*) FROM hdb_catalog.engine_asleep").await, 0);
    assert_eq!(count("SELECT sum(tries) FROM hdb_catalog.event_log").await, 0);
}

#[tokio::test]
async fn graceful_shutdown_completes_calls_in_flight() {
    let (stack, gate) = delivering().await;
    stack.engine.begin_stop().await;
    gate.open();
    stack.engine.stop().await;
    let delivered: i64 = stack.client.query_one(DELIVERED, &[]).await.unwrap().get(0);
    assert_eq!(delivered, 1);
}

#[tokio::test]
async fn claim_without_answer_is_repeated() {
    let stack = TestStack::new().await;
    stack.trigger("one", json!({"enable_manual": true})).await;
    // State after a claim that committed when its connection was already lost: a row held by the running instance, which
    // does not know the event.
    stack.until("SELECT count(*) FROM hdb_catalog.instances", 1).await;
    stack
        .run(
            "INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload, locked, locked_by, next_retry_at)
             SELECT kind, 'public', 't', 'one', '{}', now(), id, CASE kind WHEN 'due' THEN timezone('utc', now()) END
             FROM hdb_catalog.instances, unnest('{fresh,due}'::text[]) AS kind",
        )
        .await;
    stack.until(DELIVERED, 2).await;
    stack.until(HELD, 0).await;
    assert_eq!(stack.webhook.count(), 2);
}

#[tokio::test]
async fn calls_in_flight_are_not_claimed_again() {
    let (stack, gate) = delivering().await;
    // Such old events are claimed only by a poll of the whole queue, which must not claim the event of the call in flight.
    for old in ["first", "second"] {
        stack
            .run(&format!(
                "INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload, created_at)
                 VALUES ('{old}', 'public', 't', 'one', '{{}}', '2020-01-01')"
            ))
            .await;
        let claimed = format!(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE id = '{old}' AND locked_by IS NOT NULL"
        );
        stack.until(&claimed, 1).await;
    }
    gate.open();
    stack.until(DELIVERED, 3).await;
    assert_eq!(stack.webhook.count(), 3);
}

#[tokio::test]
async fn events_held_by_live_instance_are_not_claimed() {
    let stack = TestStack::new().await;
    stack.trigger("one", json!({"enable_manual": true})).await;
    let other = stack.database.connect().await;
    other
        .batch_execute("SELECT pg_advisory_lock(42); INSERT INTO hdb_catalog.instances (id) VALUES (42)")
        .await
        .unwrap();
    stack
        .run(
            "INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload, locked, locked_by) VALUES
             ('held', 'public', 't', 'one', '{}', now(), 42),
             ('orphan', 'public', 't', 'one', '{}', now(), 43),
             ('hasura', 'public', 't', 'one', '{}', now(), NULL),
             ('old', 'public', 't', 'one', '{}', now() - interval '31 minutes', NULL)",
        )
        .await;
    stack.until(DELIVERED, 2).await;
    let delivered = "SELECT string_agg(id, ' ' ORDER BY id) FROM hdb_catalog.event_log WHERE delivered";
    let row = stack.client.query_one(delivered, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "old orphan");
    other
        .batch_execute("SELECT pg_advisory_unlock(42)")
        .await
        .unwrap();
    stack.until(DELIVERED, 3).await;
}
