//! Inconsistencies caused by commands of a bulk, and the state that a bulk leaves.

use super::{engine, export};
use crate::support::TestEngine;
use serde_json::{Value, json};

/// Valid commands. The array relationship comes before the object relationship of the same table.
fn valid() -> Vec<Value> {
    vec![
        json!({"type": "track_table", "args": "author"}),
        json!({"type": "track_table", "args": "article"}),
        json!({"type": "create_array_relationship", "args": {
            "table": "author", "name": "articles",
            "using": {"foreign_key_constraint_on": {"table": "article", "column": "author_id"}}}}),
        json!({"type": "create_array_relationship", "args": {
            "table": "article", "name": "namesakes",
            "using": {"manual_configuration": {"remote_table": "article", "column_mapping": {"title": "title"}}}}}),
        json!({"type": "create_object_relationship", "args": {
            "table": "article", "name": "author", "using": {"foreign_key_constraint_on": "author_id"}}}),
        json!({"type": "create_select_permission", "args": {
            "table": "author", "role": "user", "permission": {"columns": ["id"], "filter": {}}}}),
        json!({"type": "create_event_trigger", "args": {
            "name": "added", "table": "author", "webhook": "http://127.0.0.1:9/", "insert": {"columns": "*"}}}),
    ]
}

/// [`valid`] with a command that causes an inconsistency at the beginning, in the middle and at the end.
fn with_invalid() -> Vec<Value> {
    let mut commands = valid();
    commands.insert(
        3,
        json!({"type": "create_object_relationship", "args": {
            "table": "article", "name": "heading", "using": {"foreign_key_constraint_on": "title"}}}),
    );
    commands.insert(
        0,
        json!({"type": "track_table", "args": {
            "table": {"schema": "other", "name": "note"}, "configuration": {"custom_name": "9"}}}),
    );
    commands.push(json!({"type": "track_table", "args": {
        "table": {"schema": "other", "name": "note"}, "configuration": {"custom_name": "author"}}}));
    commands
}

const INVALID: [usize; 3] = [0, 4, 9];

async fn run(engine: &TestEngine, kind: &str, args: &Value) -> (u16, Value) {
    engine
        .post("/v1/metadata", &[], &json!({"type": kind, "args": args}))
        .await
}

/// Responses of the commands in requests of their own.
async fn run_separately(engine: &TestEngine) -> Vec<(u16, Value)> {
    let mut responses = Vec::new();
    for command in with_invalid() {
        responses.push(engine.post("/v1/metadata", &[], &command).await);
    }
    responses
}

#[tokio::test]
async fn inconsistency_is_reported_at_the_command_that_causes_it() {
    let (_database, separate) = engine().await;
    let responses = run_separately(&separate).await;
    let (_database, engine) = engine().await;
    for index in INVALID {
        let (status, expected) = &responses[index];
        assert_eq!(expected["code"], "invalid-configuration", "{expected}");
        let commands = with_invalid();
        let mut bulk: Vec<Value> = (0..index)
            .filter(|other| !INVALID.contains(other))
            .chain([index])
            .map(|index| commands[index].clone())
            .collect();
        let place = bulk.len() - 1;
        // Commands after the failing one are not run.
        bulk.push(json!({"type": "untrack_table", "args": "author"}));
        for kind in ["bulk", "bulk_atomic", "concurrent_bulk"] {
            let (bulk_status, response) = run(&engine, kind, &json!(bulk)).await;
            assert_eq!(bulk_status, *status, "{response}");
            let mut expected = expected.clone();
            expected["path"] = json!(format!("$.args[{place}].args"));
            assert_eq!(response, expected, "{kind}");
        }
    }
    assert_eq!(export(&engine).await["sources"][0]["tables"], json!([]));
}

#[tokio::test]
async fn bulk_keep_going_discards_only_the_commands_that_fail() {
    let (_database, separate) = engine().await;
    let responses = run_separately(&separate).await;
    let (_database, engine) = engine().await;
    let (status, response) = run(&engine, "bulk_keep_going", &json!(with_invalid())).await;
    assert_eq!(status, 200, "{response}");
    let expected: Vec<&Value> = responses.iter().map(|(_, response)| response).collect();
    assert_eq!(response, json!(expected));
    assert_eq!(export(&engine).await, export(&separate).await);
    let inconsistent = engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(inconsistent["is_consistent"], true, "{inconsistent}");
}

/// The objects that a bulk resolves command by command equal the resolution of its result.
#[tokio::test]
async fn schema_after_a_bulk_equals_the_schema_after_a_reload() {
    const TYPES: &str =
        "{ __schema { types { name fields { name type { kind name ofType { kind name } } } } } }";
    let (_database, engine) = engine().await;
    engine.command("bulk", json!(valid())).await;
    let schema = engine.graphql(TYPES, json!({})).await;
    assert!(schema["errors"].is_null(), "{schema}");
    assert!(schema.to_string().contains("namesakes"), "{schema}");
    engine.command("reload_metadata", json!({})).await;
    assert_eq!(engine.graphql(TYPES, json!({})).await, schema);
}

/// A table that is tracked later does not make an earlier command of the bulk valid.
#[tokio::test]
async fn relationship_to_a_table_tracked_later_is_refused() {
    let (_database, engine) = engine().await;
    let mut commands = valid();
    commands.swap(1, 2);
    let (_, code, path, message) = engine.refused("bulk", json!(commands)).await;
    assert_eq!((&*code, &*path), ("invalid-configuration", "$.args[1].args"));
    assert!(message.contains("table \"article\" does not exist"), "{message}");
}

/// A table whose relationships were inconsistent, tracked in a bulk, completes them.
#[tokio::test]
async fn bulk_resolves_relationships_that_were_inconsistent() {
    let (_database, engine) = engine().await;
    let articles = json!([{"name": "articles", "using": {"foreign_key_constraint_on": {"table": "article", "column": "author_id"}}}]);
    let incomplete = json!({"allow_inconsistent_metadata": true, "metadata": {"version": 3, "sources": [{
        "name": "default", "kind": "postgres", "tables": [
            {"table": {"schema": "public", "name": "author"}, "array_relationships": articles}]}]}});
    engine.command("replace_metadata", incomplete).await;
    let commands = json!([{"type": "track_table", "args": "article"}, {"type": "get_inconsistent_metadata", "args": {}}]);
    let response = engine.command("bulk", commands).await;
    assert_eq!(response[1]["is_consistent"], true, "{response}");
    let response = engine.graphql("{ author { articles { id } } }", json!({})).await;
    assert_eq!(response, json!({"data": {"author": []}}));
}

/// Commands that edit or remove objects give the same results in a bulk as in requests of their own, also those that
/// fail.
#[tokio::test]
async fn edits_in_a_bulk_equal_edits_in_requests_of_their_own() {
    let edits = [
        json!({"type": "rename_relationship", "args": {"table": "author", "name": "articles", "new_name": "name"}}),
        json!({"type": "rename_relationship", "args": {"table": "author", "name": "articles", "new_name": "9"}}),
        json!({"type": "rename_relationship", "args": {"table": "author", "name": "articles", "new_name": "works"}}),
        json!({"type": "set_relationship_comment", "args": {"table": "author", "name": "articles", "comment": "x"}}),
        json!({"type": "set_relationship_comment", "args": {"table": "author", "name": "works", "comment": "x"}}),
        json!({"type": "set_table_customization", "args": {
            "table": "author", "configuration": {"custom_column_names": {"name": "works"}}}}),
        json!({"type": "set_table_customization", "args": {
            "table": "author", "configuration": {"custom_name": "article_aggregate"}}}),
        json!({"type": "set_table_customization", "args": {"table": "author", "configuration": {"custom_name": "person"}}}),
        json!({"type": "track_table", "args": {
            "table": {"schema": "other", "name": "note"}, "configuration": {"custom_name": "author"}}}),
        json!({"type": "drop_relationship", "args": {"table": "author", "relationship": "articles"}}),
        json!({"type": "untrack_table", "args": "author"}),
        json!({"type": "drop_relationship", "args": {"table": "author", "relationship": "works"}}),
        json!({"type": "create_event_trigger", "args": {
            "name": "added", "table": "author", "webhook": "http://127.0.0.1:9/", "insert": {"columns": ["age"]},
            "replace": true}}),
        json!({"type": "delete_event_trigger", "args": {"name": "added"}}),
        json!({"type": "delete_event_trigger", "args": {"name": "added"}}),
        json!({"type": "untrack_table", "args": {"table": "author", "cascade": true}}),
        json!({"type": "track_table", "args": "author"}),
        json!({"type": "untrack_function", "args": "missing"}),
        json!({"type": "add_query_to_collection", "args": {
            "collection_name": "missing", "query_name": "q", "query": "{ author { id } }"}}),
        json!({"type": "drop_query_collection", "args": {"collection": "missing", "cascade": true}}),
    ];
    let (_database, separate) = engine().await;
    separate.command("bulk", json!(valid())).await;
    let mut expected = Vec::new();
    for command in &edits {
        expected.push(separate.post("/v1/metadata", &[], command).await.1);
    }
    let (_database, engine) = engine().await;
    engine.command("bulk", json!(valid())).await;
    let (_, response) = run(&engine, "bulk_keep_going", &json!(edits)).await;
    assert_eq!(response, json!(expected));
    assert_eq!(export(&engine).await, export(&separate).await);
    let failed = expected
        .iter()
        .filter(|response| response["code"].is_string())
        .count();
    assert_eq!(failed, 13, "{expected:#?}");
}
