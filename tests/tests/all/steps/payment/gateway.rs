//! Failures around the payment gateway: slow calls, lost responses, a crash during a call.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use shared::{
    database::Database,
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway, SimulatedGateway},
    order::Outcome,
    steps::{
        StepError,
        payment::{CLAIM_LEASE, run},
    },
};
use testkit::eventually;
use tests::orders::{VALIDATED, ask, history, place_as, set_order, status};
use tokio::sync::Semaphore;

use super::{AT_ONCE, DECLINED, GOOD, TestStack, charged, request};

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
}

#[tokio::test]
async fn concurrent_attempt_is_reported() {
    let mut stack = TestStack::new().await;
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

/// A pool of one connection suffices for a payment and concurrent calls: the gateway call holds no connection.
#[tokio::test]
async fn no_connection_is_held_during_gateway_call() {
    let mut stack = TestStack::new().await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    place_as(&mut stack.client, "o-2", VALIDATED).await;
    let one = stack.database.pool(1);
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
        let mut stack = TestStack::new().await;
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
            0 => Err(GatewayError("connection reset".to_owned())),
            _ => result,
        }
    }
}

#[tokio::test]
async fn lost_gateway_response_allows_immediate_retry() {
    let mut stack = TestStack::new().await;
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
    let mut stack = TestStack::new().await;
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
