//! Both WebSocket protocols.

mod before_init;
mod live;
mod protocols;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

const NOTES: &str = "subscription ($id: Int!) { note(where: {id: {_eq: $id}}) { id text } }";
const CHANGE: &str = "mutation ($id: Int!, $text: String!) { update_note(where: {id: {_eq: $id}}, _set: {text: $text}) { affected_rows } }";

async fn engine_with(options: &[&str]) -> (TestDatabase, TestEngine) {
    let database = TestDatabase::create("websocket").await;
    database
        .connect()
        .await
        .batch_execute(
            "CREATE TABLE note (id int PRIMARY KEY, text text CHECK (text <> 'forbidden'), at timestamptz);
             INSERT INTO note SELECT n, 'first' FROM generate_series(1, 300) AS n",
        )
        .await
        .expect("the tables are created");
    let engine = TestEngine::start(&database, options).await;
    (database, engine)
}

async fn engine() -> (TestDatabase, TestEngine) {
    let (database, engine) = engine_with(&[]).await;
    engine.command("track_table", json!("note")).await;
    (database, engine)
}

async fn change(engine: &TestEngine, id: i32, text: &str) {
    let answer = engine.graphql(CHANGE, json!({"id": id, "text": text})).await;
    assert_eq!(answer, json!({"data": {"update_note": {"affected_rows": 1}}}));
}

fn note(id: i32, text: &str) -> Value {
    json!({"data": {"note": [{"id": id, "text": text}]}})
}
