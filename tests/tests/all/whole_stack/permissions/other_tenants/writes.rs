//! Mutations through each root field, and the root fields that a role does not have.

use serde_json::{Value, json};

use super::super::socket_with;
use super::{Field, Tenant};

impl Tenant<'_> {
    /// Inserts rows with the key of an order of others, alone and nested in related rows.
    pub(super) async fn inserts_nothing(&self) {
        for (field, ..) in self.fields("mutation_root", "fields").await {
            let Some(rest) = field.strip_prefix("insert_") else {
                continue;
            };
            let table = rest.trim_end_matches("_one");
            let fields = self.fields(&format!("{table}_insert_input"), "inputFields").await;
            let mut objects = vec![row(&fields, true)];
            for (name, kind, is_scalar) in &fields {
                if !is_scalar {
                    let nested = self.nested(kind).await;
                    for with_order in [true, false] {
                        objects.push(format!(
                            "{} {name}: {{data: {{{nested}}}}}",
                            row(&fields, with_order)
                        ));
                    }
                }
            }
            for object in objects {
                let mutation = if rest == table {
                    format!("mutation {{ {field}(objects: {{{object}}}) {{ affected_rows }} }}")
                } else {
                    format!("mutation {{ {field}(object: {{{object}}}) {{ __typename }} }}")
                };
                let answer = self.unchanged_by(&mutation).await;
                assert!(answer["errors"].is_array(), "{}: {mutation}: {answer}", self.role);
            }
        }
    }

    /// Row of a nested insert, whose type is that of the argument `data`.
    async fn nested(&self, kind: &str) -> String {
        let fields = self.fields(kind, "inputFields").await;
        let data = fields.iter().find(|(name, ..)| name == "data");
        let (_, kind, _) = data.unwrap_or_else(|| panic!("{kind} has rows: {fields:?}"));
        row(&self.fields(kind, "inputFields").await, true)
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

    /// An assignment to each column that the role may update: `approved: true`.
    async fn changes(&self, table: &str) -> Vec<String> {
        let columns = self.settable(table).await;
        let assign = |flag: &'static str| {
            let assigned = columns.iter().map(move |(name, kind)| {
                let value = if kind == "Boolean" { flag } else { "1" };
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

/// A row with a value in each column. The key is that of an order of others.
fn row(fields: &[Field], with_order: bool) -> String {
    let columns = fields.iter().filter(|(_, _, is_scalar)| *is_scalar);
    let columns = columns.filter(|(name, ..)| with_order || name != "order_id");
    let values: Vec<String> = columns
        .map(|(name, kind, _)| format!("{name}: {}", value(name, kind)))
        .collect();
    values.join(" ")
}

/// A value of a column, as GraphQL and as JSON.
pub(super) fn value(column: &str, kind: &str) -> Value {
    match kind {
        "Int" => Value::from(2),
        "Boolean" => Value::from(true),
        _ if column == "order_id" => Value::from("foreign-1"),
        _ => Value::from("pizza"),
    }
}
