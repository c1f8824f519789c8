//! restaurant-approval, row by row.

use futures_util::future::join_all;
use shared::{
    order::{Delivery, Outcome},
    steps::{StepError, restaurant_approval::run, validate_order},
};
use tests::orders::{NewOrder, PAID, VALIDATED, history, order, place, place_as, set_order, status};

use super::{AT_ONCE, TestStack, delivery, id};

#[tokio::test]
async fn paid_order_is_approved() {
    let mut stack = TestStack::new("restaurant-approval").await;
    place_as(&mut stack.client, "o-1", PAID).await;

    let answer = run(&stack.pool, &id("o-1"), &delivery(1)).await.unwrap();

    assert_eq!(answer.outcome, Outcome::Approved);
    assert_eq!(status(&stack.client, "o-1").await, "approved");
    assert_eq!(
        history(&stack.client, "o-1").await,
        ["payment paid", "restaurant-approval approved e-1 #1"]
    );
}

#[tokio::test]
async fn unpaid_order_is_skipped() {
    let mut stack = TestStack::new("restaurant-approval").await;
    place_as(&mut stack.client, "placed", "placed = true").await;
    place_as(&mut stack.client, "validated", VALIDATED).await;
    place_as(
        &mut stack.client,
        "failed",
        "order_valid = true, payment_valid = false",
    )
    .await;
    place_as(&mut stack.client, "refused", "problem = 'closed'").await;
    place_as(
        &mut stack.client,
        "refused-but-paid",
        "problem = 'closed', payment_valid = true",
    )
    .await;
    for name in ["placed", "validated", "failed", "refused", "refused-but-paid"] {
        let before = order(&stack.client, name).await;
        let entries = history(&stack.client, name).await;
        let answer = run(&stack.pool, &id(name), &delivery(0)).await.unwrap();
        assert_eq!(answer.outcome, Outcome::Skipped, "{name}");
        assert!(answer.reason.is_some());
        assert_eq!(order(&stack.client, name).await, before);
        assert_eq!(history(&stack.client, name).await, entries);
    }
}

/// "Pay all" pays orders before their validation. The event is retried until then.
#[tokio::test]
async fn early_paid_order_is_retried() {
    let mut stack = TestStack::new("restaurant-approval").await;
    place(&mut stack.client, &NewOrder::default()).await;
    set_order(&stack.client, "o-1", "payment_valid = true, placed = true").await;

    let error = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap_err();
    assert!(
        matches!(
            error,
            StepError::NotYet {
                code: "order_not_validated",
                ..
            }
        ),
        "{error}"
    );

    validate_order::run(
        &stack.database.pool("validate-order", 1),
        &id("o-1"),
        &Delivery::default(),
    )
    .await
    .unwrap();
    let answer = run(&stack.pool, &id("o-1"), &delivery(1)).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Approved);
}

#[tokio::test]
async fn closed_or_manual_restaurant_waits_for_manual_approval() {
    let mut stack = TestStack::new("restaurant-approval").await;
    for (name, restaurant) in [("manual", 2), ("closed", 3), ("gone", 77)] {
        place(
            &mut stack.client,
            &NewOrder {
                id: name,
                restaurant,
                ..NewOrder::default()
            },
        )
        .await;
        set_order(&stack.client, name, PAID).await;
        for attempt in 0..3 {
            let answer = run(&stack.pool, &id(name), &delivery(attempt)).await.unwrap();
            assert_eq!(answer.outcome, Outcome::Waiting, "{name}");
            assert!(answer.reason.is_some());
        }
        assert_eq!(status(&stack.client, name).await, "paid");
        let entries = history(&stack.client, name).await;
        assert_eq!(
            entries,
            ["payment paid", "restaurant-approval waiting e-1 #0"],
            "only the first waiting attempt is recorded"
        );
    }

    set_order(&stack.client, "manual", "approved = true").await;
    let answer = run(&stack.pool, &id("manual"), &delivery(3)).await.unwrap();
    assert_eq!(answer.outcome, Outcome::AlreadyDone);
    assert_eq!(
        history(&stack.client, "manual").await,
        [
            "payment paid",
            "restaurant-approval waiting e-1 #0",
            "restaurant-approval approved"
        ],
        "a manual change has no event"
    );
}

#[tokio::test]
async fn unknown_order_is_error() {
    let stack = TestStack::new("restaurant-approval").await;
    let error = run(&stack.pool, &id("unknown"), &Delivery::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::UnknownOrder(_)), "{error}");
}

#[tokio::test]
async fn concurrent_deliveries_approve_once() {
    let mut stack = TestStack::new("restaurant-approval").await;
    for round in 0..10 {
        let name = format!("o-{round}");
        place_as(&mut stack.client, &name, PAID).await;
        let order_id = id(&name);
        let delivery = delivery(0);
        let answers = join_all((0..AT_ONCE).map(|_| run(&stack.pool, &order_id, &delivery))).await;
        let approved = answers
            .into_iter()
            .filter(|a| a.as_ref().unwrap().outcome == Outcome::Approved)
            .count();
        assert_eq!(approved, 1);
        let entries = history(&stack.client, &name).await;
        assert_eq!(entries, ["payment paid", "restaurant-approval approved e-1 #0"]);
    }
}

#[tokio::test]
async fn concurrent_deliveries_record_waiting_once() {
    let mut stack = TestStack::new("restaurant-approval").await;
    place(
        &mut stack.client,
        &NewOrder {
            restaurant: 2,
            ..NewOrder::default()
        },
    )
    .await;
    set_order(&stack.client, "o-1", PAID).await;
    let order_id = id("o-1");
    let delivery = delivery(0);
    let answers = join_all((0..AT_ONCE).map(|_| run(&stack.pool, &order_id, &delivery))).await;
    assert!(
        answers
            .into_iter()
            .all(|answer| answer.unwrap().outcome == Outcome::Waiting)
    );
    assert_eq!(
        history(&stack.client, "o-1").await,
        ["payment paid", "restaurant-approval waiting e-1 #0"]
    );
}
