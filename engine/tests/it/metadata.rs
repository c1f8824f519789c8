//! Metadata commands over HTTP.

mod bulk;
mod commands;
mod console_calls;
mod enum_tables;
mod many;
mod order_of_checks;
mod source_objects;
mod sources;
mod sql;
mod sql_permissions;
mod sql_sessions;
mod tables;
mod whole;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

const TABLES: &str = "
    CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL);
    CREATE TABLE article (id serial PRIMARY KEY, title text, author_id int REFERENCES author, secret text);
    CREATE SCHEMA other;
    CREATE TABLE other.note (id int PRIMARY KEY);
";

async fn engine() -> (TestDatabase, TestEngine) {
    let database = TestDatabase::create("meta").await;
    let engine = TestEngine::start(&database, &[]).await;
    engine.sql(TABLES).await;
    (database, engine)
}

async fn tracked() -> (TestDatabase, TestEngine) {
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
