//! `run_sql`: its results, the metadata changes that follow from it, and its errors.

use super::{engine, export, tracked};
use crate::support::TestEngine;
use serde_json::json;
use testkit::eventually;

#[tokio::test]
async fn metadata_follows_sql_renames() {
    let (_database, engine) = tracked().await;
    engine
        .sql("ALTER TABLE article RENAME author_id TO writer; ALTER TABLE author RENAME TO writers")
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert_eq!(tables[0]["table"]["name"], "writers");
    let using = &tables[0]["array_relationships"][0]["using"]["foreign_key_constraint_on"];
    assert_eq!(
        (&using["column"], &using["table"]["name"]),
        (&json!("writer"), &json!("article"))
    );
    assert_eq!(
        tables[1]["object_relationships"][0]["using"]["foreign_key_constraint_on"],
        "writer"
    );
    let inconsistent = engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(inconsistent["is_consistent"], true);
}

#[tokio::test]
async fn column_cannot_take_relationship_name() {
    let (_database, engine) = tracked().await;
    for (sql, what) in [
        (
            "ALTER TABLE author RENAME name TO articles",
            "rename column \"name\" to \"articles\"",
        ),
        ("ALTER TABLE author ADD articles text", "add column \"articles\""),
    ] {
        let (_, code, path, message) = engine.refused("run_sql", json!({"sql": sql})).await;
        assert_eq!((&*code, &*path), ("already-exists", "$.args"), "{message}");
        let expected =
            format!("cannot {what} in table \"author\" as a relationship with the name already exists");
        assert_eq!(message, expected);
    }
}

#[tokio::test]
async fn drop_with_dependents_is_refused_and_rolled_back() {
    let (_database, engine) = tracked().await;
    let (status, code, path, error) = engine
        .refused("run_sql", json!({"sql": "DROP TABLE author CASCADE"}))
        .await;
    assert_eq!((status, &*code, &*path), (400, "dependency-error", "$.args"));
    assert!(error.contains("relationship article.author"), "{error}");
    assert_eq!(
        engine.sql("SELECT count(*) FROM author").await["result"][1][0],
        "0"
    );
    engine
        .command(
            "run_sql",
            json!({"sql": "DROP TABLE author CASCADE", "cascade": true}),
        )
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert_eq!(
        tables,
        json!([{"table": {"schema": "public", "name": "article"}}])
    );
}

#[tokio::test]
async fn recreated_view_stays_tracked() {
    let (_database, engine) = tracked().await;
    engine
        .sql("CREATE VIEW titles AS SELECT title FROM article")
        .await;
    engine.command("track_table", json!("titles")).await;
    engine
        .sql("DROP VIEW titles; CREATE VIEW titles AS SELECT title, id FROM article")
        .await;
    let snapshot = engine.engine.schema.load_full();
    assert_eq!(snapshot.resolved.tracked.tables[2].columns.len(), 2);
}

#[tokio::test]
async fn run_sql_returns_text_and_reports_errors() {
    let (_database, engine) = engine().await;
    let answer = engine.sql("SELECT 1 AS a, NULL AS b, true AS c").await;
    assert_eq!(
        answer,
        json!({"result_type": "TuplesOk", "result": [["a", "b", "c"], ["1", "NULL", "t"]]})
    );
    let answer = engine.sql("SELECT 1; SET LOCAL work_mem = '8MB'").await;
    assert_eq!(answer, json!({"result_type": "CommandOk", "result": null}));
    let (status, answer) = engine
        .post(
            "/v1/query",
            &[],
            &json!({"type": "run_sql", "args": {"sql": "nonsense"}}),
        )
        .await;
    assert_eq!((status, &answer["code"]), (400, &json!("postgres-error")));
    assert_eq!(answer["internal"]["error"]["status_code"], "42601");
    let (_, code, ..) = engine
        .refused(
            "run_sql",
            json!({"sql": "CREATE TABLE t (id int)", "read_only": true}),
        )
        .await;
    assert_eq!(code, "postgres-error");
}

#[tokio::test]
async fn run_sql_settings_do_not_leak() {
    let (_database, engine) = engine().await;
    engine
        .sql("SET TIME ZONE 'Asia/Tokyo'; SET search_path = other")
        .await;
    for _ in 0..10 {
        assert_eq!(engine.sql("SHOW TIME ZONE").await["result"][1][0], "UTC");
        engine.sql("SELECT id FROM author").await;
    }
}

#[tokio::test]
async fn renamed_table_keeps_metadata_under_reused_name() {
    let (_database, engine) = tracked().await;
    engine.sql("CREATE TABLE old (id int, gone int)").await;
    engine.command("track_table", json!("old")).await;
    let trigger =
        json!({"name": "t", "table": "author", "webhook": "http://127.0.0.1:1", "insert": {"columns": "*"}});
    engine.command("create_event_trigger", trigger).await;
    for cascade in [false, true] {
        let swap = json!({"sql": "DROP TABLE old; ALTER TABLE author RENAME TO old", "cascade": cascade});
        engine.command("run_sql", swap).await;
        let tables = export(&engine).await["sources"][0]["tables"].clone();
        let names: Vec<_> = tables
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["table"]["name"].as_str().unwrap())
            .collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names.contains(&"old") && names.contains(&"article"), "{names:?}");
        assert_eq!(
            tables[0]["event_triggers"][0]["name"], "t",
            "the renamed table keeps its event triggers: {tables}"
        );
        engine
            .sql("ALTER TABLE old RENAME TO author; CREATE TABLE old (id int)")
            .await;
        engine.command("track_table", json!("old")).await;
    }
}

#[tokio::test]
async fn column_renamed_to_dropped_name_is_different_column() {
    let (_database, engine) = tracked().await;
    engine
        .sql("ALTER TABLE author ADD COLUMN owner int, ADD COLUMN editor int")
        .await;
    let permission = json!({"columns": ["id"], "filter": {"owner": {"_eq": "X-Hasura-User-Id"}}});
    let args = json!({"table": "author", "role": "user", "permission": permission});
    engine.command("create_select_permission", args).await;
    let trigger = json!({"name": "t", "table": "author", "webhook": "http://127.0.0.1:1", "update": {"columns": ["owner"]}});
    engine.command("create_event_trigger", trigger).await;
    let swap =
        json!({"sql": "ALTER TABLE author DROP COLUMN owner; ALTER TABLE author RENAME editor TO owner"});
    let (status, code, _, message) = engine.refused("run_sql", swap).await;
    assert_eq!((status, &*code), (400, "dependency-error"), "{message}");
    // A recreated column with the same name counts as the same column.
    engine
        .sql("ALTER TABLE author DROP COLUMN owner; ALTER TABLE author ADD COLUMN owner int")
        .await;
}

#[tokio::test]
async fn sql_and_metadata_changes_are_atomic() {
    let (database, first) = tracked().await;
    let second = TestEngine::start(&database, &[]).await;
    let url = format!("{}/v1/query", first.url);
    let watcher = database.connect().await;
    watcher
        .batch_execute("SELECT pg_advisory_lock(42)")
        .await
        .unwrap();
    let sql = "SELECT FROM pg_advisory_xact_lock(42); ALTER TABLE author RENAME TO writer";
    let body = json!({"type": "run_sql", "args": {"sql": sql}});
    let request = tokio::spawn(async move { reqwest::Client::new().post(url).json(&body).send().await });
    eventually("the SQL waits for the lock", async || {
        let waiting =
            "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
        watcher.query_opt(waiting, &[]).await.unwrap()
    })
    .await;
    let other = json!({"schema": "other", "name": "note"});
    second.command("track_table", other).await;
    watcher
        .batch_execute("SELECT pg_advisory_unlock(42)")
        .await
        .unwrap();
    assert_eq!(request.await.unwrap().unwrap().status(), 409);
    watcher
        .query("SELECT FROM author", &[])
        .await
        .expect("the table has its former name");
}

#[tokio::test]
async fn existing_inconsistency_does_not_block_rename() {
    let (_database, engine) = tracked().await;
    let mut metadata = export(&engine).await;
    metadata["sources"][0]["tables"][0]["event_triggers"] = json!([{
        "name": "t", "webhook_from_env": "NOT_SET_ANYWHERE",
        "definition": {"update": {"columns": ["name"]}}, "retry_conf": {},
    }]);
    let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata});
    engine.command("replace_metadata", args).await;
    engine
        .sql("ALTER TABLE author RENAME name TO called; ALTER TABLE author RENAME TO writer")
        .await;
    let entry = export(&engine).await["sources"][0]["tables"][0].clone();
    assert_eq!(entry["table"]["name"], "writer");
    let columns = &entry["event_triggers"][0]["definition"]["update"]["columns"];
    assert_eq!(columns, &json!(["called"]));
}

#[tokio::test]
async fn unsupported_sql_is_client_error() {
    let (_database, engine) = engine().await;
    for sql in ["COPY author TO STDOUT", "COPY author FROM STDIN"] {
        let (status, code, _, message) = engine.refused("run_sql", json!({ "sql": sql })).await;
        assert_eq!((status, &*code), (400, "postgres-error"), "{message}");
        assert!(message.contains("COPY"), "{message}");
    }
    let (status, code, ..) = engine.refused("run_sql", json!({"sql": "SELECT '\u{0}'"})).await;
    assert_eq!((status, &*code), (400, "data-exception"));
    for (kind, args) in [
        ("redeliver_event", json!({"event_id": "\u{0}"})),
        ("get_event_by_id", json!({"event_id": "\u{0}"})),
        (
            "set_catalog_state",
            json!({"type": "console", "state": {"a": "\u{0}"}}),
        ),
    ] {
        let (status, code, _, message) = engine.refused(kind, args).await;
        assert_eq!((status, &*code), (400, "data-exception"), "{kind}: {message}");
    }
    engine.sql("SELECT 1").await;
}
