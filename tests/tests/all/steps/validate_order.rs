//! validate-order, row by row.

use futures_util::future::join_all;
use shared::{
    order::{Delivery, Outcome},
    steps::{
        StepError,
        validate_order::{Menu, run, run_on},
    },
};
use testkit::eventually;
use tests::orders::{NewOrder, ask, history, order, place, set_order, status};

use super::{AT_ONCE, TestStack, delivery, id};

#[tokio::test]
async fn valid_order_gets_total() {
    let mut stack = TestStack::new("validate-order").await;
    let items = &[("pizza", 2), ("idli", 3)];
    place(
        &mut stack.client,
        &NewOrder {
            items,
            ..NewOrder::default()
        },
    )
    .await;

    let answer = run(&stack.pool, &id("o-1"), &delivery(2)).await.unwrap();

    assert_eq!(
        (answer.outcome, answer.total),
        (Outcome::Validated, Some(2 * 500 + 3 * 300))
    );
    let row = order(&stack.client, "o-1").await;
    assert_eq!(
        (row["order_valid"].as_bool(), row["total"].as_i64()),
        (Some(true), Some(1900))
    );
    assert_eq!(row["status"], "validated");
    assert_eq!(
        history(&stack.client, "o-1").await,
        ["validate-order validated e-1 #2"]
    );
}

/// The hours are those of the time at which the order was placed, however late its validation is.
#[tokio::test]
async fn order_outside_opening_hours_is_refused() {
    let mut stack = TestStack::new("validate-order").await;
    stack
        .client
        .batch_execute(
            "INSERT INTO opening_hours (restaurant_id, weekday, opens, closes) VALUES (1, 1, '11:00', '22:00')",
        )
        .await
        .unwrap();
    for (name, created, outcome) in [
        ("early", "2026-11-30 10:59:59Z", Outcome::Refused),
        ("in-time", "2026-11-30 21:59:59Z", Outcome::Validated),
        ("late", "2026-11-30 22:00Z", Outcome::Refused),
    ] {
        place(
            &mut stack.client,
            &NewOrder {
                id: name,
                ..NewOrder::default()
            },
        )
        .await;
        set_order(&stack.client, name, &format!("created = '{created}'")).await;
        let answer = run(&stack.pool, &id(name), &delivery(0)).await.unwrap();
        let problem = (outcome == Outcome::Refused).then_some("Trattoria Presto is closed.");
        assert_eq!(
            (answer.outcome, answer.problem.as_deref()),
            (outcome, problem),
            "{name}"
        );
    }
    // The switch closes it within its hours, too.
    stack
        .client
        .batch_execute("UPDATE restaurants SET open = false WHERE id = 1")
        .await
        .unwrap();
    place(
        &mut stack.client,
        &NewOrder {
            id: "closed",
            ..NewOrder::default()
        },
    )
    .await;
    set_order(&stack.client, "closed", "created = '2026-11-30 12:00Z'").await;
    let answer = run(&stack.pool, &id("closed"), &delivery(0)).await.unwrap();
    assert_eq!(answer.problem.as_deref(), Some("Trattoria Presto is closed."));
}

#[tokio::test]
async fn every_problem_is_reported_as_text() {
    let mut stack = TestStack::new("validate-order").await;
    stack
        .client
        .batch_execute("INSERT INTO menu_items (name, price) VALUES ('gold', 2000000000)")
        .await
        .unwrap();
    let good = NewOrder::default();
    let cases = [
        (
            NewOrder {
                items: &[],
                ..good.clone()
            },
            "The order has no items.",
        ),
        (
            NewOrder {
                items: &[("sushi", 1), ("pizza", 1), ("haggis", 1)],
                ..good.clone()
            },
            "haggis is not on the menu. sushi is not on the menu of Trattoria Presto.",
        ),
        (
            NewOrder {
                restaurant: 77,
                items: &[("sushi", 1), ("haggis", 1)],
                ..good.clone()
            },
            "There is no restaurant 77. haggis is not on the menu.",
        ),
        (
            NewOrder {
                items: &[("truffle risotto", 1)],
                ..good.clone()
            },
            "truffle risotto is sold out.",
        ),
        (
            NewOrder {
                restaurant: 77,
                ..good.clone()
            },
            "There is no restaurant 77.",
        ),
        (
            NewOrder {
                restaurant: 3,
                ..good.clone()
            },
            "Night Owl is closed.",
        ),
        (
            NewOrder {
                address: " \t\n",
                ..good.clone()
            },
            "Please enter a delivery address.",
        ),
        (
            NewOrder {
                items: &[("gold", 2)],
                ..good.clone()
            },
            "The order is too large.",
        ),
        (
            NewOrder {
                restaurant: 77,
                address: "",
                items: &[],
                ..good.clone()
            },
            "There is no restaurant 77. Please enter a delivery address. The order has no items.",
        ),
    ];
    for (number, (case, problem)) in cases.into_iter().enumerate() {
        let name = format!("o-{number}");
        place(&mut stack.client, &NewOrder { id: &name, ..case }).await;

        let answer = run(&stack.pool, &id(&name), &delivery(0)).await.unwrap();

        assert_eq!(
            (answer.outcome, answer.problem.as_deref()),
            (Outcome::Refused, Some(problem))
        );
        let row = order(&stack.client, &name).await;
        assert_eq!(
            (row["order_valid"].as_bool(), row["problem"].as_str()),
            (Some(false), Some(problem))
        );
        assert_eq!(
            (row["status"].as_str(), row["total"].as_i64()),
            (Some("refused"), None)
        );
        assert_eq!(
            history(&stack.client, &name).await,
            ["validate-order refused e-1 #0"]
        );
    }
}

#[tokio::test]
async fn dishes_have_the_price_of_their_restaurant() {
    let mut stack = TestStack::new("validate-order").await;
    stack
        .client
        .batch_execute("UPDATE menu_items SET price = 570 WHERE restaurant_id = 2 AND name = 'pizza'")
        .await
        .unwrap();
    let items = &[("pizza", 2), ("lasagne", 1)];
    place(
        &mut stack.client,
        &NewOrder {
            restaurant: 2,
            items,
            ..NewOrder::default()
        },
    )
    .await;
    let answer = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();
    assert_eq!(answer.total, Some(2 * 570 + 980));
}

#[tokio::test]
async fn dish_of_another_restaurant_is_accepted_for_the_nodejs_example() {
    let mut stack = TestStack::new("validate-order").await;
    stack
        .client
        .batch_execute(
            "UPDATE restaurants SET open = true; UPDATE menu_items SET price = 7 WHERE name = 'pizza' AND restaurant_id = 2; \
             INSERT INTO menu_items (restaurant_id, name, price, available) VALUES \
               (6, 'haggis', 900, true), (5, 'haggis', 800, true), (4, 'stew', 100, false)",
        )
        .await
        .unwrap();
    for (name, items, expected) in [
        // The own price, and otherwise that of the restaurant with the lowest id.
        ("accepted", [("pizza", 1), ("haggis", 2)], Ok(500 + 2 * 800)),
        ("sold-out", [("pizza", 1), ("stew", 1)], Err("stew is sold out.")),
        (
            "unknown",
            [("pizza", 1), ("nothing", 1)],
            Err("nothing is not on the menu."),
        ),
    ] {
        let order = NewOrder {
            id: name,
            items: &items,
            ..NewOrder::default()
        };
        place(&mut stack.client, &order).await;
        let answer = run_on(&stack.pool, Menu::OfAllRestaurants, &id(name), &delivery(0))
            .await
            .unwrap();
        assert_eq!(
            (answer.total, answer.problem.as_deref()),
            (expected.ok(), expected.err()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn decided_order_is_unchanged() {
    let mut stack = TestStack::new("validate-order").await;
    place(&mut stack.client, &NewOrder::default()).await;
    place(
        &mut stack.client,
        &NewOrder {
            id: "o-2",
            restaurant: 3,
            ..NewOrder::default()
        },
    )
    .await;
    for name in ["o-1", "o-2"] {
        run(&stack.pool, &id(name), &delivery(0)).await.unwrap();
    }
    // A change of the menu or the restaurant does not change the decision.
    stack
        .client
        .batch_execute("UPDATE restaurants SET open = NOT open; UPDATE menu_items SET price = 1")
        .await
        .unwrap();
    for (name, expected) in [("o-1", "validated"), ("o-2", "refused")] {
        let before = order(&stack.client, name).await;
        let answer = run(&stack.pool, &id(name), &delivery(1)).await.unwrap();
        assert_eq!(answer.outcome, Outcome::AlreadyDone);
        assert_eq!(order(&stack.client, name).await, before);
        assert_eq!(
            history(&stack.client, name).await,
            [format!("validate-order {expected} e-1 #0")]
        );
    }
}

#[tokio::test]
async fn unknown_order_is_error() {
    let stack = TestStack::new("validate-order").await;
    let error = run(&stack.pool, &id("unknown"), &Delivery::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::UnknownOrder(_)), "{error}");
}

#[tokio::test]
async fn concurrent_deliveries_decide_once() {
    let mut stack = TestStack::new("validate-order").await;
    for round in 0..10 {
        let name = format!("o-{round}");
        place(
            &mut stack.client,
            &NewOrder {
                id: &name,
                ..NewOrder::default()
            },
        )
        .await;
        let order_id = id(&name);
        let delivery = delivery(0);
        let answers = join_all((0..AT_ONCE).map(|_| run(&stack.pool, &order_id, &delivery))).await;
        let outcomes: Vec<Outcome> = answers
            .into_iter()
            .map(|answer| answer.unwrap().outcome)
            .collect();
        assert_eq!(
            outcomes
                .iter()
                .filter(|outcome| **outcome == Outcome::Validated)
                .count(),
            1
        );
        assert_eq!(
            outcomes
                .iter()
                .filter(|outcome| **outcome == Outcome::AlreadyDone)
                .count(),
            AT_ONCE - 1
        );
        assert_eq!(history(&stack.client, &name).await.len(), 1);
    }
}

/// Items inserted by another transaction during validation are either counted or refused. The total always matches the
/// items of the order.
#[tokio::test]
async fn items_added_during_validation_are_counted_or_refused() {
    let mut stack = TestStack::new("validate-order").await;
    let mut counted = 0;
    for round in 0..20 {
        let name = format!("o-{round}");
        place(
            &mut stack.client,
            &NewOrder {
                id: &name,
                ..NewOrder::default()
            },
        )
        .await;
        let other = stack.database.connect().await;
        let insert = format!("INSERT INTO items (order_id, item) VALUES ('{name}', 'idli')");
        let order_id = id(&name);
        let delivery = delivery(0);
        let (inserted, answer) = tokio::join!(
            other.batch_execute(&insert),
            run(&stack.pool, &order_id, &delivery)
        );

        let total = if inserted.is_ok() { 800 } else { 500 };
        assert_eq!(answer.unwrap().total, Some(total));
        assert_eq!(order(&stack.client, &name).await["total"], total);
        counted += i32::from(inserted.is_ok());
    }
    println!("{counted} of 20 were in time");
}

/// The deterministic case: another transaction has inserted an item and not committed yet.
#[tokio::test]
async fn validation_waits_for_uncommitted_items() {
    let mut stack = TestStack::new("validate-order").await;
    place(&mut stack.client, &NewOrder::default()).await;
    let mut other = stack.database.connect().await;
    let transaction = other.transaction().await.unwrap();
    transaction
        .batch_execute("INSERT INTO items (order_id, item) VALUES ('o-1', 'idli')")
        .await
        .unwrap();

    let pool = stack.pool.clone();
    let validation = tokio::spawn(async move { run(&pool, &id("o-1"), &delivery(0)).await });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually("validation waits for the lock", async || {
        (ask(&stack.client, waiting).await.as_deref() == Some("1")).then_some(())
    })
    .await;
    transaction.commit().await.unwrap();

    assert_eq!(validation.await.unwrap().unwrap().total, Some(800));
    assert_eq!(history(&stack.client, "o-1").await.len(), 1);
}

#[tokio::test]
async fn order_paid_before_validation_is_validated() {
    let mut stack = TestStack::new("validate-order").await;
    place(&mut stack.client, &NewOrder::default()).await;
    set_order(&stack.client, "o-1", "payment_valid = true, placed = true").await; // "pay all" of the Node.js example
    assert_eq!(status(&stack.client, "o-1").await, "placed");

    let answer = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap();

    assert_eq!(answer.outcome, Outcome::Validated);
    assert_eq!(status(&stack.client, "o-1").await, "paid");
}
