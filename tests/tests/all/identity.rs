//! The identity of a payer: tokens that the function verifies, claims that API Gateway has verified, and orders of others.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::http::{Handler, Payment, PaymentAccess};
use shared::{
    gateway::SimulatedGateway,
    identity::{Account, Role, UserId},
    steps::payment::MAX_DECLINES,
    token::now,
};
use testkit::eventually;
use tests::{
    calls::{Response, call, payment, post},
    database::TestDatabase,
    orders::{VALIDATED, everything, history, place_as},
    tokens::{TestIssuer, customer},
};

const GOOD: &str = "1234 1234 1234 1234";

/// Owner of the orders of [`place_as`].
const OWNER: &str = "tester";

/// A database with a validated order, and the payment function.
struct TestPayments {
    database: TestDatabase,
    client: tokio_postgres::Client,
    handler: Handler<Payment<SimulatedGateway>>,
}

impl TestPayments {
    async fn with(access: PaymentAccess) -> Self {
        let database = TestDatabase::new().await;
        let mut client = database.connect().await;
        place_as(&mut client, "o-1", VALIDATED).await;
        let pool = database.pool("payment", 4);
        let payments = Payment::simulated(&pool, access);
        let handler = Handler::new(&database.config("payment", 4), pool, payments);
        Self {
            database,
            client,
            handler,
        }
    }

    async fn pay(&self, order: &str, authorization: Option<&str>) -> Response {
        let mut event = post("/payment", &payment(order, 500, GOOD).to_string());
        if let Some(authorization) = authorization {
            event["headers"]["authorization"] = json!(authorization);
        }
        call(&self.handler, event).await
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn owner_pays_with_a_token() {
    let issuer = TestIssuer::start().await;
    let payments = TestPayments::with(issuer.access()).await;
    let authorization = bearer(&issuer.token(OWNER));
    let response = payments.pay("o-1", Some(&authorization)).await;
    assert_eq!(
        (response.status, response.outcome()),
        (200, "paid"),
        "{}",
        response.body
    );
    let again = payments
        .pay("o-1", Some(&authorization.replace("Bearer", "bearer")))
        .await;
    assert_eq!((again.status, again.outcome()), (200, "already-done"));
    assert_eq!(issuer.fetches(), 1, "the keys are kept");
}

#[tokio::test]
async fn foreign_order_is_not_distinguishable_from_an_unknown_one() {
    let issuer = TestIssuer::start().await;
    let mut payments = TestPayments::with(issuer.access()).await;
    place_as(&mut payments.client, "placed", "placed = true").await;
    place_as(
        &mut payments.client,
        "refused",
        "problem = 'Night Owl is closed.'",
    )
    .await;
    place_as(
        &mut payments.client,
        "paid",
        "order_valid = true, total = 500, payment_valid = true",
    )
    .await;
    let before = everything(&payments.client).await;
    for token in [issuer.token("mallory"), issuer.token("tester-2")] {
        for order in ["o-1", "placed", "refused", "paid", "unknown"] {
            let response = payments.pay(order, Some(&bearer(&token))).await;
            let expected = json!({"error": {
                "code": "order_not_found",
                "message": format!("order not found: \"{order}\""),
                "path": "$.order_id",
            }});
            assert_eq!((response.status, &response.body), (404, &expected));
        }
    }
    assert_eq!(everything(&payments.client).await, before);
}

/// Whether the order exists is not disclosed either.
#[tokio::test]
async fn only_customers_pay() {
    let issuer = TestIssuer::start().await;
    let payments = TestPayments::with(issuer.access()).await;
    let before = everything(&payments.client).await;
    for role in [Role::Restaurant, Role::Driver, Role::Manager] {
        let account = Account {
            role,
            ..customer(OWNER)
        };
        let token = bearer(&issuer.sign(&issuer.claims(&account)));
        for order in ["o-1", "unknown"] {
            let response = payments.pay(order, Some(&token)).await;
            assert_eq!(
                (response.status, response.code()),
                (403, "not_a_customer"),
                "{role:?}"
            );
        }
    }
    assert_eq!(everything(&payments.client).await, before);
}

/// The owner of an order is the value of X-Hasura-User-Id, which a provider may issue beside another subject.
#[tokio::test]
async fn payer_is_the_user_of_the_claims_and_not_the_subject() {
    let issuer = TestIssuer::start().await;
    let payments = TestPayments::with(issuer.access()).await;
    let mut claims = issuer.claims(&customer("mallory"));
    claims["sub"] = json!(OWNER);
    let response = payments.pay("o-1", Some(&bearer(&issuer.sign(&claims)))).await;
    assert_eq!(
        (response.status, response.code()),
        (404, "order_not_found"),
        "{}",
        response.body
    );
    let mut claims = issuer.claims(&customer(OWNER));
    claims["sub"] = json!("6b2d7c1e-0000-4000-8000-000000000000");
    let response = payments.pay("o-1", Some(&bearer(&issuer.sign(&claims)))).await;
    assert_eq!(response.status, 200, "{}", response.body);
}

#[tokio::test]
async fn invalid_tokens_are_refused_before_the_body_is_read() {
    let issuer = TestIssuer::start().await;
    let other = TestIssuer::start().await;
    let payments = TestPayments::with(issuer.access()).await;
    let before = everything(&payments.client).await;
    let claims = issuer.claims(&customer(OWNER));
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        issuer.sign(&claims)
    };
    let good = issuer.token(OWNER);
    let parts: Vec<&str> = good.split('.').collect();
    let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let kid = &issuer.jwks()["keys"][0]["kid"];
    let mut mallory = claims.clone();
    mallory["sub"] = json!("mallory");
    mallory["https://hasura.io/jwt/claims"]["x-hasura-user-id"] = json!("mallory");
    let cases = [
        ("expired", with("exp", json!(now() - 60))),
        ("without an end", with("exp", Value::Null)),
        ("not yet valid", with("nbf", json!(now() + 60))),
        (
            "of another issuer",
            with("iss", json!("https://login.example.com")),
        ),
        ("for another audience", with("aud", json!("4factor"))),
        (
            "without a user",
            with(
                "https://hasura.io/jwt/claims",
                json!({"x-hasura-allowed-roles": ["customer"]}),
            ),
        ),
        ("with the key of another issuer", other.sign(&claims)),
        ("without a signature", format!("{}.{}.", parts[0], parts[1])),
        (
            "with other claims",
            format!("{}.{}.{}", parts[0], encoded(&mallory), parts[2]),
        ),
        (
            "with the algorithm none",
            format!("{}.{}.", encoded(&json!({"alg": "none", "kid": kid})), parts[1]),
        ),
        (
            "with the public key as a shared secret",
            format!(
                "{}.{}.{}",
                encoded(&json!({"alg": "HS256", "kid": kid})),
                parts[1],
                parts[2]
            ),
        ),
        (
            "with a critical extension",
            format!(
                "{}.{}.{}",
                encoded(&json!({"alg": "RS256", "kid": kid, "crit": ["x"]})),
                parts[1],
                parts[2]
            ),
        ),
        ("too long", format!("{good}{}", "x".repeat(8192))),
        ("not a token", "hunter2".to_owned()),
    ];
    for (name, token) in cases {
        let response = payments.pay("o-1", Some(&bearer(&token))).await;
        assert_eq!(
            (response.status, response.code()),
            (401, "invalid_token"),
            "{name}"
        );
        assert_eq!(response.header("www-authenticate"), Some("Bearer"), "{name}");
        assert_eq!(
            response.header("access-control-allow-origin"),
            Some("*"),
            "{name}"
        );
    }
    for authorization in [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer "),
        Some(good.as_str()),
        Some("Basic YTpi"),
    ] {
        let mut event = post("/payment", "not JSON");
        if let Some(authorization) = authorization {
            event["headers"]["authorization"] = json!(authorization);
        }
        let response = call(&payments.handler, event).await;
        assert_eq!(
            (response.status, response.code()),
            (401, "missing_token"),
            "{authorization:?}"
        );
    }
    assert_eq!(everything(&payments.client).await, before);
}

#[tokio::test]
async fn rotated_key_is_fetched_and_invented_keys_cause_no_flood() {
    let mut issuer = TestIssuer::start().await;
    let payments = TestPayments::with(issuer.access()).await;
    let old = bearer(&issuer.token(OWNER));
    assert_eq!(payments.pay("o-1", Some(&old)).await.status, 200);

    // Other issuers sign with keys that this one does not have: at most one fetch per interval.
    let stranger = TestIssuer::start().await;
    for _ in 0..20 {
        let forged = stranger.sign(&issuer.claims(&customer(OWNER)));
        let response = payments.pay("o-1", Some(&bearer(&forged))).await;
        assert_eq!((response.status, response.code()), (401, "invalid_token"));
    }
    assert_eq!(issuer.fetches(), 1, "the keys were fetched a moment ago");

    // A new process fetches the new key, and refuses tokens of the withdrawn one.
    issuer.rotate();
    let restarted = TestPayments::with(issuer.access()).await;
    assert_eq!(restarted.pay("o-1", Some(&old)).await.code(), "invalid_token");
    let new = bearer(&issuer.token(OWNER));
    assert_eq!(restarted.pay("o-1", Some(&new)).await.status, 200);
}

#[tokio::test]
async fn unavailable_issuer_causes_503_until_it_recovers() {
    let issuer = TestIssuer::start().await;
    let payments = TestPayments::with(issuer.access()).await;
    let authorization = bearer(&issuer.token(OWNER));
    let jwks = issuer.jwks();
    for document in [None, Some(json!({"keys": []})), Some(json!("x".repeat(100_000)))] {
        issuer.publish(document);
        let fresh = TestPayments::with(issuer.access()).await;
        let response = fresh.pay("o-1", Some(&authorization)).await;
        assert_eq!((response.status, response.code()), (503, "identity_unavailable"));
        assert_eq!(response.header("retry-after"), Some("1"));
        assert!(!response.body.to_string().contains("http"), "{}", response.body);
    }
    assert_eq!(payments.pay("o-1", Some(&authorization)).await.status, 503);
    issuer.publish(Some(jwks));
    eventually("the keys are fetched", async || {
        (payments.pay("o-1", Some(&authorization)).await.status == 200).then_some(())
    })
    .await;
    // Known keys stay valid.
    issuer.publish(None);
    assert_eq!(payments.pay("o-1", Some(&authorization)).await.status, 200);
}

/// The claims in the event are those of API Gateway only if the function is configured to be behind its authorizer.
#[tokio::test]
async fn claims_of_the_authorizer_count_only_behind_it() {
    let event = |subject: &str, token: &str| {
        let mut event = post("/payment", &payment("o-1", 500, GOOD).to_string());
        event["headers"]["authorization"] = json!(bearer(token));
        event["requestContext"]["authorizer"] =
            json!({"jwt": {"claims": {"sub": subject, "iss": "x"}, "scopes": null}});
        event
    };
    let issuer = TestIssuer::start().await;
    let payments = TestPayments::with(issuer.access()).await;
    let other = TestIssuer::start().await;
    let response = call(&payments.handler, event(OWNER, &other.token(OWNER))).await;
    assert_eq!((response.status, response.code()), (401, "invalid_token"));

    let payments = TestPayments::with(PaymentAccess::Authorizer).await;
    let token = bearer(&issuer.token(OWNER));
    let unverified = payments.pay("o-1", Some(&token)).await;
    assert_eq!((unverified.status, unverified.code()), (401, "missing_token"));
    let manager = Account {
        role: Role::Manager,
        ..customer(OWNER)
    };
    let manager = issuer.sign(&issuer.claims(&manager));
    for (subject, token, status) in [
        ("mallory", issuer.token("mallory"), 404),
        ("mallory", issuer.token(OWNER), 401),
        ("", issuer.token(OWNER), 401),
        (OWNER, "hunter2".to_owned(), 401),
        (OWNER, manager, 403),
        (OWNER, issuer.token(OWNER), 200),
    ] {
        let response = call(&payments.handler, event(subject, &token)).await;
        assert_eq!(response.status, status, "{subject}: {}", response.body);
    }
    assert_eq!(history(&payments.client, "o-1").await, ["payment paid #1"]);
}

/// The declines of the last hour are counted over all orders of a user.
#[tokio::test]
async fn user_with_twenty_declines_within_an_hour_waits() {
    let issuer = TestIssuer::start().await;
    let mut payments = TestPayments::with(issuer.access()).await;
    place_as(&mut payments.client, "declined", "placed = true").await;
    let decline = async |payments: &TestPayments, minutes_ago: u32| {
        let sql = format!(
            "INSERT INTO payments (order_id, type, amount, status, attempt, payer, created)
             SELECT 'declined', 'credit_card', 500, 'declined', coalesce(max(attempt), 0) + 1, '{OWNER}',
                    now() - interval '{minutes_ago} minutes'
             FROM payments WHERE order_id = 'declined'"
        );
        payments.client.batch_execute(&sql).await.expect("a decline");
    };
    for _ in 0..MAX_DECLINES {
        decline(&payments, 30).await;
    }
    let authorization = bearer(&issuer.token(OWNER));
    let response = payments.pay("o-1", Some(&authorization)).await;
    assert_eq!(
        (response.status, response.code()),
        (429, "too_many_attempts"),
        "{}",
        response.body
    );
    let wait: u64 = response
        .header("retry-after")
        .and_then(|seconds| seconds.parse().ok())
        .expect("seconds");
    assert!(
        (1..=1800).contains(&wait),
        "{wait} s until the oldest is an hour old"
    );

    // One of them is older than an hour.
    payments
        .client
        .batch_execute("UPDATE payments SET created = now() - interval '61 minutes' WHERE attempt = 1")
        .await
        .expect("an older decline");
    let response = payments.pay("o-1", Some(&authorization)).await;
    assert_eq!(response.status, 200, "{}", response.body);
}

#[tokio::test]
async fn open_mode_pays_any_order() {
    let payments = TestPayments::with(PaymentAccess::Open).await;
    let response = payments.pay("o-1", None).await;
    assert_eq!((response.status, response.outcome()), (200, "paid"));
    let payer = tests::orders::ask(&payments.client, "SELECT payer FROM payments").await;
    assert_eq!(payer, None);
}

#[tokio::test]
async fn payer_is_stored_with_the_attempt() {
    let payments = TestPayments::with(PaymentAccess::Authorizer).await;
    let pool = payments.database.pool("payment", 1);
    let gateway = SimulatedGateway::new(pool.clone());
    let request = shared::http::payment_request::read(&payment("o-1", 500, GOOD)).expect("a good request");
    let owner = UserId::parse(OWNER).expect("a good id");
    shared::steps::payment::run(&pool, &gateway, Some(&owner), &request)
        .await
        .expect("paid");
    let payer = tests::orders::ask(&payments.client, "SELECT payer FROM payments").await;
    assert_eq!(payer.as_deref(), Some(OWNER));
}
