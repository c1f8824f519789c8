//! The metadata as a whole: export, replacement, synchronization between engines, inconsistency.

use super::{engine, export, tracked};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::eventually;

#[tokio::test]
async fn replace_metadata_refuses_inconsistency_by_default() {
    let (_database, engine) = tracked().await;
    let metadata = json!({"version": 2, "tables": [{"table": "author"}, {"table": "nothing"}]});
    let (status, code, _, error) = engine.refused("replace_metadata", metadata.clone()).await;
    assert_eq!(
        (status, &*code, &*error),
        (400, "unexpected", "cannot continue due to inconsistent metadata")
    );
    assert_eq!(
        export(&engine).await["sources"][0]["tables"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata});
    let body = json!({"type": "replace_metadata", "version": 2, "args": args});
    let (status, answer) = engine.post("/v1/metadata", &[], &body).await;
    assert_eq!((status, &answer["is_consistent"]), (200, &json!(false)));
    assert_eq!(
        answer["inconsistent_objects"][0]["name"],
        "table nothing in source default"
    );
    assert_eq!(
        answer["inconsistent_objects"][0]["reason"],
        "Inconsistent object: no such table/view exists in source: \"nothing\""
    );
    engine.command("drop_inconsistent_metadata", json!({})).await;
    assert_eq!(
        engine.command("get_inconsistent_metadata", json!({})).await["is_consistent"],
        true
    );
}

#[tokio::test]
async fn exported_metadata_round_trips() {
    let (_database, engine) = tracked().await;
    engine
        .sql(
            "CREATE FUNCTION search() RETURNS SETOF author LANGUAGE sql STABLE AS 'SELECT * FROM author';
             CREATE FUNCTION f(author) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'x' $$",
        )
        .await;
    let foreign = json!({
        "version": 3,
        "sources": [{
            "name": "default", "kind": "postgres",
            "tables": [{"table": {"schema": "public", "name": "author"}, "is_enum": false,
                        "computed_fields": [{"name": "full", "definition": {"function": "f"}}]}],
            "functions": [{"function": {"schema": "public", "name": "search"}}],
            "configuration": {"connection_info": {"database_url": {"from_env": "ELSEWHERE"}}},
        }],
        "actions": [{"name": "login"}],
        "cron_triggers": [],
    });
    engine.command("replace_metadata", foreign.clone()).await;
    assert_eq!(export(&engine).await, foreign);
}

#[tokio::test]
async fn stale_resource_version_is_conflict() {
    let (_database, engine) = tracked().await;
    let ask = json!({"type": "export_metadata", "version": 2, "args": {}});
    let (_, answer) = engine.post("/v1/metadata", &[], &ask).await;
    let version = answer["resource_version"].as_i64().unwrap();
    let replace = |version: i64| {
        json!({
            "type": "replace_metadata", "resource_version": version, "args": {"version": 3, "sources": []},
        })
    };
    let (status, answer) = engine.post("/v1/metadata", &[], &replace(version - 1)).await;
    assert_eq!(
        (status, &answer["code"], &answer["path"]),
        (409, &json!("conflict"), &json!("$"))
    );
    assert_eq!(
        export(&engine).await["sources"][0]["tables"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let (status, _) = engine.post("/v1/metadata", &[], &replace(version)).await;
    assert_eq!(status, 200);
    engine.command("reload_metadata", json!({})).await;
    let (_, answer) = engine.post("/v1/metadata", &[], &ask).await;
    assert_eq!(answer["resource_version"], version + 2);
}

#[tokio::test]
async fn engines_synchronize_metadata() {
    let (database, first) = engine().await;
    let second = TestEngine::start(&database, &["--schema-sync-poll-interval", "20"]).await;
    first.command("track_table", json!("author")).await;
    eventually("the second engine tracks the table", async || {
        (second.engine.schema.load().resolved.tracked.tables.len() == 1).then_some(())
    })
    .await;
    // A command of the second engine keeps the changes of the first one.
    second.command("track_table", json!("article")).await;
    first
        .command("track_table", json!({"schema": "other", "name": "note"}))
        .await;
    assert_eq!(
        export(&first).await["sources"][0]["tables"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn commands_see_metadata_of_other_engines() {
    let (database, first) = engine().await;
    let second = TestEngine::start(&database, &["--schema-sync-poll-interval", "0"]).await;
    first.command("track_table", json!("author")).await;
    let tables = export(&second).await["sources"][0]["tables"].clone();
    assert_eq!(tables[0]["table"]["name"], "author");
    let trigger =
        json!({"name": "t", "table": "author", "webhook": "http://127.0.0.1:1", "enable_manual": true});
    first.command("create_event_trigger", trigger).await;
    let invoke = json!({"name": "t", "payload": {}});
    second.command("invoke_event_trigger", invoke).await;
}

#[tokio::test]
async fn inconsistent_metadata_does_not_prevent_start() {
    let (database, engine) = tracked().await;
    engine.stop().await;
    let client = database.connect().await;
    client
        .batch_execute(
            r#"DROP TABLE author CASCADE;
               UPDATE hdb_catalog.hdb_metadata SET metadata = jsonb_set(metadata::jsonb,
                 '{sources,0,tables,5}', '{"tabel": "typo"}')::json"#,
        )
        .await
        .unwrap();
    let engine = TestEngine::start(&database, &[]).await;
    let answer = engine.command("get_inconsistent_metadata", json!({})).await;
    let kinds: Vec<&Value> = answer["inconsistent_objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["type"])
        .collect();
    assert!(
        kinds.contains(&&json!("table")) && kinds.contains(&&json!("object_relation")),
        "{answer}"
    );
    let health = reqwest::get(format!("{}/healthz", engine.url)).await.unwrap();
    assert_eq!(
        health.text().await.unwrap(),
        "WARN: inconsistent objects in schema"
    );
    // The next write keeps the inconsistent objects.
    engine.command("reload_metadata", json!({})).await;
    assert!(export(&engine).await.to_string().contains("typo"));
}

/// The JSON library would interpret these keys when it reads the stored metadata.
#[tokio::test]
async fn keys_that_cannot_be_stored_are_refused() {
    let (database, engine) = tracked().await;
    let before = export(&engine).await;
    for key in ["$serde_json::private::Number", "$serde_json::private::RawValue"] {
        let filter = json!({"name": {"_in": [{ key: "1" }]}});
        let permission =
            json!({"table": "author", "role": "user", "permission": {"columns": "*", "filter": filter}});
        let mut metadata = before.clone();
        metadata["actions"] = json!([{"name": "a", "definition": { key: {} }}]);
        for (kind, args) in [
            ("create_select_permission", permission),
            ("replace_metadata", metadata),
            ("set_catalog_state", json!({"type": "cli", "state": { key: "x" }})),
        ] {
            let (status, code, path, message) = engine.refused(kind, args).await;
            assert_eq!(
                (status, &*code, &*path),
                (400, "parse-failed", "$.args"),
                "{message}"
            );
            assert!(message.contains(key), "{message}");
        }
    }
    assert_eq!(export(&engine).await, before);
    engine.stop().await;
    let engine = TestEngine::start(&database, &[]).await;
    assert_eq!(export(&engine).await, before);
}
