//! Life cycle of orders, up to the driver or to the refusal.

use serde_json::json;
use tests::{orders, stack::TestStack};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_reaches_driver_and_customer_sees_every_change() {
    let stack = TestStack::open().await;
    let mut socket = stack.socket().await;
    socket
        .start(
            "o",
            "subscription { orders(where: {order_id: {_eq: \"o-1\"}}) { status total } }",
            json!({}),
        )
        .await;
    assert_eq!(socket.data().await.1, json!({"orders": []}));
    stack.place("o-1", &["pizza", "idli"]).await;

    let mut seen = Vec::new();
    while seen.last().map(String::as_str) != Some("assigned") {
        let (_, data) = socket.data().await;
        let order = &data["orders"][0];
        let status = order["status"].as_str().expect("a status").to_owned();
        if status == "validated" {
            assert_eq!(order["total"], 800);
            let (code, answer) = stack.pay("o-1", 800, "1234 1234 1234 1234").await;
            assert_eq!((code, &answer["outcome"]), (200, &json!("paid")), "{answer}");
        }
        seen.push(status);
    }
    // A live query may skip a status, but statuses appear in the order of the life cycle.
    let path = ["placed", "validated", "paid", "approved", "assigned"];
    let indices: Vec<_> = seen
        .iter()
        .map(|status| path.iter().position(|step| step == status))
        .collect();
    assert!(
        indices.is_sorted() && indices.iter().all(Option::is_some),
        "{seen:?}"
    );

    let history = orders::history(&stack.database, "o-1").await;
    let steps: Vec<&str> = history
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap_or_default())
        .collect();
    assert_eq!(
        steps,
        ["validated", "paid", "approved", "assigned"],
        "{history:?}"
    );
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_order_states_reason_and_charges_nothing() {
    let stack = TestStack::open().await;
    stack.place("no-items", &[]).await;
    stack.place("not-there", &["truffle risotto"]).await;
    stack.place("declined", &["pizza"]).await;
    stack.until("no-items", "refused").await;
    stack.until("not-there", "refused").await;
    let problem = orders::order(&stack.database, "not-there").await["problem"].to_string();
    assert!(problem.contains("truffle risotto"), "{problem}");

    stack.until("declined", "validated").await;
    let (code, answer) = stack.pay("declined", 500, "4000 0000 0000 0002").await;
    assert_eq!(
        (code, &answer["error"]["code"]),
        (402, &json!("card_declined")),
        "{answer}"
    );
    let (code, answer) = stack.pay("declined", 499, "4242 4242 4242 4242").await;
    assert_eq!(code, 409, "{answer}");
    let (code, answer) = stack.pay("no-items", 500, "4242 4242 4242 4242").await;
    assert_eq!(code, 409, "{answer}");
    let (code, first) = stack.pay("declined", 500, "4242 4242 4242 4242").await;
    assert_eq!(code, 200, "{first}");
    let (code, again) = stack.pay("declined", 500, "5555 5555 5555 4444").await;
    assert_eq!(
        (code, &again["payment"]["id"]),
        (200, &first["payment"]["id"]),
        "{again}"
    );
    stack.until("declined", "assigned").await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_order_is_named_in_the_error() {
    let stack = TestStack::open().await;
    let (status, answer) = stack
        .call("/validate-order", &json!({"order_id": "abc-ad21-adf"}))
        .await;
    assert_eq!(status, 404, "{answer}");
    assert_eq!(answer["error"]["path"], "$.order_id");
    assert!(
        answer["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("abc-ad21-adf")),
        "{answer}"
    );
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secured_stack_restricts_event_functions_to_engine() {
    let stack = TestStack::secured().await;
    stack.place("o-1", &["pizza"]).await;
    stack.until("o-1", "validated").await;
    let (status, answer) = stack.call("/validate-order", &json!({"order_id": "o-1"})).await;
    assert_eq!(status, 401, "{answer}");
    // Customers call the payment function with a token instead of the secret.
    let token = stack.log_in("tester").await;
    let (status, answer) = stack.pay_as(&token, "o-1", 500, "1234 1234 1234 1234").await;
    assert_eq!(status, 200, "{answer}");
    stack.until("o-1", "assigned").await;
    stack.close().await;
}
