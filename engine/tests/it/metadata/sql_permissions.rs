//! Effects of `run_sql` on permissions: renames, and drops that permissions depend on.

use super::{export, tracked};
use serde_json::json;

#[tokio::test]
async fn permissions_follow_renames_and_block_drops() {
    let (_database, engine) = tracked().await;
    engine
        .command(
            "create_select_permission",
            json!({"table": "author", "role": "user", "permission": {
                "columns": ["id", "name"], "filter": {"articles": {"secret": {"_eq": "X-Hasura-User-Id"}}},
            }}),
        )
        .await;
    engine.command("create_insert_permission", json!({"table": "article", "role": "user", "permission": {
        "columns": ["title"], "check": {"_or": [{"author": {"name": {"_eq": "a"}}}]}, "set": {"secret": "x"},
    }})).await;
    engine
        .sql("ALTER TABLE article RENAME secret TO hidden; ALTER TABLE author RENAME name TO called")
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert_eq!(
        tables[0]["select_permissions"][0]["permission"],
        json!({
            "columns": ["id", "called"], "filter": {"articles": {"hidden": {"_eq": "X-Hasura-User-Id"}}},
        })
    );
    assert_eq!(
        tables[1]["insert_permissions"][0]["permission"],
        json!({
            "columns": ["title"], "check": {"_or": [{"author": {"called": {"_eq": "a"}}}]}, "set": {"hidden": "x"},
        })
    );
    let (_, code, _, error) = engine
        .refused(
            "run_sql",
            json!({"sql": "ALTER TABLE article DROP COLUMN hidden"}),
        )
        .await;
    assert_eq!(code, "dependency-error");
    assert!(
        error.contains("permission author.user.select") && error.contains("permission article.user.insert"),
        "{error}"
    );
    engine
        .command(
            "run_sql",
            json!({"sql": "ALTER TABLE article DROP COLUMN hidden", "cascade": true}),
        )
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert!(tables[0].get("select_permissions").is_none() && tables[1].get("insert_permissions").is_none());
}

#[tokio::test]
async fn permissions_depend_on_relationships() {
    let permission =
        json!({"columns": ["id"], "filter": {"_not": {"author": {"name": {"_eq": "X-Hasura-User-Id"}}}}});
    let create = json!({"table": "article", "role": "user", "permission": permission});
    let dependents = "cannot drop due to the following dependent objects : permission article.user.select in source \"default\"";
    for (kind, args) in [
        (
            "drop_relationship",
            json!({"table": "article", "relationship": "writer"}),
        ),
        ("untrack_table", json!({"table": "author"})),
        (
            "run_sql",
            json!({"sql": "ALTER TABLE article DROP CONSTRAINT article_author_id_fkey"}),
        ),
    ] {
        let (_database, engine) = tracked().await;
        engine.command("create_select_permission", create.clone()).await;
        let rename = json!({"table": "article", "name": "author", "new_name": "writer"});
        engine.command("rename_relationship", rename).await;
        let article = async || {
            export(&engine).await["sources"][0]["tables"]
                .as_array()
                .unwrap()
                .last()
                .unwrap()
                .clone()
        };
        assert_eq!(
            article().await["select_permissions"][0]["permission"]["filter"],
            json!({"_not": {"writer": {"name": {"_eq": "X-Hasura-User-Id"}}}})
        );
        let (status, code, path, message) = engine.refused(kind, args.clone()).await;
        assert_eq!(
            (status, &*code, &*path),
            (400, "dependency-error", "$.args"),
            "{kind}"
        );
        assert!(message.contains("permission article.user.select"), "{message}");
        if kind == "drop_relationship" {
            assert_eq!(message, dependents);
        }
        let mut all = args;
        all["cascade"] = json!(true);
        engine.command(kind, all).await;
        let left = article().await;
        assert_eq!(left["table"]["name"], "article");
        for gone in ["select_permissions", "object_relationships"] {
            assert_eq!(left.get(gone), None, "{kind} left {gone}");
        }
    }
}

#[tokio::test]
async fn permission_dependency_survives_rename_in_same_sql() {
    let (_database, engine) = tracked().await;
    let permission = json!({"columns": ["id"], "filter": {"author": {"id": {"_eq": "X-Hasura-User-Id"}}}});
    let args = json!({"table": "article", "role": "user", "permission": permission});
    engine.command("create_select_permission", args).await;
    let sql = "ALTER TABLE article RENAME TO essay; ALTER TABLE essay DROP CONSTRAINT article_author_id_fkey";
    let (_, code, _, message) = engine.refused("run_sql", json!({"sql": sql})).await;
    assert_eq!(code, "dependency-error");
    assert!(message.contains("permission essay.user.select"), "{message}");
    engine
        .command("run_sql", json!({"sql": sql, "cascade": true}))
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert_eq!(tables[1]["table"]["name"], "essay");
    assert_eq!(tables[1].get("select_permissions"), None);
}

#[tokio::test]
async fn column_type_used_by_permission_cannot_change() {
    let (_database, engine) = tracked().await;
    for (kind, filter) in [
        (
            "create_select_permission",
            json!({"author": {"name": {"_eq": "Ann"}}}),
        ),
        (
            "create_delete_permission",
            json!({"title": {"_eq": "X-Hasura-User-Id"}}),
        ),
    ] {
        let permission = json!({"columns": ["id"], "filter": filter});
        let args = json!({"table": "article", "role": "user", "permission": permission});
        engine.command(kind, args).await;
    }
    let (_, code, path, message) = engine
        .refused(
            "run_sql",
            json!({"sql": "ALTER TABLE author ALTER name TYPE varchar"}),
        )
        .await;
    assert_eq!((&*code, &*path), ("dependency-error", "$.args"));
    assert_eq!(
        message,
        "cannot change type of column \"name\" in table \"author\" because of the following dependencies : permission article.user.select in source \"default\""
    );
    // A session variable is text and can be cast to any type.
    engine.sql("ALTER TABLE article ALTER title TYPE varchar").await;
}
