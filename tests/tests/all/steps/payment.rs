//! payment, row by row, and everything that can go wrong around the gateway.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use shared::{
    card::Card,
    database::Database,
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway, SimulatedGateway},
    order::{Outcome, PaymentStatus},
    steps::{
        StepError,
        payment::{CLAIM_LEASE, PaymentRequest, run},
    },
};
use tests::orders::{NewOrder, VALIDATED, ask, history, order, place, place_as, set_order, status};
use tokio::sync::Semaphore;

use super::{AT_ONCE, Bench, id};

const GOOD: &str = "1234 1234 1234 1234";
const DECLINED: &str = "4000 0000 0000 0002";

fn request(order: &str, amount: i64, card: &str) -> PaymentRequest {
    let card = Card::parse("A. Customer", card, "111").expect("a good card");
    PaymentRequest {
        order_id: id(order),
        amount,
        kind: "credit_card".to_owned(),
        card,
    }
}

/// What the gateway has really taken, by its own books.
async fn charged(bench: &Bench) -> String {
    let sql = "SELECT coalesce(sum(amount), 0) FROM simulated_gateway_charges WHERE decline_code IS NULL";
    ask(&bench.client, sql).await.expect("a sum")
}

#[tokio::test]
async fn a_validated_order_is_paid() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(bench.pool.clone());

    let answer = run(&bench.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();

    let payment = answer.payment.unwrap();
    assert_eq!(answer.outcome, Outcome::Paid);
    assert_eq!((payment.amount, payment.status), (500, PaymentStatus::Succeeded));
    assert_eq!(payment.card_last4.as_deref(), Some("1234"));
    assert_eq!(status(&bench.client, "o-1").await, "paid");
    assert_eq!(history(&bench.client, "o-1").await, ["payment paid #1"]);
    let row = ask(
        &bench.client,
        "SELECT concat_ws(' ', type, amount, status, attempt, card_last4, claim) FROM payments",
    );
    assert_eq!(row.await.as_deref(), Some("credit_card 500 succeeded 1 1234"));
    assert_eq!(charged(&bench).await, "500");
}

#[tokio::test]
async fn a_repeated_payment_answers_with_the_first_one() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(bench.pool.clone());
    let first = run(&bench.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();
    for repeated in [
        request("o-1", 500, GOOD),
        request("o-1", 500, DECLINED),
        request("o-1", 700, GOOD),
    ] {
        let answer = run(&bench.pool, &gateway, &repeated).await.unwrap();
        assert_eq!(
            (answer.outcome, &answer.payment),
            (Outcome::AlreadyDone, &first.payment)
        );
    }
    assert_eq!(charged(&bench).await, "500");
    assert_eq!(history(&bench.client, "o-1").await, ["payment paid #1"]);
}

#[tokio::test]
async fn an_order_paid_by_hand_is_paid() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", "payment_valid = true").await;
    let gateway = SimulatedGateway::new(bench.pool.clone());
    let answer = run(&bench.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();
    assert_eq!((answer.outcome, answer.payment), (Outcome::AlreadyDone, None));
    assert_eq!(charged(&bench).await, "0");
}

#[tokio::test]
async fn a_declined_card_leaves_the_order_payable() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(bench.pool.clone());
    for attempt in 1..=2 {
        let error = run(&bench.pool, &gateway, &request("o-1", 500, DECLINED))
            .await
            .unwrap_err();
        let StepError::Declined { decline, payment } = error else {
            panic!("{error}")
        };
        assert_eq!(
            (decline.code.as_str(), payment.status),
            ("card_declined", PaymentStatus::Declined)
        );
        let attempts = ask(
            &bench.client,
            "SELECT string_agg(status, ' ' ORDER BY attempt) FROM payments",
        )
        .await
        .unwrap();
        assert_eq!(attempts, vec!["declined"; attempt].join(" "));
    }
    let row = order(&bench.client, "o-1").await;
    assert!(row["payment_valid"].is_null(), "payment_valid is untouched");

    let answer = run(&bench.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();

    assert_eq!(answer.outcome, Outcome::Paid);
    assert_eq!(
        history(&bench.client, "o-1").await,
        ["payment declined #1", "payment declined #2", "payment paid #3"]
    );
    let codes = ask(
        &bench.client,
        "SELECT string_agg(decline_code, ' ') FROM payments",
    )
    .await;
    assert_eq!(codes.as_deref(), Some("card_declined card_declined"));
}

#[tokio::test]
async fn what_cannot_be_paid_is_not_charged() {
    let mut bench = Bench::new().await;
    place(
        &mut bench.client,
        &NewOrder {
            id: "placed",
            ..NewOrder::default()
        },
    )
    .await;
    place_as(&mut bench.client, "refused", "problem = 'Night Owl is closed.'").await;
    place_as(&mut bench.client, "validated", VALIDATED).await;
    place_as(&mut bench.client, "by-hand", "order_valid = true").await; // and so without a total
    let gateway = SimulatedGateway::new(bench.pool.clone());
    let pay = async |order: &str, amount| {
        run(&bench.pool, &gateway, &request(order, amount, GOOD))
            .await
            .unwrap_err()
    };

    assert!(matches!(pay("nobody's", 500).await, StepError::UnknownOrder(_)));
    assert!(matches!(pay("placed", 500).await, StepError::NotValidated));
    assert!(
        matches!(pay("refused", 500).await, StepError::OrderRefused(problem) if problem == "Night Owl is closed.")
    );
    for amount in [1, 499, 501, i64::from(i32::MAX) + 501, i64::MAX] {
        let error = pay("validated", amount).await;
        assert!(
            matches!(error, StepError::AmountMismatch { total: Some(500), .. }),
            "{error}"
        );
    }
    assert!(matches!(
        pay("by-hand", 500).await,
        StepError::AmountMismatch { total: None, .. }
    ));

    assert_eq!(charged(&bench).await, "0");
    assert_eq!(
        ask(&bench.client, "SELECT count(*) FROM payments")
            .await
            .as_deref(),
        Some("0")
    );
}

#[tokio::test]
async fn of_many_payments_at_once_one_charges() {
    let mut bench = Bench::new().await;
    let gateway = SimulatedGateway::new(bench.pool.clone());
    for round in 1..=10 {
        let name = format!("o-{round}");
        place_as(&mut bench.client, &name, VALIDATED).await;
        let request = request(&name, 500, GOOD);
        let answers = join_all((0..AT_ONCE).map(|_| run(&bench.pool, &gateway, &request))).await;
        let mut paid = 0;
        for answer in answers {
            match answer {
                Ok(answer) if answer.outcome == Outcome::Paid => paid += 1,
                Ok(answer) => assert_eq!(answer.outcome, Outcome::AlreadyDone),
                Err(error) => assert!(matches!(error, StepError::PaymentInProgress), "{error}"),
            }
        }
        assert_eq!(paid, 1);
        assert_eq!(history(&bench.client, &name).await, ["payment paid #1"]);
        assert_eq!(charged(&bench).await, (500 * round).to_string());
    }
}

/// A gateway that waits for permission before it answers, and counts how often it is asked.
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
        tokio::time::timeout(std::time::Duration::from_secs(5), async {
            while self.asked.load(Ordering::SeqCst) < times {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the gateway is asked");
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
async fn while_one_attempt_runs_another_is_told_so() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", VALIDATED).await;
    let gateway = SlowGateway::new(&bench.pool);
    let first = tokio::spawn({
        let (pool, gateway) = (bench.pool.clone(), gateway.clone());
        async move { run(&pool, &gateway, &request("o-1", 500, GOOD)).await }
    });
    gateway.is_asked(1).await;

    let error = run(&bench.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::PaymentInProgress), "{error}");
    let error = run(&bench.pool, &gateway, &request("o-1", 700, GOOD))
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::AmountMismatch { .. }), "{error}");

    gateway.permits.add_permits(1);
    assert_eq!(first.await.unwrap().unwrap().outcome, Outcome::Paid);
}

/// A pool of one connection is enough for a payment and, meanwhile, for others: none is held while the gateway thinks.
#[tokio::test]
async fn no_connection_is_held_while_the_gateway_thinks() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", VALIDATED).await;
    place_as(&mut bench.client, "o-2", VALIDATED).await;
    let one = bench.database.pool(1);
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

/// The process dies between the charge and its settlement. The next request, with any card, finds out what the gateway
/// answered then; nothing is charged twice.
#[tokio::test]
async fn a_payment_goes_on_after_a_crash_at_the_worst_moment() {
    for (first_card, next_card, outcome) in [
        (GOOD, GOOD, "paid"),
        (GOOD, DECLINED, "paid"),
        (DECLINED, GOOD, "declined"),
    ] {
        let mut bench = Bench::new().await;
        place_as(&mut bench.client, "o-1", VALIDATED).await;
        let gateway = SlowGateway::new(&bench.pool);
        let dying = tokio::spawn({
            let (pool, gateway) = (bench.pool.clone(), gateway.clone());
            async move { run(&pool, &gateway, &request("o-1", 500, first_card)).await }
        });
        gateway.is_asked(1).await;
        dying.abort();
        gateway.permits.add_permits(9);

        // Its lease still runs: it might be alive.
        let error = run(&bench.pool, &gateway, &request("o-1", 500, next_card))
            .await
            .unwrap_err();
        assert!(matches!(error, StepError::PaymentInProgress), "{error}");

        let lease = CLAIM_LEASE.as_secs_f64() + 0.1;
        let sql = format!("UPDATE payments SET claimed_at = claimed_at - make_interval(secs => {lease})");
        bench.client.batch_execute(&sql).await.unwrap();
        let answers = join_all(
            (0..AT_ONCE).map(|_| async { run(&bench.pool, &gateway, &request("o-1", 500, next_card)).await }),
        )
        .await;

        assert_eq!(
            history(&bench.client, "o-1").await[0],
            format!("payment {outcome} #1"),
            "{answers:?}"
        );
        let last4 = ask(&bench.client, "SELECT card_last4 FROM payments WHERE attempt = 1")
            .await
            .unwrap();
        assert!(
            first_card.ends_with(&last4),
            "the first card is the one that the gateway answered about"
        );
        if outcome == "paid" {
            assert_eq!(charged(&bench).await, "500");
            assert_eq!(
                ask(&bench.client, "SELECT count(*) FROM payments")
                    .await
                    .as_deref(),
                Some("1")
            );
        }
    }
}

/// A gateway that takes the money and then loses the answer, once.
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
async fn when_the_gateway_does_not_answer_the_next_try_goes_on_at_once() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", VALIDATED).await;
    let gateway = ForgetfulGateway {
        inner: SimulatedGateway::new(bench.pool.clone()),
        asked: Arc::default(),
    };

    let error = run(&bench.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::Gateway(_)), "{error}");
    assert_eq!(status(&bench.client, "o-1").await, "validated");

    let answer = run(&bench.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Paid);
    assert_eq!(charged(&bench).await, "500");
    assert_eq!(history(&bench.client, "o-1").await, ["payment paid #1"]);
}

#[tokio::test]
async fn pay_all_during_a_payment_does_no_harm() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", VALIDATED).await;
    let gateway = SlowGateway::new(&bench.pool);
    let paying = tokio::spawn({
        let (pool, gateway) = (bench.pool.clone(), gateway.clone());
        async move { run(&pool, &gateway, &request("o-1", 500, GOOD)).await }
    });
    gateway.is_asked(1).await;
    set_order(&bench.client, "o-1", "payment_valid = true, placed = true").await;
    gateway.permits.add_permits(1);
    assert_eq!(paying.await.unwrap().unwrap().outcome, Outcome::Paid);
    assert_eq!(status(&bench.client, "o-1").await, "paid");
}

#[tokio::test]
async fn no_card_is_stored() {
    let mut bench = Bench::new().await;
    place_as(&mut bench.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(bench.pool.clone());
    run(&bench.pool, &gateway, &request("o-1", 500, "4242 4242 4242 4242"))
        .await
        .unwrap();
    let all = tests::orders::everything(&bench.client).await;
    assert!(
        all.contains("\"card_last4\": \"4242\"") && !all.contains("42424242"),
        "{all}"
    );
}
