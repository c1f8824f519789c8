//! Metadata commands, over HTTP, against a real database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail where it stands"
)]

#[path = "metadata/commands.rs"]
mod commands;
#[path = "metadata/sql.rs"]
mod sql;
mod support;
#[path = "metadata/tables.rs"]
mod tables;
#[path = "metadata/whole.rs"]
mod whole;

use serde_json::{Value, json};
use support::{Database, TestEngine};

const TABLES: &str = "
    CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL);
    CREATE TABLE article (id serial PRIMARY KEY, title text, author_id int REFERENCES author, secret text);
    CREATE SCHEMA other;
    CREATE TABLE other.note (id int PRIMARY KEY);
";

async fn engine() -> (Database, TestEngine) {
    let database = Database::create("meta").await;
    let engine = TestEngine::start(&database, &[]).await;
    engine.sql(TABLES).await;
    (database, engine)
}

async fn tracked() -> (Database, TestEngine) {
    let (database, engine) = engine().await;
    engine.command("bulk", json!([
        {"type": "track_table", "args": {"schema": "public", "name": "author"}},
        {"type": "track_table", "args": "article"},
        {"type": "create_object_relationship",
         "args": {"table": "article", "name": "author", "using": {"foreign_key_constraint_on": "author_id"}}},
        {"type": "create_array_relationship",
         "args": {"table": "author", "name": "articles",
                  "using": {"foreign_key_constraint_on": {"table": "article", "column": "author_id"}}}},
    ])).await;
    (database, engine)
}

async fn export(engine: &TestEngine) -> Value {
    engine.command("export_metadata", json!({})).await
}
