//! Every operation that the two browser apps of the Node.js example (hasura/3factor-example) send, in their form: from a
//! page of another origin, with `__typename` in each selection set, and with the operation name if there is one.

use local_stack::Options;
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{Socket, eventually};
use tests::{
    calls::payment,
    stack::{PLACE, TestStack},
};

/// Origin of its apps.
const ORIGIN: &str = "http://localhost:3000";

/// Number of orders that the button "Order 1000 times" places.
const MANY: usize = 1000;

const FIELDS: &str = "order_id order_valid payment_valid approved driver_assigned created __typename";

/// A browser on a page of the apps, which returns only what CORS permits.
struct Browser<'a> {
    stack: &'a TestStack,
    http: reqwest::Client,
}

/// A stack that the pages of [`ORIGIN`] may call.
async fn open() -> TestStack {
    let mut options = Options::for_tests().expect("the binaries");
    let allowed = ("HASURA_GRAPHQL_CORS_DOMAIN".to_owned(), ORIGIN.to_owned());
    options.engine_env.push(allowed);
    TestStack::open_with(options).await
}

impl<'a> Browser<'a> {
    fn on(stack: &'a TestStack) -> Self {
        Self {
            stack,
            http: local_process::http_client().expect("an HTTP client"),
        }
    }

    fn graphql_url(&self) -> String {
        format!("{}/v1alpha1/graphql", self.stack.services.addresses().engine)
    }

    fn payment_url(&self) -> String {
        format!("{}/payment", self.stack.services.addresses().functions)
    }

    /// Posts JSON to another origin like `fetch`: a preflight request, then the request.
    async fn post(&self, url: &str, body: &Value) -> (u16, HeaderMap, Value) {
        let asking = self
            .http
            .request(Method::OPTIONS, url)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let (status, headers, _) = self.send(asking).await;
        assert!(matches!(status, 200 | 204), "{status}");
        let list = |name: &str| headers[name].to_str().unwrap_or_default().to_ascii_lowercase();
        assert!(
            list("access-control-allow-methods").contains("post"),
            "{headers:?}"
        );
        assert!(
            list("access-control-allow-headers").contains("content-type"),
            "{headers:?}"
        );
        let request = self.http.post(url).header("accept", "*/*").json(body);
        self.send(request).await
    }

    async fn send(&self, request: RequestBuilder) -> (u16, HeaderMap, Value) {
        let response = request.header("origin", ORIGIN).send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let allowed = headers
            .get("access-control-allow-origin")
            .map(reqwest::header::HeaderValue::as_bytes);
        assert!(
            allowed == Some(b"*") || allowed == Some(ORIGIN.as_bytes()),
            "CORS must permit this response: {status} {headers:?}"
        );
        (status, headers, response.json().await.unwrap_or_default())
    }

    /// Runs an operation over HTTP; returns its `data`.
    async fn graphql(&self, name: Option<&str>, query: &str, variables: Value) -> Value {
        let body = json!({"operationName": name, "variables": variables, "query": query});
        let (status, headers, mut answer) = self.post(&self.graphql_url(), &body).await;
        assert_eq!((status, answer.get("errors")), (200, None), "{answer}");
        let kind = headers["content-type"].to_str().unwrap_or_default();
        assert!(kind.starts_with("application/json"), "{kind}");
        answer["data"].take()
    }

    async fn pay(&self, body: &Value) -> (u16, Value) {
        let (status, _, answer) = self.post(&self.payment_url(), body).await;
        (status, answer)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodejs_example_apps_work_unchanged() {
    let stack = open().await;
    let browser = Browser::on(&stack);
    see_the_menu(&browser).await;
    let (mut dashboard, mut counts) = open_the_dashboard(&stack).await;

    // The customer's pages: all orders, then one order.
    let mut customer = watch_all(&stack).await;
    assert_eq!(customer.data().await.1, json!({"orders": []}));
    let placed =
        json!({"uuid": "first", "user_id": "tester", "items": [{"order_id": "first", "item": "pizza"}]});
    let placed = browser.graphql(None, PLACE, placed).await;
    assert_eq!(
        placed["insert_orders"],
        json!({"returning": [{"order_id": "first", "__typename": "orders"}], "__typename": "orders_mutation_response"})
    );
    watch_one(&stack).await;
    // Reconnection: the same subscriptions on a new socket.
    drop(customer);
    let mut customer = watch_all(&stack).await;
    assert_eq!(customer.data().await.1["orders"][0]["order_id"], "first");

    order_many(&browser).await;
    // "Pay all" also pays orders that are not validated yet; they continue after validation.
    let pay_all = "mutation payAll($userid: String!) { update_orders(_set: {payment_valid: true, placed: true},
      where: {user_id: {_eq: $userid}, _or: [{payment_valid: {_is_null: true}}, {placed: {_eq: false}}]}) { affected_rows __typename } }";
    let paid = browser
        .graphql(Some("payAll"), pay_all, json!({"userid": "tester"}))
        .await;
    assert_eq!(paid["update_orders"]["affected_rows"], MANY + 1, "{paid}");
    stack
        .until_all(i64::try_from(MANY + 1).expect("a number"), "assigned")
        .await;

    // The dashboard counts all orders.
    while counts.values().any(|count| *count != MANY + 1) {
        let (id, data) = dashboard.data().await;
        let count = data[&id][0]["count"].as_u64().expect("a number");
        counts.insert(id, usize::try_from(count).expect("a number"));
    }
    // The customer's page shows all orders as assigned.
    eventually("all orders assigned on the customer's screen", async || {
        let (_, data) = customer.data().await;
        let orders = data["orders"].as_array()?;
        (orders.len() == MANY + 1 && orders.iter().all(|order| order["driver_assigned"] == true))
            .then_some(())
    })
    .await;
    stack.close().await;
}

/// Its apps send 500 for every basket, and all dishes to restaurant 1.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodejs_example_apps_pay_any_order_with_their_amount() {
    let stack = open().await;
    let browser = Browser::on(&stack);
    for (id, items, total) in [
        ("burger", vec!["burger", "mangoes"], 1000),
        // Dishes of other restaurants, which its menu page lists.
        ("sushi", vec!["sushi", "pizza"], 1980),
    ] {
        let items: Vec<Value> = items
            .iter()
            .map(|item| json!({"order_id": id, "item": item}))
            .collect();
        let placed = json!({"uuid": id, "user_id": "tester", "items": items});
        browser.graphql(None, PLACE, placed).await;
        stack.until(id, "validated").await;
        let (status, answer) = browser.pay(&payment(id, 499, "1234 1234 1234 1234")).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (409, &json!("amount_mismatch"))
        );
        let (status, answer) = browser.pay(&payment(id, 500, "1234 1234 1234 1234")).await;
        assert_eq!(
            (status, &answer["outcome"], &answer["payment"]["amount"]),
            (200, &json!("paid"), &json!(total)),
            "{answer}"
        );
        stack.until(id, "assigned").await;
    }
    stack.close().await;
}

async fn see_the_menu(browser: &Browser<'_>) {
    let query = "query fetch_items { menu_items(order_by: {name: asc}) { name __typename } }";
    let menu = browser.graphql(Some("fetch_items"), query, json!({})).await;
    let names: Vec<&str> = menu["menu_items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["name"].as_str())
        .collect();
    assert!(names.is_sorted(), "{menu}");
    for name in ["pizza", "mangoes", "chocolate milkshake", "burger", "idli"] {
        assert!(names.contains(&name), "{name}: {menu}");
    }
}

/// Subscribes to four counters on one socket; all are zero.
async fn open_the_dashboard(stack: &TestStack) -> (Socket, BTreeMap<String, usize>) {
    let mut dashboard = stack.socket().await;
    let counters = [
        "number_orders",
        "number_order_validated",
        "number_order_payment_valid",
        "number_order_approved",
    ];
    for counter in counters {
        let query = format!("subscription {{ {counter} {{ count __typename }} }}");
        dashboard.start_named(counter, None, &query, json!({})).await;
    }
    let mut counts = BTreeMap::new();
    while counts.len() < counters.len() {
        let (id, data) = dashboard.data().await;
        assert_eq!(data[&id][0], json!({"count": 0, "__typename": id}));
        counts.insert(id, 0);
    }
    (dashboard, counts)
}

/// Opens the page of all orders.
async fn watch_all(stack: &TestStack) -> Socket {
    let query = format!(
        "subscription fetch_orders($user: String!) {{ orders(where: {{user_id: {{_eq: $user}}}}, \
         order_by: {{created: asc}}) {{ {FIELDS} }} }}"
    );
    let mut page = stack.socket().await;
    page.start_named("1", Some("fetch_orders"), &query, json!({"user": "tester"}))
        .await;
    page
}

/// Opens the page of one order until the order is validated.
async fn watch_one(stack: &TestStack) {
    let query = format!(
        "subscription fetch_orders($user: String!, $order_id: String!) {{ orders(where: {{user_id: {{_eq: $user}}, \
         order_id: {{_eq: $order_id}}}}, order_by: {{created: asc}}) {{ {FIELDS} }} }}"
    );
    let mut page = stack.socket().await;
    let variables = json!({"user": "tester", "order_id": "first"});
    page.start_named("1", Some("fetch_orders"), &query, variables)
        .await;
    loop {
        let (_, mut data) = page.data().await;
        let order = data["orders"][0].take();
        assert_eq!(
            (&order["order_id"], &order["payment_valid"], &order["__typename"]),
            (&json!("first"), &Value::Null, &json!("orders"))
        );
        assert!(
            order["created"].as_str().is_some_and(|at| at.contains('T')),
            "{order}"
        );
        if order["order_valid"] == true {
            break;
        }
    }
    page.stop("1").await;
    // After `stop`, only the new operation on this socket receives results.
    page.start_named(
        "2",
        None,
        "subscription { number_orders { count __typename } }",
        json!({}),
    )
    .await;
    assert_eq!(page.data().await.0, "2");
}

/// Places 1000 orders with one mutation, like the button "Order 1000 times".
async fn order_many(browser: &Browser<'_>) {
    let name = |n: usize| format!("many-{n}");
    let orders: Vec<Value> = (0..MANY)
        .map(|n| json!({"order_id": name(n), "user_id": "tester", "address": "my-address", "restaurant_id": 1}))
        .collect();
    let items: Vec<Value> = (0..MANY)
        .flat_map(|n| ["pizza", "idli"].map(|item| json!({"order_id": name(n), "item": item})))
        .collect();
    let query = "mutation ($orders: [orders_insert_input!]!, $items: [items_insert_input!]!) {
      insert_orders(objects: $orders) { returning { order_id __typename } __typename }
      insert_items(objects: $items) { returning { id __typename } __typename } }";
    let answer = browser
        .graphql(None, query, json!({"orders": orders, "items": items}))
        .await;
    for (field, rows) in [("insert_orders", MANY), ("insert_items", 2 * MANY)] {
        let returned = answer[field]["returning"].as_array().map(Vec::len);
        assert_eq!(returned, Some(rows), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cross_origin_page_may_call_engine_and_payment() {
    let stack = open().await;
    let browser = Browser::on(&stack);
    let items = json!({"uuid": "o-1", "user_id": "tester", "items": [{"order_id": "o-1", "item": "pizza"}]});
    browser.graphql(None, PLACE, items).await;
    stack.until("o-1", "validated").await;

    // Error responses must be readable by the page, too.
    let (status, answer) = browser.pay(&payment("o-1", 499, "1234 1234 1234 1234")).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (409, &json!("amount_mismatch"))
    );
    let (status, answer) = browser.pay(&json!({"order_id": "o-1"})).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("missing_field")));
    let wrong = json!({"query": "{ nothing }"});
    let (status, _, answer) = browser.post(&browser.graphql_url(), &wrong).await;
    assert_eq!(status, 400);
    assert!(answer.to_string().contains("nothing"), "{answer}");

    // This body exceeds the limit of a function, so the gateway itself responds.
    let large = browser.http.post(browser.payment_url()).body(vec![b' '; 7 << 20]);
    let large = large.header("content-type", "application/json");
    assert_eq!(browser.send(large).await.0, 413);

    let (status, answer) = browser.pay(&payment("o-1", 500, "1234 1234 1234 1234")).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("paid")), "{answer}");
    stack.until("o-1", "assigned").await;
    stack.close().await;
}
