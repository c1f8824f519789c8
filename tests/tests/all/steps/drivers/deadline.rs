//! Deadline for finding a driver, and its extension after a release.

use shared::{
    order::Outcome,
    steps::{agent_assignment::run, expire_orders},
};
use tests::orders::{APPROVED, ask, history, order, place_as, set_order};

use super::{TestStack, assign, delivery, execute, id, manual_drivers};

/// The time for finding a driver has passed, and expire-orders has not closed the order yet.
#[tokio::test]
async fn overdue_order_is_not_assigned() {
    let mut stack = TestStack::new("agent-assignment").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    set_order(&stack.client, "o-1", "assign_by = now()").await;
    for drivers in ["true", "false"] {
        execute(
            &stack.client,
            &format!("UPDATE drivers SET available = {drivers}"),
        )
        .await;
        let before = (
            order(&stack.client, "o-1").await,
            history(&stack.client, "o-1").await,
        );
        let answer = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
        assert_eq!(
            (answer.outcome, answer.reason),
            (Outcome::Skipped, Some("the time for finding a driver has passed"))
        );
        let after = (
            order(&stack.client, "o-1").await,
            history(&stack.client, "o-1").await,
        );
        assert_eq!(after, before);
    }
    // Orders of earlier versions have no deadline.
    execute(
        &stack.client,
        "UPDATE drivers SET available = true; UPDATE orders SET assign_by = NULL",
    )
    .await;
    let answer = run(&stack.pool, &id("o-1"), &delivery(1)).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Assigned);
}

/// One rule for each way in which a driver gives an order back: if the driver had accepted it, another search begins.
#[tokio::test]
async fn release_after_the_acceptance_begins_another_search() {
    const DECLINE: &str = "UPDATE assignment SET declined = true";
    const OFF_DUTY: &str = "UPDATE drivers SET available = false WHERE id = 7";
    for (accepted, before, release, outcome) in [
        (true, "", DECLINE, "declined"),
        (true, "", OFF_DUTY, "released"),
        (
            true,
            "UPDATE assignment SET created = now() - interval '45 minutes'",
            "",
            "not-picked-up",
        ),
        (
            true,
            "ALTER TABLE drivers DISABLE TRIGGER drivers_off_duty; \
             UPDATE drivers SET available = false WHERE id = 7; ALTER TABLE drivers ENABLE TRIGGER drivers_off_duty",
            "",
            "released",
        ),
        (false, "", DECLINE, "declined"),
        (false, "", OFF_DUTY, "released"),
        (false, "UPDATE assignment SET accept_by = now()", "", "no-answer"),
    ] {
        let mut stack = TestStack::new("agent-assignment").await;
        let expire = stack.database.pool("expire-orders", 1);
        manual_drivers(&stack.client, "7").await;
        assign(&mut stack, "o-1").await;
        // The first search took nearly all of its time.
        execute(
            &stack.client,
            &format!(
                "UPDATE orders SET assign_by = now() + interval '1 second'; UPDATE assignment SET accepted = {accepted}; {before}"
            ),
        )
        .await;
        execute(&stack.client, release).await;
        let released = expire_orders::run(&expire).await.unwrap().released;
        assert_eq!(released, i32::from(release.is_empty()), "{outcome}");
        assert_eq!(
            history(&stack.client, "o-1").await.last().unwrap(),
            &format!("agent-assignment {outcome}")
        );
        let left = "SELECT assign_by > now() + interval '14 minutes' FROM orders";
        let expected = if accepted { "t" } else { "f" };
        assert_eq!(
            ask(&stack.client, left).await.as_deref(),
            Some(expected),
            "{outcome}, accepted: {accepted}"
        );
    }
}

/// A driver that ends and starts its duty again and again does not keep the order.
#[tokio::test]
async fn releases_do_not_extend_the_deadline_for_a_driver_without_end() {
    let mut stack = TestStack::new("agent-assignment").await;
    manual_drivers(&stack.client, "7").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    execute(&stack.client, "UPDATE drivers SET auto_accept = true").await;
    let latest = "SELECT (assign_by - answer_by)::text FROM orders";
    // As it would be this number of minutes after the payment.
    for (minutes, expected) in [
        (10, "00:10:00"),
        (70, "01:10:00"),
        (80, "01:15:00"),
        (89, "01:15:00"),
    ] {
        let assigned = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
        assert_eq!(assigned.driver_id, Some(7), "{minutes}");
        execute(
            &stack.client,
            &format!(
                "UPDATE orders SET answer_by = now() + interval '15 minutes' - interval '{minutes} minutes', \
                                   assign_by = now() + interval '1 second'; \
                 UPDATE drivers SET available = false WHERE id = 7; UPDATE drivers SET available = true WHERE id = 7"
            ),
        )
        .await;
        assert_eq!(
            ask(&stack.client, latest).await.as_deref(),
            Some(expected),
            "{minutes}"
        );
    }
    // The last search has ended.
    set_order(&stack.client, "o-1", "assign_by = now()").await;
    let late = run(&stack.pool, &id("o-1"), &delivery(1)).await.unwrap();
    assert_eq!(late.outcome, Outcome::Skipped);
}
