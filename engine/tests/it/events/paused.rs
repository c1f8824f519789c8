//! Paused triggers, whose events are captured and not delivered.

use super::{CLAIM, TestStack, everything};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::Webhook;

const DELIVERED: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered";
const WAITING: &str = "SELECT count(*) FROM hdb_catalog.event_log
    WHERE trigger_name = 'one' AND NOT delivered AND NOT error AND tries = 0 AND locked IS NULL";
const SET_ASIDE: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE next_retry_at = 'infinity'";
/// More than the engine sets aside, or returns to the queue, at once.
const MANY: i64 = 2500;

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

/// Events of triggers that are paused or do not exist, an hour old.
async fn add_old_events(stack: &TestStack, trigger: &str, next_retry_at: &str) {
    stack
        .run(&format!(
            "INSERT INTO hdb_catalog.event_log (schema_name, table_name, trigger_name, payload, created_at, next_retry_at)
             SELECT 'public', 't', '{trigger}', '{{}}', timezone('utc', now()) - interval '1 hour' + make_interval(secs => n), {next_retry_at}
             FROM generate_series(1, {MANY}) AS n"
        ))
        .await;
}

/// Number of events that a claim of all events of a trigger reads from the table in vain.
async fn read_in_vain(stack: &TestStack, trigger: &str) -> f64 {
    fn removed(plan: &Value) -> f64 {
        let of = |key: &str| plan[key].as_f64().unwrap_or_default();
        let inner = plan["Plans"].as_array().into_iter().flatten();
        of("Rows Removed by Filter") * of("Actual Loops") + inner.map(removed).sum::<f64>()
    }
    stack
        .run(&format!(
            "PREPARE claim (bigint, bigint, text[], text, double precision, boolean, text[], integer) AS {CLAIM};
             SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan; BEGIN"
        ))
        .await;
    let explain = format!(
        "EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE claim (1, 100, '{{{trigger}}}', NULL, NULL, false, NULL, 16384)"
    );
    let plan: Value = stack.client.query_one(&explain, &[]).await.unwrap().get(0);
    stack.run("ROLLBACK; DEALLOCATE claim").await;
    removed(&plan[0]["Plan"])
}

#[tokio::test]
async fn polls_do_not_read_the_backlog_of_paused_and_unknown_triggers() {
    let stack = TestStack::with(&["--events-fetch-interval", "100"], Webhook::start().await).await;
    add_old_events(&stack, "one", "NULL").await;
    add_old_events(&stack, "gone", "timezone('utc', now())").await;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let all = 2.0 * MANY as f64;
    assert!(read_in_vain(&stack, "two").await >= all);
    stack.trigger("one", definition(&json!(true), false)).await;
    stack.trigger("two", everything()).await;
    stack.until(SET_ASIDE, 2 * MANY).await;
    assert!(read_in_vain(&stack, "two").await < 10.0);
    // Later events of the paused trigger follow; those of another one are delivered meanwhile.
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.until(DELIVERED, 1).await;
    stack
        .run("UPDATE hdb_catalog.event_log SET created_at = created_at - interval '1 hour' WHERE NOT delivered")
        .await;
    // A change of the triggers is followed by the next pass.
    stack.trigger("three", json!({"enable_manual": true})).await;
    stack.until(SET_ASIDE, 2 * MANY + 1).await;
    assert_eq!(stack.number(WAITING).await, MANY + 1);
}

#[tokio::test]
async fn resumed_trigger_is_delivered_at_once() {
    // No poll by the interval: a change of the metadata starts the delivery, and each batch the next one.
    let stack = TestStack::with(&["--events-fetch-interval", "600000"], Webhook::start().await).await;
    stack.trigger("one", definition(&json!(true), false)).await;
    stack.trigger("other", definition(&json!(true), false)).await;
    add_old_events(&stack, "one", "'infinity'").await;
    add_old_events(&stack, "other", "'infinity'").await;
    stack.trigger("one", definition(&json!(false), true)).await;
    stack.until(DELIVERED, MANY).await;
    assert_eq!(stack.number(SET_ASIDE).await, MANY);
    // An engine that starts finds what was resumed without it.
    let retried = "UPDATE hdb_catalog.event_log SET delivered = false, next_retry_at = 'infinity'
        WHERE id = (SELECT min(id) FROM hdb_catalog.event_log WHERE delivered)";
    stack.run(retried).await;
    let _second = TestEngine::start(&stack.database, &[]).await;
    stack.until(DELIVERED, MANY).await;
}

#[tokio::test]
async fn paused_is_true_or_false() {
    let stack = TestStack::new().await;
    let args = stack.args("one", definition(&json!("yes"), false));
    let (status, code, _, message) = stack.engine.refused("create_event_trigger", args).await;
    assert_eq!((status, &*code), (400, "parse-failed"), "{message}");
}
