//! Naming convention and customization of the source: names in every position, conflicts, and the commands that set them.

mod commands;
mod conflicts;
mod convention;
mod namespace;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::{Socket, TestDatabase};

const SQL: &str = r#"
    CREATE TABLE order_state (state_name text PRIMARY KEY, meaning text);
    INSERT INTO order_state VALUES ('in_work', 'Being made'), ('done', NULL);
    CREATE TABLE user_orders (
        order_id int PRIMARY KEY,
        user_name text NOT NULL,
        unit_price int,
        order_state text NOT NULL DEFAULT 'in_work' REFERENCES order_state,
        extra_data jsonb NOT NULL DEFAULT '{"a": 1}');
    CREATE SCHEMA shop;
    CREATE TABLE shop.line_items (item_id int PRIMARY KEY, order_id int NOT NULL REFERENCES user_orders, item_weight float8);
    INSERT INTO user_orders VALUES (1, 'ann', 10, 'done'), (2, 'bob', NULL, DEFAULT), (3, 'ann', 30, DEFAULT);
    INSERT INTO shop.line_items VALUES (1, 1, 0.5), (2, 1, 1.5), (3, 2, 4);
    CREATE FUNCTION cheap_orders(max_price int) RETURNS SETOF user_orders LANGUAGE sql STABLE
        AS 'SELECT * FROM user_orders WHERE unit_price <= max_price';
    CREATE FUNCTION double_price(o user_orders) RETURNS int LANGUAGE sql STABLE AS 'SELECT o.unit_price * 2';
    CREATE FUNCTION heavy_items(o user_orders) RETURNS SETOF shop.line_items LANGUAGE sql STABLE
        AS 'SELECT * FROM shop.line_items AS i WHERE i.order_id = o.order_id AND i.item_weight > 1';"#;

/// An engine with tables whose names have several words, and with this customization of the source.
struct Named {
    engine: TestEngine,
    database: TestDatabase,
}

impl Named {
    async fn new(customization: Value) -> Self {
        Self::with(customization, &[]).await
    }

    async fn with(customization: Value, options: &[&str]) -> Self {
        let database = TestDatabase::create("naming").await;
        let engine = TestEngine::start(&database, options).await;
        engine.sql(SQL).await;
        let items = json!({"schema": "shop", "name": "line_items"});
        let state = json!({"table": "order_state", "is_enum": true});
        for table in [state, json!("user_orders"), items.clone()] {
            engine.command("track_table", table).await;
        }
        let using = json!({"foreign_key_constraint_on": {"table": items, "column": "order_id"}});
        let line_items = json!({"table": "user_orders", "name": "line_items", "using": using});
        engine.command("create_array_relationship", line_items).await;
        let order =
            json!({"table": items, "name": "user_order", "using": {"foreign_key_constraint_on": "order_id"}});
        engine.command("create_object_relationship", order).await;
        engine.command("track_function", json!("cheap_orders")).await;
        for name in ["double_price", "heavy_items"] {
            let field = json!({"table": "user_orders", "name": name, "definition": {"function": name}});
            engine.command("add_computed_field", field).await;
        }
        let named = Self { engine, database };
        named.customize(customization).await;
        named
    }

    async fn customize(&self, customization: Value) {
        let args = json!({"name": "default", "customization": customization});
        self.engine.command("pg_update_source", args).await;
    }

    /// Runs an operation that must succeed; returns its `data`.
    async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.engine.graphql(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }

    /// Returns path and message of an operation that must fail.
    async fn error(&self, query: &str) -> (String, String) {
        let answer = self.engine.graphql(query, json!({})).await;
        let error = &answer["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        assert!(error.is_object(), "{query}: {answer}");
        (text(&error["extensions"]["path"]), text(&error["message"]))
    }

    /// Returns the names of the types of the schema.
    async fn types(&self) -> Vec<String> {
        let data = self.data("{ __schema { types { name } } }", json!({})).await;
        let types = data["__schema"]["types"].as_array().cloned().unwrap_or_default();
        let names = types.iter().filter_map(|ty| ty["name"].as_str());
        names.map(ToOwned::to_owned).collect()
    }
}

fn graphql() -> Value {
    json!({"naming_convention": "graphql-default"})
}

/// Returns the first result of a subscription, which is then stopped.
async fn first_result(socket: &mut Socket, query: &str) -> Value {
    let payload = json!({"query": query});
    socket
        .send(&json!({"type": "subscribe", "id": "1", "payload": payload}))
        .await;
    let result = socket.expect("1", "next").await;
    socket.send(&json!({"type": "complete", "id": "1"})).await;
    result
}
