//! `permissions.json` on a secured stack: each role completes its own steps, and has no access to others.

mod closing;
mod deliveries;
mod introspection;
mod kitchens;
mod menus;
mod other_tenants;
mod root_fields;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::Socket;
use testkit::socket::SUBSCRIPTIONS_TRANSPORT_WS;
use tests::stack::TestStack;

const GOOD: &str = "1234 1234 1234 1234";

/// Mutation of a customer: the owner is the user of the token.
const PLACE: &str = "mutation ($orders: [orders_insert_input!]!, $items: [items_insert_input!]!) {
  insert_orders(objects: $orders) { returning { order_id user_id status } }
  insert_items(objects: $items) { affected_rows }
}";

/// Signed-in user of a stack.
struct User<'a> {
    stack: &'a TestStack,
    token: String,
}

impl<'a> User<'a> {
    async fn log_in(stack: &'a TestStack, name: &str) -> Self {
        Self {
            stack,
            token: stack.log_in(name).await,
        }
    }

    /// Runs an operation that must succeed; returns its data.
    async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.stack.graphql_as(&self.token, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"].take()
    }

    /// Runs an operation that must fail; returns the code of its error.
    async fn refusal(&self, query: &str, variables: Value) -> String {
        let answer = self.stack.graphql_as(&self.token, query, variables).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("{query} must fail: {answer}"))
            .to_owned()
    }

    async fn place(&self, id: &str, restaurant: i32) {
        let variables = json!({
            "orders": [{"order_id": id, "restaurant_id": restaurant, "address": "1 Main St"}],
            "items": [{"order_id": id, "item": "pizza"}],
        });
        self.data(PLACE, variables).await;
    }

    /// Takes a manual step for the orders; returns the number of orders that took it.
    async fn take(&self, step: &str, ids: &[&str]) -> Value {
        let (view, flag) = match step {
            "approve" => ("orders_to_approve", "approved"),
            "pick up" => ("orders_to_pick_up", "food_picked"),
            _ => ("orders_to_deliver", "delivered"),
        };
        let mutation = format!(
            "mutation ($ids: [String!]!) {{
               changed: update_{view}(where: {{order_id: {{_in: $ids}}}}, _set: {{{flag}: true}}) {{ affected_rows }} }}"
        );
        self.data(&mutation, json!({"ids": ids})).await["changed"]["affected_rows"].take()
    }

    /// Ids of the orders in a table or view that the user sees.
    async fn orders_in(&self, table: &str) -> Vec<String> {
        let query = format!("{{ rows: {table}(order_by: {{order_id: asc}}) {{ order_id }} }}");
        let data = self.data(&query, json!({})).await;
        let rows = data["rows"].as_array().expect("rows");
        rows.iter()
            .filter_map(|row| row["order_id"].as_str().map(str::to_owned))
            .collect()
    }
}

/// Makes a driver the only available one, so that the next order is assigned to this driver.
async fn only_driver(stack: &TestStack, id: i32) {
    stack
        .database
        .execute("UPDATE drivers SET available = id = $1", &[&id])
        .await
        .expect("the drivers are updated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_takes_the_steps_of_its_own_orders_in_their_order() {
    let stack = TestStack::secured().await;
    only_driver(&stack, 7).await;
    let alice = User::log_in(&stack, "alice").await;
    let bob = User::log_in(&stack, "bob").await;
    let cura = User::log_in(&stack, "restaurant-2").await;
    let presto = User::log_in(&stack, "restaurant-1").await;
    let driver = User::log_in(&stack, "driver-7").await;
    let other = User::log_in(&stack, "driver-8").await;
    let ids = ["alices", "bobs"];
    alice.place(ids[0], 2).await;
    bob.place(ids[1], 2).await;
    for id in ids {
        stack.until(id, "validated").await;
    }

    // A customer sees and pays only own orders.
    assert_eq!(alice.orders_in("orders").await, ["alices"]);
    assert_eq!(alice.orders_in("items").await, ["alices"]);
    let foreign = stack.pay_as(&alice.token, "bobs", 500, GOOD).await;
    assert_eq!(foreign.0, 404, "{}", foreign.1);
    for (customer, id) in [(&alice, "alices"), (&bob, "bobs")] {
        let (status, answer) = stack.pay_as(&customer.token, id, 500, GOOD).await;
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(alice.orders_in("payments").await, ["alices"]);
    let history = alice.orders_in("order_history").await;
    assert!(
        history.len() >= 2 && history.iter().all(|id| id == "alices"),
        "{history:?}"
    );

    // Only its restaurant approves an order, and only once.
    for id in ids {
        stack.until(id, "paid").await;
    }
    assert_eq!(presto.orders_in("orders_to_approve").await, [""; 0]);
    assert_eq!(presto.take("approve", &ids).await, 0);
    assert_eq!(cura.orders_in("orders_to_approve").await, ids);
    assert_eq!(cura.take("approve", &ids).await, 2);
    assert_eq!(cura.take("approve", &ids).await, 0);

    // Only its driver picks an order up and delivers it, in this order.
    for id in ids {
        stack.until(id, "assigned").await;
    }
    assert_eq!(other.take("pick up", &ids).await, 0);
    assert_eq!(driver.take("deliver", &ids).await, 0);
    assert_eq!(driver.orders_in("orders_to_pick_up").await, ids);
    assert_eq!(driver.take("pick up", &ids[..1]).await, 1);
    assert_eq!(driver.orders_in("orders_to_deliver").await, ["alices"]);
    assert_eq!(other.take("deliver", &ids).await, 0);
    assert_eq!(driver.take("deliver", &ids).await, 1);
    stack.until("alices", "delivered").await;
    assert_eq!(driver.orders_in("orders").await, ["bobs"]);

    // The customer sees the name of the own driver.
    let query = "{ orders(where: {order_id: {_eq: \"bobs\"}}) { assignment { driver { name } } } }";
    let shown = bob.data(query, json!({})).await;
    assert!(
        shown["orders"][0]["assignment"][0]["driver"]["name"].is_string(),
        "{shown}"
    );
    // A manager sees all orders and takes the steps of others.
    let manager = User::log_in(&stack, "manager").await;
    assert_eq!(manager.orders_in("orders").await, ids);
    assert_eq!(manager.take("pick up", &ids).await, 1);
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_cannot_write_state_or_orders_of_others() {
    let stack = TestStack::secured().await;
    let alice = User::log_in(&stack, "alice").await;
    let mallory = User::log_in(&stack, "mallory").await;
    alice.place("alices", 2).await;
    stack.until("alices", "validated").await;
    let order = |more: Value| {
        let mut order = json!({"order_id": "new", "restaurant_id": 1, "address": "here"});
        let fields = order.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        json!({"orders": [order], "items": []})
    };
    for column in [
        json!({"user_id": "alice"}),
        json!({"order_valid": true}),
        json!({"payment_valid": true}),
        json!({"approved": true}),
        json!({"driver_assigned": true}),
        json!({"total": 1}),
        json!({"problem": ""}),
        json!({"created": "2020-01-01T00:00:00Z"}),
    ] {
        assert_eq!(
            mallory.refusal(PLACE, order(column.clone())).await,
            "validation-failed",
            "{column}"
        );
    }
    // Items cannot be added to an order of another customer.
    alice.place("undecided", 1).await;
    for id in ["alices", "undecided"] {
        let items = json!({"orders": [], "items": [{"order_id": id, "item": "pizza", "quantity": 99}]});
        assert_eq!(mallory.refusal(PLACE, items).await, "permission-error", "{id}");
    }
    foreign_items_disclose_and_lock_nothing(&stack, &mallory, ["alices", "undecided"]).await;
    for query in [
        "mutation { update_orders(where: {}, _set: {address: \"elsewhere\"}) { affected_rows } }",
        "mutation { update_orders_to_approve(where: {}, _set: {approved: true}) { affected_rows } }",
        "mutation { delete_orders(where: {}) { affected_rows } }",
        "mutation { insert_order_history_one(object: {order_id: \"alices\", step: \"payment\", outcome: \"paid\"}) { id } }",
        "{ orders_aggregate { aggregate { count } } }",
        "{ order_summaries { address } }",
        "{ drivers { name } }",
        "{ simulated_gateway_charges { key } }",
    ] {
        assert_eq!(
            mallory.refusal(query, json!({})).await,
            "validation-failed",
            "{query}"
        );
    }
    assert_eq!(mallory.orders_in("orders").await, [""; 0]);
    let by_key = "{ orders_by_pk(order_id: \"alices\") { address } }";
    assert_eq!(
        mallory.data(by_key, json!({})).await,
        json!({"orders_by_pk": null})
    );
    stack.close().await;
}

/// The database refuses them when the order is placed; a function that refused them later would leave an order that never ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_texts_of_an_order_are_refused_with_the_name_of_the_constraint() {
    let stack = TestStack::secured().await;
    let alice = User::log_in(&stack, "alice").await;
    let text = |bytes: usize| "x".repeat(bytes);
    let order = |id: &str, address: &str| json!([{"order_id": id, "restaurant_id": 1, "address": address}]);
    let item = |item: &str, quantity: i64| json!([{"order_id": "o", "item": item, "quantity": quantity}]);
    for (constraint, orders, items) in [
        ("orders_address_check", order("o", &text(1001)), json!([])),
        ("orders_address_check", order("o", &text(1_100_000)), json!([])),
        (
            "orders_address_check",
            order("o", &"\u{1f355}".repeat(251)),
            json!([]),
        ),
        ("orders_order_id_check", order(&text(1001), "here"), json!([])),
        ("items_item_check", order("o", "here"), item(&text(201), 1)),
        ("items_quantity_check", order("o", "here"), item("pizza", 100)),
        ("items_quantity_check", order("o", "here"), item("pizza", 0)),
        (
            "100 items",
            order("o", "here"),
            json!(vec![json!({"order_id": "o", "item": "pizza"}); 101]),
        ),
    ] {
        let variables = json!({"orders": orders, "items": items});
        let answer = stack.graphql_as(&alice.token, PLACE, variables).await;
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(constraint), "{constraint}: {message}");
    }
    assert_eq!(alice.orders_in("orders").await, [""; 0]);
    let most = json!({"orders": order("o", &text(1000)), "items": vec![json!({"order_id": "o", "item": "pizza", "quantity": 99}); 100]});
    alice.data(PLACE, most).await;
    stack.until("o", "validated").await;
    stack.close().await;
}

/// The response does not depend on the state of a foreign order, and does not wait for a transaction that has locked it.
async fn foreign_items_disclose_and_lock_nothing(stack: &TestStack, mallory: &User<'_>, orders: [&str; 2]) {
    stack
        .database
        .batch_execute("BEGIN; SELECT FROM orders FOR UPDATE")
        .await
        .expect("all orders are locked");
    let insert = "mutation ($id: String!) { insert_items(objects: {order_id: $id, item: \"pizza\"}) { affected_rows } }";
    let mut responses = Vec::new();
    for id in orders {
        let response = stack.graphql_as(&mallory.token, insert, json!({"id": id})).await;
        assert_eq!(
            response["errors"][0]["extensions"]["code"], "permission-error",
            "{response}"
        );
        responses.push(response);
    }
    assert_eq!(responses[0], responses[1]);
    assert!(!responses[0].to_string().contains("decided"), "{}", responses[0]);
    stack
        .database
        .batch_execute("ROLLBACK")
        .await
        .expect("the locks are released");
}

/// Opens a WebSocket with these headers in `connection_init`.
async fn socket_with(stack: &TestStack, headers: &[(&str, &str)]) -> Socket {
    let url = &stack.services.addresses().engine;
    let mut socket = Socket::open(url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    let headers: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    socket
        .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
        .await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket
}

/// Session variables of the permissions: a user with another value, the one with this value, and the header that claims it.
const FORGED: [(&str, &str, (&str, &str)); 3] = [
    ("mallory", "alice", ("x-hasura-user-id", "alice")),
    ("restaurant-1", "restaurant-2", ("x-hasura-restaurant-id", "2")),
    ("driver-8", "driver-7", ("x-hasura-driver-id", "7")),
];

#[test]
fn each_role_and_session_variable_of_the_permissions_is_tried() {
    let path = local_process::dirs::root().join("permissions.json");
    let file = std::fs::read_to_string(path).expect("permissions.json");
    let variables: BTreeSet<String> = file
        .split('"')
        .map(str::to_lowercase)
        .filter(|text| text.starts_with("x-hasura-"))
        .collect();
    let forged = FORGED.map(|(.., (name, _))| name.to_owned());
    assert_eq!(variables, BTreeSet::from(forged));
    let file: Value = serde_json::from_str(&file).expect("JSON");
    let commands = file["args"].as_array().expect("a bulk of commands");
    let roles: BTreeSet<&str> = commands
        .iter()
        .filter_map(|command| command["args"]["role"].as_str())
        .collect();
    // Hasura takes the variables of a request without a token from its headers.
    for command in commands
        .iter()
        .filter(|command| command["args"]["role"] == "anonymous")
    {
        assert!(
            !command.to_string().to_lowercase().contains("x-hasura-"),
            "{command}"
        );
    }
    assert_eq!(roles, other_tenants::roles().collect());
    assert_eq!(roles, root_fields::roles().collect());
}

/// Headers of the client do not change the session of a token, or of a request without one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_variables_of_headers_are_ignored() {
    let stack = TestStack::secured().await;
    let alice = User::log_in(&stack, "alice").await;
    alice.place("alices", 2).await;
    stack.until("alices", "validated").await;
    let assign = "INSERT INTO assignment (order_id, driver_id) VALUES ('alices', 7)";
    stack.database.batch_execute(assign).await.expect("an assignment");
    let query = "{ orders { order_id } }";
    for (name, genuine, forged) in FORGED {
        let genuine = User::log_in(&stack, genuine).await;
        assert_eq!(genuine.orders_in("orders").await, ["alices"], "{name}");
        let authorization = format!("Bearer {}", stack.log_in(name).await);
        let headers = [("authorization", authorization.as_str()), forged];
        let (_, answer) = stack
            .graphql_with(&headers, "/v1/graphql", query, json!({}))
            .await;
        assert_eq!(answer, json!({"data": {"orders": []}}), "{name}");
        let mut socket = socket_with(&stack, &headers).await;
        let subscription = "subscription { orders { order_id } }";
        socket.start("1", subscription, json!({})).await;
        assert_eq!(socket.data().await.1, json!({"orders": []}), "{name}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-hasura-role", "manager"),
        ];
        let (_, answer) = stack
            .graphql_with(&headers, "/v1/graphql", query, json!({}))
            .await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "access-denied",
            "{answer}"
        );
    }
    let forged = [("x-hasura-role", "admin"), ("x-hasura-user-id", "alice")];
    let (_, answer) = stack.graphql_with(&forged, "/v1/graphql", query, json!({})).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "validation-failed",
        "{answer}"
    );
    let (_, menu) = stack
        .graphql_with(&[], "/v1/graphql", "{ menu_items { name } }", json!({}))
        .await;
    let dishes = menu["data"]["menu_items"].as_array().map_or(0, Vec::len);
    assert!(dishes > 30, "a visitor without a token sees all menus: {menu}");
    // The order is not assigned by its steps.
    stack
        .database
        .batch_execute("DELETE FROM assignment")
        .await
        .expect("the assignment is deleted");
    stack.close().await;
}

/// In open mode a request may name a role, and the permissions of the role apply; without one, it has all rights.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_stack_has_the_permissions_of_a_named_role() {
    let stack = TestStack::open().await;
    stack.place("o-1", &["pizza"]).await;
    let query = "{ orders { order_id } }";
    let as_user = async |user: &str| {
        let headers = [("x-hasura-role", "customer"), ("x-hasura-user-id", user)];
        stack
            .graphql_with(&headers, "/v1/graphql", query, json!({}))
            .await
            .1
    };
    assert_eq!(as_user("mallory").await, json!({"data": {"orders": []}}));
    assert_eq!(
        as_user("tester").await,
        json!({"data": {"orders": [{"order_id": "o-1"}]}})
    );
    stack.until("o-1", "validated").await;
    stack.close().await;
}
