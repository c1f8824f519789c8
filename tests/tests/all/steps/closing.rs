//! Orders that are closed: which moves the database permits, and that each step leaves them alone.

use shared::{
    card::Card,
    gateway::SimulatedGateway,
    identity::UserId,
    order::Outcome,
    steps::{
        StepError, agent_assignment,
        payment::{self, PaymentRequest},
        restaurant_approval, validate_order,
    },
};
use tests::orders::{APPROVED, PAID, VALIDATED, ask, history, order, place_as, set_order, status};
use tokio_postgres::{Client, error::SqlState};

use super::{TestStack, delivery, id};

const ASSIGNED: &str =
    "order_valid = true, total = 500, payment_valid = true, approved = true, driver_assigned = true";

/// Message with which the database refuses a change.
async fn refusal(client: &Client, order: &str, set: &str) -> String {
    let sql = format!("UPDATE orders SET {set} WHERE order_id = '{order}'");
    let error = client.batch_execute(&sql).await.expect_err(set);
    let error = error.as_db_error().expect("an error of Postgres");
    assert_eq!(
        (error.code(), error.constraint()),
        (&SqlState::CHECK_VIOLATION, Some("order_moves")),
        "{error}"
    );
    error.message().to_owned()
}

#[tokio::test]
async fn open_order_can_be_closed_in_the_way_of_its_state() {
    let stack = &mut TestStack::new("validate-order").await;
    for (name, from, close, expected) in [
        ("a", "placed = true", "cancelled = true", "cancelled"),
        (
            "b",
            VALIDATED,
            "cancelled = true, close_reason = 'too late'",
            "cancelled",
        ),
        ("c", PAID, "cancelled = true", "cancelled"),
        ("d", PAID, "rejected = true, close_reason = 'no gas'", "rejected"),
        ("e", "pay_by = now()", "expired = true", "expired"),
    ] {
        place_as(&mut stack.client, name, from).await;
        set_order(&stack.client, name, close).await;
        assert_eq!(status(&stack.client, name).await, expected, "{name}");
        assert_eq!(order(&stack.client, name).await["closed"], true);
    }
    place_as(&mut stack.client, "f", ASSIGNED).await;
    set_order(&stack.client, "f", "food_picked = true").await;
    set_order(
        &stack.client,
        "f",
        "delivery_failed = true, close_reason = 'no such street'",
    )
    .await;
    assert_eq!(status(&stack.client, "f").await, "failed");
    assert_eq!(
        history(&stack.client, "d").await,
        ["payment paid", "restaurant-approval rejected"]
    );
    let reasons = "SELECT string_agg(close_reason, ' | ' ORDER BY order_id) FROM orders";
    assert_eq!(
        ask(&stack.client, reasons).await.as_deref(),
        Some("Cancelled by the customer. | too late | Cancelled by the customer. | no gas | no such street")
    );
    // A refund is requested for each order that is paid, and for no other.
    let requested =
        "SELECT string_agg(order_id, ' ' ORDER BY order_id) FROM orders WHERE refund_requests > 0";
    assert_eq!(ask(&stack.client, requested).await.as_deref(), Some("c d f"));
}

#[tokio::test]
async fn illegal_moves_are_refused_with_their_reason() {
    let stack = &mut TestStack::new("validate-order").await;
    let reason = "close_reason = 'why not'";
    for (name, from, set, expected) in [
        (
            "approved",
            APPROVED,
            "cancelled = true",
            "the restaurant has approved it",
        ),
        (
            "approved-2",
            APPROVED,
            "rejected = true, close_reason = 'no'",
            "the restaurant has approved it",
        ),
        (
            "refused",
            "problem = 'closed'",
            "cancelled = true",
            "it was refused",
        ),
        (
            "silent",
            PAID,
            "rejected = true",
            "close_reason must contain a reason",
        ),
        (
            "blank",
            PAID,
            "rejected = true, close_reason = ' '",
            "close_reason must contain a reason",
        ),
        ("early", PAID, "expired = true", "its deadline has not passed"),
        ("driven", ASSIGNED, "expired = true", "it has a driver"),
        (
            "not-picked-up",
            ASSIGNED,
            "delivery_failed = true, close_reason = 'no'",
            "its food is not picked up",
        ),
        (
            "twice",
            PAID,
            "cancelled = true, rejected = true, close_reason = 'no'",
            "only one of cancelled, rejected, expired and delivery_failed can be set",
        ),
        (
            "open",
            PAID,
            reason,
            "close_reason requires that the order is closed",
        ),
    ] {
        place_as(&mut stack.client, name, from).await;
        let before = order(&stack.client, name).await;
        assert_eq!(
            refusal(&stack.client, name, set).await,
            format!("order \"{name}\" cannot change: {expected}")
        );
        assert_eq!(order(&stack.client, name).await, before);
    }
    place_as(&mut stack.client, "gone", "cancelled = true").await;
    for set in [
        "cancelled = false",
        "expired = true",
        "approved = true",
        "driver_assigned = true",
        reason,
    ] {
        assert_eq!(
            refusal(&stack.client, "gone", set).await,
            "order \"gone\" cannot change: it is cancelled"
        );
    }
}

#[tokio::test]
async fn deadlines_start_when_their_step_can_begin() {
    let stack = &mut TestStack::new("validate-order").await;
    stack
        .client
        .batch_execute(
            "UPDATE workflow_settings \
             SET pay_within = '1 hour', answer_within = '2 hours', assign_within = '3 hours'",
        )
        .await
        .unwrap();
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let set = "SELECT concat_ws(' ', pay_by = created + interval '1 hour', answer_by IS NULL, assign_by IS NULL) FROM orders";
    assert_eq!(ask(&stack.client, set).await.as_deref(), Some("t t t"));
    // Approved before it is paid: the restaurant has answered, but no driver is searched.
    set_order(&stack.client, "o-1", "approved = true").await;
    assert_eq!(ask(&stack.client, set).await.as_deref(), Some("t t t"));
    set_order(&stack.client, "o-1", "payment_valid = true").await;
    let set = "SELECT concat_ws(' ', answer_by - now() BETWEEN interval '1 hour' AND interval '2 hours', \
                 assign_by - now() BETWEEN interval '2 hours' AND interval '3 hours') FROM orders";
    assert_eq!(ask(&stack.client, set).await.as_deref(), Some("t t"));
}

#[tokio::test]
async fn steps_skip_closed_orders() {
    let stack = &mut TestStack::new("validate-order").await;
    let pool = |function| stack.database.pool(function, 1);
    let (approval, assignment, payments) = (
        pool("restaurant-approval"),
        pool("agent-assignment"),
        pool("payment"),
    );
    place_as(&mut stack.client, "placed", "cancelled = true").await;
    place_as(&mut stack.client, "validated", VALIDATED).await;
    set_order(&stack.client, "validated", "cancelled = true").await;
    place_as(&mut stack.client, "paid", PAID).await;
    set_order(&stack.client, "paid", "cancelled = true").await;
    place_as(&mut stack.client, "approved", APPROVED).await;
    set_order(&stack.client, "approved", "assign_by = now()").await;
    set_order(&stack.client, "approved", "expired = true").await;
    let before = tests::orders::everything(&stack.client).await;

    let response = validate_order::run(&stack.pool, &id("placed"), &delivery(0)).await;
    assert_eq!(response.unwrap().outcome, Outcome::Skipped);
    let response = restaurant_approval::run(&approval, &id("paid"), &delivery(0)).await;
    assert_eq!(response.unwrap().outcome, Outcome::Skipped);
    let response = agent_assignment::run(&assignment, &id("approved"), &delivery(0)).await;
    assert_eq!(response.unwrap().outcome, Outcome::Skipped);
    let request = PaymentRequest {
        order_id: id("validated"),
        amount: Some(500),
        kind: "credit_card".to_owned(),
        card: Card::parse("A. Customer", "1234 1234 1234 1234", "111").unwrap(),
    };
    let gateway = SimulatedGateway::new(payments.clone());
    let owner = UserId::parse("tester").unwrap();
    let error = payment::run(&payments, &gateway, Some(&owner), &request)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StepError::OrderClosed(status) if status == "cancelled"),
        "{error}"
    );
    assert_eq!(tests::orders::everything(&stack.client).await, before);
}
