//! payment, row by row. Failures around the gateway are in [`gateway`], limits of attempts in [`limits`].

mod gateway;
mod limits;

use futures_util::future::join_all;
use shared::{
    card::Card,
    database::Database,
    gateway::{PaymentGateway, SimulatedGateway},
    identity::UserId,
    order::{Outcome, PaymentStatus, StepResponse},
    steps::{
        StepError,
        payment::{self, PaymentRequest},
    },
};
use tests::orders::{NewOrder, VALIDATED, ask, history, order, place, place_as, status};

use super::{AT_ONCE, TestStack, id};

const GOOD: &str = "1234 1234 1234 1234";
const DECLINED: &str = "4000 0000 0000 0002";

fn request(order: &str, amount: i64, card: &str) -> PaymentRequest {
    let card = Card::parse("A. Customer", card, "111").expect("a good card");
    PaymentRequest {
        order_id: id(order),
        amount: Some(amount),
        kind: "credit_card".to_owned(),
        card,
    }
}

/// Pays as the owner of the orders of this test.
async fn run(
    database: &Database,
    gateway: &impl PaymentGateway,
    request: &PaymentRequest,
) -> Result<StepResponse, StepError> {
    let owner = UserId::parse("tester").expect("a good id");
    payment::run(database, gateway, Some(&owner), request).await
}

/// Returns the charges that the gateway recorded.
async fn charged(stack: &TestStack) -> String {
    let sql = "SELECT coalesce(sum(amount), 0) FROM simulated_gateway_charges WHERE decline_code IS NULL";
    ask(&stack.client, sql).await.expect("a sum")
}

#[tokio::test]
async fn validated_order_is_paid() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(stack.pool.clone());

    let answer = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();

    let payment = answer.payment.unwrap();
    assert_eq!(answer.outcome, Outcome::Paid);
    assert_eq!((payment.amount, payment.status), (500, PaymentStatus::Succeeded));
    assert_eq!(payment.card_last4.as_deref(), Some("1234"));
    assert_eq!(status(&stack.client, "o-1").await, "paid");
    assert_eq!(history(&stack.client, "o-1").await, ["payment paid #1"]);
    let row = ask(
        &stack.client,
        "SELECT concat_ws(' ', type, amount, status, attempt, card_last4, claim) FROM payments",
    );
    assert_eq!(row.await.as_deref(), Some("credit_card 500 succeeded 1 1234"));
    assert_eq!(charged(&stack).await, "500");
}

#[tokio::test]
async fn repeated_payment_returns_first_payment() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let first = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();
    for repeated in [
        request("o-1", 500, GOOD),
        request("o-1", 500, DECLINED),
        request("o-1", 700, GOOD),
    ] {
        let answer = run(&stack.pool, &gateway, &repeated).await.unwrap();
        assert_eq!(
            (answer.outcome, &answer.payment),
            (Outcome::AlreadyDone, &first.payment)
        );
    }
    assert_eq!(charged(&stack).await, "500");
    assert_eq!(history(&stack.client, "o-1").await, ["payment paid #1"]);
}

#[tokio::test]
async fn manually_paid_order_is_paid() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", "payment_valid = true").await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let answer = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();
    assert_eq!((answer.outcome, answer.payment), (Outcome::AlreadyDone, None));
    assert_eq!(charged(&stack).await, "0");
}

#[tokio::test]
async fn declined_card_leaves_order_payable() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    for attempt in 1..=2 {
        let error = run(&stack.pool, &gateway, &request("o-1", 500, DECLINED))
            .await
            .unwrap_err();
        let StepError::Declined { decline, payment } = error else {
            panic!("{error}")
        };
        assert_eq!(
            (decline.code, payment.status),
            ("card_declined", PaymentStatus::Declined)
        );
        let attempts = ask(
            &stack.client,
            "SELECT string_agg(status, ' ' ORDER BY attempt) FROM payments",
        )
        .await
        .unwrap();
        assert_eq!(attempts, vec!["declined"; attempt].join(" "));
    }
    let row = order(&stack.client, "o-1").await;
    assert!(row["payment_valid"].is_null(), "payment_valid is untouched");

    let answer = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();

    assert_eq!(answer.outcome, Outcome::Paid);
    assert_eq!(
        history(&stack.client, "o-1").await,
        ["payment declined #1", "payment declined #2", "payment paid #3"]
    );
    let codes = ask(
        &stack.client,
        "SELECT string_agg(decline_code, ' ') FROM payments",
    )
    .await;
    assert_eq!(codes.as_deref(), Some("card_declined card_declined"));
}

#[tokio::test]
async fn unpayable_order_is_not_charged() {
    let mut stack = TestStack::new("payment").await;
    place(
        &mut stack.client,
        &NewOrder {
            id: "placed",
            ..NewOrder::default()
        },
    )
    .await;
    place_as(&mut stack.client, "refused", "problem = 'Night Owl is closed.'").await;
    place_as(&mut stack.client, "validated", VALIDATED).await;
    place_as(&mut stack.client, "by-hand", "order_valid = true").await; // without validation, hence without a total
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let pay = async |order: &str, amount| {
        run(&stack.pool, &gateway, &request(order, amount, GOOD))
            .await
            .unwrap_err()
    };

    assert!(matches!(pay("unknown", 500).await, StepError::UnknownOrder(_)));
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

    assert_eq!(charged(&stack).await, "0");
    assert_eq!(
        ask(&stack.client, "SELECT count(*) FROM payments")
            .await
            .as_deref(),
        Some("0")
    );
}

#[tokio::test]
async fn concurrent_payments_charge_once() {
    let mut stack = TestStack::new("payment").await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    for round in 1..=10 {
        let name = format!("o-{round}");
        place_as(&mut stack.client, &name, VALIDATED).await;
        let request = request(&name, 500, GOOD);
        let answers = join_all((0..AT_ONCE).map(|_| run(&stack.pool, &gateway, &request))).await;
        let mut paid = 0;
        for answer in answers {
            match answer {
                Ok(answer) if answer.outcome == Outcome::Paid => paid += 1,
                Ok(answer) => assert_eq!(answer.outcome, Outcome::AlreadyDone),
                Err(error) => assert!(matches!(error, StepError::PaymentInProgress), "{error}"),
            }
        }
        assert_eq!(paid, 1);
        assert_eq!(history(&stack.client, &name).await, ["payment paid #1"]);
        assert_eq!(charged(&stack).await, (500 * round).to_string());
    }
}

#[tokio::test]
async fn card_is_not_stored() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    run(&stack.pool, &gateway, &request("o-1", 500, "4242 4242 4242 4242"))
        .await
        .unwrap();
    let all = tests::orders::everything(&stack.client).await;
    assert!(
        all.contains("\"card_last4\": \"4242\"") && !all.contains("42424242"),
        "{all}"
    );
}
