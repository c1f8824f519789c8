//! Computed fields: their values, permissions, and the commands for them.

mod aggregates;
mod commands;
mod conditions;
mod permissions;
mod values;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

const SHOP: &str = "
    CREATE TABLE customer (id int PRIMARY KEY, first_name text NOT NULL, last_name text, settings jsonb NOT NULL DEFAULT '{\"a\": {\"b\": 1}}');
    CREATE TABLE purchase (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, amount numeric NOT NULL);
    INSERT INTO customer VALUES (1, 'Ada', 'Lovelace'), (2, 'Bo', NULL), (3, 'Cy', 'Young');
    INSERT INTO purchase VALUES (1, 1, 10.50), (2, 1, 20), (3, 2, 5);
    CREATE FUNCTION full_name(customer) RETURNS text LANGUAGE sql STABLE AS
      $$ SELECT concat_ws(' ', $1.first_name, $1.last_name) $$;
    CREATE FUNCTION greeting(word text, person customer, mark text DEFAULT '!', times int DEFAULT 1) RETURNS text LANGUAGE sql STABLE AS
      $$ SELECT word || ' ' || person.first_name || repeat(mark, times) $$;
    CREATE FUNCTION viewer(person customer, session json) RETURNS text LANGUAGE sql STABLE AS
      $$ SELECT (session ->> 'x-hasura-role') || ' sees ' || person.first_name $$;
    CREATE FUNCTION spent(person customer) RETURNS numeric LANGUAGE sql STABLE AS
      $$ SELECT coalesce(sum(amount), 0) FROM purchase WHERE customer_id = person.id $$;
    CREATE FUNCTION options(person customer) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT person.settings $$;
    CREATE FUNCTION tags(person customer) RETURNS text[] LANGUAGE sql STABLE AS $$ SELECT ARRAY[person.first_name, 'x'] $$;
    CREATE FUNCTION large_purchases(person customer, at_least numeric) RETURNS SETOF purchase LANGUAGE sql STABLE AS
      $$ SELECT * FROM purchase WHERE customer_id = person.id AND amount >= at_least $$;
    CREATE FUNCTION purchases_of(person customer) RETURNS SETOF purchase LANGUAGE sql STABLE AS
      $$ SELECT * FROM purchase WHERE customer_id = person.id $$;
";

/// Computed fields of the table `customer`, and arguments of their functions.
const FIELDS: [(&str, &str, &str); 8] = [
    ("full_name", "full_name", "{}"),
    ("greeting", "greeting", r#"{"table_argument": "person"}"#),
    ("viewer", "viewer", r#"{"session_argument": "session"}"#),
    ("spent", "spent", "{}"),
    ("options", "options", "{}"),
    ("tags", "tags", "{}"),
    ("large_purchases", "large_purchases", "{}"),
    ("all_purchases", "purchases_of", "{}"),
];

struct Shop {
    engine: TestEngine,
    database: TestDatabase,
}

impl Shop {
    /// An engine with the tracked tables.
    async fn new() -> Self {
        let database = TestDatabase::create("computed").await;
        let engine = TestEngine::start(&database, &["--stringify-numeric-types"]).await;
        engine.sql(SHOP).await;
        for table in ["customer", "purchase"] {
            engine.command("track_table", json!(table)).await;
        }
        let relationship = json!({"table": "purchase", "name": "customer", "using": {"foreign_key_constraint_on": "customer_id"}});
        engine.command("create_object_relationship", relationship).await;
        Self { engine, database }
    }

    /// The same with the computed fields.
    async fn computed() -> Self {
        let shop = Self::new().await;
        for (name, function, arguments) in FIELDS {
            shop.add(name, function, serde_json::from_str(arguments).unwrap())
                .await;
        }
        shop
    }

    async fn add(&self, name: &str, function: &str, arguments: Value) {
        let args = definition(name, function, &arguments);
        self.engine.command("pg_add_computed_field", args).await;
    }

    async fn permit(&self, table: &str, role: &str, permission: Value) {
        let args = json!({"table": table, "role": role, "permission": permission});
        self.engine.command("create_select_permission", args).await;
    }

    async fn graphql_as(&self, session: &[(&str, &str)], query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let (status, answer) = self.engine.post("/v1/graphql", session, &body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn data_as(&self, role: &str, query: &str) -> Value {
        let mut answer = self
            .graphql_as(&[("x-hasura-role", role)], query, json!({}))
            .await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }

    /// Runs an operation of the admin that must succeed; returns its `data`.
    async fn data(&self, query: &str) -> Value {
        self.data_as("admin", query).await
    }

    /// Returns the message of an operation that must fail.
    async fn message_as(&self, role: &str, query: &str) -> String {
        let answer = self
            .graphql_as(&[("x-hasura-role", role)], query, json!({}))
            .await;
        let message = answer["errors"][0]["message"].as_str();
        message.unwrap_or_else(|| panic!("{query}: {answer}")).to_owned()
    }
}

/// The arguments of the command for a computed field of the table `customer`.
fn definition(name: &str, function: &str, arguments: &Value) -> Value {
    let mut definition = arguments.clone();
    definition["function"] = json!(function);
    json!({"table": "customer", "name": name, "definition": definition})
}
