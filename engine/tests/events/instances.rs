//! Several engines on one database; engines that stop and engines that die.

use crate::support::webhook::{Reply, Webhook};
use crate::support::{TestEngine, eventually};
use crate::{Stage, everything};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

const HELD: &str =
    "SELECT count(*) FROM hdb_catalog.event_log WHERE locked IS NOT NULL OR locked_by IS NOT NULL";
const DELIVERED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered";

fn slow(after: Duration) -> impl Fn(usize, &crate::support::webhook::Received) -> Reply + Send + Sync {
    move |_, _| Reply {
        after,
        ..Reply::status(200)
    }
}

#[tokio::test]
async fn two_engines_share_the_work() {
    let stage = Stage::with(&[], Webhook::behaving(slow(Duration::from_millis(20))).await).await;
    stage.trigger("one", everything()).await;
    let second = TestEngine::start(&stage.database, &[]).await;
    stage.until("SELECT count(*) FROM hdb_catalog.instances", 2).await;
    stage
        .run("INSERT INTO t (id) SELECT generate_series(1, 600)")
        .await;
    // Both hold some while it goes on.
    let holders = "SELECT count(DISTINCT locked_by) FROM hdb_catalog.event_log";
    stage.until(holders, 2).await;
    stage.until(DELIVERED, 600).await;
    let mut calls: HashMap<String, usize> = HashMap::new();
    for call in stage.webhook.received() {
        *calls.entry(call.body["id"].to_string()).or_default() += 1;
    }
    assert_eq!((calls.len(), calls.values().max()), (600, Some(&1)));
    second.stop().await;
    stage.until("SELECT count(*) FROM hdb_catalog.instances", 1).await;
}

#[tokio::test]
async fn the_events_of_a_killed_engine_go_on_at_once() {
    let webhook = Webhook::behaving(|number, _| Reply {
        after: if number < 5 {
            Duration::from_mins(1)
        } else {
            Duration::ZERO
        },
        ..Reply::status(200)
    })
    .await;
    let stage = Stage::with(&["--graceful-shutdown-timeout", "0"], webhook).await;
    stage.trigger("one", everything()).await;
    let url = stage.database.url.clone();
    let Stage {
        engine,
        webhook,
        client,
        database,
    } = stage;
    engine.stop().await;
    // An engine on a runtime of its own: dropped, its connections break off as those of a killed process do.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let doomed = runtime.spawn(async move {
        let options = [
            "engine",
            "--database-url",
            &url,
            "--server-host",
            "127.0.0.1",
            "--server-port",
            "0",
        ];
        let config = engine::server::config::Config::from_arguments(options.map(str::to_owned)).unwrap();
        engine::server::serve(config, tokio_util::sync::CancellationToken::new()).await
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
    let stage = Stage {
        engine: heir,
        webhook,
        client,
        database,
    };
    stage.webhook.wait_for(10).await;
    stage.until(DELIVERED, 5).await;
    stage.until("SELECT count(*) FROM hdb_catalog.instances", 1).await;
}

#[tokio::test]
async fn a_graceful_stop_hands_back() {
    let webhook = Webhook::behaving(slow(Duration::from_mins(1))).await;
    let options = ["--events-http-pool-size", "3", "--graceful-shutdown-timeout", "1"];
    let stage = Stage::with(&options, webhook).await;
    stage.trigger("one", everything()).await;
    stage
        .run("INSERT INTO t (id) SELECT generate_series(1, 20)")
        .await;
    stage.webhook.wait_for(3).await;
    stage.until(HELD, 20).await;
    let Stage {
        engine,
        webhook: _webhook,
        client,
        database: _database,
    } = stage;
    engine.stop().await;
    let count = async |sql: &str| client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    assert_eq!(count(HELD).await, 0);
    assert_eq!(count("SELECT count(*) FROM hdb_catalog.instances").await, 0);
    assert_eq!(count("SELECT count(*) FROM hdb_catalog.engine_asleep").await, 0);
    assert_eq!(count("SELECT sum(tries) FROM hdb_catalog.event_log").await, 0);
}

#[tokio::test]
async fn a_graceful_stop_lets_calls_end() {
    let stage = Stage::with(&[], Webhook::behaving(slow(Duration::from_millis(500))).await).await;
    stage.trigger("one", everything()).await;
    stage.run("INSERT INTO t (id) VALUES (1)").await;
    stage.webhook.wait_for(1).await;
    let Stage {
        engine,
        webhook: _webhook,
        client,
        database: _database,
    } = stage;
    engine.stop().await;
    let delivered: i64 = client.query_one(DELIVERED, &[]).await.unwrap().get(0);
    assert_eq!(delivered, 1);
}

#[tokio::test]
async fn a_lost_lock_is_replaced_and_nothing_is_delivered_twice() {
    let stage = Stage::with(&[], Webhook::behaving(slow(Duration::from_millis(700))).await).await;
    stage.trigger("one", everything()).await;
    stage.run("INSERT INTO t (id) SELECT generate_series(1, 5)").await;
    stage.webhook.wait_for(5).await;
    let former = stage
        .number("SELECT locked_by FROM hdb_catalog.event_log LIMIT 1")
        .await;
    stage
        .run(
            "SELECT pg_terminate_backend(pid) FROM pg_locks
             WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .await;
    eventually("a new id holds the events", || async {
        let ids = stage
            .client
            .query("SELECT DISTINCT locked_by FROM hdb_catalog.event_log", &[])
            .await
            .unwrap();
        ids.iter()
            .all(|row| row.get::<_, Option<i64>>(0) != Some(former))
            .then_some(())
    })
    .await;
    stage.until(DELIVERED, 5).await;
    stage.run("INSERT INTO t (id) VALUES (6)").await;
    stage.until(DELIVERED, 6).await;
    assert_eq!(stage.webhook.count(), 6);
}

#[tokio::test]
async fn an_engine_survives_the_loss_of_all_its_connections() {
    let stage = Stage::with(&[], Webhook::behaving(slow(Duration::from_millis(300))).await).await;
    stage.trigger("one", everything()).await;
    stage
        .run("INSERT INTO t (id) SELECT generate_series(1, 50)")
        .await;
    stage.webhook.wait_for(10).await;
    stage
        .run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    stage.until(DELIVERED, 50).await;
    stage.until(HELD, 0).await;
}

#[tokio::test]
async fn events_that_another_engine_holds_are_left_to_it() {
    let stage = Stage::new().await;
    stage.trigger("one", json!({"enable_manual": true})).await;
    let other = stage.database.client().await;
    other
        .batch_execute("SELECT pg_advisory_lock(42); INSERT INTO hdb_catalog.instances (id) VALUES (42)")
        .await
        .unwrap();
    stage
        .run(
            "INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload, locked, locked_by) VALUES
             ('held', 'public', 't', 'one', '{}', now(), 42),
             ('orphan', 'public', 't', 'one', '{}', now(), 43),
             ('hasura', 'public', 't', 'one', '{}', now(), NULL),
             ('old', 'public', 't', 'one', '{}', now() - interval '31 minutes', NULL)",
        )
        .await;
    stage.until(DELIVERED, 2).await;
    let delivered = "SELECT string_agg(id, ' ' ORDER BY id) FROM hdb_catalog.event_log WHERE delivered";
    let row = stage.client.query_one(delivered, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "old orphan");
    other
        .batch_execute("SELECT pg_advisory_unlock(42)")
        .await
        .unwrap();
    stage.until(DELIVERED, 3).await;
}
