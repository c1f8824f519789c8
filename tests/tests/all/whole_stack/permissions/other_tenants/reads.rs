//! Queries and subscriptions, through each root field and the relationships behind it.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::super::socket_with;
use super::{MARKS, Tenant, is_own, is_public};

/// Number of relationships in a row that are followed.
const DEPTH: usize = 2;

impl Tenant<'_> {
    pub(super) async fn reads_nothing(&self) {
        for (field, table, body) in self.queries("query_root").await {
            let answer = self.run(&format!("query {body}")).await;
            assert_eq!(answer.get("errors"), None, "{}: {body}: {answer}", self.role);
            self.assert_own(&table, &body, &answer["data"][&field]);
        }
    }

    pub(super) async fn subscribes_to_nothing(&self) {
        let mut socket = socket_with(self.stack, &self.headers).await;
        for (number, (field, table, body)) in self.queries("subscription_root").await.into_iter().enumerate()
        {
            let id = number.to_string();
            socket
                .start(&id, &format!("subscription {body}"), json!({}))
                .await;
            let (answered, data) = socket.data().await;
            assert_eq!(answered, id, "{}: {body}", self.role);
            self.assert_own(&table, &body, &data[&field]);
            socket.stop(&id).await;
        }
    }

    /// A root field, its table, and an operation that selects all columns. Each root field has several.
    async fn queries(&self, root: &str) -> Vec<(String, String, String)> {
        let mut queries = Vec::new();
        for (field, table, _) in self.fields(root, "fields").await {
            let columns = self.selection(&table, DEPTH).await;
            assert_ne!(columns, "", "{field} has columns");
            let arguments = if field.ends_with("_by_pk") {
                self.keys(&table).await
            } else {
                ["limit: 1000", "where: {_not: {}}", "where: {_or: [{}, {}]}"]
                    .map(str::to_owned)
                    .into()
            };
            for arguments in arguments {
                let body = format!("{{ {field}({arguments}) {{ {columns} }} }}");
                queries.push((field.clone(), table.clone(), body));
            }
        }
        assert!(!queries.is_empty(), "{} reads the menu or restaurants", self.role);
        queries
    }

    /// All columns of a table, and those of related tables.
    fn selection<'s>(&'s self, table: &'s str, depth: usize) -> BoxFuture<'s, String> {
        async move {
            let mut parts = Vec::new();
            for (name, kind, is_scalar) in self.fields(table, "fields").await {
                if is_scalar {
                    parts.push(name);
                } else if depth > 0 {
                    let inner = self.selection(&kind, depth - 1).await;
                    if !inner.is_empty() {
                        parts.push(format!("{name} {{ {inner} }}"));
                    }
                }
            }
            parts.join(" ")
        }
        .boxed()
    }

    /// Arguments of the keys of all rows of others.
    pub(super) async fn keys(&self, table: &str) -> Vec<String> {
        let sql = match table {
            "orders" | "assignment" => {
                format!("SELECT format('order_id: %s', to_jsonb(order_id)) FROM {table}")
            }
            "order_history" => {
                "SELECT format('order_id: %s, id: %s', to_jsonb(order_id), id) FROM order_history".to_owned()
            }
            "menu_items" => "SELECT format('restaurant_id: %s, name: %s', restaurant_id, to_jsonb(name)) \
                             FROM menu_items WHERE restaurant_id <> 3"
                .to_owned(),
            "opening_hours" => {
                "SELECT format('restaurant_id: %s, weekday: %s, period: %s', restaurant_id, weekday, period) \
                                FROM opening_hours WHERE restaurant_id <> 3"
                    .to_owned()
            }
            "driver_positions" => {
                "SELECT format('driver_id: %s', driver_id) FROM driver_positions".to_owned()
            }
            _ => format!("SELECT format('id: %s', id) FROM {table} WHERE id NOT IN (3, 50) LIMIT 4"),
        };
        let rows = self.stack.database.query(&sql, &[]).await.expect("the keys");
        assert!(!rows.is_empty(), "{table} has rows of others");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Asserts that a result contains neither a row of another tenant nor a text of one, at any depth.
    pub(super) fn assert_own(&self, table: &str, query: &str, result: &Value) {
        let text = result.to_string();
        for mark in MARKS {
            assert!(!text.contains(mark), "{}: {query}: {text}", self.role);
        }
        let rows = match result {
            Value::Array(rows) => rows.as_slice(),
            Value::Null => &[],
            // An aggregate is that of its rows.
            Value::Object(aggregated) if aggregated.contains_key("aggregate") => {
                let rows = aggregated["nodes"].as_array().map_or(&[][..], Vec::as_slice);
                assert_eq!(
                    aggregated["aggregate"]["count"],
                    rows.len(),
                    "{}: {query}: {text}",
                    self.role
                );
                rows
            }
            row => std::slice::from_ref(row),
        };
        assert!(
            is_public(self.role, table) || rows.iter().all(is_own),
            "{}: {query}: {text}",
            self.role
        );
    }
}
