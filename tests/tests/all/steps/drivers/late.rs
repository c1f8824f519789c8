//! Orders that are picked up or delivered late, or not at all.

use shared::{
    order::Outcome,
    steps::{
        agent_assignment::run,
        expire_orders::{self, PickUps},
    },
};
use tests::orders::{ask, history, order, set_order, status};

use super::{TestStack, assign, delivery, execute, id};

#[tokio::test]
async fn order_that_is_not_picked_up_in_time_gets_another_driver() {
    let mut stack = TestStack::new("agent-assignment").await;
    let expire = stack.database.pool("expire-orders", 1);
    let assign_by = "SELECT assign_by > now() + interval '14 minutes' FROM orders";
    let first = assign(&mut stack, "o-1").await.driver_id;
    // The search for a driver took nearly all of its time.
    set_order(&stack.client, "o-1", "assign_by = now() + interval '1 second'").await;
    execute(
        &stack.client,
        "UPDATE assignment SET created = now() - interval '44 minutes'",
    )
    .await;
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 0);
    execute(
        &stack.client,
        "UPDATE assignment SET created = now() - interval '45 minutes'",
    )
    .await;
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 1);
    assert_eq!(
        history(&stack.client, "o-1").await.last().unwrap(),
        "agent-assignment not-picked-up"
    );
    assert_eq!(ask(&stack.client, assign_by).await.as_deref(), Some("t"));
    let second = run(&stack.pool, &id("o-1"), &delivery(1))
        .await
        .unwrap()
        .driver_id;
    assert!(first != second && second.is_some(), "{first:?}, {second:?}");

    // The second driver does not pick it up either, two searches and a pick-up after the restaurant's deadline: there is no third one.
    set_order(
        &stack.client,
        "o-1",
        "assign_by = now(), answer_by = now() - interval '75 minutes'",
    )
    .await;
    execute(
        &stack.client,
        "UPDATE assignment SET created = now() - interval '1 hour'",
    )
    .await;
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 1);
    assert_eq!(ask(&stack.client, assign_by).await.as_deref(), Some("f"));
    let late = run(&stack.pool, &id("o-1"), &delivery(2)).await.unwrap();
    assert_eq!(late.outcome, Outcome::Skipped);
    assert_eq!(expire_orders::run(&expire).await.unwrap().unassigned, 1);
    let row = order(&stack.client, "o-1").await;
    assert_eq!(
        (&row["status"], &row["refund_requests"]),
        (&"expired".into(), &1.into())
    );
}

#[tokio::test]
async fn order_without_pick_up_stays_assigned_for_the_nodejs_example() {
    let mut stack = TestStack::new("agent-assignment").await;
    let expire = stack.database.pool("expire-orders", 1);
    assign(&mut stack, "o-1").await;
    execute(
        &stack.client,
        "UPDATE assignment SET created = now() - interval '1 day'",
    )
    .await;
    let expired = expire_orders::run_with(&expire, PickUps::NotExpected)
        .await
        .unwrap();
    assert_eq!(expired, expire_orders::Expired::default());
    assert_eq!(status(&stack.client, "o-1").await, "assigned");
    // What was picked up stays with its driver in any case.
    set_order(&stack.client, "o-1", "food_picked = true").await;
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 0);
}

#[tokio::test]
async fn late_pick_ups_and_deliveries_are_stuck_orders() {
    let mut stack = TestStack::new("agent-assignment").await;
    let late = "SELECT string_agg(order_id || ' ' || next_step, ', ' ORDER BY order_id) FROM stuck_orders";
    for name in ["assigned", "picked-up"] {
        assign(&mut stack, name).await;
    }
    set_order(&stack.client, "picked-up", "food_picked = true").await;
    for (age, expected) in [
        ("44 minutes", None),
        ("2 minutes", Some("assigned pick-up")),
        ("2 hours", Some("assigned pick-up, picked-up delivery")),
    ] {
        execute(
            &stack.client,
            &format!(
                "UPDATE orders SET created = created - interval '{age}'; \
                 UPDATE order_history SET at = at - interval '{age}'"
            ),
        )
        .await;
        assert_eq!(ask(&stack.client, late).await.as_deref(), expected, "{age}");
    }
}
