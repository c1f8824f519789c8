//! restaurant-approval, row by row.

use futures_util::future::join_all;
use shared::{
    order::{Delivery, Outcome},
    steps::{StepError, restaurant_approval::run, validate_order},
};
use tests::orders::{NewOrder, PAID, VALIDATED, history, order, place, place_as, set_order, status};

use super::{AT_ONCE, Bench, delivery, id};

#[tokio::test]
async fn a_paid_order_is_approved() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", PAID).await;

    let answer = run(&bench.pool, &id("o-1"), &delivery(1)).await.unwrap();

    assert_eq!(answer.outcome, Outcome::Approved);
    assert_eq!(status(&bench.client, "o-1").await, "approved");
    assert_eq!(
        history(&bench.client, "o-1").await,
        ["payment paid", "restaurant-approval approved e-1 #1"]
    );
}

#[tokio::test]
async fn an_order_that_is_not_paid_is_skipped() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "placed", "placed = true").await;
    place_as(&mut bench.client, "validated", VALIDATED).await;
    place_as(
        &mut bench.client,
        "failed",
        "order_valid = true, payment_valid = false",
    )
    .await;
    place_as(&mut bench.client, "refused", "problem = 'closed'").await;
    place_as(
        &mut bench.client,
        "refused-but-paid",
        "problem = 'closed', payment_valid = true",
    )
    .await;
    for name in ["placed", "validated", "failed", "refused", "refused-but-paid"] {
        let before = order(&bench.client, name).await;
        let story = history(&bench.client, name).await;
        let answer = run(&bench.pool, &id(name), &delivery(0)).await.unwrap();
        assert_eq!(answer.outcome, Outcome::Skipped, "{name}");
        assert!(answer.reason.is_some());
        assert_eq!(order(&bench.client, name).await, before);
        assert_eq!(history(&bench.client, name).await, story);
    }
}

/// "Pay all" pays for orders that are still to be validated. The event must not be lost by then.
#[tokio::test]
async fn an_order_paid_too_early_is_tried_again() {
    let mut bench = Bench::new().await;
    place(&mut bench.client, &NewOrder::default()).await;
    set_order(&bench.client, "o-1", "payment_valid = true, placed = true").await;

    let error = run(&bench.pool, &id("o-1"), &delivery(0)).await.unwrap_err();
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

    validate_order::run(&bench.pool, &id("o-1"), &Delivery::default())
        .await
        .unwrap();
    let answer = run(&bench.pool, &id("o-1"), &delivery(1)).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Approved);
}

#[tokio::test]
async fn a_closed_or_manual_restaurant_lets_the_order_wait_for_a_person() {
    let mut bench = Bench::new().await;
    for (name, restaurant) in [("manual", 2), ("closed", 3), ("gone", 77)] {
        place(
            &mut bench.client,
            &NewOrder {
                id: name,
                restaurant,
                ..NewOrder::default()
            },
        )
        .await;
        set_order(&bench.client, name, PAID).await;
        for attempt in 0..3 {
            let answer = run(&bench.pool, &id(name), &delivery(attempt)).await.unwrap();
            assert_eq!(answer.outcome, Outcome::Waiting, "{name}");
            assert!(answer.reason.is_some());
        }
        assert_eq!(status(&bench.client, name).await, "paid");
        let story = history(&bench.client, name).await;
        assert_eq!(
            story,
            ["payment paid", "restaurant-approval waiting e-1 #0"],
            "only the first waiting is noted"
        );
    }

    set_order(&bench.client, "manual", "approved = true").await;
    let answer = run(&bench.pool, &id("manual"), &delivery(3)).await.unwrap();
    assert_eq!(answer.outcome, Outcome::AlreadyDone);
    assert_eq!(
        history(&bench.client, "manual").await,
        [
            "payment paid",
            "restaurant-approval waiting e-1 #0",
            "restaurant-approval approved"
        ],
        "what a person did has no event"
    );
}

#[tokio::test]
async fn an_unknown_order_is_an_error() {
    let bench = Bench::new().await;
    let error = run(&bench.pool, &id("nobody's"), &Delivery::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::UnknownOrder(_)), "{error}");
}

#[tokio::test]
async fn of_many_deliveries_at_once_one_approves() {
    let mut bench = Bench::new().await;
    for round in 0..10 {
        let name = format!("o-{round}");
        place_as(&mut bench.client, &name, PAID).await;
        let order_id = id(&name);
        let delivery = delivery(0);
        let answers = join_all((0..AT_ONCE).map(|_| run(&bench.pool, &order_id, &delivery))).await;
        let approved = answers
            .into_iter()
            .filter(|a| a.as_ref().unwrap().outcome == Outcome::Approved)
            .count();
        assert_eq!(approved, 1);
        let story = history(&bench.client, &name).await;
        assert_eq!(story, ["payment paid", "restaurant-approval approved e-1 #0"]);
    }
}

#[tokio::test]
async fn of_many_deliveries_at_once_one_notes_the_waiting() {
    let mut bench = Bench::new().await;
    place(
        &mut bench.client,
        &NewOrder {
            restaurant: 2,
            ..NewOrder::default()
        },
    )
    .await;
    set_order(&bench.client, "o-1", PAID).await;
    let order_id = id("o-1");
    let delivery = delivery(0);
    let answers = join_all((0..AT_ONCE).map(|_| run(&bench.pool, &order_id, &delivery))).await;
    assert!(
        answers
            .into_iter()
            .all(|answer| answer.unwrap().outcome == Outcome::Waiting)
    );
    assert_eq!(
        history(&bench.client, "o-1").await,
        ["payment paid", "restaurant-approval waiting e-1 #0"]
    );
}
