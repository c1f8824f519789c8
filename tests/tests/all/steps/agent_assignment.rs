//! agent-assignment, row by row.

use futures_util::future::join_all;
use shared::{
    order::{Delivery, Outcome},
    steps::{StepError, agent_assignment::run},
};
use tests::orders::{APPROVED, NewOrder, PAID, ask, history, order, place, place_as, set_order, status};

use super::{AT_ONCE, TestStack, delivery, id};

#[tokio::test]
async fn approved_order_gets_driver() {
    let mut stack = TestStack::new("agent-assignment").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;

    let answer = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();

    assert_eq!(answer.outcome, Outcome::Assigned);
    let driver = ask(
        &stack.client,
        "SELECT driver_id FROM assignment WHERE order_id = 'o-1'",
    )
    .await
    .unwrap();
    assert_eq!(answer.driver_id.map(|driver| driver.to_string()), Some(driver));
    assert_eq!(status(&stack.client, "o-1").await, "assigned");
    assert_eq!(
        history(&stack.client, "o-1").await.last().unwrap(),
        "agent-assignment assigned e-1 #0"
    );

    let again = run(&stack.pool, &id("o-1"), &delivery(1)).await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadyDone);
    assert_eq!(
        ask(&stack.client, "SELECT count(*) FROM assignment")
            .await
            .as_deref(),
        Some("1")
    );
}

#[tokio::test]
async fn unapproved_order_is_skipped() {
    let mut stack = TestStack::new("agent-assignment").await;
    place_as(&mut stack.client, "paid", PAID).await;
    place_as(
        &mut stack.client,
        "refused",
        "problem = 'closed', approved = true",
    )
    .await;
    for name in ["paid", "refused"] {
        let before = order(&stack.client, name).await;
        let answer = run(&stack.pool, &id(name), &delivery(0)).await.unwrap();
        assert_eq!(answer.outcome, Outcome::Skipped, "{name}");
        assert_eq!(order(&stack.client, name).await, before);
    }
    assert_eq!(
        ask(&stack.client, "SELECT count(*) FROM assignment")
            .await
            .as_deref(),
        Some("0")
    );
}

/// Staff may approve an order early. No later event assigns a driver, so this one is retried.
#[tokio::test]
async fn early_approved_order_is_retried() {
    let mut stack = TestStack::new("agent-assignment").await;
    place_as(&mut stack.client, "o-1", "approved = true").await;
    for (set, expected) in [
        ("placed = true", "order_not_paid"),
        ("payment_valid = true", "order_not_validated"),
    ] {
        set_order(&stack.client, "o-1", set).await;
        let error = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap_err();
        assert!(
            matches!(error, StepError::NotYet { code, .. } if code == expected),
            "{error}"
        );
    }
    set_order(&stack.client, "o-1", "order_valid = true, total = 500").await;
    let answer = run(&stack.pool, &id("o-1"), &delivery(1)).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Assigned);
}

#[tokio::test]
async fn assignment_is_retried_until_driver_is_available() {
    let mut stack = TestStack::new("agent-assignment").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    stack
        .client
        .batch_execute("UPDATE drivers SET available = false")
        .await
        .unwrap();
    for attempt in 0..2 {
        let error = run(&stack.pool, &id("o-1"), &delivery(attempt))
            .await
            .unwrap_err();
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
    }
    stack
        .client
        .batch_execute("UPDATE drivers SET available = true WHERE id = 17")
        .await
        .unwrap();

    let answer = run(&stack.pool, &id("o-1"), &delivery(2)).await.unwrap();

    assert_eq!((answer.outcome, answer.driver_id), (Outcome::Assigned, Some(17)));
    assert_eq!(
        history(&stack.client, "o-1").await[2..],
        [
            "agent-assignment waiting e-1 #0",
            "agent-assignment assigned e-1 #2"
        ]
    );
}

#[tokio::test]
async fn manually_assigned_driver_stays() {
    let mut stack = TestStack::new("agent-assignment").await;
    place_as(&mut stack.client, "o-1", APPROVED).await;
    stack
        .client
        .batch_execute("INSERT INTO assignment (order_id, driver_id) VALUES ('o-1', 42)")
        .await
        .unwrap();
    let answer = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
    assert_eq!((answer.outcome, answer.driver_id), (Outcome::Assigned, Some(42)));
    assert_eq!(status(&stack.client, "o-1").await, "assigned");
}

#[tokio::test]
async fn unknown_order_is_error() {
    let stack = TestStack::new("agent-assignment").await;
    let error = run(&stack.pool, &id("unknown"), &Delivery::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::UnknownOrder(_)), "{error}");
}

#[tokio::test]
async fn concurrent_deliveries_assign_once() {
    let mut stack = TestStack::new("agent-assignment").await;
    for round in 0..10 {
        let name = format!("o-{round}");
        place_as(&mut stack.client, &name, APPROVED).await;
        let order_id = id(&name);
        let delivery = delivery(0);
        let answers = join_all((0..AT_ONCE).map(|_| run(&stack.pool, &order_id, &delivery))).await;
        let assigned = answers
            .into_iter()
            .filter(|a| a.as_ref().unwrap().outcome == Outcome::Assigned)
            .count();
        assert_eq!(assigned, 1);
        let entries = history(&stack.client, &name).await;
        assert_eq!(
            entries
                .iter()
                .filter(|entry| entry.starts_with("agent-assignment"))
                .count(),
            1,
            "{entries:?}"
        );
    }
    assert_eq!(
        ask(&stack.client, "SELECT count(*) FROM assignment")
            .await
            .as_deref(),
        Some("10")
    );
}

#[tokio::test]
async fn drivers_share_work_and_delivery_frees_them() {
    let mut stack = TestStack::new("agent-assignment").await;
    let names: Vec<String> = (0..200).map(|number| format!("o-{number}")).collect();
    for name in &names {
        place(
            &mut stack.client,
            &NewOrder {
                id: name,
                ..NewOrder::default()
            },
        )
        .await;
    }
    stack
        .client
        .batch_execute(&format!("UPDATE orders SET {APPROVED}"))
        .await
        .unwrap();
    stack
        .client
        .batch_execute("UPDATE drivers SET available = id <= 10")
        .await
        .unwrap();
    for name in &names {
        run(&stack.pool, &id(name), &Delivery::default()).await.unwrap();
    }
    // 20 orders per driver on average. Random choice would sometimes give a driver fewer than 12 or more than 28; choosing
    // the less busy of two keeps the numbers close.
    let spread = "SELECT string_agg(n::text, ' ') FROM (SELECT count(*) AS n FROM assignment GROUP BY driver_id) AS d \
                  WHERE n NOT BETWEEN 14 AND 26";
    assert_eq!(ask(&stack.client, spread).await, None);
    assert_eq!(
        ask(&stack.client, "SELECT count(DISTINCT driver_id) FROM assignment")
            .await
            .as_deref(),
        Some("10")
    );

    // One of two drivers has delivered all orders and gets the next one.
    stack
        .client
        .batch_execute(
            "UPDATE drivers SET available = id IN (3, 4); \
             UPDATE orders SET food_picked = true, delivered = true \
             FROM assignment WHERE assignment.order_id = orders.order_id AND driver_id = 3",
        )
        .await
        .unwrap();
    place_as(&mut stack.client, "next", APPROVED).await;
    assert_eq!(
        run(&stack.pool, &id("next"), &Delivery::default())
            .await
            .unwrap()
            .driver_id,
        Some(3)
    );
}
