//! All statements of all functions, concurrently, through a pooler with fewer connections than clients.

use futures_util::future::join_all;
use serde_json::json;
use shared::{
    card::Card,
    database::Database,
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway, Refund, SimulatedGateway},
    http::{Handler, Login},
    identity::UserId,
    order::{Delivery, OrderId, Outcome},
    steps::{
        StepError, agent_assignment,
        payment::{self, PaymentRequest},
        restaurant_approval, validate_order,
    },
};
use tests::{
    calls::post_to,
    database::TestDatabase,
    orders::{NewOrder, ask, history, place, status},
    pooler::{Names, TestPooler},
    tokens::demo_login,
};

/// Concurrent orders, each with a connection of each function.
const ORDERS: usize = 8;
/// Connections of each function to Postgres.
const SERVER_CONNECTIONS: u32 = 3;

/// Pools of the functions.
struct Pools {
    validation: Database,
    payment: Database,
    approval: Database,
    assignment: Database,
}

impl Pools {
    fn new(pooler: &TestPooler) -> Self {
        Self {
            validation: pooler.pool("validate-order", ORDERS),
            payment: pooler.pool("payment", ORDERS),
            approval: pooler.pool("restaurant-approval", ORDERS),
            assignment: pooler.pool("agent-assignment", ORDERS),
        }
    }
}

/// A gateway that never responds.
struct SilentGateway;

impl PaymentGateway for SilentGateway {
    async fn charge(&self, _: &Charge<'_>) -> Result<ChargeResult, GatewayError> {
        Err(GatewayError::NoResponse("silent".to_owned()))
    }

    async fn result_of(&self, _: &str) -> Result<Option<ChargeResult>, GatewayError> {
        Err(GatewayError::NoResponse("silent".to_owned()))
    }

    async fn refund(&self, _: &Refund<'_>) -> Result<(), GatewayError> {
        Err(GatewayError::NoResponse("silent".to_owned()))
    }
}

fn request(order: &OrderId, card: &str) -> PaymentRequest {
    PaymentRequest {
        order_id: order.clone(),
        amount: Some(500),
        kind: "credit_card".to_owned(),
        card: Card::parse("A. Customer", card, "111").expect("a good card"),
    }
}

/// The life cycle of an order: validated, paid at the third attempt, approved and assigned.
async fn complete(pools: &Pools, id: &str) {
    let order = OrderId::parse(id).expect("a good id");
    let delivery = Delivery::default();
    let response = validate_order::run(&pools.validation, &order, &delivery).await;
    assert_eq!(response.expect("validated").outcome, Outcome::Validated);

    let payer = UserId::parse("tester").expect("a good id");
    let gateway = SimulatedGateway::new(pools.payment.clone());
    let good = request(&order, "1234 1234 1234 1234");
    // Releases its claim, which the next request resumes.
    let silent = payment::run(&pools.payment, &SilentGateway, Some(&payer), &good).await;
    assert!(matches!(silent, Err(StepError::Gateway(_))), "{silent:?}");
    let declined = request(&order, "4000 0000 0000 0002");
    let declined = payment::run(&pools.payment, &gateway, Some(&payer), &declined).await;
    assert!(
        matches!(declined, Err(StepError::Declined { .. })),
        "{declined:?}"
    );
    let paid = payment::run(&pools.payment, &gateway, Some(&payer), &good).await;
    assert_eq!(paid.expect("paid").outcome, Outcome::Paid);

    let response = restaurant_approval::run(&pools.approval, &order, &delivery).await;
    assert_eq!(response.expect("approved").outcome, Outcome::Approved);
    let response = agent_assignment::run(&pools.assignment, &order, &delivery).await;
    assert_eq!(response.expect("assigned").outcome, Outcome::Assigned);
}

async fn statements_work(names: Names) {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let name = database.name();
    client
        .batch_execute(&format!("REVOKE TEMPORARY ON DATABASE \"{name}\" FROM PUBLIC"))
        .await
        .expect("revoked");
    let Some(pooler) = TestPooler::start(names, &database, SERVER_CONNECTIONS).await else {
        return;
    };
    let ids: Vec<String> = (0..ORDERS).map(|number| format!("o-{number}")).collect();
    for id in &ids {
        let order = NewOrder {
            id,
            ..NewOrder::default()
        };
        place(&mut client, &order).await;
    }
    let pools = Pools::new(&pooler);
    join_all(ids.iter().map(|id| complete(&pools, id))).await;
    for id in &ids {
        assert_eq!(status(&client, id).await, "assigned", "{id}");
        assert_eq!(
            history(&client, id).await,
            [
                "validate-order validated",
                "payment declined #1",
                "payment paid #2",
                "restaurant-approval approved",
                "agent-assignment assigned",
            ]
        );
    }
    let charges = "SELECT count(*) FROM simulated_gateway_charges WHERE decline_code IS NULL";
    assert_eq!(ask(&client, charges).await, Some(ORDERS.to_string()));

    // The result of a charge, which a payment reads only if its card has changed.
    let gateway = SimulatedGateway::new(pools.payment.clone());
    let key = ask(&client, "SELECT min(key) FROM simulated_gateway_charges").await;
    let result = gateway
        .result_of(&key.expect("a charge"))
        .await
        .expect("a result");
    assert_eq!(result.map(|result| result.amount), Some(500));

    let login = Handler::new(
        &pooler.config("login", 1),
        pooler.pool("login", 1),
        Login::new(demo_login()),
    );
    let response = post_to(&login, &json!({"username": "driver-50"})).await;
    assert_eq!((response.status, &response.body["role"]), (200, &json!("driver")));

    let functions = "SELECT count(*) FROM pg_proc WHERE pronamespace::regnamespace::text LIKE 'pg_temp%'";
    assert_eq!(ask(&client, functions).await.as_deref(), Some("0"));
    pooler.stop().await;
}

#[tokio::test]
async fn steps_run_through_a_forwarding_pooler_without_temporary_privilege() {
    statements_work(Names::Forwarded).await;
}

#[tokio::test]
async fn steps_run_through_a_tracking_pooler_without_temporary_privilege() {
    statements_work(Names::Tracked).await;
}
