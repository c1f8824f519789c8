//! The HTTP server: authentication, CORS, error formats, limits, start and shutdown.

mod access;
mod bodies;
mod connections;
mod console;
mod cors;
mod faults;
mod health;
mod log_lines;
mod raw;
mod requests;
mod set_up;
mod shutdown;
mod support_matrix;

use crate::support::TestEngine;
use serde_json::json;
use testkit::TestDatabase;

async fn engine(options: &[&str]) -> (TestDatabase, TestEngine) {
    let database = TestDatabase::create("meta").await;
    let engine = TestEngine::start(&database, options).await;
    engine
        .sql("CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL); INSERT INTO author (name) VALUES ('a')")
        .await;
    engine.command("track_table", json!("author")).await;
    (database, engine)
}

fn client() -> reqwest::Client {
    reqwest::Client::new()
}
