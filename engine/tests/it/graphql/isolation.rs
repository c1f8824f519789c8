//! Isolation level of the transactions that serve requests.

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::{Socket, TestDatabase};

const TABLES: &str = "
    CREATE VIEW current_level AS SELECT 1 AS id, current_setting('transaction_isolation') AS level;
    CREATE TABLE written (id int PRIMARY KEY, level text DEFAULT current_setting('transaction_isolation'));
";

async fn engine(options: &[&str]) -> (TestDatabase, TestEngine) {
    let database = TestDatabase::create("iso").await;
    database.connect().await.batch_execute(TABLES).await.unwrap();
    let engine = TestEngine::start(&database, options).await;
    (database, engine)
}

/// Replaces the metadata by one whose source has this level.
async fn configure(engine: &TestEngine, level: &Value) {
    let (status, answer) = engine
        .post(
            "/v1/metadata",
            &[],
            &json!({"type": "replace_metadata", "args": metadata(level)}),
        )
        .await;
    assert_eq!(status, 200, "{answer}");
}

fn metadata(level: &Value) -> Value {
    let mut connection = json!({
        "database_url": {"from_env": "HASURA_GRAPHQL_DATABASE_URL"}, "use_prepared_statements": true,
    });
    if !level.is_null() {
        connection["isolation_level"] = level.clone();
    }
    json!({"version": 3, "sources": [{
        "name": "default", "kind": "postgres",
        "tables": [{"table": "current_level"}, {"table": "written"}],
        "configuration": {"connection_info": connection},
    }]})
}

/// Levels of a query, of a query with several root fields, of two mutations and of the v1 commands.
async fn levels(engine: &TestEngine) -> Vec<Value> {
    let mut levels = Vec::new();
    for query in [
        "{ a: current_level { level } }",
        "{ __typename a: current_level { level } b: current_level { level } }",
        "mutation { a: insert_written(objects: [{id: 1}, {id: 2}]) { returning { level } } b: delete_written(where: {}) { affected_rows } }",
        // The result is a second statement.
        "mutation { a: insert_written_one(object: {id: 3}) { level } b: delete_written(where: {id: {_eq: 3}}) { returning { level } } }",
    ] {
        let answer = engine.graphql(query, json!({})).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        find(&answer, &mut levels);
    }
    let read = json!({"table": "current_level", "columns": ["level"]});
    find(&engine.command("select", read).await, &mut levels);
    let write = json!({"table": "written", "objects": [{"id": 4}], "returning": ["level"]});
    find(&engine.command("insert", write).await, &mut levels);
    let delete = json!({"table": "written", "where": {}});
    engine.command("delete", delete).await;
    let sql = engine
        .sql("SELECT current_setting('transaction_isolation')")
        .await;
    levels.push(sql["result"][1][0].clone());
    levels
}

fn find(value: &Value, levels: &mut Vec<Value>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                if key == "level" {
                    levels.push(value.clone());
                } else {
                    find(value, levels);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| find(value, levels)),
        _ => {}
    }
}

fn all_are(levels: &[Value], level: &str) -> bool {
    levels.len() == 10 && levels.iter().all(|found| found == level)
}

#[tokio::test]
async fn source_sets_isolation_level_of_requests() {
    let (_database, engine) = engine(&[]).await;
    for (given, level) in [
        (json!("serializable"), "serializable"),
        (json!("repeatable-read"), "repeatable read"),
        (json!("read-committed"), "read committed"),
        (Value::Null, "read committed"),
    ] {
        configure(&engine, &given).await;
        let found = levels(&engine).await;
        assert!(all_are(&found, level), "{given}: {found:?}");
    }
}

#[tokio::test]
async fn option_applies_unless_source_has_level() {
    let (database, engine) = engine(&["--tx-isolation", "repeatable-read"]).await;
    for table in ["current_level", "written"] {
        engine.command("track_table", json!(table)).await;
    }
    let found = levels(&engine).await;
    assert!(all_are(&found, "repeatable read"), "{found:?}");
    // Metadata of version 2 has no settings of sources.
    let old = json!({"version": 2, "tables": [{"table": "current_level"}, {"table": "written"}]});
    engine.command("replace_metadata", old).await;
    let found = levels(&engine).await;
    assert!(all_are(&found, "repeatable read"), "{found:?}");
    configure(&engine, &json!("read-committed")).await;
    let found = levels(&engine).await;
    assert!(all_are(&found, "read committed"), "{found:?}");
    drop(database);
}

/// The default of the database is not that of requests.
#[tokio::test]
async fn read_committed_does_not_depend_on_the_database() {
    let database = TestDatabase::create("iso").await;
    let client = database.connect().await;
    client.batch_execute(TABLES).await.unwrap();
    client
        .batch_execute(&format!(
            "ALTER DATABASE \"{}\" SET default_transaction_isolation = 'serializable'",
            database.name()
        ))
        .await
        .unwrap();
    let engine = TestEngine::start(&database, &["--pg-connections", "1"]).await;
    configure(&engine, &Value::Null).await;
    for _ in 0..2 {
        let found = levels(&engine).await;
        assert!(all_are(&found, "read committed"), "{found:?}");
    }
}

#[tokio::test]
async fn invalid_isolation_level_is_inconsistent() {
    let (_database, engine) = engine(&[]).await;
    for invalid in [json!("snapshot"), json!("SERIALIZABLE"), json!(1)] {
        let (status, code, ..) = engine.refused("replace_metadata", metadata(&invalid)).await;
        assert_eq!((status, &*code), (400, "unexpected"), "{invalid}");
        let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata(&invalid)});
        let (_, answer) = engine
            .post(
                "/v1/metadata",
                &[],
                &json!({"type": "replace_metadata", "version": 2, "args": args}),
            )
            .await;
        let reason = answer["inconsistent_objects"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("isolation_level"), "{reason}");
        let found = levels(&engine).await;
        assert!(all_are(&found, "read committed"), "{found:?}");
    }
}

#[tokio::test]
async fn failing_query_leaves_no_open_transaction() {
    let (database, engine) = engine(&["--pg-connections", "1"]).await;
    let sql = "CREATE VIEW failing AS SELECT 1 / (SELECT count(*)::int FROM written) AS id";
    database.connect().await.batch_execute(sql).await.unwrap();
    engine.command("reload_metadata", json!({})).await;
    configure(&engine, &json!("serializable")).await;
    engine.command("track_table", json!("failing")).await;
    for query in [
        "{ failing { id } }",
        "{ current_level { id } failing { id } other: failing { id } }",
    ] {
        let answer = engine.graphql(query, json!({})).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "data-exception",
            "{answer}"
        );
        let found = levels(&engine).await;
        assert!(all_are(&found, "serializable"), "{found:?}");
    }
}

#[tokio::test]
async fn subscriptions_use_the_level() {
    let (_database, engine) = engine(&[]).await;
    configure(&engine, &json!("serializable")).await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket
        .start("1", "subscription { current_level { level } }", json!({}))
        .await;
    let (_, data) = socket.data().await;
    let mut found = Vec::new();
    find(&data, &mut found);
    assert_eq!(found, ["serializable"], "{data}");
}
