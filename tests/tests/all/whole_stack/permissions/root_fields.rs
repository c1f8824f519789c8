//! Root fields of each role, from introspection: a permission that is added by mistake appears here.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::stack::TestStack;

/// Roles whose root fields are listed.
pub(super) fn roles() -> impl Iterator<Item = &'static str> {
    READS.into_iter().map(|(role, _)| role)
}

const ROOTS: &str = "{ __schema {
  queryType { fields { name } } mutationType { fields { name } } subscriptionType { fields { name } } } }";

/// Root fields of queries, which are those of subscriptions, too. A `*` stands for the field itself and its `_by_pk`.
const READS: [(&str, &str); 5] = [
    (
        "anonymous",
        "menu_items* opening_hours restaurant_openings restaurants*",
    ),
    (
        "customer",
        "items* menu_items* opening_hours order_history* order_tracking orders* payments refunds restaurant_openings restaurants*",
    ),
    (
        "driver",
        "assignment* driver_deliveries driver_deliveries_aggregate driver_positions* drivers* order_history* order_tracking orders* \
         orders_to_accept orders_to_deliver orders_to_pick_up restaurants*",
    ),
    (
        "manager",
        "assignment* driver_deliveries driver_loads driver_positions* drivers* given_up_events items* menu_items* number_order_approved \
         number_order_driver_assigned number_order_payment_valid number_order_validated number_orders opening_hours order_history* \
         order_summaries order_tracking orders* orders_by_status orders_reached_per_minute \
         orders_reached_per_quarter_hour orders_reached_per_six_hours orders_reached_per_ten_seconds orders_to_accept \
         orders_to_approve orders_to_deliver orders_to_pick_up payments* pending_events refunds* restaurant_figures restaurant_openings restaurants* \
         step_times stuck_orders \
         stuck_orders_aggregate workflow_settings",
    ),
    (
        "restaurant",
        "items menu_items* opening_hours order_history* orders* orders_to_approve restaurant_figures restaurant_openings \
         restaurants*",
    ),
];

/// Root fields of mutations.
const WRITES: [(&str, &str); 5] = [
    ("anonymous", ""),
    (
        "customer",
        "insert_items insert_items_one insert_orders insert_orders_one update_orders update_orders_by_pk \
         update_orders_many",
    ),
    (
        "driver",
        "insert_driver_positions insert_driver_positions_one update_assignment update_assignment_by_pk \
         update_assignment_many update_driver_positions update_driver_positions_by_pk update_driver_positions_many \
         update_drivers update_drivers_by_pk update_drivers_many update_orders_to_deliver update_orders_to_deliver_many update_orders_to_pick_up \
         update_orders_to_pick_up_many",
    ),
    (
        "manager",
        "update_drivers update_drivers_by_pk update_drivers_many update_given_up_events update_given_up_events_many \
         update_menu_items update_menu_items_by_pk \
         update_menu_items_many update_orders_to_approve update_orders_to_approve_many update_orders_to_deliver \
         update_orders_to_deliver_many update_orders_to_pick_up update_orders_to_pick_up_many update_pending_events \
         update_pending_events_many update_restaurants \
         update_restaurants_by_pk update_restaurants_many update_workflow_settings update_workflow_settings_by_pk \
         update_workflow_settings_many",
    ),
    (
        "restaurant",
        "delete_menu_items delete_menu_items_by_pk delete_opening_hours delete_opening_hours_by_pk insert_menu_items \
         insert_menu_items_one insert_opening_hours insert_opening_hours_one update_menu_items update_menu_items_by_pk \
         update_menu_items_many update_opening_hours update_opening_hours_by_pk update_opening_hours_many \
         update_orders_to_approve update_orders_to_approve_many update_restaurants update_restaurants_by_pk \
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

/// Columns of the inputs of mutations.
const COLUMNS: [(&str, &[(&str, &str)]); 5] = [
    ("anonymous", &[]),
    (
        "customer",
        &[
            ("items_insert_input", "item order_id quantity"),
            ("orders_insert_input", "address note order_id restaurant_id"),
            ("orders_set_input", "cancelled close_reason"),
        ],
    ),
    (
        "driver",
        &[
            ("assignment_set_input", "accepted declined"),
            ("driver_positions_insert_input", "x y"),
            ("driver_positions_set_input", "at x y"),
            ("drivers_set_input", "auto_accept available"),
            (
                "orders_to_deliver_set_input",
                "close_reason delivered delivery_failed",
            ),
            ("orders_to_pick_up_set_input", "food_picked"),
        ],
    ),
    (
        "manager",
        &[
            ("drivers_set_input", "auto_accept available"),
            ("given_up_events_set_input", "redeliver"),
            ("menu_items_set_input", "available category description price"),
            (
                "orders_to_approve_set_input",
                "approved close_reason preparation_minutes rejected",
            ),
            (
                "orders_to_deliver_set_input",
                "close_reason delivered delivery_failed",
            ),
            ("orders_to_pick_up_set_input", "food_picked"),
            ("pending_events_set_input", "cancel"),
            ("restaurants_set_input", "auto_approve open"),
            (
                "workflow_settings_set_input",
                "accept_within answer_within assign_within deliver_within pay_within pick_up_within",
            ),
        ],
    ),
    (
        "restaurant",
        &[
            (
                "menu_items_insert_input",
                "available category description name picture position price",
            ),
            (
                "menu_items_set_input",
                "available category description name picture position price",
            ),
            ("opening_hours_insert_input", "closes opens period weekday"),
            ("opening_hours_set_input", "closes opens"),
            (
                "orders_to_approve_set_input",
                "approved close_reason preparation_minutes rejected",
            ),
            (
                "restaurants_set_input",
                "auto_approve open paused_until preparation_minutes time_zone",
            ),
        ],
    ),
];

const INPUTS: &str = "{ __schema { types { name inputFields { name type { kind ofType { kind } } } } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_may_write_exactly_these_columns() {
    let stack = TestStack::open().await;
    for (role, expected) in COLUMNS {
        let headers = [("x-hasura-role", role)];
        let (_, answer) = stack
            .graphql_with(&headers, "/v1/graphql", INPUTS, json!({}))
            .await;
        let types = answer["data"]["__schema"]["types"].as_array().expect("the types");
        let mut found: Vec<(String, String)> = types
            .iter()
            .filter_map(|input| {
                let name = input["name"].as_str()?;
                let is_written = name.ends_with("_set_input") || name.ends_with("_insert_input");
                let columns = columns(input);
                (is_written && !columns.is_empty()).then(|| (name.to_owned(), columns))
            })
            .filter(|(name, _)| !name.ends_with("_rel_insert_input"))
            .collect();
        found.sort();
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(name, columns)| ((*name).to_owned(), (*columns).to_owned()))
            .collect();
        assert_eq!(found, expected, "{role}");
    }
    stack.close().await;
}

/// Scalar fields of an input; others are related rows.
fn columns(input: &Value) -> String {
    let fields = input["inputFields"].as_array().into_iter().flatten();
    let mut names: Vec<&str> = fields
        .filter(|field| field["type"]["kind"] == "SCALAR" || field["type"]["ofType"]["kind"] == "SCALAR")
        .filter_map(|field| field["name"].as_str())
        .collect();
    names.sort_unstable();
    names.join(" ")
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
