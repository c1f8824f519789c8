//! Several engines on one database; shutdown and sudden death of an engine.

use super::{TestStack, everything};
use crate::support::{TestEngine, config};
use serde_json::json;
use std::collections::HashMap;
use testkit::webhook::{Reply, Webhook};
use testkit::{Gate, eventually};

const HELD: &str =
    "SELECT count(*) FROM hdb_catalog.event_log WHERE locked IS NOT NULL OR locked_by IS NOT NULL";
const DELIVERED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered";

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
    let stack = TestStack::with(&["--graceful-shutdown-timeout", "0"], webhook).await;
    stack.trigger("one", everything()).await;
    let url = stack.database.url().to_owned();
    let TestStack {
        engine,
        webhook,
        client,
        database,
    } = stack;
    engine.stop().await;
    // The shutdown of its runtime closes the connections of this engine without any statement, as if it were killed.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let doomed = runtime.spawn(async move {
        engine::serve(config(&url, &[]), tokio_util::sync::CancellationToken::new()).await
    });
    client
        .batch_execute("INSERT INTO t (id) SELECT generate_series(1, 5)")
        .await
        .unwrap();
    webhook.wait_for(5).await;
    let held: i64 = client.query_one(HELD, &[]).await.unwrap().get(0);
    assert_eq!(held, 5);
    doomed.abort();
    runtime.shutdown_background();
    let heir = TestEngine::start(&database, &[]).await;
    let stack = TestStack {
        engine: heir,
        webhook,
        client,
        database,
    };
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
    let TestStack {
        engine,
        webhook: _webhook,
        client,
        database: _database,
    } = stack;
    engine.stop().await;
    let count = async |sql: &str| client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    assert_eq!(count(HELD).await, 0);
    assert_eq!(count("SELECT count(*) FROM hdb_catalog.instances").await, 0);
    assert_eq!(count("SELECT count(*) FROM hdb_catalog.engine_asleep").await, 0);
    assert_eq!(count("SELECT sum(tries) FROM hdb_catalog.event_log").await, 0);
}

#[tokio::test]
async fn graceful_shutdown_completes_calls_in_flight() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
    let TestStack {
        engine,
        webhook: _webhook,
        client,
        database: _database,
    } = stack;
    engine.begin_stop().await;
    gate.open();
    engine.stop().await;
    let delivered: i64 = client.query_one(DELIVERED, &[]).await.unwrap().get(0);
    assert_eq!(delivered, 1);
}

#[tokio::test]
async fn lost_instance_lock_is_replaced_without_duplicate_delivery() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) SELECT generate_series(1, 5)").await;
    stack.webhook.wait_for(5).await;
    let former = stack
        .number("SELECT locked_by FROM hdb_catalog.event_log LIMIT 1")
        .await;
    stack
        .run(
            "SELECT pg_terminate_backend(pid) FROM pg_locks
             WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .await;
    eventually("a new id holds the events", || async {
        let ids = stack
            .client
            .query("SELECT DISTINCT locked_by FROM hdb_catalog.event_log", &[])
            .await
            .unwrap();
        ids.iter()
            .all(|row| row.get::<_, Option<i64>>(0) != Some(former))
            .then_some(())
    })
    .await;
    gate.open();
    stack.until(DELIVERED, 5).await;
    stack.run("INSERT INTO t (id) VALUES (6)").await;
    stack.until(DELIVERED, 6).await;
    assert_eq!(stack.webhook.count(), 6);
}

#[tokio::test]
async fn engine_recovers_from_loss_of_all_connections() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack
        .run("INSERT INTO t (id) SELECT generate_series(1, 50)")
        .await;
    stack.webhook.wait_for(10).await;
    stack
        .run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    gate.open();
    stack.until(DELIVERED, 50).await;
    stack.until(HELD, 0).await;
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
