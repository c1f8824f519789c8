//! Statements of an engine that has nothing to deliver.

use super::{TestStack, cron_events};
use crate::support::TestEngine;
use serde_json::json;
use testkit::proxy::address_of;
use testkit::{StatementLog, TestDatabase, Webhook, eventually};

const CLAIM: &str = "-- Claims due events";
const STATE: &str = "-- Upcoming events";
const EVENT_CLAIM: &str = "-- Claims events";

/// Waits for a number of polls of captured events, each a second after the other, and returns the statements of the scheduler.
async fn after_polls(log: &StatementLog, polls: usize) -> (usize, usize) {
    let begin = log.count(&[EVENT_CLAIM]);
    eventually("polls of captured events", async || {
        (log.count(&[EVENT_CLAIM]) >= begin + polls).then_some(())
    })
    .await;
    (log.count(&[CLAIM]), log.count(&[STATE]))
}

#[tokio::test]
async fn scheduler_reads_only_when_an_event_is_due_or_written() {
    let database = TestDatabase::create("cron").await;
    let client = database.connect().await;
    client
        .batch_execute("CREATE TABLE t (id int PRIMARY KEY)")
        .await
        .unwrap();
    let log = StatementLog::before(address_of(database.url())).await;
    let engine = TestEngine::start_on(&log.url(database.url()), &[]).await;
    let stack = TestStack {
        engine,
        webhook: Webhook::start().await,
        client,
        database,
    };
    // A trigger, so that the queue of captured events is polled.
    stack.engine.command("track_table", json!("t")).await;
    let captured =
        json!({"name": "e", "table": "t", "insert": {"columns": "*"}, "webhook": stack.webhook.url});
    stack.engine.command("create_event_trigger", captured).await;
    let without_triggers = after_polls(&log, 2).await;
    assert_eq!(after_polls(&log, 3).await, without_triggers);
    stack.trigger("yearly", json!({})).await;
    let with_trigger = after_polls(&log, 2).await;
    assert!(with_trigger > without_triggers);
    assert_eq!(after_polls(&log, 3).await, with_trigger);
    stack.due("yearly", 1).await;
    stack.until(&cron_events("delivered"), 1).await;
    let delivered = after_polls(&log, 2).await;
    assert!(delivered > with_trigger);
    assert_eq!(after_polls(&log, 3).await, delivered);
}
