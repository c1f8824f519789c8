//! refund-payment, row by row, with the ledger of the gateway.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use shared::{
    card::Card,
    database::Database,
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway, Refund, SimulatedGateway},
    identity::UserId,
    order::Outcome,
    steps::{
        StepError,
        payment::{self, PaymentRequest},
        refund_payment::run,
    },
};
use tests::{
    invariants,
    orders::{VALIDATED, ask, history, order, place_as, set_order},
};
use tokio_postgres::Client;

use super::{AT_ONCE, TestStack, delivery, id};

const CARD: &str = "1234 1234 1234 1234";

/// A stack whose pool has the role of refund-payment, with an order that is validated, and the pool of payment.
async fn validated() -> (TestStack, Database) {
    let mut stack = TestStack::new("refund-payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    stack
        .client
        .batch_execute("INSERT INTO order_history (order_id, step, outcome) VALUES ('o-1', 'validate-order', 'validated')")
        .await
        .expect("its history");
    let payments = stack.database.pool("payment", 4);
    (stack, payments)
}

async fn pay(payments: &Database) -> Outcome {
    let request = PaymentRequest {
        order_id: id("o-1"),
        amount: Some(500),
        kind: "credit_card".to_owned(),
        card: Card::parse("A. Customer", CARD, "111").expect("a good card"),
    };
    let owner = UserId::parse("tester").expect("a good id");
    let gateway = SimulatedGateway::new(payments.clone());
    let response = payment::run(payments, &gateway, Some(&owner), &request).await;
    response.expect("paid").outcome
}

/// Money taken, and money returned.
async fn ledger(client: &Client) -> String {
    let sql = "SELECT concat_ws(' ', \
                 (SELECT coalesce(sum(amount), 0) FROM simulated_gateway_charges WHERE decline_code IS NULL), \
                 (SELECT coalesce(sum(amount), 0) FROM simulated_gateway_refunds))";
    ask(client, sql).await.expect("two sums")
}

#[tokio::test]
async fn payment_of_a_closed_order_is_returned_once() {
    let (stack, payments) = validated().await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    pay(&payments).await;
    let order_id = id("o-1");
    let early = run(&stack.pool, &gateway, &order_id, &delivery(0)).await.unwrap();
    assert_eq!(early.outcome, Outcome::Skipped);
    set_order(&stack.client, "o-1", "cancelled = true").await;

    let first = delivery(0);
    let answers = join_all((0..AT_ONCE).map(|_| run(&stack.pool, &gateway, &order_id, &first))).await;

    for answer in answers {
        let outcome = answer.unwrap().outcome;
        assert!(
            matches!(outcome, Outcome::Refunded | Outcome::AlreadyDone),
            "{outcome:?}"
        );
    }
    let again = run(&stack.pool, &gateway, &order_id, &delivery(1)).await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadyDone);
    assert_eq!(ledger(&stack.client).await, "500 500");
    assert_eq!(
        history(&stack.client, "o-1").await[1..],
        [
            "payment paid #1",
            "cancellation cancelled",
            "refund-payment refunded e-1 #0"
        ]
    );
    let shown = "SELECT concat_ws(' ', amount, status, refunded IS NOT NULL) FROM refunds";
    assert_eq!(
        ask(&stack.client, shown).await.as_deref(),
        Some("500 succeeded t")
    );
    assert_eq!(invariants::broken(&stack.client).await, [""; 0]);
}

#[tokio::test]
async fn closed_order_without_a_payment_is_skipped() {
    let (stack, _) = validated().await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    // "Pay all": marked as paid by an administrator.
    set_order(&stack.client, "o-1", "payment_valid = true").await;
    set_order(&stack.client, "o-1", "cancelled = true").await;
    let answer = run(&stack.pool, &gateway, &id("o-1"), &delivery(0))
        .await
        .unwrap();
    assert_eq!(
        (answer.outcome, answer.reason),
        (Outcome::Skipped, Some("the order has no payment"))
    );
    let unknown = run(&stack.pool, &gateway, &id("unknown"), &delivery(0)).await;
    assert!(matches!(unknown, Err(StepError::UnknownOrder(_))));
}

/// A gateway whose charges and refunds lose their first response, after they happened.
#[derive(Clone)]
struct ForgetfulGateway {
    inner: SimulatedGateway,
    asked: Arc<AtomicUsize>,
}

impl ForgetfulGateway {
    fn new(ledger: &Database) -> Self {
        Self {
            inner: SimulatedGateway::new(ledger.clone()),
            asked: Arc::default(),
        }
    }

    fn lose_first<T>(&self, result: Result<T, GatewayError>) -> Result<T, GatewayError> {
        match self.asked.fetch_add(1, Ordering::SeqCst) {
            0 => Err(GatewayError::NoResponse("connection reset".to_owned())),
            _ => result,
        }
    }
}

impl PaymentGateway for ForgetfulGateway {
    async fn charge(&self, charge: &Charge<'_>) -> Result<ChargeResult, GatewayError> {
        let result = self.inner.charge(charge).await;
        self.lose_first(result)
    }

    async fn result_of(&self, key: &str) -> Result<Option<ChargeResult>, GatewayError> {
        self.inner.result_of(key).await
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<(), GatewayError> {
        let result = self.inner.refund(refund).await;
        self.lose_first(result)
    }
}

#[tokio::test]
async fn lost_response_is_retried_with_the_same_key() {
    let (stack, payments) = validated().await;
    pay(&payments).await;
    set_order(&stack.client, "o-1", "cancelled = true").await;
    let gateway = ForgetfulGateway::new(&stack.pool);
    let error = run(&stack.pool, &gateway, &id("o-1"), &delivery(0))
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::Gateway(_)), "{error}");
    let pending = "SELECT status FROM refunds";
    assert_eq!(ask(&stack.client, pending).await.as_deref(), Some("pending"));
    let answer = run(&stack.pool, &gateway, &id("o-1"), &delivery(1))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Refunded);
    assert_eq!(ledger(&stack.client).await, "500 500");
}

/// An attempt that its request started, with a claim of this age, and whether the gateway charged the card.
async fn open_attempt(client: &Client, age: &str, charged: bool) {
    let charge = if charged {
        "INSERT INTO simulated_gateway_charges (key, amount, card_last4) VALUES ('key', 500, '1234');"
    } else {
        ""
    };
    client
        .batch_execute(&format!(
            "INSERT INTO payments (order_id, type, amount, status, claim, claimed_at, idempotency_key) \
             VALUES ('o-1', 'credit_card', 500, 'processing', gen_random_uuid(), now() - interval '{age}', 'key'); {charge}"
        ))
        .await
        .expect("the attempt");
}

/// The settlement of the newest attempt, with a charge.
fn settled() -> String {
    include_str!("../../../../shared/src/steps/payment_settle.sql")
        .replace("$1", "(SELECT max(id) FROM payments)")
        .replace("$2", "'succeeded'")
        .replace("$3", "'1234'")
        .replace("$4", "NULL")
        .replace("$5", "500")
        .replace("$6", "12")
        .replace("$7", "NULL")
}

#[tokio::test]
async fn running_payment_is_awaited() {
    let (stack, _) = validated().await;
    open_attempt(&stack.client, "1 second", true).await;
    set_order(&stack.client, "o-1", "cancelled = true").await;
    assert_eq!(order(&stack.client, "o-1").await["refund_requests"], 1);
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let error = run(&stack.pool, &gateway, &id("o-1"), &delivery(0))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            StepError::NotYet {
                code: "payment_in_progress",
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(ledger(&stack.client).await, "500 0");
}

/// The gateway did not respond in time, and its charge arrives after the order was closed.
#[tokio::test]
async fn charge_that_arrives_after_its_timeout_is_returned() {
    let (stack, _) = validated().await;
    open_attempt(&stack.client, "1 second", false).await;
    let release = include_str!("../../../../shared/src/steps/payment_release.sql")
        .replace("$1", "(SELECT max(id) FROM payments)")
        .replace("$2", "(SELECT claim FROM payments)");
    stack.client.batch_execute(&release).await.unwrap();
    set_order(&stack.client, "o-1", "cancelled = true").await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let refund = async || run(&stack.pool, &gateway, &id("o-1"), &delivery(0)).await;
    // The charge may be on its way.
    assert!(matches!(refund().await, Err(StepError::NotYet { .. })));
    stack
        .client
        .batch_execute("UPDATE payments SET claimed_at = claimed_at - interval '1 minute'")
        .await
        .unwrap();
    assert_eq!(refund().await.unwrap().outcome, Outcome::Skipped);
    let charge =
        "INSERT INTO simulated_gateway_charges (key, amount, card_last4) VALUES ('key', 500, '1234')";
    stack.client.batch_execute(charge).await.unwrap();
    stack.client.batch_execute(&settled()).await.unwrap();
    assert_eq!(refund().await.unwrap().outcome, Outcome::Refunded);
    assert_eq!(ledger(&stack.client).await, "500 500");
    assert_eq!(invariants::broken(&stack.client).await, [""; 0]);
}

/// The process died after the charge and before its settlement, and then the order was closed, so that no request resumes the payment.
#[tokio::test]
async fn charge_of_a_dead_request_is_returned() {
    let (stack, _) = validated().await;
    open_attempt(&stack.client, "1 minute", true).await;
    set_order(&stack.client, "o-1", "cancelled = true").await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let answer = run(&stack.pool, &gateway, &id("o-1"), &delivery(0))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Refunded);
    assert_eq!(ledger(&stack.client).await, "500 500");
    assert_eq!(invariants::broken(&stack.client).await, [""; 0]);
}

#[tokio::test]
async fn attempt_that_the_gateway_never_received_is_settled_as_declined() {
    let (stack, _) = validated().await;
    open_attempt(&stack.client, "1 minute", false).await;
    set_order(&stack.client, "o-1", "cancelled = true").await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let answer = run(&stack.pool, &gateway, &id("o-1"), &delivery(0))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Skipped);
    let settled = "SELECT concat_ws(' ', status, decline_code) FROM payments";
    assert_eq!(
        ask(&stack.client, settled).await.as_deref(),
        Some("declined not_charged")
    );
    assert_eq!(ledger(&stack.client).await, "0 0");
}

/// The order is closed while the gateway is asked: the payment completes, and a second event returns it.
#[tokio::test]
async fn payment_that_completes_after_the_closing_requests_its_refund() {
    let (stack, _) = validated().await;
    open_attempt(&stack.client, "1 second", true).await;
    set_order(&stack.client, "o-1", "cancelled = true").await;
    stack.client.batch_execute(&settled()).await.unwrap();
    let row = order(&stack.client, "o-1").await;
    assert_eq!(
        (&row["status"], &row["payment_valid"], &row["refund_requests"]),
        (&"cancelled".into(), &true.into(), &2.into())
    );
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let answer = run(&stack.pool, &gateway, &id("o-1"), &delivery(0))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Refunded);
    assert_eq!(ledger(&stack.client).await, "500 500");
}

#[tokio::test]
async fn payment_without_a_key_waits_for_an_operator() {
    let (stack, _) = validated().await;
    stack
        .client
        .batch_execute(
            "INSERT INTO payments (order_id, type, amount) VALUES ('o-1', 'credit_card', 500); \
             UPDATE orders SET payment_valid = true; UPDATE orders SET cancelled = true",
        )
        .await
        .unwrap();
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let answer = run(&stack.pool, &gateway, &id("o-1"), &delivery(0))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Waiting);
    // The dashboard shows it.
    stack
        .client
        .batch_execute(
            "UPDATE order_history SET at = at - interval '1 minute'; \
             UPDATE orders SET created = created - interval '1 minute'",
        )
        .await
        .unwrap();
    let next = "SELECT next_step FROM stuck_orders WHERE order_id = 'o-1'";
    assert_eq!(ask(&stack.client, next).await.as_deref(), Some("refund-payment"));
}
