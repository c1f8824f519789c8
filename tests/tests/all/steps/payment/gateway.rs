//! Failures around the payment gateway: slow calls, lost responses, a crash during a call.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use shared::{
    database::Database,
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway, Refund, SimulatedGateway},
    order::Outcome,
    steps::{StepError, payment::CLAIM_LEASE},
};
use testkit::eventually;
use tests::orders::{VALIDATED, ask, history, place_as, set_order, status};
use tokio::sync::Semaphore;

use super::{AT_ONCE, DECLINED, GOOD, TestStack, charged, request, run};

/// A gateway that waits for a permit before it responds, and counts its calls.
#[derive(Clone)]
struct SlowGateway {
    inner: SimulatedGateway,
    asked: Arc<AtomicUsize>,
    permits: Arc<Semaphore>,
}

impl SlowGateway {
    fn new(ledger: &Database) -> Self {
        let inner = SimulatedGateway::new(ledger.clone());
        Self {
            inner,
            asked: Arc::default(),
            permits: Arc::new(Semaphore::new(0)),
        }
    }

    async fn is_asked(&self, times: usize) {
        eventually("the gateway receives the charge", async || {
            (self.asked.load(Ordering::SeqCst) >= times).then_some(())
        })
        .await;
    }
}

impl PaymentGateway for SlowGateway {
    async fn charge(&self, charge: &Charge<'_>) -> Result<ChargeResult, GatewayError> {
        let result = self.inner.charge(charge).await;
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.permits.acquire().await.expect("open").forget();
        result
    }

    async fn result_of(&self, key: &str) -> Result<Option<ChargeResult>, GatewayError> {
        self.inner.result_of(key).await
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<(), GatewayError> {
        self.inner.refund(refund).await
    }
}

#[tokio::test]
async fn concurrent_attempt_is_reported() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SlowGateway::new(&stack.pool);
    let first = tokio::spawn({
        let (pool, gateway) = (stack.pool.clone(), gateway.clone());
        async move { run(&pool, &gateway, &request("o-1", 500, GOOD)).await }
    });
    gateway.is_asked(1).await;

    let error = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::PaymentInProgress), "{error}");
    let error = run(&stack.pool, &gateway, &request("o-1", 700, GOOD))
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::AmountMismatch { .. }), "{error}");

    gateway.permits.add_permits(1);
    assert_eq!(first.await.unwrap().unwrap().outcome, Outcome::Paid);
}

/// The customer cancels in another tab while the card is charged.
#[tokio::test]
async fn payment_of_an_order_that_is_closed_meanwhile_says_that_it_is_returned() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SlowGateway::new(&stack.pool);
    let paying = tokio::spawn({
        let (pool, gateway) = (stack.pool.clone(), gateway.clone());
        async move { run(&pool, &gateway, &request("o-1", 500, GOOD)).await }
    });
    gateway.is_asked(1).await;
    set_order(&stack.client, "o-1", "cancelled = true").await;
    gateway.permits.add_permits(1);
    let error = paying.await.unwrap().unwrap_err();
    assert!(
        matches!(&error, StepError::ClosedDuringPayment(status) if status == "cancelled"),
        "{error}"
    );
    assert_eq!(
        history(&stack.client, "o-1").await,
        ["cancellation cancelled", "payment paid #1"]
    );
    assert_eq!(charged(&stack).await, "500");
    // A repeated request is told that it is cancelled, too.
    let error = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StepError::OrderClosed(status) if status == "cancelled"),
        "{error}"
    );
}

/// Another request resumed the attempt and settled it, while the gateway's response to this one was delayed.
#[tokio::test]
async fn payment_that_another_request_settled_is_already_done() {
    for (card, closed) in [(GOOD, false), (GOOD, true), (DECLINED, false)] {
        let mut stack = TestStack::new("payment").await;
        place_as(&mut stack.client, "o-1", VALIDATED).await;
        let gateway = SlowGateway::new(&stack.pool);
        let delayed = tokio::spawn({
            let (pool, gateway) = (stack.pool.clone(), gateway.clone());
            async move { run(&pool, &gateway, &request("o-1", 500, card)).await }
        });
        gateway.is_asked(1).await;
        stack
            .client
            .batch_execute("UPDATE payments SET claimed_at = claimed_at - interval '1 minute'")
            .await
            .unwrap();
        let quick = SimulatedGateway::new(stack.pool.clone());
        let first = run(&stack.pool, &quick, &request("o-1", 500, card)).await;
        assert_eq!(first.is_ok(), card == GOOD, "{first:?}");
        if closed {
            set_order(&stack.client, "o-1", "cancelled = true").await;
        }
        gateway.permits.add_permits(1);
        match (delayed.await.unwrap(), card, closed) {
            (Ok(answer), GOOD, false) => assert_eq!(answer.outcome, Outcome::AlreadyDone),
            (Err(StepError::ClosedDuringPayment(status)), GOOD, true) => assert_eq!(status, "cancelled"),
            (Err(StepError::Declined { .. }), DECLINED, false) => {}
            (other, ..) => panic!("{card}, closed: {closed}: {other:?}"),
        }
        assert_eq!(
            ask(&stack.client, "SELECT count(*) FROM simulated_gateway_charges")
                .await
                .as_deref(),
            Some("1")
        );
    }
}

/// A pool of one connection suffices for a payment and concurrent calls: the gateway call holds no connection.
#[tokio::test]
async fn no_connection_is_held_during_gateway_call() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    place_as(&mut stack.client, "o-2", VALIDATED).await;
    let one = stack.database.pool("payment", 1);
    let slow = SlowGateway::new(&one);
    let first = tokio::spawn({
        let (one, slow) = (one.clone(), slow.clone());
        async move { run(&one, &slow, &request("o-1", 500, GOOD)).await }
    });
    slow.is_asked(1).await;

    let quick = SimulatedGateway::new(one.clone());
    let second = run(&one, &quick, &request("o-2", 500, GOOD)).await.unwrap();
    assert_eq!(second.outcome, Outcome::Paid);

    slow.permits.add_permits(1);
    assert_eq!(first.await.unwrap().unwrap().outcome, Outcome::Paid);
}

/// The process dies between the charge and its settlement. The next request, with any card, gets the gateway's first
/// result; the order is not charged twice.
#[tokio::test]
async fn payment_resumes_after_crash_between_charge_and_settlement() {
    for (first_card, next_card, outcome) in [
        (GOOD, GOOD, "paid"),
        (GOOD, DECLINED, "paid"),
        (DECLINED, GOOD, "declined"),
    ] {
        let mut stack = TestStack::new("payment").await;
        place_as(&mut stack.client, "o-1", VALIDATED).await;
        let gateway = SlowGateway::new(&stack.pool);
        let dying = tokio::spawn({
            let (pool, gateway) = (stack.pool.clone(), gateway.clone());
            async move { run(&pool, &gateway, &request("o-1", 500, first_card)).await }
        });
        gateway.is_asked(1).await;
        dying.abort();
        gateway.permits.add_permits(9);

        // The lease has not expired: the first process may be alive.
        let error = run(&stack.pool, &gateway, &request("o-1", 500, next_card))
            .await
            .unwrap_err();
        assert!(matches!(error, StepError::PaymentInProgress), "{error}");

        let lease = CLAIM_LEASE.as_secs_f64() + 0.1;
        let sql = format!("UPDATE payments SET claimed_at = claimed_at - make_interval(secs => {lease})");
        stack.client.batch_execute(&sql).await.unwrap();
        let answers = join_all(
            (0..AT_ONCE).map(|_| async { run(&stack.pool, &gateway, &request("o-1", 500, next_card)).await }),
        )
        .await;

        assert_eq!(
            history(&stack.client, "o-1").await[0],
            format!("payment {outcome} #1"),
            "{answers:?}"
        );
        let last4 = ask(&stack.client, "SELECT card_last4 FROM payments WHERE attempt = 1")
            .await
            .unwrap();
        assert!(
            first_card.ends_with(&last4),
            "the payment shows the card of the first charge"
        );
        if outcome == "paid" {
            assert_eq!(charged(&stack).await, "500");
            assert_eq!(
                ask(&stack.client, "SELECT count(*) FROM payments")
                    .await
                    .as_deref(),
                Some("1")
            );
        }
    }
}

/// A gateway that charges the card and loses the first response.
#[derive(Clone)]
struct ForgetfulGateway {
    inner: SimulatedGateway,
    asked: Arc<AtomicUsize>,
}

impl PaymentGateway for ForgetfulGateway {
    async fn charge(&self, charge: &Charge<'_>) -> Result<ChargeResult, GatewayError> {
        let result = self.inner.charge(charge).await;
        match self.asked.fetch_add(1, Ordering::SeqCst) {
            0 => Err(GatewayError::NoResponse("connection reset".to_owned())),
            _ => result,
        }
    }

    async fn result_of(&self, key: &str) -> Result<Option<ChargeResult>, GatewayError> {
        self.inner.result_of(key).await
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<(), GatewayError> {
        self.inner.refund(refund).await
    }
}

#[tokio::test]
async fn lost_gateway_response_allows_immediate_retry() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = ForgetfulGateway {
        inner: SimulatedGateway::new(stack.pool.clone()),
        asked: Arc::default(),
    };

    let error = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::Gateway(_)), "{error}");
    assert_eq!(status(&stack.client, "o-1").await, "validated");

    let answer = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Paid);
    assert_eq!(charged(&stack).await, "500");
    assert_eq!(history(&stack.client, "o-1").await, ["payment paid #1"]);
}

#[tokio::test]
async fn pay_all_during_payment_does_not_break_it() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SlowGateway::new(&stack.pool);
    let paying = tokio::spawn({
        let (pool, gateway) = (stack.pool.clone(), gateway.clone());
        async move { run(&pool, &gateway, &request("o-1", 500, GOOD)).await }
    });
    gateway.is_asked(1).await;
    set_order(&stack.client, "o-1", "payment_valid = true, placed = true").await;
    gateway.permits.add_permits(1);
    assert_eq!(paying.await.unwrap().unwrap().outcome, Outcome::Paid);
    assert_eq!(status(&stack.client, "o-1").await, "paid");
}

#[tokio::test]
async fn gateway_refuses_a_key_with_other_parameters() {
    let stack = TestStack::new("payment").await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let [good, other, same_last4] =
        [GOOD, "4242 4242 4242 4242", "4242 4242 4242 1234"].map(|number| request("o", 500, number).card);
    assert_eq!(good.last4(), same_last4.last4());
    let charge = Charge {
        key: "key",
        amount: 500,
        card: &good,
    };
    let first = gateway.charge(&charge).await.unwrap();
    assert_eq!(gateway.charge(&charge).await.unwrap(), first);
    for changed in [
        Charge {
            amount: 501,
            ..charge
        },
        Charge {
            card: &other,
            ..charge
        },
        Charge {
            card: &same_last4,
            ..charge
        },
    ] {
        let error = gateway.charge(&changed).await.unwrap_err();
        assert!(matches!(error, GatewayError::KeyReused), "{error}");
    }
    assert_eq!(gateway.result_of("key").await.unwrap(), Some(first.clone()));
    assert_eq!(gateway.result_of("unknown").await.unwrap(), None);
    assert_eq!(charged(&stack).await, "500");

    // Nothing that is stored contains the number, and the hash of an earlier password is not compared.
    let stored = ask(
        &stack.client,
        "SELECT to_jsonb(c)::text FROM simulated_gateway_charges AS c",
    )
    .await;
    let stored = stored.expect("a charge");
    assert!(
        stored.contains("card_hash") && !stored.contains("12341234"),
        "{stored}"
    );
    for earlier in ["NULL", "'00000000:0'"] {
        let update = format!("UPDATE simulated_gateway_charges SET card_hash = {earlier}");
        stack.client.batch_execute(&update).await.unwrap();
        assert_eq!(gateway.charge(&charge).await.unwrap(), first, "{earlier}");
    }
}

/// The key is stored before the gateway is called, differs for each attempt, and contains nothing of the request.
#[tokio::test]
async fn idempotency_key_is_random_and_stored_before_the_charge() {
    let mut stack = TestStack::new("payment").await;
    let gateway = SlowGateway::new(&stack.pool);
    let mut keys = std::collections::HashSet::new();
    for round in 1..=3 {
        // The same id again, as after a deletion by an administrator.
        place_as(&mut stack.client, "o-1", VALIDATED).await;
        let paying = tokio::spawn({
            let (pool, gateway) = (stack.pool.clone(), gateway.clone());
            async move { run(&pool, &gateway, &request("o-1", 500, GOOD)).await }
        });
        gateway.is_asked(round).await;
        let key = ask(
            &stack.client,
            "SELECT idempotency_key FROM payments WHERE status = 'processing'",
        )
        .await;
        let key = key.expect("a key");
        assert!(key.len() == 36 && !key.contains("o-1"), "{key}");
        let charge = format!("SELECT amount FROM simulated_gateway_charges WHERE key = '{key}'");
        assert_eq!(ask(&stack.client, &charge).await.as_deref(), Some("500"));
        keys.insert(key);
        gateway.permits.add_permits(1);
        assert_eq!(paying.await.unwrap().unwrap().outcome, Outcome::Paid);
        stack
            .client
            .batch_execute(
                "UPDATE orders SET order_valid = false; DELETE FROM payments; DELETE FROM items; \
                 DELETE FROM order_history; DELETE FROM orders",
            )
            .await
            .unwrap();
    }
    assert_eq!(keys.len(), 3);
    assert_eq!(charged(&stack).await, "1500", "each order is charged");
}

/// A gateway that charges another amount.
#[derive(Clone)]
struct WrongGateway(SimulatedGateway);

impl PaymentGateway for WrongGateway {
    async fn charge(&self, charge: &Charge<'_>) -> Result<ChargeResult, GatewayError> {
        let more = Charge {
            amount: charge.amount + 1,
            ..*charge
        };
        self.0.charge(&more).await
    }

    async fn result_of(&self, key: &str) -> Result<Option<ChargeResult>, GatewayError> {
        self.0.result_of(key).await
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<(), GatewayError> {
        self.0.refund(refund).await
    }
}

#[tokio::test]
async fn charge_of_another_amount_is_not_settled() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = WrongGateway(SimulatedGateway::new(stack.pool.clone()));
    let error = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            StepError::ChargedAmountMismatch {
                charged: 501,
                claimed: 500
            }
        ),
        "{error}"
    );
    assert_eq!(status(&stack.client, "o-1").await, "validated");
    let state = ask(&stack.client, "SELECT status FROM payments").await;
    assert_eq!(state.as_deref(), Some("processing"));
    assert!(history(&stack.client, "o-1").await.is_empty());
}

/// An administrator changes the total after the attempt started: the charge stands for the amount of the attempt.
#[tokio::test]
async fn resumed_attempt_keeps_its_amount() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = ForgetfulGateway {
        inner: SimulatedGateway::new(stack.pool.clone()),
        asked: Arc::default(),
    };
    run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap_err();
    set_order(&stack.client, "o-1", "total = 600").await;
    let answer = run(&stack.pool, &gateway, &request("o-1", 600, GOOD))
        .await
        .unwrap();
    assert_eq!(answer.payment.unwrap().amount, 500);
    assert_eq!(charged(&stack).await, "500");
}
