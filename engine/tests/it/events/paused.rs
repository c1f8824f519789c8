//! Paused triggers, whose events are captured and not delivered.

use super::{TestStack, everything};
use crate::support::TestEngine;
use serde_json::{Value, json};

const DELIVERED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered";
const WAITING: &str = "SELECT count(*) FROM hdb_catalog.event_log
    WHERE trigger_name = 'one' AND NOT delivered AND NOT error AND tries = 0 AND locked IS NULL AND next_retry_at IS NULL";

fn definition(paused: &Value, replace: bool) -> Value {
    let mut definition = everything();
    definition["paused"] = paused.clone();
    definition["replace"] = json!(replace);
    definition
}

#[tokio::test]
async fn events_of_paused_triggers_wait_until_they_are_resumed() {
    let stack = TestStack::new().await;
    stack.trigger("one", definition(&json!(true), false)).await;
    stack.trigger("two", everything()).await;
    stack.run("INSERT INTO t (id) SELECT generate_series(1, 3)").await;
    stack.until(DELIVERED, 3).await;
    assert_eq!(stack.number(WAITING).await, 3);
    let metadata = stack.engine.command("export_metadata", json!({})).await;
    let stored = &metadata["sources"][0]["tables"][0]["event_triggers"];
    assert_eq!(stored[0]["paused"], true, "{metadata}");
    assert_eq!(stored[1].get("paused"), None, "{metadata}");

    stack.trigger("one", definition(&json!(false), true)).await;
    stack.until(DELIVERED, 6).await;

    stack.trigger("one", definition(&json!(true), true)).await;
    stack.run("INSERT INTO t (id) VALUES (4)").await;
    stack.until(DELIVERED, 7).await;
    assert_eq!(stack.number(WAITING).await, 1);
    // Another instance reads the pause from the metadata.
    let _second = TestEngine::start(&stack.database, &[]).await;
    stack.run("INSERT INTO t (id) VALUES (5)").await;
    stack.until(DELIVERED, 8).await;
    assert_eq!(stack.number(WAITING).await, 2);
}

#[tokio::test]
async fn paused_is_true_or_false() {
    let stack = TestStack::new().await;
    let args = stack.args("one", definition(&json!("yes"), false));
    let (status, code, _, message) = stack.engine.refused("create_event_trigger", args).await;
    assert_eq!((status, &*code), (400, "parse-failed"), "{message}");
}
