//! Drivers that end their duty.

use shared::{
    order::{Delivery, Outcome},
    steps::{agent_assignment::run, expire_orders},
};
use testkit::eventually;
use tests::orders::{ask, history, order, set_order, status};
use tokio_postgres::{Client, error::SqlState};

use super::{TestStack, assign, execute, id, manual_drivers};

async fn driver(client: &Client) -> Option<String> {
    ask(client, "SELECT driver_id FROM assignment").await
}

#[tokio::test]
async fn driver_off_duty_releases_what_is_not_picked_up() {
    let mut stack = TestStack::new("agent-assignment").await;
    execute(&stack.client, "UPDATE drivers SET available = id = 7").await;
    for name in ["waiting", "on-the-way", "delivered"] {
        assign(&mut stack, name).await;
    }
    set_order(&stack.client, "on-the-way", "food_picked = true").await;
    set_order(&stack.client, "delivered", "food_picked = true, delivered = true").await;

    execute(&stack.client, "UPDATE drivers SET available = id = 8").await;

    for (name, expected) in [
        ("waiting", "approved"),
        ("on-the-way", "picked_up"),
        ("delivered", "delivered"),
    ] {
        assert_eq!(status(&stack.client, name).await, expected, "{name}");
    }
    assert_eq!(
        history(&stack.client, "waiting").await.last().unwrap(),
        "agent-assignment released"
    );
    let again = run(&stack.pool, &id("waiting"), &Delivery::default())
        .await
        .unwrap();
    assert_eq!((again.outcome, again.driver_id), (Outcome::Assigned, Some(8)));
}

/// The driver went off duty while the assignment was being committed.
#[tokio::test]
async fn order_of_a_driver_off_duty_is_taken_back_by_time() {
    let mut stack = TestStack::new("agent-assignment").await;
    let expire = stack.database.pool("expire-orders", 1);
    assign(&mut stack, "o-1").await;
    let driver = driver(&stack.client).await.expect("a driver");
    execute(
        &stack.client,
        &format!(
            "ALTER TABLE drivers DISABLE TRIGGER drivers_off_duty; \
             UPDATE drivers SET available = false WHERE id = {driver}"
        ),
    )
    .await;
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 1);
    assert_eq!(status(&stack.client, "o-1").await, "approved");
}

/// The decline has locked the assignment, and the end of the duty its order: neither waits for the other.
#[tokio::test]
async fn decline_during_another_change_of_the_order_fails_at_once() {
    let mut stack = TestStack::new("agent-assignment").await;
    manual_drivers(&stack.client, "7").await;
    assign(&mut stack, "o-1").await;
    let mut holder = stack.database.connect().await;
    let transaction = holder.transaction().await.unwrap();
    transaction
        .batch_execute("SELECT FROM orders WHERE order_id = 'o-1' FOR NO KEY UPDATE")
        .await
        .unwrap();
    let decline = "SET statement_timeout = '20 s'; UPDATE assignment SET declined = true";
    let error = stack.client.batch_execute(decline).await.unwrap_err();
    let error = error.as_db_error().unwrap();
    assert_eq!(
        (error.code(), error.message()),
        (
            &SqlState::LOCK_NOT_AVAILABLE,
            "order \"o-1\" is being changed by another request; try again"
        )
    );
    transaction.rollback().await.unwrap();

    // The other way round: the end of the duty waits for the decline, and then has nothing to release.
    let transaction = holder.transaction().await.unwrap();
    transaction
        .batch_execute("UPDATE assignment SET declined = true")
        .await
        .unwrap();
    let ending = stack.database.connect().await;
    let end = tokio::spawn(async move {
        ending
            .batch_execute("UPDATE drivers SET available = false WHERE id = 7")
            .await
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually("the end of the duty waits", async || {
        (ask(&stack.client, waiting).await.as_deref() == Some("1")).then_some(())
    })
    .await;
    transaction.commit().await.unwrap();
    end.await.unwrap().unwrap();
    let row = order(&stack.client, "o-1").await;
    assert_eq!(
        (&row["status"], &row["reassignments"]),
        (&"approved".into(), &1.into())
    );
}
