//! Every operation that the reference's two browser apps send, as they send it (hasura/3factor-example).

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::shop::{Shop, eventually};

const PATH: &str = "/v1alpha1/graphql";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_references_apps_go_on_working() {
    let shop = Shop::open().await;

    let (status, menu) = shop
        .graphql(
            PATH,
            "query fetch_items { menu_items(order_by: {name: asc}) { name __typename } }",
            json!({}),
        )
        .await;
    assert_eq!(status, 200);
    let names: Vec<&str> = menu["data"]["menu_items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["name"].as_str())
        .collect();
    assert!(
        names.is_sorted() && names.contains(&"chocolate milkshake"),
        "{menu}"
    );

    // The dashboard: four counters on one socket.
    let mut dashboard = shop.socket().await;
    let counters = [
        "number_orders",
        "number_order_validated",
        "number_order_payment_valid",
        "number_order_approved",
    ];
    for counter in counters {
        dashboard
            .start(
                counter,
                &format!("subscription {{ {counter} {{ count __typename }} }}"),
                json!({}),
            )
            .await;
    }
    let mut counts = BTreeMap::new();
    while counts.len() < counters.len() {
        let (id, data) = dashboard.data().await;
        assert_eq!(data[&id][0], json!({"count": 0, "__typename": id}));
        counts.insert(id, 0);
    }

    // The customer: one order, then all orders, live.
    let mut customer = shop.socket().await;
    let fields = "order_id order_valid payment_valid approved driver_assigned created __typename";
    customer
        .start("all", &format!("subscription fetch_orders($user: String!) {{ orders(where: {{user_id: {{_eq: $user}}}}, order_by: {{created: asc}}) {{ {fields} }} }}"), json!({"user": "tester"}))
        .await;
    assert_eq!(customer.data().await.1, json!({"orders": []}));
    shop.place("first", &["pizza"]).await;
    customer
        .start("one", &format!("subscription fetch_orders($user: String!, $order_id: String!) {{ orders(where: {{user_id: {{_eq: $user}}, order_id: {{_eq: $order_id}}}}, order_by: {{created: asc}}) {{ {fields} }} }}"), json!({"user": "tester", "order_id": "first"}))
        .await;
    let one = loop {
        let (id, mut data) = customer.data().await;
        if id == "one" {
            break data["orders"][0].take();
        }
    };
    assert_eq!(
        (&one["order_id"], &one["payment_valid"], &one["__typename"]),
        (&json!("first"), &Value::Null, &json!("orders"))
    );

    // "Order 1000 times", here a hundred.
    let orders: Vec<Value> = (0..100)
        .map(|n| json!({"order_id": format!("many-{n}"), "user_id": "tester", "address": "my-address", "restaurant_id": 1}))
        .collect();
    let items: Vec<Value> = (0..100)
        .map(|n| json!({"order_id": format!("many-{n}"), "item": "pizza"}))
        .collect();
    let query = "mutation ($orders: [orders_insert_input!]!, $items: [items_insert_input!]!) {
      insert_orders(objects: $orders) { returning { order_id __typename } __typename }
      insert_items(objects: $items) { returning { id __typename } __typename } }";
    let (_, answer) = shop
        .graphql(PATH, query, json!({"orders": orders, "items": items}))
        .await;
    assert_eq!(
        answer["data"]["insert_items"]["returning"]
            .as_array()
            .map(Vec::len),
        Some(100),
        "{answer}"
    );

    // "Pay all" may hit orders that are not validated yet: they go on when they are.
    let pay_all = "mutation payAll($userid: String!) { update_orders(_set: {payment_valid: true, placed: true},
      where: {user_id: {_eq: $userid}, _or: [{payment_valid: {_is_null: true}}, {placed: {_eq: false}}]}) { affected_rows __typename } }";
    let (_, answer) = shop.graphql(PATH, pay_all, json!({"userid": "tester"})).await;
    assert_eq!(answer["data"]["update_orders"]["affected_rows"], 101, "{answer}");
    shop.until_all(101, "assigned").await;

    // The dashboard has seen them all.
    while counts.values().any(|count| *count != 101) {
        let (id, data) = dashboard.data().await;
        counts.insert(id.clone(), data[&id][0]["count"].as_i64().expect("a number"));
    }
    // And the customer sees the last of them arrive.
    eventually("all orders assigned on the customer's screen", async || {
        let (_, data) = customer.data().await;
        let orders = data["orders"].as_array()?;
        (orders.len() == 101 && orders.iter().all(|order| order["driver_assigned"] == true)).then_some(())
    })
    .await;
    shop.close().await;
}
