//! Drivers that accept, decline, do not answer, or go off duty.

use shared::{
    order::{Delivery, Outcome},
    steps::{
        StepError,
        agent_assignment::run,
        expire_orders::{self, PickUps},
    },
};
use testkit::eventually;
use tests::orders::{APPROVED, ask, history, order, place_as, set_order, status};
use tokio_postgres::{Client, error::SqlState};

use super::{TestStack, delivery, id};

/// Leaves these drivers on duty, of which each answers assignments manually.
async fn manual_drivers(client: &Client, ids: &str) {
    client
        .batch_execute(&format!(
            "UPDATE drivers SET available = id IN ({ids}), auto_accept = false"
        ))
        .await
        .expect("the drivers are updated");
}

async fn driver(client: &Client) -> Option<String> {
    ask(client, "SELECT driver_id FROM assignment").await
}

async fn execute(client: &Client, sql: &str) {
    client.batch_execute(sql).await.expect(sql);
}

#[tokio::test]
async fn accepted_assignment_can_be_picked_up() {
    let mut stack = TestStack::new("agent-assignment").await;
    manual_drivers(&stack.client, "7").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
    let asked = "SELECT concat_ws(' ', driver_id, accept_by > now()) FROM orders_to_accept";
    assert_eq!(ask(&stack.client, asked).await.as_deref(), Some("7 t"));
    assert_eq!(
        ask(&stack.client, "SELECT order_id FROM orders_to_pick_up").await,
        None
    );
    let pick_up = "UPDATE orders SET food_picked = true";
    let error = stack.client.batch_execute(pick_up).await.unwrap_err();
    assert_eq!(
        error.as_db_error().unwrap().message(),
        "order \"o-1\" cannot change: its driver has not accepted it"
    );

    execute(&stack.client, "UPDATE assignment SET accepted = true").await;
    assert_eq!(ask(&stack.client, asked).await, None);
    execute(&stack.client, "UPDATE orders_to_pick_up SET food_picked = true").await;
    assert_eq!(status(&stack.client, "o-1").await, "picked_up");
    let decline = "UPDATE assignment SET declined = true";
    let error = stack.client.batch_execute(decline).await.unwrap_err();
    assert_eq!(
        error.as_db_error().unwrap().message(),
        "order \"o-1\" cannot be released: it is picked up or closed"
    );
}

#[tokio::test]
async fn declined_assignment_is_offered_to_the_next_driver() {
    let mut stack = TestStack::new("agent-assignment").await;
    manual_drivers(&stack.client, "7, 8").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    let first = run(&stack.pool, &id("o-1"), &delivery(0))
        .await
        .unwrap()
        .driver_id;
    execute(&stack.client, "UPDATE assignment SET declined = true").await;
    let row = order(&stack.client, "o-1").await;
    assert_eq!(
        (&row["status"], &row["reassignments"]),
        (&"approved".into(), &1.into())
    );
    let second = run(&stack.pool, &id("o-1"), &delivery(0))
        .await
        .unwrap()
        .driver_id;
    assert!(first != second && second.is_some(), "{first:?}, {second:?}");

    // Each driver is asked once.
    execute(&stack.client, "UPDATE assignment SET declined = true").await;
    let error = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap_err();
    assert!(
        matches!(
            error,
            StepError::NotYet {
                code: "no_driver_available",
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        history(&stack.client, "o-1").await[2..],
        [
            "agent-assignment assigned e-1 #0",
            "agent-assignment declined",
            "agent-assignment assigned e-1 #0",
            "agent-assignment declined",
            "agent-assignment waiting e-1 #0"
        ]
    );
}

#[tokio::test]
async fn assignment_that_is_not_answered_in_time_ends() {
    let mut stack = TestStack::new("agent-assignment").await;
    let expire = stack.database.pool("expire-orders", 1);
    manual_drivers(&stack.client, "7, 8").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    let first = run(&stack.pool, &id("o-1"), &delivery(0))
        .await
        .unwrap()
        .driver_id;
    assert_eq!(
        expire_orders::run(&expire).await.unwrap(),
        expire_orders::Expired::default()
    );

    execute(&stack.client, "UPDATE assignment SET accept_by = now()").await;
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 1);
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 0);
    assert_eq!(
        history(&stack.client, "o-1").await.last().unwrap(),
        "agent-assignment no-answer"
    );
    let second = run(&stack.pool, &id("o-1"), &delivery(1))
        .await
        .unwrap()
        .driver_id;
    assert!(first != second && second.is_some(), "{first:?}, {second:?}");
}

#[tokio::test]
async fn driver_off_duty_releases_what_is_not_picked_up() {
    let mut stack = TestStack::new("agent-assignment").await;
    execute(&stack.client, "UPDATE drivers SET available = id = 7").await;
    for name in ["waiting", "on-the-way", "delivered"] {
        place_as(&mut stack.client, name, APPROVED).await;
        run(&stack.pool, &id(name), &Delivery::default()).await.unwrap();
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
    place_as(&mut stack.client, "o-1", APPROVED).await;
    run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
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

#[tokio::test]
async fn failed_delivery_frees_the_driver() {
    let mut stack = TestStack::new("agent-assignment").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
    set_order(&stack.client, "o-1", "food_picked = true").await;
    let load = "SELECT sum(orders) FROM driver_loads";
    assert_eq!(ask(&stack.client, load).await.as_deref(), Some("1"));
    execute(
        &stack.client,
        "UPDATE orders_to_deliver SET delivery_failed = true, close_reason = 'The address does not exist.'",
    )
    .await;
    assert_eq!(status(&stack.client, "o-1").await, "failed");
    assert_eq!(ask(&stack.client, load).await.as_deref(), Some("0"));
    assert_eq!(
        history(&stack.client, "o-1").await.last().unwrap(),
        "delivery failed"
    );
}

#[tokio::test]
async fn order_that_is_not_picked_up_in_time_gets_another_driver() {
    let mut stack = TestStack::new("agent-assignment").await;
    let expire = stack.database.pool("expire-orders", 1);
    let assign_by = "SELECT assign_by > now() + interval '14 minutes' FROM orders";
    place_as(&mut stack.client, "o-1", APPROVED).await;
    let first = run(&stack.pool, &id("o-1"), &delivery(0))
        .await
        .unwrap()
        .driver_id;
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
    place_as(&mut stack.client, "o-1", APPROVED).await;
    run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
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
        place_as(&mut stack.client, name, APPROVED).await;
        run(&stack.pool, &id(name), &delivery(0)).await.unwrap();
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
        place_as(&mut stack.client, "o-1", APPROVED).await;
        run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
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

/// The decline has locked the assignment, and the end of the duty its order: neither waits for the other.
#[tokio::test]
async fn decline_during_another_change_of_the_order_fails_at_once() {
    let mut stack = TestStack::new("agent-assignment").await;
    manual_drivers(&stack.client, "7").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
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
