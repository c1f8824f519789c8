//! The HTTP edge: authentication, CORS, error shapes, limits, start and stop.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail where it stands"
)]

#[path = "server/access.rs"]
mod access;
#[path = "server/promises.rs"]
mod promises;
#[path = "server/requests.rs"]
mod requests;
mod support;
#[path = "server/trouble.rs"]
mod trouble;

use serde_json::json;
use support::{Database, TestEngine};

async fn engine(options: &[&str]) -> (Database, TestEngine) {
    let database = Database::create("meta").await;
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
