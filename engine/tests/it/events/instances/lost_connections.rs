//! Loss of the connection that holds the instance lock, and of others.

use super::{DELIVERED, HELD, TestStack, delivering, everything};
use testkit::webhook::Webhook;
use testkit::{Gate, eventually};

/// Closes the connection that holds the instance lock.
const CLOSE_LOCK: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Texts with which the statements of the engine begin.
const TRANSFER: &str = "-- After the instance lock was lost";
const SETTLE: &str = "-- Settles a batch";
const CLAIM: &str = "-- Claims events";
const REGISTER: &str = "INSERT INTO hdb_catalog.instances";

/// Counts the claims that wait for another transaction, and cancels a statement with which the same poll sets aside events
/// before its claim: it updates the table too, so it would wait in the place of the claim.
const CLAIM_WAITS: &str = "SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
       AND CASE WHEN query LIKE '-- Sets aside%' THEN NOT pg_cancel_backend(pid) ELSE query LIKE '-- Claims events%' END";

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

/// Closes the connections that run this statement, and waits until another connection runs it.
async fn close_and_repeat(stack: &TestStack, statement: &str) {
    let closed = close(stack, statement).await;
    let repeated = format!("{} AND pid <> {closed}", blocked(statement));
    stack.until(&repeated, 1).await;
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

#[tokio::test]
async fn settlement_during_transfer_to_new_id_is_written() {
    let (stack, gate) = delivering().await;
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
    close_and_repeat(&stack, SETTLE).await;
    held.rollback().await.unwrap();
    stack.until(DELIVERED, 1).await;
    stack.until(HELD, 0).await;
    assert_eq!(stack.webhook.count(), 1);
}

#[tokio::test]
async fn repeated_loss_of_instance_lock_during_transfer_causes_no_duplicate_delivery() {
    let (stack, gate) = delivering().await;
    let mut holder = stack.database.connect().await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("SELECT FROM hdb_catalog.event_log FOR UPDATE")
        .await
        .unwrap();
    stack.run(CLOSE_LOCK).await;
    stack.until(&blocked(TRANSFER), 1).await;
    stack.run(CLOSE_LOCK).await;
    close_and_repeat(&stack, TRANSFER).await;
    held.rollback().await.unwrap();
    gate.open();
    stack.until(DELIVERED, 1).await;
    stack.until(HELD, 0).await;
    assert_eq!(stack.webhook.count(), 1);
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
    stack.until(CLAIM_WAITS, 1).await;
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
    let (stack, gate) = delivering().await;
    let mut holder = stack.database.connect().await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE hdb_catalog.instances IN SHARE MODE")
        .await
        .unwrap();
    stack.run(CLOSE_LOCK).await;
    stack.until(&blocked(REGISTER), 1).await;
    close_and_repeat(&stack, REGISTER).await;
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
    stack.until(CLAIM_WAITS, 1).await;
    close(&stack, CLAIM).await;
    held.commit().await.unwrap();
    stack.until(DELIVERED, 10).await;
    stack.until(HELD, 0).await;
}
