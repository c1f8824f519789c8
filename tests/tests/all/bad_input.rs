//! Invalid requests to each function: the specified 4xx status, code and path; no change in the database; no SQL and no
//! card data in the response. Also unusual but valid requests.

mod events;
mod payments;
mod requests;

use std::{
    io,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use lambda_http::tracing::subscriber::{fmt, util::SubscriberInitExt as _};
use serde_json::{Value, json};
use shared::{
    Config,
    database::Database,
    gateway::SimulatedGateway,
    http::{
        AgentAssignment, ExpireOrders, Handler, Login, Payment, PaymentAccess, RefundPayment,
        RestaurantApproval, ValidateOrder, Watchman,
        functions::{CallerKind, Function},
    },
};
use tests::{
    calls::{Response, call, envelope, payment, post, post_to},
    database::TestDatabase,
    orders::{VALIDATED, everything, place_as},
    tokens::demo_login,
};

use self::{events::bad_events, payments::bad_payments, requests::bad_requests};

/// An invalid request: description, event, and the expected status, code and path.
type Case = (&'static str, Value, i64, &'static str, &'static str);

fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    event.pointer_mut(parent).expect("the parent")[key] = value;
    event
}

fn base64(bytes: &[u8]) -> Value {
    json!(BASE64_STANDARD.encode(bytes))
}

/// Creates a database with the orders o-1 (validated), o-2 (placed) and o-3 (refused).
async fn database() -> TestDatabase {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place_as(&mut client, "o-1", VALIDATED).await;
    place_as(&mut client, "o-2", "placed = true").await;
    place_as(&mut client, "o-3", "problem = 'Night Owl is closed.'").await;
    database
}

async fn check<F: Function>(function: impl Fn(&Database) -> F, good: &Value, cases: Vec<Case>) {
    let database = database().await;
    let client = database.connect().await;
    let config = database.config(F::NAME, 2);
    let pool = Database::new(&config);
    let handler = Handler::new(&config, pool.clone(), function(&pool));
    let before = everything(&client).await;

    let mut faults = Vec::new();
    for (name, event, status, code, path) in bad_requests::<F>(good).into_iter().chain(cases) {
        let response = call(&handler, event).await;
        let seen = (
            response.status,
            response.code(),
            response.body["error"]["path"].as_str().unwrap_or_default(),
        );
        if seen != (status, code, path) {
            faults.push(format!(
                "{name}: expected {:?}, got {seen:?}",
                (status, code, path)
            ));
        }
        if let Some(leak) = leak(&response) {
            faults.push(format!("{name}: the answer shows {leak:?}: {}", response.body));
        }
        if F::CALLER == CallerKind::Browser && response.header("access-control-allow-origin") != Some("*") {
            faults.push(format!("{name}: no CORS headers"));
        }
        if status == 405 && response.header("allow").is_none() {
            faults.push(format!("{name}: does not say what is allowed"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(everything(&client).await, before, "the database is unchanged");
}

fn leak(response: &Response) -> Option<&'static str> {
    let body = response.body.to_string();
    let shown = body
        .replace("'; DROP TABLE orders; --", "")
        .replace("OR '1'='1", "");
    [
        "SELECT",
        "syntax",
        "relation",
        "postgres",
        "SQLSTATE",
        "panick",
        "1234 1234",
    ]
    .into_iter()
    .find(|word| shown.contains(word))
}

#[tokio::test]
async fn validate_order() {
    check(
        |_| ValidateOrder::default(),
        &json!({"order_id": "o-2"}),
        bad_events::<ValidateOrder>(),
    )
    .await;
}

#[tokio::test]
async fn restaurant_approval() {
    check(
        |_| RestaurantApproval,
        &json!({"order_id": "o-1"}),
        bad_events::<RestaurantApproval>(),
    )
    .await;
}

#[tokio::test]
async fn agent_assignment() {
    check(
        |_| AgentAssignment,
        &json!({"order_id": "o-1"}),
        bad_events::<AgentAssignment>(),
    )
    .await;
}

#[tokio::test]
async fn refund_payment() {
    check(
        RefundPayment::simulated,
        &json!({"order_id": "o-1"}),
        bad_events::<RefundPayment<SimulatedGateway>>(),
    )
    .await;
}

#[tokio::test]
async fn expire_orders() {
    let cases = vec![
        (
            "not an object",
            post("/expire-orders", "[]"),
            400,
            "invalid_type",
            "$",
        ),
        ("a text", post("/expire-orders", "\"\""), 400, "invalid_type", "$"),
    ];
    check(|_| ExpireOrders::default(), &json!({"payload": {}}), cases).await;
}

#[tokio::test]
async fn watch() {
    let cases = vec![
        ("not an object", post("/watchman", "[]"), 400, "invalid_type", "$"),
        ("a text", post("/watchman", "\"\""), 400, "invalid_type", "$"),
    ];
    let config = Config::from_values(None, None, None).expect("defaults");
    check(|_| Watchman::new(&config), &json!({"payload": {}}), cases).await;
}

#[tokio::test]
async fn pay() {
    check(
        |database| Payment::simulated(database, PaymentAccess::Open),
        &payment("o-1", 500, "1234 1234 1234 1234"),
        bad_payments(),
    )
    .await;
}

#[tokio::test]
async fn log_in() {
    let name = |name: Value| post("/login", &json!({"username": name}).to_string());
    let mut cases = vec![
        (
            "no name",
            post("/login", "{}"),
            400,
            "missing_field",
            "$.username",
        ),
        ("no object", post("/login", "[]"), 400, "invalid_type", "$"),
        ("a number", name(json!(7)), 400, "invalid_type", "$.username"),
        ("NUL", name(json!("a\0")), 400, "invalid_value", "$.username"),
        (
            "reserved",
            name(json!("driver-51")),
            404,
            "account_not_found",
            "$.username",
        ),
        (
            "reserved",
            name(json!("admin")),
            404,
            "account_not_found",
            "$.username",
        ),
    ];
    for bad in [
        "",
        "Alice",
        "a b",
        "-a",
        "'; DROP TABLE orders; --",
        "алиса",
        &"x".repeat(65),
    ] {
        cases.push(("name", name(json!(bad)), 400, "invalid_value", "$.username"));
    }
    check(|_| Login::new(demo_login()), &json!({"username": "alice"}), cases).await;
}

#[tokio::test]
async fn configured_webhook_secret_is_required() {
    let database = database().await;
    let client = database.connect().await;
    let config = |function| {
        let secret = Some("s3cret".to_owned());
        Config::from_values(Some(&database.pool_url(function)), secret, None).unwrap()
    };
    let of_payment = config("payment");
    let config = config("validate-order");
    let pool = Database::new(&config);
    let handler = Handler::new(&config, pool, ValidateOrder::default());
    let event = post("/validate-order", "{\"order_id\": \"o-2\"}");
    let before = everything(&client).await;
    for event in [
        event.clone(),
        with(event.clone(), "/headers/x-webhook-secret", json!("")),
        with(event.clone(), "/headers/x-webhook-secret", json!("s3cre")),
        with(event.clone(), "/headers/x-webhook-secret", json!("s3cret2")),
        with(event.clone(), "/body", json!("not JSON")),
    ] {
        let response = call(&handler, event).await;
        assert_eq!((response.status, response.code()), (401, "wrong_secret"));
        assert!(!response.body.to_string().contains("s3cret"), "{}", response.body);
    }
    assert_eq!(everything(&client).await, before);

    let response = call(
        &handler,
        with(event, "/headers/x-webhook-secret", json!("s3cret")),
    )
    .await;
    assert_eq!((response.status, response.outcome()), (200, "validated"));

    // The payment function is called by browsers, without this secret.
    let pool = Database::new(&of_payment);
    let payments = Payment::simulated(&pool, PaymentAccess::Open);
    let handler = Handler::new(&of_payment, pool, payments);
    let response = post_to(&handler, &payment("o-1", 500, "1234 1234 1234 1234")).await;
    assert_eq!((response.status, response.outcome()), (200, "paid"));
}

#[tokio::test]
async fn unusual_requests_are_accepted() {
    let database = database().await;
    let config = database.config("validate-order", 1);
    let handler = Handler::new(&config, Database::new(&config), ValidateOrder::default());
    let body = envelope("validate-order", "o-2", "e-1", 3).to_string();
    let event = post("/validate-order", &body);
    for (name, event) in [
        (
            "a stage before the path",
            with(event.clone(), "/rawPath", json!("/prod/validate-order")),
        ),
        (
            "base64",
            with(
                with(event.clone(), "/isBase64Encoded", json!(true)),
                "/body",
                base64(body.as_bytes()),
            ),
        ),
        (
            "a charset",
            with(
                event.clone(),
                "/headers/content-type",
                json!("Application/JSON; charset=utf-8"),
            ),
        ),
        (
            "another JSON type",
            with(
                event.clone(),
                "/headers/content-type",
                json!("application/cloudevents+json"),
            ),
        ),
        (
            "space around it",
            with(event.clone(), "/body", json!(format!(" {body}\n"))),
        ),
    ] {
        let response = call(&handler, event).await;
        assert_eq!(response.status, 200, "{name}: {}", response.body);
    }
    let client = database.connect().await;
    assert_eq!(
        tests::orders::history(&client, "o-2").await,
        ["validate-order validated e-1 #3"]
    );
}

#[tokio::test]
async fn preflight_requests_are_answered() {
    let database = database().await;
    let config = database.config("payment", 1);
    let pool = Database::new(&config);
    let preflight = |path: &str| {
        let event = with(post(path, ""), "/requestContext/http/method", json!("OPTIONS"));
        with(
            event,
            "/headers",
            json!({
                "origin": "http://localhost:3000",
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type"
            }),
        )
    };
    let payments = Payment::simulated(&pool, PaymentAccess::Open);
    let handler = Handler::new(&config, pool.clone(), payments);
    let response = call(&handler, preflight("/payment")).await;
    assert_eq!((response.status, &response.body), (204, &Value::Null));
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-allow-headers", "authorization, content-type"),
        ("access-control-max-age", "86400"),
    ] {
        assert_eq!(response.header(name), Some(value));
    }
    assert_eq!(call(&handler, preflight("/elsewhere")).await.status, 404);

    let handler = Handler::new(&config, pool, ValidateOrder::default());
    let response = call(&handler, preflight("/validate-order")).await;
    assert_eq!(
        (response.status, response.header("access-control-allow-origin")),
        (405, None)
    );
}

/// Collects the log of a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the log").extend(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn line_breaks_of_a_request_do_not_start_log_lines() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let database = database().await;
    let config = database.config("validate-order", 1);
    let handler = Handler::new(&config, Database::new(&config), ValidateOrder::default());
    let forged = "x\n2026-03-12T19:03:58Z ERROR forged\r\ny";
    {
        let _guard = subscriber.set_default();
        for body in [
            envelope("validate-order", forged, forged, 0),
            envelope(forged, "o-2", forged, 0),
            json!({"order_id": [forged], forged: forged}),
        ] {
            post_to(&handler, &body).await;
        }
        let mut event = post("/validate-order", forged);
        event["headers"]["user-agent"] = json!("forged");
        call(&handler, event).await;
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("order.id=") && log.contains("forged"), "{log}");
    for line in log.lines() {
        assert!(
            !line.starts_with("2026-03-12") && !line.starts_with('y'),
            "{line}"
        );
    }
}
