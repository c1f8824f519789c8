//! Delivery that is started by NOTIFY, and by the polls that find what a NOTIFY does not report.

use super::{CLAIM, DONE, TestStack, everything};
use serde_json::json;
use testkit::webhook::{Reply, Webhook};
use testkit::{Gate, eventually};

#[tokio::test]
async fn event_without_notify_is_delivered_by_polling() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    let quiet = "DO $$ DECLARE definition text; BEGIN
          FOR definition IN SELECT pg_get_functiondef(oid) FROM pg_proc WHERE starts_with(proname, 'notify_hasura_one_') LOOP
            EXECUTE regexp_replace(definition, 'PERFORM pg_notify[^;]*', 'NULL');
          END LOOP;
        END $$";
    stack.run(quiet).await;
    stack
        .until("SELECT count(*) FROM hdb_catalog.engine_asleep", 1)
        .await;
    for id in 1..=3 {
        stack.run(&format!("INSERT INTO t (id) VALUES ({id})")).await;
        stack.webhook.wait_for(id).await;
        stack
            .until("SELECT count(*) FROM hdb_catalog.engine_asleep", 1)
            .await;
    }
}

/// The engine polls so rarely that only a NOTIFY can be the reason of a delivery.
const RARELY: [&str; 2] = ["--events-fetch-interval", "3600000"];
const NOTIFY_REQUESTED: &str = "SELECT count(*) FROM hdb_catalog.engine_asleep";

/// Returns the identity of the row that requests NOTIFY.
async fn notify_row(stack: &TestStack) -> String {
    let row = "SELECT xmin::text || ' ' || ctid::text FROM hdb_catalog.engine_asleep";
    eventually("NOTIFY is requested", async || {
        let row = stack.client.query_opt(row, &[]).await.unwrap()?;
        Some(row.get(0))
    })
    .await
}

#[tokio::test]
async fn single_events_are_delivered_by_notify_which_stays_requested() {
    let stack = TestStack::with(&RARELY, Webhook::start().await).await;
    stack.trigger("one", everything()).await;
    let row = notify_row(&stack).await;
    for id in 1..=20 {
        // Both the engine's own changes and those of others.
        if id % 2 == 0 {
            stack.run(&format!("INSERT INTO t (id) VALUES ({id})")).await;
        } else {
            let insert = "mutation ($id: Int!) { insert_t_one(object: {id: $id}) { id } }";
            stack.engine.graphql(insert, json!({"id": id})).await;
        }
        stack.until(DONE, id).await;
    }
    assert_eq!(notify_row(&stack).await, row);
}

#[tokio::test]
async fn many_events_end_the_request_for_notify_until_they_are_claimed() {
    let gate = Gate::closed();
    let stack = TestStack::with(&[], Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    let row = notify_row(&stack).await;
    stack
        .run("INSERT INTO t (id) SELECT generate_series(1, 50)")
        .await;
    stack.webhook.wait_for(50).await;
    eventually("NOTIFY is requested again", async || {
        (notify_row(&stack).await != row).then_some(())
    })
    .await;
    gate.open();
    stack.run("INSERT INTO t (id) VALUES (51)").await;
    stack.until(DONE, 51).await;
}

/// The transaction reads `engine_asleep` while the engine polls under load, and commits while it listens again.
#[tokio::test]
async fn own_mutation_that_saw_no_request_for_notify_is_delivered_at_once() {
    let gate = Gate::closed();
    let stack = TestStack::with(&RARELY, Webhook::held_by(&gate).await).await;
    stack.trigger("one", everything()).await;
    // Fires after the trigger that captures the event.
    stack
        .run(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$;
             CREATE TRIGGER zz_wait AFTER INSERT ON t FOR EACH ROW WHEN (NEW.id = 1000) EXECUTE FUNCTION wait()",
        )
        .await;
    notify_row(&stack).await;
    stack
        .run("SELECT pg_advisory_lock(42); INSERT INTO t (id) SELECT generate_series(1, 50)")
        .await;
    stack.webhook.wait_for(50).await;
    let insert = "mutation { insert_t_one(object: {id: 1000}) { id } }";
    let mutation = stack.engine.graphql(insert, json!({}));
    let commit = async {
        // Each insert continues the load, until the mutation has captured its event.
        for id in 51.. {
            stack.run(&format!("INSERT INTO t (id) VALUES ({id})")).await;
            let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            if stack.number(waiting).await == 1 {
                break;
            }
        }
        let poll = CLAIM.lines().next().unwrap();
        eventually("the engine listens", async || {
            let is_quiet =
                "SELECT clock_timestamp() - max(query_start) > interval '1 s' FROM pg_stat_activity
                            WHERE datname = current_database() AND starts_with(query, $1)";
            let row = stack.client.query_one(is_quiet, &[&poll]).await.unwrap();
            let is_quiet = row.get::<_, Option<bool>>(0) == Some(true);
            (is_quiet && stack.number(NOTIFY_REQUESTED).await == 1).then_some(())
        })
        .await;
        stack.run("SELECT pg_advisory_unlock(42)").await;
    };
    tokio::join!(mutation, commit);
    let claimed = "SELECT count(*) FROM hdb_catalog.event_log
                   WHERE payload #>> '{data,new,id}' = '1000' AND locked IS NOT NULL";
    stack.until(claimed, 1).await;
    gate.open();
}

#[tokio::test]
async fn retry_without_interval_does_not_wait_for_a_poll() {
    let webhook = Webhook::behaving(|index, _| Reply::status(if index < 2 { 500 } else { 200 })).await;
    let stack = TestStack::with(&RARELY, webhook).await;
    let conf = json!({"num_retries": 5, "interval_sec": 0});
    let definition = json!({"insert": {"columns": "*"}, "retry_conf": conf});
    stack.trigger("one", definition).await;
    notify_row(&stack).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.until(DONE, 1).await;
    assert_eq!(stack.webhook.count(), 3);
}
