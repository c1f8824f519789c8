//! Commands in general: authorization, parsing, bulk, and unsupported commands.

use super::{engine, export, tracked};
use crate::support::TestEngine;
use serde_json::{Value, json};

#[tokio::test]
async fn failed_bulk_keeps_sql_and_discards_metadata() {
    let (_database, engine) = engine().await;
    let (_, code, path, _) = engine
        .refused(
            "bulk",
            json!([
                {"type": "run_sql", "args": {"sql": "INSERT INTO author (name) VALUES ('a')"}},
                {"type": "track_table", "args": "author"},
                {"type": "track_table", "args": "nothing"},
            ]),
        )
        .await;
    assert_eq!((&*code, &*path), ("not-exists", "$.args[2].args"));
    assert_eq!(
        engine.sql("SELECT count(*) FROM author").await["result"][1][0],
        "1"
    );
    assert_eq!(export(&engine).await["sources"][0]["tables"], json!([]));
}

#[tokio::test]
async fn commands_require_admin() {
    let (_database, engine) = engine().await;
    let body = json!({"type": "track_table", "args": "author"});
    let (status, answer) = engine
        .post("/v1/query", &[("x-hasura-role", "user")], &body)
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        answer,
        json!({"path": "$.args", "error": "restricted access : admin only", "code": "access-denied"})
    );
}

#[tokio::test]
async fn malformed_command_is_refused_with_path() {
    let (_database, engine) = engine().await;
    let refused = async |body: Value| {
        let (status, answer) = engine.post("/v1/query", &[], &body).await;
        (status, answer["code"].clone(), answer["path"].clone())
    };
    for (body, path) in [
        (json!([]), "$"),
        (json!({"args": {}}), "$"),
        (json!({"type": "frobnicate", "args": {}}), "$"),
        (
            json!({"type": "add_remote_schema", "args": {"name": ""}}),
            "$.name",
        ),
        (json!({"type": "track_table", "args": {}}), "$"),
        (json!({"type": "track_table", "args": {"table": 1}}), "$.table"),
        (
            json!({"type": "create_object_relationship", "args": {"table": "author", "name": 1}}),
            "$.name",
        ),
        (
            json!({"type": "bulk", "args": [{"type": "run_sql", "args": {}}]}),
            "$.args[0]",
        ),
        (
            json!({"type": "bulk", "args": [{"type": "bulk", "args": [{"args": {}}]}]}),
            "$.args[0].args[0]",
        ),
        (
            json!({"type": "export_metadata", "version": 3, "args": {}}),
            "$.version",
        ),
        (
            json!({"type": "create_event_trigger", "args": {"name": "", "table": "author"}}),
            "$.name",
        ),
        (
            json!({"type": "rename_relationship", "args": {"table": "author", "name": "articles", "new_name": ""}}),
            "$.new_name",
        ),
        (
            json!({"type": "invoke_event_trigger", "args": {"name": "", "payload": {}}}),
            "$.name",
        ),
        (
            json!({"type": "delete_event_trigger", "args": {"name": ""}}),
            "$.name",
        ),
        (
            json!({"type": "create_query_collection", "args": {"name": "c", "definition": {"queries": [{"name": "", "query": "{ a }"}]}}}),
            "$.definition.queries[0].name",
        ),
        (json!({"type": "replace_metadata", "args": {}}), "$"),
        (json!({"type": "replace_metadata", "args": {"version": 3}}), "$"),
    ] {
        assert_eq!(
            refused(body.clone()).await,
            (400, json!("parse-failed"), json!(path)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn bulk_variants_run_in_order() {
    let (_database, engine) = engine().await;
    let commands = json!([
        {"type": "run_sql", "args": {"sql": "INSERT INTO author (name) VALUES ('one')"}},
        {"type": "track_table", "args": "nothing"},
        {"type": "track_table", "args": "author"},
    ]);
    let answer = engine.command("bulk_keep_going", commands.clone()).await;
    assert_eq!(answer[0]["result_type"], "CommandOk");
    assert_eq!(answer[1]["code"], "not-exists");
    assert_eq!(answer[2], json!({"message": "success"}));
    for kind in ["concurrent_bulk", "bulk_atomic"] {
        let (status, code, path, _) = engine.refused(kind, commands.clone()).await;
        assert_eq!(
            (status, &*code, &*path),
            (400, "not-exists", "$.args[1].args"),
            "{kind}"
        );
    }
    let tables = &export(&engine).await["sources"][0]["tables"];
    assert_eq!(tables.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn bulk_refuses_mixed_access_modes() {
    let (_database, engine) = tracked().await;
    let read = json!({"type": "run_sql", "args": {"sql": "SELECT 1", "read_only": true}});
    let write = json!({"type": "run_sql", "args": {"sql": "SELECT 1"}});
    let select = json!({"type": "select", "args": {"table": "author", "columns": ["id"]}});
    let insert = json!({"type": "insert", "args": {"table": "author", "objects": [{"name": "x"}]}});
    let bulk = |commands: Value| json!({"type": "bulk", "args": commands});
    engine
        .command("bulk", json!([select, read, bulk(json!([select, read]))]))
        .await;
    engine.command("bulk", json!([select, write, insert])).await;
    for mixed in [
        json!([insert, read]),
        json!([write, select, read]),
        json!([read, {"type": "export_metadata", "args": {}}]),
        json!([read, bulk(json!([select, insert]))]),
    ] {
        let (status, code, path, message) = engine.refused("bulk", mixed.clone()).await;
        assert_eq!((status, &*code, &*path), (400, "bad-request", "$"), "{mixed}");
        assert!(message.contains("incompatible access mode"), "{message}");
    }
    let rows = engine.command("count", json!({"table": "author"})).await;
    assert_eq!(rows, json!({"count": 1}), "a refused bulk runs no command");
}

#[tokio::test]
async fn dump_internal_state_shows_tables_and_metadata() {
    let (_database, engine) = tracked().await;
    let state = engine.command("dump_internal_state", json!({})).await;
    assert_eq!(state["tables"][0]["graphql_name"], "author");
    assert_eq!(state["tables"][0]["relationships"], json!(["articles"]));
    assert_eq!(state["metadata"], export(&engine).await);
}

#[tokio::test]
async fn data_commands_fail_with_hasuras_codes_and_paths() {
    let (_database, engine) = tracked().await;
    let conflict = json!({"constraint": "nosuch", "action": "update"});
    for (kind, args, code, path) in [
        (
            "select",
            json!({"table": "author", "columns": ["id"], "limit": -1}),
            "not-supported",
            "$.args.limit",
        ),
        (
            "select",
            json!({"table": "author", "columns": ["id"], "offset": -1}),
            "not-supported",
            "$.args.offset",
        ),
        (
            "select",
            json!({"table": "author", "columns": ["id"], "limit": 1.5}),
            "parse-failed",
            "$.limit",
        ),
        (
            "select",
            json!({"table": "author", "columns": ["articles"]}),
            "unexpected-payload",
            "$.args.columns[0]",
        ),
        (
            "insert",
            json!({"table": "author", "objects": [], "on_conflict": conflict}),
            "unexpected",
            "$.args.on_conflict.constraint",
        ),
        (
            "update",
            json!({"table": "author", "$set": {"id": 1}, "$inc": {"id": 1}, "where": {}}),
            "unexpected-payload",
            "$.args['$inc'].id",
        ),
    ] {
        let (status, said, place, message) = engine.refused(kind, args.clone()).await;
        assert_eq!((status, &*said, &*place), (400, code, path), "{args}: {message}");
    }
    let target = json!({"constraint_on": ["name"], "action": "ignore"});
    let args = json!({"table": "author", "objects": [{"name": "a"}], "on_conflict": target});
    let (_, code, _, message) = engine.refused("insert", args).await;
    assert_eq!(
        (&*code, &*message),
        (
            "constraint-error",
            "there is no unique or exclusion constraint on target column(s)"
        )
    );
    let admin = json!({"table": "author", "role": "admin", "permission": {"columns": "*", "filter": {}}});
    let (_, code, path, _) = engine.refused("create_select_permission", admin).await;
    assert_eq!((&*code, &*path), ("already-exists", "$.args"));
}

#[tokio::test]
async fn catalog_state_survives_restart() {
    let (database, engine) = engine().await;
    let state = json!({"telemetryNotificationShown": true});
    engine
        .command("set_catalog_state", json!({"type": "console", "state": state}))
        .await;
    engine.stop().await;
    let engine = TestEngine::start(&database, &[]).await;
    assert_eq!(
        engine.command("get_catalog_state", json!({})).await["console_state"],
        state
    );
}

#[tokio::test]
async fn unsupported_commands_are_reported() {
    let (_database, engine) = engine().await;
    let (status, code, ..) = engine
        .refused(
            "add_source",
            json!({"name": "other", "configuration": {"connection_info": {"database_url": "postgres://x"}}}),
        )
        .await;
    assert_eq!((status, &*code), (400, "not-supported"));
    for kind in ["add_remote_schema", "create_action", "add_native_query"] {
        let (status, code, _, error) = engine.refused(kind, json!({"name": "x"})).await;
        assert_eq!(status, 400, "{kind}");
        assert_eq!(code, "not-supported", "{kind}: {error}");
        assert!(error.contains(kind), "{error}");
    }
}

#[tokio::test]
async fn permission_comment_is_set_and_removed() {
    let (_database, engine) = tracked().await;
    let permission =
        json!({"table": "author", "role": "user", "permission": {"columns": ["id"], "filter": {}}});
    engine.command("create_select_permission", permission).await;
    for comment in [json!("for readers"), Value::Null] {
        let args = json!({"table": "author", "role": "user", "type": "select", "comment": comment});
        engine.command("set_permission_comment", args).await;
        let stored = export(&engine).await["sources"][0]["tables"][0]["select_permissions"][0].clone();
        assert_eq!(stored.get("comment").unwrap_or(&Value::Null), &comment);
    }
    for (role, operation, code) in [
        ("nobody", "select", "permission-denied"),
        ("user", "frobnicate", "parse-failed"),
    ] {
        let args = json!({"table": "author", "role": role, "type": operation, "comment": "x"});
        let (_, said, ..) = engine.refused("set_permission_comment", args).await;
        assert_eq!(said, code);
    }
}
