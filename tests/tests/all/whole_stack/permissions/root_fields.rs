//! Root fields of each role, from introspection: a permission that is added by mistake appears here.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::stack::TestStack;

const ROOTS: &str = "{ __schema {
  queryType { fields { name } } mutationType { fields { name } } subscriptionType { fields { name } } } }";

/// Root fields of queries, which are those of subscriptions, too. A `*` stands for the field itself and its `_by_pk`.
const READS: [(&str, &str); 5] = [
    ("anonymous", "menu_items* restaurants*"),
    (
        "customer",
        "items* menu_items* order_history* orders* payments restaurants*",
    ),
    (
        "driver",
        "assignment* drivers* order_history* orders* orders_to_deliver orders_to_pick_up restaurants*",
    ),
    (
        "manager",
        "assignment* driver_loads drivers* items* menu_items* number_order_approved number_order_driver_assigned \
         number_order_payment_valid number_order_validated number_orders order_history* order_summaries orders* \
         orders_by_status orders_reached_per_minute orders_reached_per_ten_seconds orders_to_approve orders_to_deliver \
         orders_to_pick_up payments* restaurants* step_times stuck_orders stuck_orders_aggregate",
    ),
    (
        "restaurant",
        "items menu_items* order_history* orders* orders_to_approve restaurants*",
    ),
];

/// Root fields of mutations.
const WRITES: [(&str, &str); 5] = [
    ("anonymous", ""),
    (
        "customer",
        "insert_items insert_items_one insert_orders insert_orders_one",
    ),
    (
        "driver",
        "update_drivers update_drivers_by_pk update_drivers_many update_orders_to_deliver update_orders_to_deliver_many \
         update_orders_to_pick_up update_orders_to_pick_up_many",
    ),
    (
        "manager",
        "update_drivers update_drivers_by_pk update_drivers_many update_menu_items update_menu_items_by_pk \
         update_menu_items_many update_orders_to_approve update_orders_to_approve_many update_orders_to_deliver \
         update_orders_to_deliver_many update_orders_to_pick_up update_orders_to_pick_up_many update_restaurants \
         update_restaurants_by_pk update_restaurants_many",
    ),
    (
        "restaurant",
        "update_orders_to_approve update_orders_to_approve_many update_restaurants update_restaurants_by_pk \
         update_restaurants_many",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_have_exactly_these_root_fields() {
    let stack = TestStack::open().await;
    let (reads, writes) = (BTreeMap::from(READS), BTreeMap::from(WRITES));
    for role in reads.keys() {
        let headers = [("x-hasura-role", *role)];
        let (_, answer) = stack
            .graphql_with(&headers, "/v1/graphql", ROOTS, json!({}))
            .await;
        let schema = &answer["data"]["__schema"];
        let expected = expanded(reads[role]);
        assert_eq!(names(&schema["queryType"]), expected, "queries of {role}");
        assert_eq!(
            names(&schema["subscriptionType"]),
            expected,
            "subscriptions of {role}"
        );
        assert_eq!(
            names(&schema["mutationType"]),
            expanded(writes[role]),
            "mutations of {role}"
        );
    }
    stack.close().await;
}

fn names(root: &Value) -> Vec<String> {
    let fields = root["fields"].as_array().into_iter().flatten();
    let mut names: Vec<String> = fields
        .filter_map(|field| field["name"].as_str().map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn expanded(list: &str) -> Vec<String> {
    let mut names: Vec<String> = list
        .split_whitespace()
        .flat_map(|name| match name.strip_suffix('*') {
            Some(table) => vec![table.to_owned(), format!("{table}_by_pk")],
            None => vec![name.to_owned()],
        })
        .collect();
    names.sort();
    names
}
