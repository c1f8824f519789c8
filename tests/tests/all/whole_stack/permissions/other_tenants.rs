//! Every operation of every role, from introspection, against the rows of other tenants: reads ([`reads`]), writes ([`writes`]) and the
//! commands of `/v1/query` ([`commands`]). What a role is not granted is denied.

mod commands;
mod reads;
mod writes;

use serde_json::{Value, json};
use tests::orders::ask;
use tests::stack::TestStack;

/// Orders of `alice` at restaurant 2 with driver 7, one in each state that has a view.
const FOREIGN: &str = "
  INSERT INTO orders (order_id, user_id, restaurant_id, address)
  SELECT 'foreign-' || n, 'alice', 2, 'foreign-address' FROM generate_series(1, 4) AS n;
  INSERT INTO items (order_id, item) SELECT order_id, 'pizza' FROM orders;
  INSERT INTO payments (order_id, type, amount, card_last4) SELECT order_id, 'credit_card', 500, '4242' FROM orders;
  INSERT INTO refunds (payment_id, order_id, amount, key) SELECT id, order_id, 500, 'foreign-refund-' || id FROM payments;
  INSERT INTO assignment (order_id, driver_id) SELECT order_id, 7 FROM orders;
  INSERT INTO order_history (order_id, step, outcome) SELECT order_id, 'payment', 'paid' FROM orders;
  INSERT INTO driver_positions (driver_id, x, y) VALUES (7, 10, 20);
  INSERT INTO opening_hours (restaurant_id, weekday, opens, closes) SELECT 2, day, '00:00', '00:00' FROM generate_series(1, 7) AS day;
  UPDATE orders SET order_valid = true, total = 500, payment_valid = true;
  UPDATE orders SET approved = true, driver_assigned = true WHERE order_id > 'foreign-1';
  UPDATE orders SET food_picked = true WHERE order_id > 'foreign-2';
  UPDATE orders SET delivered = true WHERE order_id > 'foreign-3';
  UPDATE assignment SET delivered = true WHERE order_id > 'foreign-3';";

/// Texts that only rows of [`FOREIGN`] contain.
const MARKS: [&str; 3] = ["foreign-", "alice", "4242"];

/// Everything that belongs to others than `mallory`, restaurant 3 and driver 50.
const SNAPSHOT: &str = "SELECT concat(
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id) FROM orders AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM items AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM payments AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM refunds AS t),
  (SELECT jsonb_agg(to_jsonb(t)) FROM workflow_settings AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id) FROM assignment AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM order_history AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY restaurant_id, name) FROM menu_items AS t WHERE restaurant_id <> 3),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY restaurant_id, weekday, period) FROM opening_hours AS t WHERE restaurant_id <> 3),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY driver_id) FROM driver_positions AS t WHERE driver_id <> 50),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY username) FROM identity.accounts AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM restaurants AS t WHERE id <> 3),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM drivers AS t WHERE id <> 50))";

/// Tables whose rows are the same for all tenants of a role.
fn is_public(role: &str, table: &str) -> bool {
    [
        "menu_items",
        "opening_hours",
        "restaurants",
        "restaurant_openings",
    ]
    .contains(&table)
        && role != "restaurant"
}

/// Whether a row belongs to the tenants of [`TENANTS`], none of which has an order.
fn is_own(row: &Value) -> bool {
    row["id"] == 3 || row["id"] == 50 || row["restaurant_id"] == 3 || row["driver_id"] == 50
}

/// A session that owns none of the rows of [`FOREIGN`]. A manager owns no row, and reads all.
struct Tenant<'a> {
    stack: &'a TestStack,
    role: &'static str,
    headers: Vec<(&'static str, &'static str)>,
}

/// Roles of tenants, and the session variable that identifies each.
const TENANTS: [(&str, Option<(&str, &str)>); 4] = [
    ("anonymous", None),
    ("customer", Some(("x-hasura-user-id", "mallory"))),
    ("restaurant", Some(("x-hasura-restaurant-id", "3"))),
    ("driver", Some(("x-hasura-driver-id", "50"))),
];

/// Role that owns no row, and reads all.
const MANAGER: &str = "manager";

/// Roles whose operations are tried.
pub(super) fn roles() -> impl Iterator<Item = &'static str> {
    TENANTS.into_iter().map(|(role, _)| role).chain([MANAGER])
}

/// Column or argument: name, name of its type without modifiers, and whether it is a scalar.
type Field = (String, String, bool);

impl<'a> Tenant<'a> {
    fn new(stack: &'a TestStack, role: &'static str, variable: Option<(&'static str, &'static str)>) -> Self {
        let mut headers = vec![("x-hasura-role", role)];
        headers.extend(variable);
        Self { stack, role, headers }
    }

    async fn run(&self, query: &str) -> Value {
        let path = "/v1/graphql";
        self.stack
            .graphql_with(&self.headers, path, query, json!({}))
            .await
            .1
    }

    /// Fields of a type.
    async fn fields(&self, name: &str, kind: &str) -> Vec<Field> {
        let query = format!(
            "{{ __type(name: \"{name}\") {{ {kind} {{ name type {{ kind name ofType {{ kind name ofType {{ kind name
               ofType {{ kind name }} }} }} }} }} }} }}"
        );
        let answer = self.run(&query).await;
        let fields = answer["data"]["__type"][kind].as_array().cloned();
        fields
            .unwrap_or_default()
            .iter()
            .map(|field| {
                let mut inner = &field["type"];
                while inner["ofType"].is_object() {
                    inner = &inner["ofType"];
                }
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                (
                    text(&field["name"]),
                    text(&inner["name"]),
                    inner["kind"] == "SCALAR",
                )
            })
            .collect()
    }

    async fn snapshot(&self) -> Option<String> {
        ask(&self.stack.database, SNAPSHOT).await
    }

    async fn unchanged_by(&self, mutation: &str) -> Value {
        let before = self.snapshot().await;
        let answer = self.run(mutation).await;
        assert_eq!(
            before,
            self.snapshot().await,
            "{}: {mutation}: {answer}",
            self.role
        );
        answer
    }
}

/// A stack with the orders of others. Without events, so that the functions change nothing.
async fn open() -> TestStack {
    let stack = TestStack::open().await;
    stack
        .database
        .batch_execute(&format!("SET session_replication_role = replica; {FOREIGN}"))
        .await
        .expect("the orders of others");
    stack
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_root_field_of_a_tenant_reaches_rows_of_others() {
    let stack = open().await;
    for (role, variable) in TENANTS {
        let tenant = Tenant::new(&stack, role, variable);
        tenant.reads_nothing().await;
        tenant.subscribes_to_nothing().await;
        tenant.inserts_nothing().await;
        tenant.updates_nothing().await;
        tenant.deletes_nothing().await;
    }
    stack.services.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn root_fields_that_a_role_is_not_granted_are_denied() {
    let stack = open().await;
    for (role, variable) in TENANTS.into_iter().chain([(MANAGER, None)]) {
        Tenant::new(&stack, role, variable)
            .has_no_other_root_fields()
            .await;
    }
    stack.services.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_of_a_tenant_reaches_rows_of_others() {
    let stack = open().await;
    for (role, variable) in TENANTS {
        let tenant = Tenant::new(&stack, role, variable);
        tenant.commands_read_nothing().await;
        tenant.commands_change_nothing().await;
        tenant.has_no_commands_of_an_admin().await;
    }
    let manager = Tenant::new(&stack, MANAGER, None);
    manager.commands_change_nothing().await;
    manager.has_no_commands_of_an_admin().await;
    stack.services.stop().await;
}
