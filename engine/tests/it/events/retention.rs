//! Retention of event logs: `cleanup_config` and its commands.

use super::TestStack;
use crate::support::TestEngine;
use engine_runtime::events::retention::cleanup::MIN_ROWS_READ;
use serde_json::{Value, json};
use testkit::webhook::{Reply, Webhook};

const EVENTS: &str = "SELECT count(*) FROM hdb_catalog.event_log";
const CALLS: &str = "SELECT count(*) FROM hdb_catalog.event_invocation_logs";
const RUNS: &str = "SELECT count(*) FROM hdb_catalog.hdb_event_log_cleanups";
const COMPLETED: &str = "SELECT count(*) FROM hdb_catalog.hdb_event_log_cleanups WHERE status = 'completed'";
/// Makes all events two days old.
const AGE: &str = "UPDATE hdb_catalog.event_log SET created_at = created_at - interval '48 hours';
    UPDATE hdb_catalog.event_invocation_logs SET created_at = created_at - interval '48 hours'";

/// Schedule whose next time is months away, so that only a missed clean-up runs during a test.
const HALF_YEARLY: &str = "0 0 1 1,7 *";

fn config(changes: &Value) -> Value {
    let mut config = json!({"schedule": HALF_YEARLY, "clear_older_than": 24, "clean_invocation_logs": true});
    for (key, value) in changes.as_object().expect("an object") {
        config[key] = value.clone();
    }
    config
}

/// A stack with a trigger `one` that has this configuration, and delivered events for rows 1 to `delivered`. The calls of
/// rows with a negative id fail.
async fn stack(config: &Value) -> TestStack {
    let webhook = Webhook::behaving(|_, call| {
        let id = call.body["event"]["data"]["new"]["id"].as_i64();
        Reply::status(if id.is_some_and(|id| id < 0) { 500 } else { 200 })
    })
    .await;
    let stack = TestStack::with(&[], webhook).await;
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "cleanup_config": config}),
        )
        .await;
    stack
}

async fn write(stack: &TestStack, from: i64, to: i64) {
    stack
        .run(&format!(
            "INSERT INTO t (id) SELECT generate_series({from}, {to})"
        ))
        .await;
    stack
        .until(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE NOT delivered AND NOT error",
            0,
        )
        .await;
}

/// Restarts the engine as if the last scheduled clean-up had passed while it was stopped.
async fn miss_a_run(mut stack: TestStack) -> TestStack {
    stack.engine.stop().await;
    stack
        .client
        .batch_execute(
            "UPDATE hdb_catalog.hdb_event_log_cleanups SET scheduled_at = scheduled_at - interval '1 day'",
        )
        .await
        .expect("the rows are not locked");
    stack.engine = TestEngine::start(&stack.database, &[]).await;
    stack
}

#[tokio::test]
async fn missed_clean_up_runs_once_and_keeps_failed_and_new_events() {
    let stack = stack(&config(&json!({"batch_size": 2}))).await;
    // The first row of a new configuration is the time before it: nothing is deleted.
    stack
        .until(
            "SELECT count(*) FROM hdb_catalog.hdb_event_log_cleanups WHERE status = 'dead'",
            1,
        )
        .await;
    write(&stack, -2, 5).await;
    stack.run(AGE).await;
    write(&stack, 10, 11).await;
    assert_eq!((stack.number(EVENTS).await, stack.number(CALLS).await), (10, 10));

    let stack = miss_a_run(stack).await;
    let second = TestEngine::start(&stack.database, &[]).await;
    stack.until(COMPLETED, 1).await;
    // Rows 0 to 5 are gone, in batches of two. The failed events -2 and -1 and the new ones 10 and 11 remain.
    assert_eq!((stack.number(EVENTS).await, stack.number(CALLS).await), (4, 4));
    let failed = "SELECT count(*) FROM hdb_catalog.failed_events WHERE last_status = 500";
    assert_eq!(stack.number(failed).await, 2);
    let counts = "SELECT count(*) FROM hdb_catalog.hdb_event_log_cleanups
        WHERE status = 'completed' AND deleted_event_logs = 6 AND deleted_event_invocation_logs = 6";
    assert_eq!(stack.number(counts).await, 1);
    // Neither engine claims it again.
    second.stop().await;
    assert_eq!(stack.number(RUNS).await, 2);
}

#[tokio::test]
async fn paused_clean_up_runs_after_it_is_resumed() {
    let stack = stack(&config(&json!({}))).await;
    stack.until(RUNS, 1).await;
    write(&stack, 1, 3).await;
    stack.run(AGE).await;
    let all = json!({"event_triggers": {"sources": "*"}});
    stack
        .engine
        .command("pause_event_trigger_cleanups", all.clone())
        .await;
    let exported = async |stack: &TestStack| {
        let metadata = stack.engine.command("export_metadata", json!({})).await;
        metadata["sources"][0]["tables"][0]["event_triggers"][0]["cleanup_config"].clone()
    };
    assert_eq!(exported(&stack).await, config(&json!({"paused": true})));
    let stack = miss_a_run(stack).await;
    // A trigger without a configuration of its own shows that the engine has read the metadata and had time to act.
    stack
        .trigger(
            "two",
            json!({"delete": {"columns": "*"}, "cleanup_config": config(&json!({}))}),
        )
        .await;
    stack
        .until(
            "SELECT count(*) FROM hdb_catalog.hdb_event_log_cleanups WHERE trigger_name = 'two'",
            1,
        )
        .await;
    assert_eq!((stack.number(EVENTS).await, stack.number(RUNS).await), (3, 2));
    let named = json!({"event_triggers": [{"source_name": "default", "event_triggers": ["one"]}]});
    stack.engine.command("resume_event_trigger_cleanups", named).await;
    assert_eq!(exported(&stack).await["paused"], false);
    stack.until(COMPLETED, 1).await;
    assert_eq!(stack.number(EVENTS).await, 0);
}

#[tokio::test]
async fn command_deletes_what_it_is_asked_for() {
    let stack = stack(&Value::Null).await;
    write(&stack, -2, 3).await;
    stack.run(AGE).await;
    let clean = async |changes: Value| {
        let mut args = json!({"event_trigger_name": "one", "clear_older_than": 24});
        for (key, value) in changes.as_object().expect("an object") {
            args[key] = value.clone();
        }
        stack.engine.command("pg_cleanup_event_trigger_logs", args).await
    };
    let nothing = clean(json!({"clear_older_than": 72})).await;
    assert_eq!(
        nothing,
        json!({"message": "success", "deleted_event_logs": 0, "deleted_event_invocation_logs": 0})
    );
    // Without clean_invocation_logs the calls of rows 0 to 3 are kept, and can be read.
    let answer = clean(json!({"batch_size": 3})).await;
    assert_eq!(
        (
            &answer["deleted_event_logs"],
            &answer["deleted_event_invocation_logs"]
        ),
        (&json!(4), &json!(0))
    );
    assert_eq!((stack.number(EVENTS).await, stack.number(CALLS).await), (2, 6));
    let calls = stack
        .engine
        .command("get_event_invocation_logs", json!({"name": "one"}))
        .await;
    assert_eq!(calls.as_array().map(Vec::len), Some(6), "{calls}");
    assert!(
        calls
            .as_array()
            .unwrap()
            .iter()
            .all(|call| call["trigger_name"] == "one")
    );
    // With it, also those that were kept. Failed events are deleted only when asked.
    let answer = clean(json!({"clean_invocation_logs": true, "batch_size": 3})).await;
    assert_eq!(
        (
            &answer["deleted_event_logs"],
            &answer["deleted_event_invocation_logs"]
        ),
        (&json!(0), &json!(4))
    );
    let answer = clean(json!({"clean_invocation_logs": true, "clean_failed_events": true})).await;
    assert_eq!(
        (
            &answer["deleted_event_logs"],
            &answer["deleted_event_invocation_logs"]
        ),
        (&json!(2), &json!(2))
    );
}

#[tokio::test]
async fn pending_and_held_events_are_never_deleted() {
    let stack = stack(&Value::Null).await;
    write(&stack, 1, 3).await;
    stack
        .run(&format!(
            "{AGE};
             UPDATE hdb_catalog.event_log SET delivered = false, next_retry_at = timezone('utc', now()) + interval '1 hour'
             WHERE payload #>> '{{data,new,id}}' = '1';
             UPDATE hdb_catalog.event_log SET locked = now() WHERE payload #>> '{{data,new,id}}' = '2'"
        ))
        .await;
    let args = json!({"event_trigger_name": "one", "clear_older_than": 0, "clean_failed_events": true});
    let answer = stack
        .engine
        .command("cleanup_event_trigger_logs", args.clone())
        .await;
    assert_eq!(answer["deleted_event_logs"], 1);
    // A cancelled event is done.
    stack
        .engine
        .command("cancel_event", json!({"trigger_name": "one"}))
        .await;
    let answer = stack.engine.command("cleanup_event_trigger_logs", args).await;
    assert_eq!(answer["deleted_event_logs"], 1);
}

#[tokio::test]
async fn concurrent_clean_up_of_a_trigger_is_refused() {
    let stack = stack(&Value::Null).await;
    let holder = stack.database.connect().await;
    holder
        .batch_execute("SELECT pg_advisory_lock(hashtextextended('hdb_catalog.cleanup ' || 'one', 0))")
        .await
        .expect("the lock is free");
    let args = json!({"event_trigger_name": "one", "clear_older_than": 24});
    let (status, code, path, message) = stack.engine.refused("cleanup_event_trigger_logs", args).await;
    assert_eq!((status, &*code, &*path), (400, "busy", "$.args"), "{message}");
}

#[tokio::test]
async fn invalid_configurations_and_arguments_are_refused() {
    let stack = stack(&Value::Null).await;
    for (changes, path) in [
        (json!({"schedule": "daily"}), "$.cleanup_config.schedule"),
        (json!({"schedule": "0 0 0 * * *"}), "$.cleanup_config.schedule"),
        (json!({"clear_older_than": -1}), "$.cleanup_config"),
        (json!({"clear_older_than": null}), "$.cleanup_config"),
        (json!({"batch_size": 0}), "$.cleanup_config"),
    ] {
        let definition = json!({"insert": {"columns": "*"}, "cleanup_config": config(&changes)});
        let refused = stack
            .engine
            .refused("create_event_trigger", stack.args("two", definition))
            .await;
        assert_eq!(
            (refused.0, &*refused.1, &*refused.2),
            (400, "parse-failed", path),
            "{changes}: {}",
            refused.3
        );
    }
    for (kind, args, code) in [
        (
            "cleanup_event_trigger_logs",
            json!({"event_trigger_name": "one"}),
            "parse-failed",
        ),
        (
            "cleanup_event_trigger_logs",
            json!({"event_trigger_name": "two", "clear_older_than": 1}),
            "not-exists",
        ),
        (
            "cleanup_event_trigger_logs",
            json!({"event_trigger_name": "one", "clear_older_than": 1, "batch_size": 0}),
            "parse-failed",
        ),
        ("pause_event_trigger_cleanups", json!({}), "parse-failed"),
        (
            "pause_event_trigger_cleanups",
            json!({"event_triggers": []}),
            "parse-failed",
        ),
        (
            "pause_event_trigger_cleanups",
            json!({"event_triggers": {"sources": ["other"]}}),
            "not-exists",
        ),
        (
            "pause_event_trigger_cleanups",
            json!({"event_triggers": [{"event_triggers": ["two"]}]}),
            "not-exists",
        ),
        (
            "resume_event_trigger_cleanups",
            json!({"event_triggers": [{"event_triggers": ["one"]}]}),
            "not-exists",
        ),
    ] {
        let refused = stack.engine.refused(kind, args.clone()).await;
        assert_eq!(
            (refused.0, &*refused.1),
            (400, code),
            "{kind} {args}: {}",
            refused.3
        );
    }
}

#[tokio::test]
async fn catalog_of_earlier_versions_is_upgraded() {
    let mut stack = stack(&Value::Null).await;
    stack.engine.stop().await;
    stack
        .client
        .batch_execute(
            "DROP INDEX hdb_catalog.event_invocation_logs_kept_idx;
             ALTER TABLE hdb_catalog.event_invocation_logs DROP COLUMN trigger_name,
               ADD FOREIGN KEY (event_id) REFERENCES hdb_catalog.event_log (id);
             DROP TABLE hdb_catalog.hdb_event_log_cleanups",
        )
        .await
        .expect("the objects exist");
    stack.engine = TestEngine::start(&stack.database, &[]).await;
    write(&stack, 1, 1).await;
    // Hasura's documentation deletes processed events in this way.
    stack
        .run("DELETE FROM hdb_catalog.event_log WHERE delivered OR error")
        .await;
    assert_eq!((stack.number(CALLS).await, stack.number(RUNS).await), (1, 0));
}

/// The events of one trigger may be few among many of others.
#[tokio::test]
async fn clean_up_of_a_rare_trigger_reads_a_bounded_number_of_rows_per_batch() {
    let stack = stack(&Value::Null).await;
    let rows = 2 * MIN_ROWS_READ + 500;
    // Every 5000th event is of the trigger `one`; the last of them is in the third page.
    stack
        .run(&format!(
            "INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload, delivered)
             SELECT to_char(n, 'FM00000000'), 'public', 't', CASE n % 5000 WHEN 0 THEN 'one' ELSE 'other' END, '{{}}', true
             FROM generate_series(1, {rows}) AS n;
             {AGE}; ANALYZE hdb_catalog.event_log"
        ))
        .await;
    let explain = format!(
        "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;
         PREPARE batch (text, text, int, bigint, boolean, boolean, bigint) AS {};
         BEGIN",
        include_str!("../../../runtime/src/events/retention/delete.sql")
    );
    stack.run(&explain).await;
    let plan: Value = stack
        .client
        .query_one(
            &format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE batch ('one', '', 24, 2, false, true, {MIN_ROWS_READ})"),
            &[],
        )
        .await
        .expect("the plan")
        .get(0);
    stack.run("ROLLBACK").await;
    let most = rows_read(&plan);
    assert!((5000..=MIN_ROWS_READ).contains(&most), "{most} rows: {plan}");

    let args = json!({"event_trigger_name": "one", "clear_older_than": 24, "batch_size": 1});
    let answer = stack.engine.command("cleanup_event_trigger_logs", args).await;
    assert_eq!(answer["deleted_event_logs"], rows / 5000);
    assert_eq!(stack.number(EVENTS).await, rows - rows / 5000);
}

/// The largest number of rows that a node of the plan reads, including those that its filter removes.
fn rows_read(plan: &Value) -> i64 {
    let own = ["Actual Rows", "Rows Removed by Filter"]
        .iter()
        .filter_map(|key| plan.get(*key)?.as_f64())
        .sum::<f64>();
    let children = plan.as_array().into_iter().flatten().chain(
        ["Plan", "Plans"]
            .iter()
            .filter_map(|key| plan.get(*key))
            .flat_map(|child| match child {
                Value::Array(children) => children.iter().collect(),
                child => vec![child],
            }),
    );
    #[expect(clippy::cast_possible_truncation, reason = "a number of rows of the test")]
    let own = own as i64;
    children.map(rows_read).max().unwrap_or(0).max(own)
}
