//! Mutations through each root field, and the root fields that a role does not have.

use serde_json::{Value, json};

use super::super::socket_with;
use super::Tenant;

/// Order of others.
const FOREIGN_ORDER: &str = "foreign-1";

impl Tenant<'_> {
    /// Inserts rows that belong to an order of others, alone and nested in related rows. Each of them would be complete and valid for
    /// the order of its sender, which is tried first, so only its order is the reason of a refusal.
    pub(super) async fn inserts_nothing(&self) {
        let inserts = self.fields("mutation_root", "fields").await;
        let inserts: Vec<&str> = inserts
            .iter()
            .filter_map(|(field, ..)| field.strip_prefix("insert_"))
            .collect();
        assert_eq!(inserts.is_empty(), self.role == "anonymous", "{inserts:?}");
        // The permissions refuse the rows also without the triggers, and without events no function changes the accepted order.
        self.alter_triggers("DISABLE").await;
        for rest in inserts {
            let table = rest.trim_end_matches("_one");
            self.accepts_own(table).await;
            for (object, expected) in self.foreign_rows(table).await {
                let mutation = if rest == table {
                    format!("mutation {{ insert_{rest}(objects: {{{object}}}) {{ affected_rows }} }}")
                } else {
                    format!("mutation {{ insert_{rest}(object: {{{object}}}) {{ __typename }} }}")
                };
                let answer = self.unchanged_by(&mutation).await;
                let code = &answer["errors"][0]["extensions"]["code"];
                assert_eq!(code, expected, "{}: {mutation}: {answer}", self.role);
            }
            let delete =
                "DELETE FROM items WHERE order_id = 'own'; DELETE FROM orders WHERE order_id = 'own'";
            self.execute(delete).await;
        }
        self.alter_triggers("ENABLE").await;
    }

    /// Inserts a row of the sender.
    async fn accepts_own(&self, table: &str) {
        if ["orders", "items"].contains(&table) {
            return self.accepts_own_order().await;
        }
        let delete = "DELETE FROM menu_items WHERE restaurant_id = 3; DELETE FROM opening_hours WHERE restaurant_id = 3; \
                      DELETE FROM driver_positions WHERE driver_id = 50";
        self.execute(delete).await;
        let own = self.row(table, None).await;
        let answer = self
            .run(&format!(
                "mutation {{ insert_{table}(objects: {{{own}}}) {{ affected_rows }} }}"
            ))
            .await;
        assert_eq!(
            answer["data"][format!("insert_{table}")]["affected_rows"],
            1,
            "{}: {own}: {answer}",
            self.role
        );
        self.execute(delete).await;
    }

    /// Places an order with items, and adds items to it.
    async fn accepts_own_order(&self) {
        let own = self.row("orders", Some("own")).await;
        let item = self.row("items", None).await;
        let another = self.row("items", Some("own")).await;
        let place = format!(
            "mutation {{ insert_orders(objects: {{{own} items: {{data: {{{item}}}}}}}) {{ affected_rows returning {{ user_id }} }}
               insert_items(objects: {{{another}}}) {{ affected_rows }} }}"
        );
        assert_eq!(
            self.run(&place).await["data"],
            json!({
                "insert_orders": {"affected_rows": 2, "returning": [{"user_id": "mallory"}]},
                "insert_items": {"affected_rows": 1},
            })
        );
    }

    /// Rows of a table that belong to an order of others, with the code of their error.
    async fn foreign_rows(&self, table: &str) -> Vec<(String, &'static str)> {
        let order = async |id| self.row("orders", Some(id)).await;
        let item = async |id| self.row("items", id).await;
        match table {
            "orders" => vec![
                (
                    format!("{} user_id: \"alice\"", order("free").await),
                    "validation-failed",
                ),
                // The key of a nested row is that of its order, and cannot be chosen.
                (
                    format!(
                        "{} items: {{data: {{{}}}}}",
                        order("free").await,
                        item(Some(FOREIGN_ORDER)).await
                    ),
                    "validation-failed",
                ),
                (order(FOREIGN_ORDER).await, "constraint-violation"),
                (
                    format!(
                        "{} items: {{data: {{{}}}}}",
                        order(FOREIGN_ORDER).await,
                        item(None).await
                    ),
                    "constraint-violation",
                ),
            ],
            "items" => vec![
                (item(Some(FOREIGN_ORDER)).await, "permission-error"),
                (
                    format!(
                        "{} order: {{data: {{{}}}}}",
                        item(Some(FOREIGN_ORDER)).await,
                        order("free").await
                    ),
                    "validation-failed",
                ),
                (
                    format!(
                        "{} order: {{data: {{{}}}}}",
                        item(None).await,
                        order(FOREIGN_ORDER).await
                    ),
                    "constraint-violation",
                ),
                // An existing order is not reused. The role may cancel own orders, so it has upserts; this one inserts no order.
                (
                    format!(
                        "{} order: {{data: {{{}}}, on_conflict: {{constraint: orders_pkey, update_columns: []}}}}",
                        item(None).await,
                        order(FOREIGN_ORDER).await
                    ),
                    "not-supported",
                ),
            ],
            // The key is a preset, and the role may not name it.
            "menu_items" | "opening_hours" => vec![(
                format!("{} restaurant_id: 2", self.row(table, None).await),
                "validation-failed",
            )],
            "driver_positions" => vec![(
                format!("{} driver_id: 7", self.row(table, None).await),
                "validation-failed",
            )],
            other => panic!(
                "{}: insertions into \"{other}\" have no expected errors",
                self.role
            ),
        }
    }

    /// A row with a value in each column that the role may insert.
    async fn row(&self, table: &str, order_id: Option<&str>) -> String {
        let fields = self.fields(&format!("{table}_insert_input"), "inputFields").await;
        let values: Vec<String> = fields
            .iter()
            .filter(|(_, _, is_scalar)| *is_scalar)
            .filter_map(|(name, kind, _)| {
                let value = if name == "order_id" {
                    Value::from(order_id?)
                } else {
                    value(name, kind)
                };
                Some(format!("{name}: {value}"))
            })
            .collect();
        assert!(!values.is_empty(), "{}: {table}", self.role);
        values.join(" ")
    }

    async fn alter_triggers(&self, change: &str) {
        self.execute(&format!(
            "ALTER TABLE orders {change} TRIGGER USER; ALTER TABLE items {change} TRIGGER USER"
        ))
        .await;
    }

    async fn execute(&self, sql: &str) {
        let database = &self.stack.database;
        database
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Updates all rows, by condition and by each key of others, one column at a time.
    pub(super) async fn updates_nothing(&self) {
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
                self.unchanged_by(&format!("mutation {{ {mutation} }}")).await;
            }
        }
    }

    /// Deletes all rows, by condition and by each key of others.
    pub(super) async fn deletes_nothing(&self) {
        for (field, ..) in self.fields("mutation_root", "fields").await {
            let Some(table) = field.strip_prefix("delete_") else {
                continue;
            };
            let mutations = match table.strip_suffix("_by_pk") {
                Some(table) => {
                    let keys = self.keys(table).await;
                    assert!(!keys.is_empty(), "{field}");
                    keys.iter()
                        .map(|key| format!("{field}({key}) {{ __typename }}"))
                        .collect()
                }
                None => vec![format!("{field}(where: {{}}) {{ affected_rows }}")],
            };
            for mutation in mutations {
                self.unchanged_by(&format!("mutation {{ {mutation} }}")).await;
            }
        }
    }

    /// An assignment to each column that the role may update: `approved: true`.
    async fn changes(&self, table: &str) -> Vec<String> {
        let columns = self.settable(table).await;
        let assign = |flag: &'static str| {
            let assigned = columns.iter().map(move |(name, kind)| {
                let value = match kind.as_str() {
                    "Boolean" => flag,
                    "String" => "\"1\"",
                    "time" => "\"13:00\"",
                    "timestamptz" => "\"2020-01-01T00:00:00Z\"",
                    _ => "1",
                };
                format!("{name}: {value}")
            });
            assigned.collect::<Vec<_>>()
        };
        [assign("false"), assign("true")].concat()
    }

    /// Columns that the role may update, with their types.
    pub(super) async fn settable(&self, table: &str) -> Vec<(String, String)> {
        let fields = self.fields(&format!("{table}_set_input"), "inputFields").await;
        fields.into_iter().map(|(name, kind, _)| (name, kind)).collect()
    }

    /// Tries every root field of an admin that the schema of the role does not contain: aggregates, streams, deletes, and tables
    /// without a permission.
    pub(super) async fn has_no_other_root_fields(&self) {
        let admin = Tenant {
            stack: self.stack,
            role: "admin",
            headers: Vec::new(),
        };
        for (operation, root) in [("query", "query_root"), ("mutation", "mutation_root")] {
            for name in self.denied(&admin, root).await {
                let text = format!("{operation} {{ {name} {{ __typename }} }}");
                let answer = if operation == "mutation" {
                    self.unchanged_by(&text).await
                } else {
                    self.run(&text).await
                };
                let error = &answer["errors"][0];
                assert_eq!(error["extensions"]["code"], "validation-failed", "{answer}");
                assert_unknown(self.role, &text, &error["message"]);
            }
        }
        let mut socket = socket_with(self.stack, &self.headers).await;
        for name in self.denied(&admin, "subscription_root").await {
            let text = format!("subscription {{ {name} {{ __typename }} }}");
            socket.start(&name, &text, json!({})).await;
            let message = socket.next().await;
            assert_eq!(
                (&message["id"], &message["type"]),
                (&json!(name), &json!("error")),
                "{message}"
            );
            assert_unknown(self.role, &text, &message["payload"]);
            socket.expect(&name, "complete").await;
        }
    }

    /// Root fields of an admin that this role does not have.
    async fn denied(&self, admin: &Self, root: &str) -> Vec<String> {
        let granted = self.fields(root, "fields").await;
        let all = admin.fields(root, "fields").await;
        let denied: Vec<String> = all
            .into_iter()
            .map(|(name, ..)| name)
            .filter(|name| granted.iter().all(|(other, ..)| other != name))
            .collect();
        assert!(!denied.is_empty(), "{}: {root}", self.role);
        denied
    }
}

/// Asserts that the error is that of a field that does not exist, or of an operation without any field.
fn assert_unknown(role: &str, query: &str, error: &Value) {
    let text = error.to_string();
    let is_unknown = text.contains("not found in type") || text.contains("no mutations exist");
    assert!(is_unknown, "{role}: {query}: {text}");
}

/// A value of a column, as GraphQL and as JSON.
pub(super) fn value(column: &str, kind: &str) -> Value {
    match kind {
        "Int" | "smallint" | "Float" | "float4" | "float8" => Value::from(2),
        "time" => Value::from("12:00"),
        "Boolean" => Value::from(true),
        _ if column == "order_id" => Value::from(FOREIGN_ORDER),
        _ => Value::from("pizza"),
    }
}
