//! expire-orders: what is overdue, in which numbers, and how often.

use futures_util::future::join_all;
use shared::steps::expire_orders::{Expired, run, run_in_batches};
use tests::orders::{APPROVED, PAID, VALIDATED, ask, history, order, place_as, set_order, status};

use super::{AT_ONCE, TestStack};

#[tokio::test]
async fn overdue_orders_are_closed_with_their_reason() {
    let mut stack = TestStack::new("expire-orders").await;
    for (name, from, deadline) in [
        ("unpaid", "placed = true", "pay_by = now()"),
        ("unpaid-2", VALIDATED, "pay_by = now()"),
        ("unanswered", PAID, "answer_by = now()"),
        ("unassigned", APPROVED, "assign_by = now()"),
        // In time, and those that no longer wait for what the deadline is about.
        ("in-time", VALIDATED, "placed = true"),
        ("paid", PAID, "pay_by = now()"),
        ("approved", APPROVED, "pay_by = now(), answer_by = now()"),
        ("refused", "problem = 'closed'", "pay_by = now()"),
        ("without-deadline", VALIDATED, "pay_by = NULL"),
    ] {
        place_as(&mut stack.client, name, from).await;
        set_order(&stack.client, name, deadline).await;
    }
    assert_eq!(
        run(&stack.pool).await.unwrap(),
        Expired {
            unpaid: 2,
            unanswered: 1,
            unassigned: 1,
            ..Expired::default()
        }
    );
    for (name, reason) in [
        ("unpaid", "The order was not paid in time."),
        ("unpaid-2", "The order was not paid in time."),
        ("unanswered", "The restaurant did not answer in time."),
        ("unassigned", "No driver was found in time."),
    ] {
        let row = order(&stack.client, name).await;
        assert_eq!(
            (&row["status"], &row["close_reason"]),
            (&"expired".into(), &reason.into())
        );
        assert_eq!(
            history(&stack.client, name).await.last().unwrap(),
            "expire-orders expired"
        );
    }
    let refunds = "SELECT string_agg(order_id, ' ' ORDER BY order_id) FROM orders WHERE refund_requests > 0";
    assert_eq!(
        ask(&stack.client, refunds).await.as_deref(),
        Some("unanswered unassigned")
    );
    assert_eq!(run(&stack.pool).await.unwrap(), Expired::default());
}

#[tokio::test]
async fn order_whose_payment_is_running_is_not_closed() {
    let mut stack = TestStack::new("expire-orders").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    stack
        .client
        .batch_execute(
            "UPDATE orders SET pay_by = now(); \
             INSERT INTO payments (order_id, type, amount, status, claim, claimed_at, idempotency_key) \
             VALUES ('o-1', 'credit_card', 500, 'processing', gen_random_uuid(), now(), 'key')",
        )
        .await
        .unwrap();
    assert_eq!(run(&stack.pool).await.unwrap().unpaid, 0);
    // Its request died.
    stack
        .client
        .batch_execute("UPDATE payments SET claimed_at = now() - interval '1 minute'")
        .await
        .unwrap();
    assert_eq!(run(&stack.pool).await.unwrap().unpaid, 1);
    assert_eq!(
        order(&stack.client, "o-1").await["refund_requests"],
        1,
        "the card may have been charged"
    );
}

/// A payment that began while the order was closed, so that neither saw the other; and its request died.
#[tokio::test]
async fn unseen_payment_of_a_closed_order_is_returned() {
    let mut stack = TestStack::new("expire-orders").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    set_order(&stack.client, "o-1", "cancelled = true").await;
    stack
        .client
        .batch_execute(
            "INSERT INTO payments (order_id, type, amount, status, claim, claimed_at, idempotency_key) \
             VALUES ('o-1', 'credit_card', 500, 'processing', gen_random_uuid(), now() - interval '1 minute', 'key')",
        )
        .await
        .unwrap();
    for (round, expected) in [(1, 1), (2, 1), (3, 1), (4, 0)] {
        let found = run(&stack.pool).await.unwrap().unreturned;
        assert_eq!(found, expected, "round {round}");
    }
}

/// Orders of earlier versions may violate a constraint that was added later: each of their updates fails.
#[tokio::test]
async fn row_that_cannot_be_changed_is_skipped() {
    let mut stack = TestStack::new("expire-orders").await;
    for number in 0..20 {
        place_as(&mut stack.client, &format!("o-{number:02}"), "pay_by = now()").await;
    }
    place_as(&mut stack.client, "cancelled", VALIDATED).await;
    stack
        .client
        .batch_execute(
            "ALTER TABLE orders ADD CONSTRAINT later CHECK (order_id NOT IN ('o-03', 'o-04', 'o-19')) NOT VALID; \
             UPDATE orders SET cancelled = true WHERE order_id = 'cancelled'; \
             INSERT INTO payments (order_id, type, amount, status, claim, claimed_at, idempotency_key) \
             VALUES ('cancelled', 'x', 500, 'processing', gen_random_uuid(), now() - interval '1 minute', 'key')",
        )
        .await
        .unwrap();
    for (batch, changed) in [(200, 17), (4, 0), (1, 0)] {
        let expired = run_in_batches(&stack.pool, batch).await.unwrap();
        assert_eq!(
            (expired.unpaid, expired.skipped),
            (changed, 3),
            "batches of {batch}"
        );
        assert_eq!(expired.unreturned, 1, "the other kinds of changes happen");
    }
    let left = "SELECT string_agg(order_id, ' ' ORDER BY order_id) FROM orders WHERE NOT closed";
    assert_eq!(ask(&stack.client, left).await.as_deref(), Some("o-03 o-04 o-19"));
}

/// A defect that concerns all orders must not look like success.
#[tokio::test]
async fn call_fails_if_many_rows_cannot_be_changed() {
    let mut stack = TestStack::new("expire-orders").await;
    for number in 0..21 {
        place_as(&mut stack.client, &format!("o-{number:02}"), "pay_by = now()").await;
    }
    stack
        .client
        .batch_execute(
            "ALTER TABLE orders ADD CONSTRAINT later CHECK (NOT expired OR order_id = 'o-20') NOT VALID",
        )
        .await
        .unwrap();
    run_in_batches(&stack.pool, 200).await.unwrap_err();
    stack
        .client
        .batch_execute("ALTER TABLE orders DROP CONSTRAINT later")
        .await
        .unwrap();
    assert_eq!(run_in_batches(&stack.pool, 200).await.unwrap().unpaid, 21);
}

#[tokio::test]
async fn batches_are_repeated_and_concurrent_calls_share_them() {
    let mut stack = TestStack::new("expire-orders").await;
    for number in 0..30 {
        place_as(&mut stack.client, &format!("o-{number}"), "pay_by = now()").await;
    }
    let calls = join_all((0..AT_ONCE).map(|_| run_in_batches(&stack.pool, 4))).await;
    let closed: i32 = calls.into_iter().map(|call| call.unwrap().unpaid).sum();
    assert_eq!(closed, 30);
    assert_eq!(
        ask(
            &stack.client,
            "SELECT count(*) FROM order_history WHERE outcome = 'expired'"
        )
        .await
        .as_deref(),
        Some("30")
    );
    assert_eq!(status(&stack.client, "o-0").await, "expired");
}
