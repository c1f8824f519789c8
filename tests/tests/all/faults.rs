//! Faults of a function's dependencies: an unreachable, slow or restarted database, and a panicking gateway.

use serde_json::json;
use shared::{
    Config,
    database::Database,
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway, Refund},
    http::{Handler, Payment, PaymentAccess, ValidateOrder},
};
use testkit::proxy::{Proxy, address_of};
use tests::{
    calls::{payment, post_to},
    database::TestDatabase,
    orders::{NewOrder, VALIDATED, ask, history, place, place_as},
};

/// Creates validate-order with a proxy in front of its pool.
async fn behind_a_proxy(database: &TestDatabase, connections: &str) -> (Proxy, Handler<ValidateOrder>) {
    let url = database.pool_url("validate-order");
    let proxy = Proxy::before(address_of(&url)).await;
    let config = Config::from_values(Some(&proxy.url(&url)), None, Some(connections))
        .expect("the configuration is valid");
    let handler = Handler::new(&config, Database::new(&config), ValidateOrder::default());
    (proxy, handler)
}

#[tokio::test]
async fn pooler_restart_is_invisible_to_callers() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let (proxy, handler) = behind_a_proxy(&database, "3").await;
    for round in 0..10 {
        let id = format!("o-{round}");
        place(
            &mut client,
            &NewOrder {
                id: &id,
                ..NewOrder::default()
            },
        )
        .await;
        let response = post_to(&handler, &json!({ "order_id": id })).await;
        assert_eq!(
            (response.status, response.outcome()),
            (200, "validated"),
            "{}",
            response.body
        );
        proxy.cut();
    }
}

#[tokio::test]
async fn unreachable_database_returns_503_until_it_recovers() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(&mut client, &NewOrder::default()).await;
    let (proxy, handler) = behind_a_proxy(&database, "1").await;
    proxy.go_away();
    for _ in 0..2 {
        let response = post_to(&handler, &json!({"order_id": "o-1"})).await;
        assert_eq!((response.status, response.code()), (503, "database_unavailable"));
        assert_eq!(response.header("retry-after"), Some("1"));
        assert_eq!(
            response.body["error"]["message"],
            "The database is temporarily unavailable. Please try again."
        );
    }
    assert!(history(&client, "o-1").await.is_empty());
    proxy.come_back();
    let response = post_to(&handler, &json!({"order_id": "o-1"})).await;
    assert_eq!(
        (response.status, response.outcome()),
        (200, "validated"),
        "{}",
        response.body
    );
}

#[tokio::test]
async fn refused_connection_returns_503() {
    let config = Config::from_values(Some("postgres://u:p@127.0.0.1:1/none"), None, None).unwrap();
    let handler = Handler::new(&config, Database::new(&config), ValidateOrder::default());
    let response = post_to(&handler, &json!({"order_id": "o-1"})).await;
    assert_eq!(
        (response.status, response.header("retry-after")),
        (503, Some("1"))
    );
}

#[tokio::test]
async fn locked_order_returns_503_and_frees_connection() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(&mut client, &NewOrder::default()).await;
    place(
        &mut client,
        &NewOrder {
            id: "o-2",
            ..NewOrder::default()
        },
    )
    .await;
    let config = database.config("validate-order", 1);
    let handler = Handler::new(&config, Database::new(&config), ValidateOrder::default());
    let mut other = database.connect().await;
    let lock = other.transaction().await.unwrap();
    lock.batch_execute("SELECT FROM orders WHERE order_id = 'o-1' FOR UPDATE")
        .await
        .unwrap();

    let response = post_to(&handler, &json!({"order_id": "o-1"})).await;
    assert_eq!(
        (response.status, response.header("retry-after")),
        (503, Some("1"))
    );

    let response = post_to(&handler, &json!({"order_id": "o-2"})).await;
    assert_eq!(
        (response.status, response.outcome()),
        (200, "validated"),
        "{}",
        response.body
    );
    lock.rollback().await.unwrap();
}

#[tokio::test]
async fn missing_table_returns_500_without_sql() {
    let database = TestDatabase::empty().await;
    let config = database.config("validate-order", 1);
    let handler = Handler::new(&config, Database::new(&config), ValidateOrder::default());
    let response = post_to(&handler, &json!({"order_id": "o-1"})).await;
    assert_eq!((response.status, response.code()), (500, "internal_error"));
    assert!(!response.body.to_string().contains("orders"), "{}", response.body);
}

/// Panics at the charge of a bad card.
#[derive(Clone)]
struct PanickingGateway;

const BAD_CARD: &str = "6666 6666 6666 6666";

impl PaymentGateway for PanickingGateway {
    async fn charge(&self, charge: &Charge<'_>) -> Result<ChargeResult, GatewayError> {
        assert!(charge.card.last4() != "6666", "simulated panic");
        Ok(ChargeResult {
            amount: charge.amount,
            card_last4: charge.card.last4().to_owned(),
            decline: None,
        })
    }

    async fn result_of(&self, _: &str) -> Result<Option<ChargeResult>, GatewayError> {
        Err(GatewayError::NoResponse("no results are kept".to_owned()))
    }

    async fn refund(&self, _: &Refund<'_>) -> Result<(), GatewayError> {
        Err(GatewayError::NothingToRefund)
    }
}

#[tokio::test]
async fn panic_returns_500_with_cors_and_process_continues() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place_as(&mut client, "bad", VALIDATED).await;
    place_as(&mut client, "good", VALIDATED).await;
    let config = database.config("payment", 1);
    let payments = Payment::by(PanickingGateway, PaymentAccess::Open);
    let handler = Handler::new(&config, Database::new(&config), payments);

    let response = post_to(&handler, &payment("bad", 500, BAD_CARD)).await;
    assert_eq!((response.status, response.code()), (500, "internal_error"));
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));

    let response = post_to(&handler, &payment("good", 500, "1234 1234 1234 1234")).await;
    assert_eq!((response.status, response.outcome()), (200, "paid"));
}

#[tokio::test]
async fn statement_timeout_is_shorter_than_request_timeout() {
    let database = TestDatabase::new().await;
    let (client, connection) = tokio_postgres::connect(&database.pool_url("payment"), tokio_postgres::NoTls)
        .await
        .expect("the pool");
    tokio::spawn(connection);
    assert_eq!(
        ask(&client, "SHOW statement_timeout").await.as_deref(),
        Some("5s")
    );
}
