//! Streaming subscriptions (`note_stream`): every row is sent once and in order.

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::Socket;
use testkit::TestDatabase;

const NOTES: &str = "subscription ($after: Int!, $size: Int!) {
    note_stream(batch_size: $size, cursor: {initial_value: {id: $after}}) { id } }";
const ADD: &str =
    "mutation ($notes: [note_insert_input!]!) { insert_note(objects: $notes) { affected_rows } }";

async fn engine(notes: i32) -> (TestDatabase, TestEngine) {
    let database = TestDatabase::create("stream").await;
    database
        .connect()
        .await
        .batch_execute(&format!(
            "CREATE TABLE note (id int PRIMARY KEY, text text, key uuid NOT NULL DEFAULT gen_random_uuid(), at timestamptz);
             INSERT INTO note SELECT n, 'note ' || n FROM generate_series(1, {notes}) AS n"
        ))
        .await
        .expect("the tables are created");
    let engine = TestEngine::start(&database, &[]).await;
    engine.command("track_table", json!("note")).await;
    (database, engine)
}

async fn add(engine: &TestEngine, ids: std::ops::RangeInclusive<i32>) {
    let notes: Vec<Value> = ids
        .map(|id| json!({"id": id, "text": format!("note {id}")}))
        .collect();
    let answer = engine.graphql(ADD, json!({"notes": notes})).await;
    assert_eq!(
        answer,
        json!({"data": {"insert_note": {"affected_rows": notes.len()}}})
    );
}

/// Returns the ids of the next batch.
async fn batch(socket: &mut Socket, id: &str) -> Vec<i64> {
    let payload = socket.expect(id, "data").await;
    let rows = payload["data"]["note_stream"].as_array();
    rows.unwrap_or_else(|| panic!("the message has no batch: {payload}"))
        .iter()
        .map(|row| row["id"].as_i64().expect("the message has an id"))
        .collect()
}

/// Returns the ids of `count` rows, which arrive in non-empty batches.
async fn rows(socket: &mut Socket, id: &str, count: usize) -> Vec<i64> {
    let mut all = Vec::new();
    while all.len() < count {
        let batch = batch(socket, id).await;
        assert!(!batch.is_empty(), "an empty batch after {all:?}");
        all.extend(batch);
    }
    all
}

#[tokio::test]
async fn stream_returns_existing_rows_in_batches_then_new_rows() {
    let (database, engine) = engine(5).await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("s", NOTES, json!({"after": 1, "size": 3})).await;
    assert_eq!(batch(&mut socket, "s").await, [2, 3, 4]);
    assert_eq!(batch(&mut socket, "s").await, [5]);
    add(&engine, 6..=7).await;
    assert_eq!(batch(&mut socket, "s").await, [6, 7]);
    // Neither a change of a sent row nor a new row before the cursor is sent.
    let change = "mutation { update_note(where: {}, _set: {text: \"other\"}) { affected_rows } }";
    engine.graphql(change, json!({})).await;
    add(&engine, 0..=0).await;
    // The engine does not see this statement; its next poll finds the row.
    let sql = "INSERT INTO note VALUES (8)";
    database
        .connect()
        .await
        .batch_execute(sql)
        .await
        .expect("the row is inserted");
    assert_eq!(batch(&mut socket, "s").await, [8]);
    socket.nothing_before("ping").await;
}

#[tokio::test]
async fn stream_without_rows_sends_one_empty_result() {
    let (_database, engine) = engine(0).await;
    let mut socket = Socket::graphql_transport_ws(&engine.url).await;
    let payload = json!({"query": NOTES, "variables": {"after": 0, "size": 10}});
    socket
        .send(&json!({"type": "subscribe", "id": "s", "payload": payload}))
        .await;
    let next = |ids: &[i32]| {
        let rows: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        json!({"data": {"note_stream": rows}})
    };
    assert_eq!(socket.expect("s", "next").await, next(&[]));
    engine
        .graphql("mutation { delete_note(where: {}) { affected_rows } }", json!({}))
        .await;
    add(&engine, 1..=2).await;
    assert_eq!(socket.expect("s", "next").await, next(&[1, 2]));
    engine
        .graphql("mutation { delete_note(where: {}) { affected_rows } }", json!({}))
        .await;
    add(&engine, 3..=3).await;
    assert_eq!(socket.expect("s", "next").await, next(&[3]));
}

#[tokio::test]
async fn slow_subscriber_receives_every_row() {
    let (_database, engine) = engine(2_000).await;
    // Long rows fill the bounded send queue of the socket.
    engine.sql("UPDATE note SET text = repeat('x', 10000)").await;
    let query = NOTES.replace("{ id }", "{ id text }");
    let mut slow = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    slow.start("s", &query, json!({"after": 0, "size": 20})).await;
    let mut quick = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    quick.start("q", NOTES, json!({"after": 0, "size": 700})).await;
    assert_eq!(
        rows(&mut quick, "q", 2_000).await,
        (1..=2_000).collect::<Vec<_>>()
    );
    for id in 2_001..=2_050 {
        add(&engine, id..=id).await;
    }
    assert_eq!(
        rows(&mut quick, "q", 50).await,
        (2_001..=2_050).collect::<Vec<_>>()
    );
    assert_eq!(rows(&mut slow, "s", 2_050).await, (1..=2_050).collect::<Vec<_>>());
}

#[tokio::test]
async fn metadata_change_neither_loses_nor_repeats_rows() {
    let (_database, engine) = engine(3).await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("s", NOTES, json!({"after": 0, "size": 1})).await;
    let mut seen = rows(&mut socket, "s", 1).await;
    engine.sql("CREATE TABLE another (id int PRIMARY KEY)").await;
    for id in 4..=23 {
        add(&engine, id..=id).await;
        let command = if id % 2 == 0 {
            "track_table"
        } else {
            "untrack_table"
        };
        let args = if id % 2 == 0 {
            json!("another")
        } else {
            json!({"table": "another"})
        };
        engine.command(command, args).await;
    }
    seen.extend(rows(&mut socket, "s", 22).await);
    assert_eq!(seen, (1..=23).collect::<Vec<_>>());
    socket.nothing_before("ping").await;
}

#[tokio::test]
async fn streams_of_one_query_share_a_poller_with_separate_cursors() {
    let (_database, engine) = engine(300).await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    for after in 0..250 {
        let variables = json!({"after": after, "size": 1_000});
        socket.start(&after.to_string(), NOTES, variables).await;
    }
    let collect = async |socket: &mut Socket| {
        let mut firsts = std::collections::BTreeMap::new();
        for _ in 0..250 {
            let message = socket.next().await;
            let id: i64 = message["id"]
                .as_str()
                .and_then(|id| id.parse().ok())
                .expect("the message has an id");
            let rows = message["payload"]["data"]["note_stream"]
                .as_array()
                .expect("the result has rows")
                .clone();
            assert_eq!(firsts.insert(id, rows), None, "{id} received two results");
        }
        firsts
    };
    for (after, rows) in collect(&mut socket).await {
        assert_eq!(i64::try_from(rows.len()), Ok(300 - after));
        assert_eq!(rows[0]["id"], after + 1);
    }
    assert_eq!(engine.engine.live.pollers(), 1);
    add(&engine, 301..=301).await;
    for rows in collect(&mut socket).await.values() {
        assert_eq!(*rows, [json!({"id": 301})]);
    }
}

#[tokio::test]
async fn every_ordered_column_is_cursor_in_both_directions() {
    let (_database, engine) = engine(4).await;
    engine
        .sql("UPDATE note SET key = ('00000000-0000-0000-0000-00000000000' || id)::uuid, at = '2026-01-01Z'::timestamptz + id * interval '1.000001 s' WHERE id < 4")
        .await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    let query = "subscription { note_stream(batch_size: 2, where: {id: {_in: [1, 3]}}, cursor: [{initial_value: {key: \"00000000-0000-0000-0000-000000000000\"}, ordering: ASC}]) { id } }";
    socket.start("uuid", query, json!({})).await;
    assert_eq!(batch(&mut socket, "uuid").await, [1, 3]);
    socket.send(&json!({"type": "stop", "id": "uuid"})).await;
    // A row whose cursor column is null has no position in the order.
    let query = "subscription ($from: timestamptz) { note_stream(batch_size: 1, cursor: [{initial_value: {at: $from}, ordering: DESC}]) { id } }";
    socket.start("time", query, json!({"from": "infinity"})).await;
    for id in [3, 2, 1] {
        assert_eq!(batch(&mut socket, "time").await, [id]);
    }
    socket.nothing_before("ping").await;
}

#[tokio::test]
async fn invalid_value_fails_only_its_stream() {
    let (_database, engine) = engine(1).await;
    let query = "subscription ($from: timestamptz!) { note_stream(batch_size: 1, cursor: {initial_value: {at: $from}}) { id } }";
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("good", query, json!({"from": "2020-01-01"})).await;
    assert_eq!(batch(&mut socket, "good").await, [0_i64; 0]);
    socket.start("bad", query, json!({"from": "not a time"})).await;
    let payload = socket.expect("bad", "data").await;
    assert_eq!(
        payload["errors"][0]["extensions"]["code"], "data-exception",
        "{payload}"
    );
    engine.sql("UPDATE note SET at = '2026-01-01'").await;
    engine.engine.graphql.waker.wake();
    assert_eq!(batch(&mut socket, "good").await, [1]);
}
