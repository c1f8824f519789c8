//! Limits of attempts, and what a decline discloses.

use std::collections::HashSet;

use futures_util::future::join_all;
use local_services::login::as_login;
use shared::{
    gateway::SimulatedGateway,
    order::Outcome,
    steps::{
        StepError,
        payment::{ATTEMPTS_WINDOW, DECLINES_WINDOW, MAX_ATTEMPTS, MAX_DECLINES},
    },
};
use tests::orders::{VALIDATED, ask, everything, place_as};

use super::{AT_ONCE, DECLINED, GOOD, TestStack, request, run};

/// Makes all attempts older by this number of seconds.
async fn age(stack: &TestStack, seconds: f64) {
    let sql = format!("UPDATE payments SET created = created - make_interval(secs => {seconds})");
    stack
        .client
        .batch_execute(&sql)
        .await
        .expect("the attempts are updated");
}

async fn attempts_of(stack: &TestStack) -> String {
    ask(&stack.client, "SELECT count(*) FROM payments")
        .await
        .expect("a count")
}

#[tokio::test]
async fn sixth_attempt_on_an_order_waits_for_the_cool_down() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    place_as(&mut stack.client, "o-2", VALIDATED).await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    for _ in 0..MAX_ATTEMPTS {
        let error = run(&stack.pool, &gateway, &request("o-1", 500, DECLINED))
            .await
            .unwrap_err();
        assert!(matches!(error, StepError::Declined { .. }), "{error}");
    }
    let before = everything(&stack.client).await;
    for card in [DECLINED, GOOD] {
        let error = run(&stack.pool, &gateway, &request("o-1", 500, card))
            .await
            .unwrap_err();
        let StepError::TooManyAttempts { retry_after } = error else {
            panic!("{error}")
        };
        assert!(
            retry_after <= ATTEMPTS_WINDOW && retry_after > ATTEMPTS_WINDOW / 2,
            "{retry_after:?}"
        );
    }
    assert_eq!(
        everything(&stack.client).await,
        before,
        "a refused attempt leaves no row"
    );

    // Another order is not affected.
    let other = run(&stack.pool, &gateway, &request("o-2", 500, GOOD))
        .await
        .unwrap();
    assert_eq!(other.outcome, Outcome::Paid);

    age(&stack, ATTEMPTS_WINDOW.as_secs_f64()).await;
    let answer = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Paid);
}

#[tokio::test]
async fn concurrent_attempts_do_not_exceed_the_limit() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let request = request("o-1", 500, DECLINED);
    for _ in 0..5 {
        for answer in join_all((0..AT_ONCE).map(|_| run(&stack.pool, &gateway, &request))).await {
            let error = answer.unwrap_err();
            assert!(
                matches!(
                    error,
                    StepError::Declined { .. }
                        | StepError::PaymentInProgress
                        | StepError::TooManyAttempts { .. }
                        | StepError::Contended
                ),
                "{error}"
            );
        }
    }
    assert_eq!(attempts_of(&stack).await, MAX_ATTEMPTS.to_string());
    let charges = ask(&stack.client, "SELECT count(*) FROM simulated_gateway_charges").await;
    assert_eq!(charges, Some(MAX_ATTEMPTS.to_string()));
}

/// The last permitted attempt was interrupted; resuming it is not another attempt.
#[tokio::test]
async fn interrupted_attempt_is_resumed_at_the_limit() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "o-1", VALIDATED).await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    for _ in 0..MAX_ATTEMPTS {
        run(&stack.pool, &gateway, &request("o-1", 500, DECLINED))
            .await
            .unwrap_err();
    }
    stack
        .client
        .batch_execute(
            "DELETE FROM simulated_gateway_charges; \
             UPDATE payments SET status = 'processing', claimed_at = '-infinity', decline_code = NULL \
             WHERE attempt = (SELECT max(attempt) FROM payments)",
        )
        .await
        .unwrap();
    let answer = run(&stack.pool, &gateway, &request("o-1", 500, GOOD))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Paid);
}

#[tokio::test]
async fn declines_of_a_payer_are_limited_over_all_orders() {
    let mut stack = TestStack::new("payment").await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let orders: Vec<String> = (0..=MAX_DECLINES).map(|number| format!("o-{number}")).collect();
    for order in &orders {
        place_as(&mut stack.client, order, VALIDATED).await;
    }
    let (last, others) = orders.split_last().unwrap();
    for order in others {
        let error = run(&stack.pool, &gateway, &request(order, 500, DECLINED))
            .await
            .unwrap_err();
        assert!(matches!(error, StepError::Declined { .. }), "{error}");
    }
    let error = run(&stack.pool, &gateway, &request(last, 500, GOOD))
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::TooManyAttempts { .. }), "{error}");

    // The declines of others do not count.
    stack
        .client
        .batch_execute(&format!(
            "UPDATE orders SET user_id = 'bob' WHERE order_id = '{last}'"
        ))
        .await
        .unwrap();
    let bob = shared::identity::UserId::parse("bob").unwrap();
    let paid =
        shared::steps::payment::run(&stack.pool, &gateway, Some(&bob), &request(last, 500, GOOD)).await;
    assert_eq!(paid.unwrap().outcome, Outcome::Paid);

    age(&stack, DECLINES_WINDOW.as_secs_f64()).await;
    let answer = run(&stack.pool, &gateway, &request(&orders[0], 500, GOOD))
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Paid);
}

/// Twenty payments at once, each on another order, after half of the declines have been used.
#[tokio::test]
async fn concurrent_attempts_on_many_orders_do_not_exceed_the_limit_of_declines() {
    let mut stack = TestStack::new("payment").await;
    // Not through pgBouncer, so that all of them are in Postgres at the same time.
    let logins = tests::database::logins();
    let url = as_login(
        &stack.database.direct_url(),
        logins.of("payment").expect("a role"),
    );
    let config = shared::Config::from_values(Some(&url), None, Some("20")).unwrap();
    let pool = shared::database::Database::new(&config);
    let gateway = SimulatedGateway::new(pool.clone());
    let used = MAX_DECLINES / 2;
    let orders: Vec<String> = (0..used + 20).map(|number| format!("o-{number}")).collect();
    for order in &orders {
        place_as(&mut stack.client, order, VALIDATED).await;
    }
    let (first, others) = orders.split_at(usize::try_from(used).unwrap());
    for order in first {
        let error = run(&pool, &gateway, &request(order, 500, DECLINED))
            .await
            .unwrap_err();
        assert!(matches!(error, StepError::Declined { .. }), "{error}");
    }
    for _ in 0..3 {
        let attempts = others.iter().map(|order| {
            let (pool, gateway, request) = (pool.clone(), gateway.clone(), request(order, 500, DECLINED));
            tokio::spawn(async move { run(&pool, &gateway, &request).await })
        });
        for answer in join_all(attempts).await {
            let error = answer.unwrap().unwrap_err();
            assert!(
                matches!(
                    error,
                    StepError::Declined { .. }
                        | StepError::PaymentInProgress
                        | StepError::TooManyAttempts { .. }
                ),
                "{error}"
            );
        }
        assert_eq!(attempts_of(&stack).await, MAX_DECLINES.to_string());
    }
}

/// The open attempts of a payer count too, until they succeed.
#[tokio::test]
async fn open_attempts_of_a_payer_are_limited_over_all_orders() {
    let mut stack = TestStack::new("payment").await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    for order in ["open", "next"] {
        place_as(&mut stack.client, order, VALIDATED).await;
    }
    let open = format!(
        "INSERT INTO payments (order_id, type, amount, status, attempt, claim, claimed_at, payer, idempotency_key)
         SELECT 'open', 'credit_card', 500, 'processing', n, gen_random_uuid(), now(), 'tester', n::text
         FROM generate_series(1, {MAX_DECLINES}) AS n"
    );
    stack.client.batch_execute(&open).await.unwrap();
    let request = request("next", 500, GOOD);
    let error = run(&stack.pool, &gateway, &request).await.unwrap_err();
    assert!(matches!(error, StepError::PaymentInProgress), "{error}");
    stack
        .client
        .batch_execute("DELETE FROM payments WHERE attempt = 1")
        .await
        .unwrap();
    let answer = run(&stack.pool, &gateway, &request).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Paid);
}

/// Neither the response nor the stored attempt tells that a card is lost or stolen, or that only its code is wrong.
#[tokio::test]
async fn declines_that_help_a_thief_are_alike() {
    let mut responses = HashSet::new();
    for card in [
        DECLINED,
        "4000 0000 0000 9987",
        "4000 0000 0000 9979",
        "4000 0000 0000 0127",
    ] {
        let mut stack = TestStack::new("payment").await;
        place_as(&mut stack.client, "o-1", VALIDATED).await;
        let gateway = SimulatedGateway::new(stack.pool.clone());
        let error = run(&stack.pool, &gateway, &request("o-1", 500, card))
            .await
            .unwrap_err();
        let StepError::Declined { decline, .. } = error else {
            panic!("{error}")
        };
        let stored = ask(&stack.client, "SELECT decline_code FROM payments").await;
        responses.insert((decline.code, decline.message, stored));
    }
    let expected = (
        "card_declined",
        "The card was declined. Please use another card.",
        Some("card_declined".to_owned()),
    );
    assert_eq!(responses, HashSet::from([expected]));
}

/// Two customers pay their own orders and try each other's, concurrently.
#[tokio::test]
async fn customers_do_not_block_each_other() {
    let mut stack = TestStack::new("payment").await;
    place_as(&mut stack.client, "mine", VALIDATED).await;
    place_as(
        &mut stack.client,
        "theirs",
        "order_valid = true, total = 500, user_id = 'bob'",
    )
    .await;
    let gateway = SimulatedGateway::new(stack.pool.clone());
    let (pool, gateway) = (&stack.pool, &gateway);
    let foreign = request("theirs", 500, GOOD);
    let attacks = join_all((0..AT_ONCE).map(|_| run(pool, gateway, &foreign)));
    let own = request("mine", 500, GOOD);
    let (attacks, paid) = tokio::join!(attacks, run(pool, gateway, &own));
    assert_eq!(paid.unwrap().outcome, Outcome::Paid);
    for attack in attacks {
        assert!(matches!(attack.unwrap_err(), StepError::UnknownOrder(_)));
    }
    let bob = shared::identity::UserId::parse("bob").unwrap();
    let paid = shared::steps::payment::run(pool, gateway, Some(&bob), &foreign).await;
    assert_eq!(paid.unwrap().outcome, Outcome::Paid);
}
