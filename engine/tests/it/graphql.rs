//! GraphQL operations: their results, and the rows that they leave in the tables.

mod aggregate_conditions;
mod all_types;
mod composite_values;
mod enum_tables;
mod extensions;
mod insert;
mod insert_order;
mod isolation;
mod json_values;
mod limits;
mod names;
mod schema;
mod select;
mod subscription;
mod transaction;
mod types;
mod update;
mod values;
mod variables;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

/// An engine with tracked and related tables: three authors, four articles, and tables of uncommon types.
pub(crate) struct TestStack {
    pub(crate) engine: TestEngine,
    pub(crate) database: TestDatabase,
}

impl TestStack {
    pub(crate) async fn new() -> Self {
        Self::with(&["--stringify-numeric-types"]).await
    }

    pub(crate) async fn with(options: &[&str]) -> Self {
        let database = TestDatabase::create("gql").await;
        let engine = TestEngine::start(&database, options).await;
        engine.sql(include_str!("graphql/world.sql")).await;
        for table in ["author", "article", "odd", "author_names", "author_counts"] {
            engine.command("track_table", json!(table)).await;
        }
        engine
            .command("track_table", json!({"schema": "other", "name": "article"}))
            .await;
        let by_author = json!({"table": "article", "name": "author", "using": {"foreign_key_constraint_on": "author_id"}});
        engine.command("create_object_relationship", by_author).await;
        let articles = json!({"foreign_key_constraint_on": {"table": "article", "column": "author_id"}});
        engine
            .command(
                "create_array_relationship",
                json!({"table": "author", "name": "articles", "using": articles}),
            )
            .await;
        Self { engine, database }
    }

    /// Runs an operation that must succeed; returns its `data`.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.engine.graphql(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }

    /// Runs an operation that must fail; returns code, path and message.
    pub(crate) async fn error(&self, query: &str, variables: Value) -> (String, String, String) {
        let answer = self.engine.graphql(query, variables).await;
        let error = &answer["errors"][0];
        assert!(error.is_object(), "{query} must fail: {answer}");
        assert!(answer.get("data").is_none(), "{answer}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            text(&error["extensions"]["code"]),
            text(&error["extensions"]["path"]),
            text(&error["message"]),
        )
    }

    /// Creates and tracks tables.
    pub(crate) async fn create(&self, sql: &str, tables: &[&str]) {
        self.engine.sql(sql).await;
        for table in tables {
            self.engine.command("track_table", json!(table)).await;
        }
    }

    /// Whether Postgres has the files of an extension; prints that the test is skipped otherwise.
    pub(crate) async fn has_extension(&self, name: &str) -> bool {
        let there = format!("SELECT count(*) FROM pg_available_extensions WHERE name = '{name}'");
        let has = self.column(&there).await == ["1"];
        if !has {
            eprintln!("skipped: the extension {name} is not installed");
        }
        has
    }

    /// Runs SQL; returns the first column as text.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        let answer = self.engine.sql(sql).await;
        let rows = answer["result"].as_array().expect("run_sql returns rows");
        rows[1..]
            .iter()
            .map(|row| row[0].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
