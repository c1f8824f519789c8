//! payment, row by row. What can go wrong around the gateway is in [`gateway`].

mod gateway;

use futures_util::future::join_all;
use shared::{
    card::Card,
    gateway::SimulatedGateway,
    order::{Outcome, PaymentStatus},
    steps::{
        StepError,
        payment::{PaymentRequest, run},
    },
};
use tests::orders::{NewOrder, VALIDATED, ask, history, order, place, place_as, status};

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
