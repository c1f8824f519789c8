//! agent-assignment, row by row.

use futures_util::future::join_all;
use shared::{
    order::{Delivery, Outcome},
    steps::{StepError, agent_assignment::run},
};
use tests::orders::{APPROVED, NewOrder, PAID, ask, history, order, place, place_as, set_order, status};

use super::{AT_ONCE, Bench, delivery, id};

#[tokio::test]
async fn an_approved_order_gets_a_driver() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", APPROVED).await;

    let answer = run(&bench.pool, &id("o-1"), &delivery(0)).await.unwrap();

    assert_eq!(answer.outcome, Outcome::Assigned);
    let driver = ask(
        &bench.client,
        "SELECT driver_id FROM assignment WHERE order_id = 'o-1'",
    )
    .await
    .unwrap();
    assert_eq!(answer.driver_id.map(|driver| driver.to_string()), Some(driver));
    assert_eq!(status(&bench.client, "o-1").await, "assigned");
    assert_eq!(
        history(&bench.client, "o-1").await.last().unwrap(),
        "agent-assignment assigned e-1 #0"
    );

    let again = run(&bench.pool, &id("o-1"), &delivery(1)).await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadyDone);
    assert_eq!(
        ask(&bench.client, "SELECT count(*) FROM assignment")
            .await
            .as_deref(),
        Some("1")
    );
}

#[tokio::test]
async fn an_order_that_is_not_approved_is_skipped() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "paid", PAID).await;
    place_as(
        &mut bench.client,
        "refused",
        "problem = 'closed', approved = true",
    )
    .await;
    for name in ["paid", "refused"] {
        let before = order(&bench.client, name).await;
        let answer = run(&bench.pool, &id(name), &delivery(0)).await.unwrap();
        assert_eq!(answer.outcome, Outcome::Skipped, "{name}");
        assert_eq!(order(&bench.client, name).await, before);
    }
    assert_eq!(
        ask(&bench.client, "SELECT count(*) FROM assignment")
            .await
            .as_deref(),
        Some("0")
    );
}

/// A person may approve first. No later event would bring a driver, so this one is tried until there is something to do.
#[tokio::test]
async fn an_order_approved_too_early_is_tried_again() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", "approved = true").await;
    for (set, expected) in [
        ("placed = true", "order_not_paid"),
        ("payment_valid = true", "order_not_validated"),
    ] {
        set_order(&bench.client, "o-1", set).await;
        let error = run(&bench.pool, &id("o-1"), &delivery(0)).await.unwrap_err();
        assert!(
            matches!(error, StepError::NotYet { code, .. } if code == expected),
            "{error}"
        );
    }
    set_order(&bench.client, "o-1", "order_valid = true, total = 500").await;
    let answer = run(&bench.pool, &id("o-1"), &delivery(1)).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Assigned);
}

#[tokio::test]
async fn without_a_driver_it_is_tried_again_until_there_is_one() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", APPROVED).await;
    bench
        .client
        .batch_execute("UPDATE drivers SET available = false")
        .await
        .unwrap();
    for attempt in 0..2 {
        let error = run(&bench.pool, &id("o-1"), &delivery(attempt))
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
    bench
        .client
        .batch_execute("UPDATE drivers SET available = true WHERE id = 17")
        .await
        .unwrap();

    let answer = run(&bench.pool, &id("o-1"), &delivery(2)).await.unwrap();

    assert_eq!((answer.outcome, answer.driver_id), (Outcome::Assigned, Some(17)));
    assert_eq!(
        history(&bench.client, "o-1").await[2..],
        [
            "agent-assignment waiting e-1 #0",
            "agent-assignment assigned e-1 #2"
        ]
    );
}

#[tokio::test]
async fn a_driver_put_there_by_a_person_stays() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", APPROVED).await;
    bench
        .client
        .batch_execute("INSERT INTO assignment (order_id, driver_id) VALUES ('o-1', 42)")
        .await
        .unwrap();
    let answer = run(&bench.pool, &id("o-1"), &delivery(0)).await.unwrap();
    assert_eq!((answer.outcome, answer.driver_id), (Outcome::Assigned, Some(42)));
    assert_eq!(status(&bench.client, "o-1").await, "assigned");
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
async fn of_many_deliveries_at_once_one_assigns() {
    let mut bench = Bench::new().await;
    for round in 0..10 {
        let name = format!("o-{round}");
        place_as(&mut bench.client, &name, APPROVED).await;
        let order_id = id(&name);
        let delivery = delivery(0);
        let answers = join_all((0..AT_ONCE).map(|_| run(&bench.pool, &order_id, &delivery))).await;
        let assigned = answers
            .into_iter()
            .filter(|a| a.as_ref().unwrap().outcome == Outcome::Assigned)
            .count();
        assert_eq!(assigned, 1);
        let story = history(&bench.client, &name).await;
        assert_eq!(
            story
                .iter()
                .filter(|entry| entry.starts_with("agent-assignment"))
                .count(),
            1,
            "{story:?}"
        );
    }
    assert_eq!(
        ask(&bench.client, "SELECT count(*) FROM assignment")
            .await
            .as_deref(),
        Some("10")
    );
}

#[tokio::test]
async fn drivers_share_the_work_and_food_delivered_frees_them() {
    let mut bench = Bench::new().await;
    let names: Vec<String> = (0..200).map(|number| format!("o-{number}")).collect();
    for name in &names {
        place(
            &mut bench.client,
            &NewOrder {
                id: name,
                ..NewOrder::default()
            },
        )
        .await;
    }
    bench
        .client
        .batch_execute(&format!("UPDATE orders SET {APPROVED}"))
        .await
        .unwrap();
    bench
        .client
        .batch_execute("UPDATE drivers SET available = id <= 10")
        .await
        .unwrap();
    for name in &names {
        run(&bench.pool, &id(name), &Delivery::default()).await.unwrap();
    }
    // 20 each on average. Chance alone would leave somebody with fewer than 12 or more than 28 now and then; of two
    // drivers the freer one keeps them within a few of each other.
    let spread = "SELECT string_agg(n::text, ' ') FROM (SELECT count(*) AS n FROM assignment GROUP BY driver_id) AS d \
                  WHERE n NOT BETWEEN 14 AND 26";
    assert_eq!(ask(&bench.client, spread).await, None);
    assert_eq!(
        ask(&bench.client, "SELECT count(DISTINCT driver_id) FROM assignment")
            .await
            .as_deref(),
        Some("10")
    );

    // Of two drivers, one has delivered everything: the next order is hers.
    bench
        .client
        .batch_execute(
            "UPDATE drivers SET available = id IN (3, 4); \
             UPDATE orders SET food_picked = true, delivered = true \
             FROM assignment WHERE assignment.order_id = orders.order_id AND driver_id = 3",
        )
        .await
        .unwrap();
    place_as(&mut bench.client, "next", APPROVED).await;
    assert_eq!(
        run(&bench.pool, &id("next"), &Delivery::default())
            .await
            .unwrap()
            .driver_id,
        Some(3)
    );
}
