//! Commands for permissions: their errors, inconsistent permissions, dependencies.

use super::{Stack, USER};
use serde_json::{Value, json};

#[tokio::test]
async fn malformed_permission_is_refused_before_the_state_is_read() {
    let stack = Stack::new().await;
    for (kind, args, path) in [
        (
            "create_select_permission",
            json!({"table": "missing", "role": "user", "permission": {"columns": "*"}}),
            "$.permission",
        ),
        (
            "create_select_permission",
            json!({"table": "author", "role": "user", "permission": {"columns": "all", "filter": {}}}),
            "$.permission.columns",
        ),
        (
            "create_insert_permission",
            json!({"table": "author", "role": "user", "permission": {"check": []}}),
            "$.permission.check",
        ),
        (
            "create_update_permission",
            json!({"table": "author", "role": "user", "permission": {"filter": {}}}),
            "$.permission",
        ),
        (
            "create_delete_permission",
            json!({"table": "author", "role": "", "permission": {"filter": {}}}),
            "$.role",
        ),
        (
            "create_delete_permission",
            json!({"table": "author", "role": "user"}),
            "$",
        ),
        (
            "set_permission_comment",
            json!({"table": "author", "role": "user", "permission": "read"}),
            "$.permission",
        ),
    ] {
        let (status, code, found, message) = stack.engine.refused(kind, args).await;
        assert_eq!(
            (status, &*code, &*found),
            (400, "parse-failed", path),
            "{kind}: {message}"
        );
    }
}

#[tokio::test]
async fn permission_exists_once_and_admin_has_all() {
    let stack = Stack::new().await;
    stack
        .permit("select", "author", json!({"columns": "*", "filter": {}}))
        .await;
    for role in ["user", "admin"] {
        let args = json!({"table": "author", "role": role, "permission": {"columns": "*", "filter": {}}});
        let (status, code, path, message) = stack.engine.refused("create_select_permission", args).await;
        assert_eq!((status, &*code, &*path), (400, "already-exists", "$.args"));
        assert_eq!(
            message,
            format!("select permission already defined on table \"author\" with role \"{role}\"")
        );
    }
    let args = json!({"table": "author", "role": "other"});
    let (_, code, path, message) = stack.engine.refused("drop_update_permission", args).await;
    assert_eq!((&*code, &*path), ("permission-denied", "$.args"));
    assert_eq!(
        message,
        "update permission on \"author\" for role \"other\" does not exist"
    );
    let args = json!({"table": "author", "role": "other", "type": "select", "comment": "c"});
    let (_, code, _, message) = stack.engine.refused("set_permission_comment", args).await;
    assert_eq!(code, "permission-denied");
    assert_eq!(
        message,
        "'select' permission on \"author\" for role \"other\" does not exist"
    );
    for (key, comment) in [("type", json!("c")), ("permission", json!("d"))] {
        let args = json!({"table": "author", "role": "user", key: "select", "comment": comment});
        stack.engine.command("set_permission_comment", args).await;
        let exported = stack.engine.command("export_metadata", json!({})).await;
        let entry = &exported["sources"][0]["tables"][0]["select_permissions"][0];
        assert_eq!(entry["comment"], comment);
    }
}

#[tokio::test]
async fn invalid_permission_is_an_invalid_configuration() {
    let stack = Stack::new().await;
    let body = json!({"type": "create_select_permission", "args": {
        "table": "author", "role": "user", "permission": {"columns": ["id"], "filter": {"nothing": 1}},
    }});
    let (status, answer) = stack.engine.post("/v1/query", &[], &body).await;
    let reason = "Inconsistent object: in table \"author\": in permission for role \"user\": column \"nothing\" does not exist";
    assert_eq!(status, 400);
    assert_eq!(
        answer,
        json!({
            "code": "invalid-configuration", "path": "$.args", "error": reason,
            "internal": [{
                "type": "select_permission", "name": "select_permission user in table author in source default",
                "reason": reason,
                "definition": {
                    "role": "user", "source": "default", "comment": null,
                    "table": {"schema": "public", "name": "author"},
                    "permission": {"columns": ["id"], "filter": {"nothing": 1}},
                },
            }],
        })
    );
    let exported = stack.engine.command("export_metadata", json!({})).await;
    assert_eq!(
        exported["sources"][0]["tables"][0].get("select_permissions"),
        None
    );
}

#[tokio::test]
async fn replaced_metadata_with_an_invalid_permission_grants_nothing() {
    let stack = Stack::new().await;
    let mut metadata = stack.engine.command("export_metadata", json!({})).await;
    metadata["sources"][0]["tables"][0]["select_permissions"] = json!([
        {"role": "user", "permission": {"columns": "*", "filter": {"articles": {"nothing": 1}}}},
        {"role": "admin", "permission": {"columns": "*", "filter": {}}},
    ]);
    let (status, code, ..) = stack.engine.refused("replace_metadata", metadata.clone()).await;
    assert_eq!((status, &*code), (400, "unexpected"));
    let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata});
    stack.engine.command("replace_metadata", args).await;
    let found = stack.engine.command("get_inconsistent_metadata", json!({})).await;
    let reasons: Vec<&str> = found["inconsistent_objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        [
            "Inconsistent object: in table \"author\": in permission for role \"user\": column \"nothing\" does not exist",
            "Inconsistent object: in table \"author\": in permission for role \"admin\": cannot define permission for admin role",
        ]
    );
    let (_, _, message) = stack.error(USER, "{ author { id } }").await;
    assert_eq!(message, "field \"author\" not found in type: 'query_root'");
    stack
        .engine
        .command("drop_inconsistent_metadata", json!({}))
        .await;
    let found = stack.engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(found["is_consistent"], true);
}

#[tokio::test]
async fn static_value_binds_the_type_of_its_column() {
    let stack = Stack::new().await;
    let alter = json!({"sql": "ALTER TABLE article ALTER words TYPE bigint"});
    stack
        .permit(
            "insert",
            "article",
            json!({"check": {}, "set": {"words": "X-Hasura-Words"}}),
        )
        .await;
    stack.engine.command("run_sql", alter).await;
    stack
        .repermit("insert", "article", json!({"check": {}, "set": {"words": 5}}))
        .await;
    let back = json!({"sql": "ALTER TABLE article ALTER words TYPE int"});
    let (_, code, path, message) = stack.engine.refused("run_sql", back).await;
    assert_eq!((&*code, &*path), ("dependency-error", "$.args"));
    assert_eq!(
        message,
        "cannot change type of column \"words\" in table \"article\" because of the following dependencies : permission article.user.insert in source \"default\""
    );
}

#[tokio::test]
async fn metadata_endpoints_are_for_admin_only() {
    let stack = Stack::new().await;
    stack
        .permit("select", "author", json!({"columns": ["id"], "filter": {}}))
        .await;
    let select = json!({"table": "author", "columns": ["id"]});
    let refusal =
        json!({"path": "$.args", "error": "restricted access : admin only", "code": "access-denied"});
    for (path, kind, args) in [
        ("/v2/query", "select", select.clone()),
        ("/v1/metadata", "export_metadata", json!({})),
        ("/v1/query", "export_metadata", json!({})),
        ("/v1/query", "run_sql", json!({"sql": "SELECT 1"})),
    ] {
        let (status, answer) = stack.command(USER, path, kind, args).await;
        assert_eq!((status, answer), (400, refusal.clone()), "{path} {kind}");
    }
    let (status, answer) = stack.command(USER, "/v1/query", "select", select.clone()).await;
    assert_eq!((status, answer.as_array().map(Vec::len)), (200, Some(3)));
    // A bulk needs admin as soon as one of its commands does.
    let bulk = |commands: Value| stack.command(USER, "/v1/query", "bulk", commands);
    let data = json!({"type": "select", "args": select});
    assert_eq!(bulk(json!([data, data])).await.0, 200);
    let (status, answer) = bulk(json!([data, {"type": "export_metadata", "args": {}}])).await;
    assert_eq!((status, &answer["code"]), (400, &json!("access-denied")));
}

#[tokio::test]
async fn permission_depends_on_the_table_of_exists() {
    let stack = Stack::new().await;
    stack
        .engine
        .sql("CREATE TABLE setting (name text PRIMARY KEY)")
        .await;
    stack.engine.command("track_table", json!("setting")).await;
    let filter = json!({"_exists": {"_table": "setting", "_where": {}}});
    stack
        .permit("select", "author", json!({"columns": ["id"], "filter": filter}))
        .await;
    stack.engine.sql("ALTER TABLE setting RENAME TO option").await;
    let author = async || {
        let exported = stack.engine.command("export_metadata", json!({})).await;
        exported["sources"][0]["tables"][0].clone()
    };
    assert_eq!(
        author().await["select_permissions"][0]["permission"]["filter"]["_exists"]["_table"],
        json!({"schema": "public", "name": "option"})
    );
    assert_eq!(stack.ids(USER, "{ author { id } }").await, [0; 0]);
    let dependents = "cannot drop due to the following dependent objects : permission author.user.select in source \"default\"";
    for (kind, args) in [
        ("untrack_table", json!({"table": "option"})),
        ("run_sql", json!({"sql": "DROP TABLE option"})),
    ] {
        let (_, code, _, message) = stack.engine.refused(kind, args).await;
        assert_eq!((&*code, &*message), ("dependency-error", dependents), "{kind}");
    }
    let drop = json!({"sql": "DROP TABLE option", "cascade": true});
    stack.engine.command("run_sql", drop).await;
    assert_eq!(author().await.get("select_permissions"), None);
}
