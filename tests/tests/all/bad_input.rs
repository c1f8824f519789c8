//! What nobody should send, to each function: the designed 4xx, a code and a path that name the fault, nothing changed in
//! the database, nothing of SQL or of a card in the answer. And, beside it, what is unusual but right.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use shared::{
    Config,
    database::Database,
    http::{
        AgentAssignment, Handler, Payment, RestaurantApproval, ValidateOrder,
        functions::{Caller, Function},
    },
};
use tests::{
    calls::{Response, call, envelope, payment, post, post_to},
    database::TestDatabase,
    orders::{VALIDATED, everything, place_as},
};

/// A bad request: what it is, the event, and the expected status, code and path.
type Case = (&'static str, Value, i64, &'static str, &'static str);

fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    event.pointer_mut(parent).expect("the parent")[key] = value;
    event
}

fn base64(bytes: &[u8]) -> Value {
    json!(BASE64_STANDARD.encode(bytes))
}

/// What is wrong before the body is read; the same for each function.
fn bad_requests<F: Function>(good: &Value) -> Vec<Case> {
    let path = format!("/{}", F::NAME);
    let event = post(&path, &good.to_string());
    let method = "/requestContext/http/method";
    let encoded = |bytes: &[u8]| {
        with(
            with(event.clone(), "/isBase64Encoded", json!(true)),
            "/body",
            base64(bytes),
        )
    };
    let large = format!("{{\"order_id\": \"{}\"}}", "x".repeat(1024 * 1024));
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut cases = vec![
        (
            "GET",
            with(event.clone(), method, json!("GET")),
            405,
            "method_not_allowed",
            "$",
        ),
        (
            "PUT",
            with(event.clone(), method, json!("PUT")),
            405,
            "method_not_allowed",
            "$",
        ),
        (
            "HEAD",
            with(event.clone(), method, json!("HEAD")),
            405,
            "method_not_allowed",
            "$",
        ),
        (
            "another path",
            with(event.clone(), "/rawPath", json!("/")),
            404,
            "path_not_found",
            "$",
        ),
        (
            "a longer path",
            with(event.clone(), "/rawPath", json!(format!("{path}/x"))),
            404,
            "path_not_found",
            "$",
        ),
        (
            "a longer name",
            with(event.clone(), "/rawPath", json!(format!("{path}s"))),
            404,
            "path_not_found",
            "$",
        ),
        (
            "a form",
            with(
                event.clone(),
                "/headers/content-type",
                json!("application/x-www-form-urlencoded"),
            ),
            415,
            "unsupported_media_type",
            "$",
        ),
        (
            "plain text",
            with(event.clone(), "/headers/content-type", json!("text/plain")),
            415,
            "unsupported_media_type",
            "$",
        ),
        (
            "gzip",
            with(event.clone(), "/headers/content-encoding", json!("gzip")),
            415,
            "unsupported_media_type",
            "$",
        ),
        (
            "too large",
            with(event.clone(), "/body", json!(large)),
            413,
            "body_too_large",
            "$",
        ),
        (
            "too large in base64",
            encoded(large.as_bytes()),
            413,
            "body_too_large",
            "$",
        ),
        (
            "no body",
            with(event.clone(), "/body", json!(null)),
            400,
            "empty_body",
            "$",
        ),
        (
            "an empty body",
            with(event.clone(), "/body", json!("")),
            400,
            "empty_body",
            "$",
        ),
        (
            "not base64",
            with(encoded(b""), "/body", json!("{}")),
            400,
            "invalid_base64",
            "$",
        ),
        (
            "not UTF-8",
            encoded(b"{\"order_id\": \"\xff\"}"),
            400,
            "invalid_utf8",
            "$",
        ),
    ];
    for (name, body) in [
        ("not JSON", "order"),
        ("half of it", "{\"order_id\": \"o-1\""),
        ("two of them", "{\"order_id\": \"o-1\"} {}"),
        ("deep nesting", nested.as_str()),
        ("a lone surrogate", "{\"order_id\": \"\\ud800\"}"),
        ("a byte order mark", "\u{feff}{}"),
        ("spaces", "  "),
    ] {
        cases.push((
            name,
            with(event.clone(), "/body", json!(body)),
            400,
            "invalid_json",
            "$",
        ));
    }
    for (name, body) in [
        ("a list", "[]"),
        ("a text", "\"o-1\""),
        ("null", "null"),
        ("a number", "5"),
    ] {
        cases.push((
            name,
            with(event.clone(), "/body", json!(body)),
            400,
            "invalid_type",
            "$",
        ));
    }
    cases
}

/// What is wrong in the body of an event.
fn bad_events<F: Function>() -> Vec<Case> {
    let good = envelope(F::NAME, "o-1", "e-1", 0);
    let event = |body: Value| post(&format!("/{}", F::NAME), &body.to_string());
    let bare = |id: Value| event(json!({ "order_id": id }));
    let wrapped = |pointer: &str, value: Value| event(with(good.clone(), pointer, value));
    let in_envelope = "$.event.data.new.order_id";
    vec![
        ("nothing", event(json!({})), 400, "missing_field", "$.order_id"),
        ("a number", bare(json!(1)), 400, "invalid_type", "$.order_id"),
        ("null", bare(json!(null)), 400, "invalid_type", "$.order_id"),
        ("a list", bare(json!(["o-1"])), 400, "invalid_type", "$.order_id"),
        ("empty", bare(json!("")), 400, "invalid_value", "$.order_id"),
        ("NUL", bare(json!("o-1\0")), 400, "invalid_value", "$.order_id"),
        (
            "too long",
            bare(json!("x".repeat(1001))),
            400,
            "invalid_value",
            "$.order_id",
        ),
        (
            "unknown",
            bare(json!("abc-ad21-adf")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        (
            "SQL",
            bare(json!("'; DROP TABLE orders; --")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        (
            "SQL, quoted",
            bare(json!("o-1' OR '1'='1")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        ("wildcard", bare(json!("%")), 404, "order_not_found", "$.order_id"),
        (
            "another table",
            wrapped("/table/name", json!("items")),
            400,
            "wrong_table",
            "$.table.name",
        ),
        (
            "a table without name",
            wrapped("/table", json!({})),
            400,
            "missing_field",
            "$.table.name",
        ),
        (
            "a table that is none",
            wrapped("/table", json!(5)),
            400,
            "invalid_type",
            "$.table",
        ),
        (
            "event null",
            wrapped("/event", json!(null)),
            400,
            "invalid_type",
            "$.event",
        ),
        (
            "no data",
            wrapped("/event", json!({})),
            400,
            "missing_field",
            "$.event.data",
        ),
        (
            "deleted",
            wrapped("/event/data/new", json!(null)),
            400,
            "invalid_type",
            "$.event.data.new",
        ),
        (
            "no id",
            wrapped("/event/data/new", json!({})),
            400,
            "missing_field",
            in_envelope,
        ),
        (
            "id a number",
            wrapped("/event/data/new/order_id", json!(7)),
            400,
            "invalid_type",
            in_envelope,
        ),
        (
            "id unknown",
            wrapped("/event/data/new/order_id", json!("none")),
            404,
            "order_not_found",
            in_envelope,
        ),
    ]
}

/// What is wrong in the body of a payment.
fn bad_payments() -> Vec<Case> {
    let good = payment("o-1", 500, "1234 1234 1234 1234");
    let changed =
        |pointer: &str, value: Value| post("/payment", &with(good.clone(), pointer, value).to_string());
    let mut cases = vec![
        (
            "unknown",
            changed("/order_id", json!("none")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        (
            "SQL",
            changed("/order_id", json!("'; DROP TABLE orders; --")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        (
            "id a number",
            changed("/order_id", json!(1)),
            400,
            "invalid_type",
            "$.order_id",
        ),
        (
            "id empty",
            changed("/order_id", json!("")),
            400,
            "invalid_value",
            "$.order_id",
        ),
        (
            "not validated",
            changed("/order_id", json!("o-2")),
            409,
            "order_not_validated",
            "$.order_id",
        ),
        (
            "refused",
            changed("/order_id", json!("o-3")),
            409,
            "order_refused",
            "$.order_id",
        ),
        (
            "too little",
            changed("/metadata/amount", json!(499)),
            409,
            "amount_mismatch",
            "$.metadata.amount",
        ),
        (
            "far too much",
            changed("/metadata/amount", json!(i64::MAX)),
            409,
            "amount_mismatch",
            "$.metadata.amount",
        ),
    ];
    for amount in [json!(0), json!(-5), json!(500.5), json!(1e300), json!(u64::MAX)] {
        cases.push((
            "amount",
            changed("/metadata/amount", amount),
            400,
            "invalid_value",
            "$.metadata.amount",
        ));
    }
    for amount in [json!("500"), json!(null), json!([500]), json!(true)] {
        cases.push((
            "amount",
            changed("/metadata/amount", amount),
            400,
            "invalid_type",
            "$.metadata.amount",
        ));
    }
    for number in [
        "",
        "1234",
        "1234 1234 1234 123x",
        "12345678901234567890",
        "' OR 1=1 --",
    ] {
        let pointer = "/info/credit_card_number";
        cases.push((
            "card",
            changed(pointer, json!(number)),
            400,
            "invalid_value",
            "$.info.credit_card_number",
        ));
    }
    cases.extend([
        (
            "card a number",
            changed("/info/credit_card_number", json!(1234)),
            400,
            "invalid_type",
            "$.info.credit_card_number",
        ),
        (
            "cvv a number",
            changed("/info/cvv", json!(111)),
            400,
            "invalid_type",
            "$.info.cvv",
        ),
        (
            "cvv",
            changed("/info/cvv", json!("1")),
            400,
            "invalid_value",
            "$.info.cvv",
        ),
        (
            "name",
            changed("/info/full_name", json!(" ")),
            400,
            "invalid_value",
            "$.info.full_name",
        ),
        (
            "type",
            changed("/metadata/type", json!("")),
            400,
            "invalid_value",
            "$.metadata.type",
        ),
        (
            "type with NUL",
            changed("/metadata/type", json!("a\0")),
            400,
            "invalid_value",
            "$.metadata.type",
        ),
        (
            "info null",
            changed("/info", json!(null)),
            400,
            "invalid_type",
            "$.info",
        ),
        (
            "metadata a list",
            changed("/metadata", json!([])),
            400,
            "invalid_type",
            "$.metadata",
        ),
    ]);
    for (parent, key, path) in [
        ("", "order_id", "$.order_id"),
        ("", "info", "$.info"),
        ("", "metadata", "$.metadata"),
        ("/info", "full_name", "$.info.full_name"),
        ("/info", "credit_card_number", "$.info.credit_card_number"),
        ("/info", "cvv", "$.info.cvv"),
        ("/metadata", "amount", "$.metadata.amount"),
        ("/metadata", "type", "$.metadata.type"),
    ] {
        let mut body = good.clone();
        body.pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("an object")
            .remove(key);
        cases.push((
            "missing",
            post("/payment", &body.to_string()),
            400,
            "missing_field",
            path,
        ));
    }
    cases
}

/// A database with a validated order o-1, a placed one o-2, and a refused one o-3.
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
    let config = database.config(2);
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
        if F::CALLER == Caller::Browser && response.header("access-control-allow-origin") != Some("*") {
            faults.push(format!("{name}: no CORS headers"));
        }
        if status == 405 && response.header("allow").is_none() {
            faults.push(format!("{name}: does not say what is allowed"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(everything(&client).await, before, "nothing changed");
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
        |_| ValidateOrder,
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
async fn pay() {
    check(
        Payment::simulated,
        &payment("o-1", 500, "1234 1234 1234 1234"),
        bad_payments(),
    )
    .await;
}

#[tokio::test]
async fn a_webhook_secret_is_demanded_where_one_is_set() {
    let database = database().await;
    let client = database.connect().await;
    let config = Config::from_values(Some(&database.pool_url()), Some("s3cret".to_owned()), None).unwrap();
    let pool = Database::new(&config);
    let handler = Handler::new(&config, pool.clone(), ValidateOrder);
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

    // A browser has no secret to show.
    let handler = Handler::new(&config, pool.clone(), Payment::simulated(&pool));
    let response = post_to(&handler, &payment("o-1", 500, "1234 1234 1234 1234")).await;
    assert_eq!((response.status, response.outcome()), (200, "paid"));
}

#[tokio::test]
async fn unusual_requests_are_answered() {
    let database = database().await;
    let config = database.config(1);
    let handler = Handler::new(&config, Database::new(&config), ValidateOrder);
    let body = envelope("validate-order", "o-2", "e-1", 3).to_string();
    let event = post("/validate-order", &body);
    let mut no_type = event.clone();
    no_type["headers"].as_object_mut().unwrap().remove("content-type");
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
        ("no type", no_type),
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
async fn a_browser_may_ask_first() {
    let database = database().await;
    let config = database.config(1);
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
    let handler = Handler::new(&config, pool.clone(), Payment::simulated(&pool));
    let response = call(&handler, preflight("/payment")).await;
    assert_eq!((response.status, &response.body), (204, &Value::Null));
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-allow-headers", "content-type"),
        ("access-control-max-age", "86400"),
    ] {
        assert_eq!(response.header(name), Some(value));
    }
    assert_eq!(call(&handler, preflight("/elsewhere")).await.status, 404);

    let handler = Handler::new(&config, pool, ValidateOrder);
    let response = call(&handler, preflight("/validate-order")).await;
    assert_eq!(
        (response.status, response.header("access-control-allow-origin")),
        (405, None)
    );
}
