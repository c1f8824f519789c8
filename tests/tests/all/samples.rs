//! Sample events of the functions (`functions/*/events/*.json`, for `cargo lambda invoke`): they complete an order, and
//! each event without an envelope finds its step done.

use serde_json::{Value, json};
use shared::http::{
    AgentAssignment, ExpireOrders, Handler, Login, Payment, PaymentAccess, RefundPayment, RestaurantApproval,
    ValidateOrder,
};
use tests::{
    calls::call,
    database::TestDatabase,
    orders::{NewOrder, history, place},
    tokens::demo_login,
};

macro_rules! sample {
    ($path:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../../functions/", $path))).expect($path)
    };
}

#[tokio::test]
async fn sample_events_complete_an_order() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(
        &mut client,
        &NewOrder {
            id: "abc-ad21-adf",
            ..NewOrder::default()
        },
    )
    .await;
    let config = |function| database.config(function, 1);
    let pool = |function| database.pool(function, 1);

    let login = Handler::new(&config("login"), pool("login"), Login::new(demo_login()));
    let preflight = call(&login, sample!("login/events/preflight.json")).await;
    assert_eq!(preflight.status, 204);
    let logged_in = call(&login, sample!("login/events/login.json")).await;
    assert_eq!(
        (logged_in.status, &logged_in.body["user_id"]),
        (200, &json!("alice"))
    );
    let keys = call(&login, sample!("login/events/jwks.json")).await;
    assert_eq!(
        (keys.status, &keys.body["keys"][0]["alg"]),
        (200, &json!("RS256"))
    );

    let validate = Handler::new(
        &config("validate-order"),
        pool("validate-order"),
        ValidateOrder::default(),
    );
    assert_eq!(
        call(&validate, sample!("validate-order/events/insert.json"))
            .await
            .outcome(),
        "validated"
    );
    assert_eq!(
        call(&validate, sample!("validate-order/events/bare.json"))
            .await
            .outcome(),
        "already-done"
    );

    let payments = Payment::simulated(&pool("payment"), PaymentAccess::Open);
    let payment = Handler::new(&config("payment"), pool("payment"), payments);
    assert_eq!(
        call(&payment, sample!("payment/events/preflight.json"))
            .await
            .status,
        204
    );
    let declined = call(&payment, sample!("payment/events/declined.json")).await;
    assert_eq!((declined.status, declined.code()), (402, "card_declined"));
    let paid = call(&payment, sample!("payment/events/pay.json")).await;
    assert_eq!((paid.status, paid.outcome()), (200, "paid"));
    assert_eq!(paid.body["payment"]["status"], "succeeded");

    let approve = Handler::new(
        &config("restaurant-approval"),
        pool("restaurant-approval"),
        RestaurantApproval,
    );
    assert_eq!(
        call(&approve, sample!("restaurant-approval/events/update.json"))
            .await
            .outcome(),
        "approved"
    );
    assert_eq!(
        call(&approve, sample!("restaurant-approval/events/bare.json"))
            .await
            .outcome(),
        "already-done"
    );

    let assign = Handler::new(
        &config("agent-assignment"),
        pool("agent-assignment"),
        AgentAssignment,
    );
    assert_eq!(
        call(&assign, sample!("agent-assignment/events/update.json"))
            .await
            .outcome(),
        "assigned"
    );
    assert_eq!(
        call(&assign, sample!("agent-assignment/events/bare.json"))
            .await
            .outcome(),
        "already-done"
    );

    let refunds = RefundPayment::simulated(&pool("refund-payment"));
    let refund = Handler::new(&config("refund-payment"), pool("refund-payment"), refunds);
    for sample in [
        sample!("refund-payment/events/update.json"),
        sample!("refund-payment/events/bare.json"),
    ] {
        assert_eq!(call(&refund, sample).await.outcome(), "skipped");
    }
    let expire = Handler::new(
        &config("expire-orders"),
        pool("expire-orders"),
        ExpireOrders::default(),
    );
    let expired = call(&expire, sample!("expire-orders/events/cron.json")).await;
    assert_eq!((expired.status, &expired.body["unpaid"]), (200, &json!(0)));

    let event = "0b6a2c9e-5a1f-4f0e-9a54-5d1c7b8f2e11";
    assert_eq!(
        history(&client, "abc-ad21-adf").await,
        [
            format!("validate-order validated {event} #0"),
            "payment declined #1".to_owned(),
            "payment paid #2".to_owned(),
            format!("restaurant-approval approved {event} #0"),
            format!("agent-assignment assigned {event} #0"),
        ]
    );
}
