//! Commands for several objects.

use super::{engine, export, tracked};
use serde_json::json;

fn names(metadata: &serde_json::Value) -> Vec<String> {
    let tables = metadata["sources"][0]["tables"].as_array().unwrap();
    tables
        .iter()
        .map(|entry| entry["table"]["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn tables_that_cannot_be_tracked_are_warnings() {
    let (_database, engine) = engine().await;
    let args = json!({"allow_warnings": true, "tables": [
        {"source": "default", "table": {"schema": "public", "name": "author"}},
        {"source": "default", "table": "missing"},
        {"source": "default", "table": {"schema": "other", "name": "note"}, "configuration": {"custom_name": "notes"}},
    ]});
    let answer = engine.command("pg_track_tables", args).await;
    assert_eq!(answer["message"], "success");
    let warnings = answer["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{answer}");
    assert_eq!(warnings[0]["code"], "track-table-failed");
    assert!(
        warnings[0]["message"].as_str().unwrap().contains("missing"),
        "{answer}"
    );
    assert_eq!(names(&export(&engine).await), ["author", "note"]);
    let data = engine.graphql("{ notes { id } author { id } }", json!({})).await;
    assert_eq!(data["data"], json!({"notes": [], "author": []}), "{data}");
}

#[tokio::test]
async fn without_warnings_all_or_none_are_tracked() {
    let (_database, engine) = engine().await;
    let args = json!({"allow_warnings": false, "tables": [{"table": "author"}, {"table": "missing"}, {"table": "article"}]});
    let (status, code, path, message) = engine.refused("pg_track_tables", args).await;
    assert_eq!(status, 400);
    assert_eq!(code, "not-exists", "{message}");
    assert_eq!(path, "$.args.tables[1]");
    assert_eq!(names(&export(&engine).await), Vec::<String>::new());
}

#[tokio::test]
async fn tables_with_dependencies_stay_tracked_without_cascade() {
    let (_database, engine) = tracked().await;
    let tables = json!([{"table": "author"}, {"table": "unknown"}]);
    let answer = engine
        .command("pg_untrack_tables", json!({"tables": tables}))
        .await;
    assert_eq!(answer["warnings"].as_array().unwrap().len(), 2, "{answer}");
    assert_eq!(names(&export(&engine).await), ["author", "article"]);
    let tables = json!([{"table": "author", "cascade": true}, {"table": "article"}]);
    let answer = engine
        .command("pg_untrack_tables", json!({"tables": tables}))
        .await;
    assert_eq!(answer, json!({"message": "success"}));
    assert_eq!(names(&export(&engine).await), Vec::<String>::new());
}

#[tokio::test]
async fn arguments_are_checked_before_anything_changes() {
    let (_database, engine) = engine().await;
    for (args, path) in [
        (json!({}), "$"),
        (json!({"tables": "author"}), "$.tables"),
        (
            json!({"tables": [{"table": "author"}, {"table": 5}]}),
            "$.tables[1]",
        ),
        (
            json!({"tables": [{"table": "author"}], "allow_warnings": "yes"}),
            "$.allow_warnings",
        ),
    ] {
        let (status, code, at, message) = engine.refused("pg_track_tables", args.clone()).await;
        assert_eq!(
            (status, code.as_str()),
            (400, "parse-failed"),
            "{args}: {message}"
        );
        assert_eq!(at, path, "{args}: {message}");
    }
    assert_eq!(names(&export(&engine).await), Vec::<String>::new());
}

#[tokio::test]
async fn functions_are_tracked_together() {
    let (_database, engine) = engine().await;
    engine.command("track_table", json!("author")).await;
    engine
        .sql("CREATE FUNCTION named(n text) RETURNS SETOF author LANGUAGE sql STABLE AS 'SELECT * FROM author WHERE name = n'")
        .await;
    let functions = json!({"functions": [{"function": "named"}, {"function": "missing"}]});
    let answer = engine.command("pg_track_functions", functions).await;
    assert_eq!(answer["warnings"].as_array().unwrap().len(), 1, "{answer}");
    let data = engine
        .graphql("{ named(args: {n: \"x\"}) { id } }", json!({}))
        .await;
    assert_eq!(data["data"], json!({"named": []}), "{data}");
    let functions = json!({"functions": [{"function": "named"}]});
    let answer = engine.command("pg_untrack_functions", functions).await;
    assert_eq!(answer, json!({"message": "success"}));
}
