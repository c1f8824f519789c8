//! Every root field of every role that belongs to a tenant, from introspection, against the rows of other tenants.

use serde_json::{Value, json};
use tests::stack::TestStack;

/// Orders of `alice` at restaurant 2 with driver 7, one in each state that has a view.
const FOREIGN: &str = "
  INSERT INTO orders (order_id, user_id, restaurant_id, address)
  SELECT 'foreign-' || n, 'alice', 2, 'foreign-address' FROM generate_series(1, 4) AS n;
  INSERT INTO items (order_id, item) SELECT order_id, 'pizza' FROM orders;
  INSERT INTO payments (order_id, type, amount, card_last4) SELECT order_id, 'credit_card', 500, '4242' FROM orders;
  INSERT INTO assignment (order_id, driver_id) SELECT order_id, 7 FROM orders;
  INSERT INTO order_history (order_id, step, outcome) SELECT order_id, 'payment', 'paid' FROM orders;
  UPDATE orders SET order_valid = true, total = 500, payment_valid = true;
  UPDATE orders SET approved = true, driver_assigned = true WHERE order_id > 'foreign-1';
  UPDATE orders SET food_picked = true WHERE order_id > 'foreign-2';
  UPDATE orders SET delivered = true WHERE order_id > 'foreign-3';";

/// Everything that belongs to others than `mallory`, restaurant 3 and driver 50.
const SNAPSHOT: &str = "SELECT concat(
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id) FROM orders AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM items AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM payments AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id) FROM assignment AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM order_history AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY name) FROM menu_items AS t),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM restaurants AS t WHERE id <> 3),
  (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM drivers AS t WHERE id <> 50))";

/// Tables whose rows are the same for all tenants of a role.
fn is_public(role: &str, table: &str) -> bool {
    table == "menu_items" || table == "restaurants" && role != "restaurant"
}

/// A tenant without orders.
struct Tenant<'a> {
    stack: &'a TestStack,
    headers: [(&'static str, &'static str); 2],
}

impl Tenant<'_> {
    async fn run(&self, query: &str) -> Value {
        let path = "/v1/graphql";
        self.stack
            .graphql_with(&self.headers, path, query, json!({}))
            .await
            .1
    }

    /// Fields of a type: name, name of its type without modifiers, and whether it is a scalar.
    async fn fields(&self, name: &str, kind: &str) -> Vec<(String, String, bool)> {
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

    /// Selection of all columns of a table.
    async fn columns(&self, table: &str) -> String {
        let fields = self.fields(table, "fields").await;
        let columns = fields.iter().filter(|(_, _, scalar)| *scalar);
        columns
            .map(|(name, ..)| name.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// An assignment to each column that the role may update: `approved: true`.
    async fn changes(&self, table: &str) -> Vec<String> {
        let fields = self.fields(&format!("{table}_set_input"), "inputFields").await;
        let value = |kind: &str| if kind == "Boolean" { "false" } else { "1" };
        let mut changes: Vec<String> = fields
            .iter()
            .map(|(name, kind, _)| format!("{name}: {}", value(kind)))
            .collect();
        changes.extend(changes.clone().iter().map(|text| text.replace("false", "true")));
        changes
    }

    async fn reads_nothing(&self, role: &str) {
        for (field, table, _) in self.fields("query_root", "fields").await {
            let columns = self.columns(&table).await;
            if is_public(role, &table) || columns.is_empty() {
                continue;
            }
            let queries = if field.ends_with("_by_pk") {
                self.keys(&table)
                    .await
                    .into_iter()
                    .map(|key| format!("{{ {field}({key}) {{ {columns} }} }}"))
                    .collect()
            } else {
                vec![
                    format!("{{ {field} {{ {columns} }} }}"),
                    format!("{{ {field}(where: {{_not: {{}}}}) {{ {columns} }} }}"),
                    format!("{{ {field}(where: {{_or: [{{}}, {{}}]}}) {{ {columns} }} }}"),
                ]
            };
            for query in queries {
                let answer = self.run(&query).await;
                let data = &answer["data"][&field];
                let rows = data.as_array().cloned().unwrap_or_default();
                let own = |row: &Value| row["id"] == 3 || row["id"] == 50;
                assert!(
                    answer.get("errors").is_none() && rows.iter().all(own) && !data.is_object(),
                    "{role}: {query}: {answer}"
                );
            }
        }
    }

    /// Arguments of the keys of all rows of others.
    async fn keys(&self, table: &str) -> Vec<String> {
        let sql = match table {
            "orders" | "assignment" => {
                format!("SELECT format('order_id: %s', to_jsonb(order_id)) FROM {table}")
            }
            "order_history" => {
                "SELECT format('order_id: %s, id: %s', to_jsonb(order_id), id) FROM order_history".to_owned()
            }
            "menu_items" => "SELECT format('name: %s', to_jsonb(name)) FROM menu_items".to_owned(),
            _ => format!("SELECT format('id: %s', id) FROM {table} WHERE id NOT IN (3, 50) LIMIT 4"),
        };
        let rows = self.stack.database.query(&sql, &[]).await.expect("the keys");
        assert!(!rows.is_empty(), "{table} has rows of others");
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn changes_nothing(&self, role: &str) {
        for (field, result, _) in self.fields("mutation_root", "fields").await {
            let Some(rest) = field.strip_prefix("update_") else {
                continue;
            };
            let table = rest.trim_end_matches("_many").trim_end_matches("_by_pk");
            let mut mutations = Vec::new();
            for change in self.changes(table).await {
                if field.ends_with("_by_pk") {
                    for key in self.keys(table).await {
                        mutations.push(format!(
                            "{field}(pk_columns: {{{key}}}, _set: {{{change}}}) {{ __typename }}"
                        ));
                    }
                } else if field.ends_with("_many") {
                    mutations.push(format!(
                        "{field}(updates: [{{where: {{}}, _set: {{{change}}}}}]) {{ affected_rows }}"
                    ));
                } else {
                    mutations.push(format!(
                        "{field}(where: {{}}, _set: {{{change}}}) {{ affected_rows }}"
                    ));
                }
            }
            assert!(!mutations.is_empty(), "{field} of type {result}");
            for mutation in mutations {
                self.unchanged_by(role, &format!("mutation {{ {mutation} }}"))
                    .await;
            }
        }
    }

    async fn unchanged_by(&self, role: &str, mutation: &str) {
        let before = tests::orders::ask(&self.stack.database, SNAPSHOT).await;
        let answer = self.run(mutation).await;
        let after = tests::orders::ask(&self.stack.database, SNAPSHOT).await;
        assert_eq!(before, after, "{role}: {mutation}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_root_field_of_a_tenant_reaches_rows_of_others() {
    let stack = TestStack::open().await;
    // Without events, so that the functions change nothing.
    stack
        .database
        .batch_execute(&format!("SET session_replication_role = replica; {FOREIGN}"))
        .await
        .expect("the orders of others");
    let tenants = [
        ("customer", ("x-hasura-user-id", "mallory")),
        ("restaurant", ("x-hasura-restaurant-id", "3")),
        ("driver", ("x-hasura-driver-id", "50")),
    ];
    for (role, variable) in tenants {
        let tenant = Tenant {
            stack: &stack,
            headers: [("x-hasura-role", role), variable],
        };
        tenant.reads_nothing(role).await;
        tenant.changes_nothing(role).await;
        for mutation in [
            "insert_items(objects: {order_id: \"foreign-1\", item: \"idli\"}) { affected_rows }",
            "insert_orders(objects: {order_id: \"foreign-1\", restaurant_id: 1, address: \"x\"},
               on_conflict: {constraint: orders_pkey, update_columns: [address]}) { affected_rows }",
            "delete_orders(where: {}) { affected_rows }",
        ] {
            tenant
                .unchanged_by(role, &format!("mutation {{ {mutation} }}"))
                .await;
        }
    }
    stack.services.stop().await;
}
