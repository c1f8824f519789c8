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
    stack.run(CLOSE_LOCK).await;
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

/// Closes the connection that holds the instance lock.
const CLOSE_LOCK: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Texts with which the statements of the engine begin.
const TRANSFER: &str = "-- After the instance lock was lost";
const SETTLE: &str = "-- Settles a batch";
const CLAIM: &str = "-- Claims events";
const REGISTER: &str = "INSERT INTO hdb_catalog.instances";

/// Counts the sessions that wait for another transaction during this statement.
fn blocked(statement: &str) -> String {
    format!(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '{statement}%'"
    )
}

/// Closes the connections that run this statement or have run it last, and returns one of them.
async fn close(stack: &TestStack, statement: &str) -> i32 {
    let sql = format!(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE '{statement}%'"
    );
    stack.client.query(&sql, &[]).await.unwrap()[0].get(0)
}

#[tokio::test]
async fn settlement_during_transfer_to_new_id_is_written() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
    let mut holder = stack.database.connect().await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("SELECT FROM hdb_catalog.event_log FOR UPDATE")
        .await
        .unwrap();
    gate.open();
    stack.until(&blocked(SETTLE), 1).await;
    stack.run(CLOSE_LOCK).await;
    stack.until(&blocked(TRANSFER), 1).await;
    // The repeated settlement starts before the transfer ends, but waits for the row behind it, so that it finds the new id.
    let closed = close(&stack, SETTLE).await;
    stack
        .until(&format!("{} AND pid <> {closed}", blocked(SETTLE)), 1)
        .await;
    held.rollback().await.unwrap();
    stack.until(DELIVERED, 1).await;
    stack.until(HELD, 0).await;
    assert_eq!(stack.webhook.count(), 1);
}

#[tokio::test]
async fn repeated_loss_of_instance_lock_during_transfer_causes_no_duplicate_delivery() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
    let mut holder = stack.database.connect().await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("SELECT FROM hdb_catalog.event_log FOR UPDATE")
        .await
        .unwrap();
    stack.run(CLOSE_LOCK).await;
    stack.until(&blocked(TRANSFER), 1).await;
    stack.run(CLOSE_LOCK).await;
    let closed = close(&stack, TRANSFER).await;
    stack
        .until(&format!("{} AND pid <> {closed}", blocked(TRANSFER)), 1)
        .await;
    held.rollback().await.unwrap();
    gate.open();
    stack.until(DELIVERED, 1).await;
    stack.until(HELD, 0).await;
    assert_eq!(stack.webhook.count(), 1);
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
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
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
async fn loss_of_instance_lock_during_claim_causes_no_duplicate_delivery() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack.until("SELECT count(*) FROM hdb_catalog.instances", 1).await;
    let former = stack.number("SELECT id FROM hdb_catalog.instances").await;
    let mut holder = stack.database.connect().await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE hdb_catalog.event_log IN SHARE ROW EXCLUSIVE MODE")
        .await
        .unwrap();
    held.batch_execute("INSERT INTO t (id) VALUES (1)").await.unwrap();
    stack.until(&blocked(CLAIM), 1).await;
    stack.run(CLOSE_LOCK).await;
    let successor = format!("SELECT count(*) FROM hdb_catalog.instances WHERE id <> {former}");
    stack.until(&successor, 1).await;
    held.commit().await.unwrap();
    let transferred = format!("SELECT count(*) FROM hdb_catalog.event_log WHERE locked_by <> {former}");
    stack.until(&transferred, 1).await;
    gate.open();
    stack.until(DELIVERED, 1).await;
    assert_eq!(stack.webhook.count(), 1);
}

#[tokio::test]
async fn connection_lost_while_registering_is_replaced() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
    let mut holder = stack.database.connect().await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE hdb_catalog.instances IN SHARE MODE")
        .await
        .unwrap();
    stack.run(CLOSE_LOCK).await;
    stack.until(&blocked(REGISTER), 1).await;
    let closed = close(&stack, REGISTER).await;
    stack
        .until(&format!("{} AND pid <> {closed}", blocked(REGISTER)), 1)
        .await;
    held.rollback().await.unwrap();
    gate.open();
    stack.run("INSERT INTO t (id) VALUES (2)").await;
    stack.until(DELIVERED, 2).await;
    stack.until(HELD, 0).await;
}

#[tokio::test]
async fn loss_of_claiming_connection_delays_no_event() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) SELECT generate_series(1, 5)").await;
    stack.until(DELIVERED, 5).await;
    let mut holder = stack.database.connect().await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE hdb_catalog.event_log IN SHARE ROW EXCLUSIVE MODE")
        .await
        .unwrap();
    held.batch_execute("INSERT INTO t (id) SELECT generate_series(6, 10)")
        .await
        .unwrap();
    stack.until(&blocked(CLAIM), 1).await;
    close(&stack, CLAIM).await;
    held.commit().await.unwrap();
    stack.until(DELIVERED, 10).await;
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
