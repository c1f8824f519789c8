//! Orders that walk, and orders that stop where they should.

use local_stack::Options;
use serde_json::json;
use tests::{orders, shop::Shop};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_walks_to_its_driver_and_the_customer_sees_every_change() {
    let shop = Shop::open().await;
    let mut socket = shop.socket().await;
    socket
        .start(
            "o",
            "subscription { orders(where: {order_id: {_eq: \"o-1\"}}) { status total } }",
            json!({}),
        )
        .await;
    assert_eq!(socket.data().await.1, json!({"orders": []}));
    shop.place("o-1", &["pizza", "idli"]).await;

    let mut seen = Vec::new();
    while seen.last().map(String::as_str) != Some("assigned") {
        let (_, data) = socket.data().await;
        let order = &data["orders"][0];
        let status = order["status"].as_str().expect("a status").to_owned();
        if status == "validated" {
            assert_eq!(order["total"], 800);
            let (code, answer) = shop.pay("o-1", 800, "1234 1234 1234 1234").await;
            assert_eq!((code, &answer["outcome"]), (200, &json!("paid")), "{answer}");
        }
        seen.push(status);
    }
    // A change may be skipped where two follow each other at once, but their order is the order's own.
    let path = ["placed", "validated", "paid", "approved", "assigned"];
    let places: Vec<_> = seen
        .iter()
        .map(|status| path.iter().position(|step| step == status))
        .collect();
    assert!(
        places.is_sorted() && places.iter().all(Option::is_some),
        "{seen:?}"
    );

    let story = orders::history(&shop.database, "o-1").await;
    let steps: Vec<&str> = story
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap_or_default())
        .collect();
    assert_eq!(steps, ["validated", "paid", "approved", "assigned"], "{story:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_go_on_says_why_and_charges_nothing() {
    let shop = Shop::open().await;
    shop.place("no-items", &[]).await;
    shop.place("not-there", &["truffle risotto"]).await;
    shop.place("declined", &["pizza"]).await;
    shop.until("no-items", "refused").await;
    shop.until("not-there", "refused").await;
    let problem = orders::order(&shop.database, "not-there").await["problem"].to_string();
    assert!(problem.contains("truffle risotto"), "{problem}");

    shop.until("declined", "validated").await;
    let (code, answer) = shop.pay("declined", 500, "4000 0000 0000 0002").await;
    assert_eq!(
        (code, &answer["error"]["code"]),
        (402, &json!("card_declined")),
        "{answer}"
    );
    let (code, answer) = shop.pay("declined", 499, "4242 4242 4242 4242").await;
    assert_eq!(code, 409, "{answer}");
    let (code, answer) = shop.pay("no-items", 500, "4242 4242 4242 4242").await;
    assert_eq!(code, 409, "{answer}");
    let (code, first) = shop.pay("declined", 500, "4242 4242 4242 4242").await;
    assert_eq!(code, 200, "{first}");
    let (code, again) = shop.pay("declined", 500, "5555 5555 5555 4444").await;
    assert_eq!(
        (code, &again["payment"]["id"]),
        (200, &first["payment"]["id"]),
        "{again}"
    );
    shop.until("declined", "assigned").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guides_bare_call_names_the_order_that_it_cannot_find() {
    let shop = Shop::open().await;
    let (status, answer) = shop
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
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_secure_only_the_engine_may_call_the_event_functions() {
    let options = Options {
        secure: true,
        ..Options::for_tests().expect("the binaries")
    };
    let shop = Shop::open_with(options).await;
    shop.place("o-1", &["pizza"]).await;
    shop.until("o-1", "validated").await;
    let (status, answer) = shop.call("/validate-order", &json!({"order_id": "o-1"})).await;
    assert_eq!(status, 401, "{answer}");
    // The customer has no secret and needs none.
    shop.pay_until_paid("o-1", 500).await;
    shop.until("o-1", "assigned").await;
    shop.close().await;
}
