//! The data commands of `/v1/query` as a role.

use super::{ANN, Session, Stack, USER};
use serde_json::{Value, json};

impl Stack {
    /// Runs a command that must succeed.
    pub(super) async fn answer(&self, session: Session<'_>, kind: &str, args: Value) -> Value {
        let (status, answer) = self.command(session, "/v1/query", kind, args).await;
        assert_eq!(status, 200, "{kind}: {answer}");
        answer
    }

    /// Runs a command that must fail; returns code, path and message.
    pub(super) async fn denied(
        &self,
        session: Session<'_>,
        kind: &str,
        args: Value,
    ) -> (String, String, String) {
        let (status, answer) = self.command(session, "/v1/query", kind, args).await;
        assert_eq!(status, 400, "{kind}: {answer}");
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        (text("code"), text("path"), text("error"))
    }
}

fn denied(path: &str, message: &str) -> (String, String, String) {
    super::error("permission-denied", path, message)
}

#[tokio::test]
async fn select_and_count_see_what_the_role_may_read() {
    let stack = Stack::new().await;
    let select = |columns: Value| json!({"table": "article", "columns": columns, "order_by": "+id"});
    assert_eq!(
        stack.denied(ANN, "select", select(json!(["id"]))).await,
        denied(
            "$.args",
            "select on \"article\" for role \"user\" is not allowed. "
        )
    );
    assert_eq!(
        stack.denied(ANN, "count", json!({"table": "article"})).await,
        denied(
            "$.args",
            "select on \"article\" for role \"user\" is not allowed. ; \"count\" is only allowed if the role has \"select\" permissions on the table"
        )
    );
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id", "author_id"], "filter": {"author_id": "X-Hasura-User-Id"}, "limit": 1, "allow_aggregations": true}),
        )
        .await;
    assert_eq!(
        stack.answer(ANN, "select", select(json!(["*"]))).await,
        json!([{"id": 1, "author_id": 1}])
    );
    // The limit of the permission does not apply to the count.
    assert_eq!(
        stack.answer(ANN, "count", json!({"table": "article"})).await,
        json!({"count": 2})
    );
    assert_eq!(
        stack.denied(ANN, "select", select(json!(["id", "words"]))).await,
        denied(
            "$.args.columns[1]",
            "role \"user\" does not have permission to select column \"words\""
        )
    );
    let condition = json!({"table": "article", "columns": ["id"], "where": {"words": 1}});
    assert_eq!(
        stack.denied(ANN, "select", condition).await,
        denied(
            "$.args.where.words",
            "role \"user\" does not have permission to select column \"words\""
        )
    );
    let order = json!({"table": "article", "columns": ["id"], "order_by": "words"});
    assert_eq!(stack.denied(ANN, "select", order).await.0, "permission-denied");
    let nested = json!([{"name": "author", "columns": ["id"]}]);
    assert_eq!(
        stack.denied(ANN, "select", select(nested.clone())).await.2,
        "role \"user\" does not have permission to read relationship \"author\"; no permission on table \"author\""
    );
    stack
        .permit(
            "select",
            "author",
            json!({"columns": ["id"], "filter": {"id": 2}}),
        )
        .await;
    assert_eq!(
        stack.answer(ANN, "select", select(nested)).await,
        json!([{"author": null}])
    );
    // A string in `where` is never a session variable.
    let literal = json!({"table": "article", "columns": ["id"], "where": {"author_id": "x-hasura-user-id"}});
    assert_eq!(stack.denied(ANN, "select", literal).await.0, "data-exception");
}

#[tokio::test]
async fn all_variables_of_the_permission_are_required() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id"], "filter": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
    stack
        .permit(
            "insert",
            "article",
            json!({"check": {}, "set": {"words": "X-Hasura-Words"}}),
        )
        .await;
    let required = |name: &str| {
        super::error(
            "not-found",
            "$.args",
            &format!("{name} header is expected but not found"),
        )
    };
    let select = json!({"table": "article", "columns": ["id"]});
    assert_eq!(
        stack.denied(USER, "select", select).await,
        required("x-hasura-user-id")
    );
    // Although nothing is inserted.
    let insert = json!({"table": "article", "objects": []});
    assert_eq!(
        stack.denied(USER, "insert", insert).await,
        required("x-hasura-words")
    );
}

#[tokio::test]
async fn insert_has_presets_and_checks() {
    let stack = Stack::new().await;
    let insert = |object: Value| json!({"table": "article", "objects": [object]});
    assert_eq!(
        stack.denied(ANN, "insert", insert(json!({"id": 10}))).await,
        denied(
            "$.args",
            "insert on \"article\" for role \"user\" is not allowed. "
        )
    );
    stack
        .permit(
            "insert",
            "article",
            json!({"check": {"words": {"_lt": 10}}, "columns": ["id", "words"], "set": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
    assert_eq!(
        stack
            .answer(ANN, "insert", insert(json!({"id": 10, "words": 1})))
            .await,
        json!({"affected_rows": 1})
    );
    assert_eq!(
        stack
            .count("SELECT author_id::bigint FROM article WHERE id = 10")
            .await,
        1
    );
    assert_eq!(
        stack
            .denied(ANN, "insert", insert(json!({"id": 11, "words": 10})))
            .await,
        super::error(
            "permission-error",
            "$.args",
            "check constraint of an insert/update permission has failed"
        )
    );
    let (code, _, message) = stack
        .denied(ANN, "insert", insert(json!({"id": 11, "author_id": 2})))
        .await;
    assert_eq!(
        (&*code, &*message),
        (
            "not-supported",
            "column \"author_id\" is not insertable for role \"user\""
        )
    );
    let (code, _, message) = stack
        .denied(ANN, "insert", insert(json!({"id": 11, "title": "t"})))
        .await;
    assert_eq!(
        (&*code, &*message),
        (
            "permission-denied",
            "role \"user\" does not have permission to insert column \"title\""
        )
    );
    let mut returning = insert(json!({"id": 11, "words": 1}));
    returning["returning"] = json!(["id"]);
    assert_eq!(
        stack.denied(ANN, "insert", returning).await,
        denied(
            "$.args",
            "select on \"article\" for role \"user\" is not allowed. ; \"returning\" can only be used if the role has \"select\" permission on the table"
        )
    );
    let mut upsert = insert(json!({"id": 10, "words": 2}));
    upsert["on_conflict"] = json!({"constraint": "article_pkey", "action": "update"});
    assert_eq!(
        stack.denied(ANN, "insert", upsert.clone()).await,
        denied(
            "$.args.on_conflict",
            "upsert is not allowed for role \"user\" since update permissions are not defined"
        )
    );
    stack
        .permit("update", "article", json!({"columns": ["words"], "filter": {}}))
        .await;
    let (code, _, message) = stack.denied(ANN, "insert", upsert.clone()).await;
    assert_eq!(
        (&*code, &*message),
        ("validation-failed", "column \"id\" is not updatable")
    );
    stack
        .repermit(
            "update",
            "article",
            json!({"columns": ["id", "words"], "filter": {}}),
        )
        .await;
    assert_eq!(
        stack.answer(ANN, "insert", upsert).await,
        json!({"affected_rows": 1})
    );
}

#[tokio::test]
async fn update_and_delete_need_a_select_permission() {
    let stack = Stack::new().await;
    stack
        .permit(
            "update",
            "article",
            json!({"columns": ["title"], "filter": {"author_id": "X-Hasura-User-Id"}, "set": {"words": 1}, "check": {"title": {"_neq": "x"}}}),
        )
        .await;
    stack
        .permit(
            "delete",
            "article",
            json!({"filter": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
    let update = |set: Value| json!({"table": "article", "$set": set, "where": {"id": {"$gt": 1}}});
    let delete = json!({"table": "article", "where": {}});
    for (kind, args) in [
        ("update", update(json!({"title": "t"}))),
        ("delete", delete.clone()),
    ] {
        let (code, path, message) = stack.denied(ANN, kind, args).await;
        assert_eq!((&*code, &*path), ("permission-denied", "$.args"));
        assert_eq!(
            message,
            format!(
                "select on \"article\" for role \"user\" is not allowed. ; \"{kind}\" is only allowed if the role has \"select\" permission as \"where\" can't be used without \"select\" permission on the table"
            )
        );
    }
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id", "words"], "filter": {}}),
        )
        .await;
    let mut returning = update(json!({"title": "t"}));
    returning["returning"] = json!(["id", "words"]);
    assert_eq!(
        stack.answer(ANN, "update", returning).await,
        json!({"affected_rows": 1, "returning": [{"id": 2, "words": 1}]})
    );
    assert_eq!(
        stack.denied(ANN, "update", update(json!({"title": "x"}))).await.0,
        "permission-error"
    );
    let (code, path, message) = stack.denied(ANN, "update", update(json!({"words": 2}))).await;
    assert_eq!((&*code, &*path), ("not-supported", "$.args['$set']"));
    assert_eq!(
        message,
        "column \"words\" is not updatable for role \"user\"; its value is predefined in permission"
    );
    let (code, _, message) = stack
        .denied(ANN, "update", update(json!({"published": true})))
        .await;
    assert_eq!(
        (&*code, &*message),
        (
            "permission-denied",
            "role \"user\" does not have permission to update column \"published\""
        )
    );
    assert_eq!(
        stack.answer(ANN, "delete", delete).await,
        json!({"affected_rows": 2})
    );
}

#[tokio::test]
async fn size_of_a_command_is_bounded() {
    let stack = Stack::new().await;
    for table in ["author", "article"] {
        stack
            .permit("select", table, json!({"columns": "*", "filter": {}}))
            .await;
    }
    stack
        .engine
        .command(
            "create_object_relationship",
            json!({"table": "author", "name": "first",
                   "using": {"manual_configuration": {"remote_table": "article", "column_mapping": {"id": "author_id"}}}}),
        )
        .await;
    // The path goes around a cycle of relationships.
    let path = format!("{}id", "author.first.".repeat(50_000));
    let order = json!({"table": "article", "columns": ["id"], "order_by": path});
    let (code, _, message) = stack.denied(ANN, "select", order).await;
    assert_eq!(
        (&*code, &*message),
        (
            "parse-failed",
            "the path of order_by has 100001 parts; 50 are possible"
        )
    );
    let conditions = vec![json!({"author": {"first": {"author": {}}}}); 20_000];
    let select = json!({"table": "article", "columns": ["id"], "where": {"$or": conditions}});
    let (code, _, message) = stack.denied(ANN, "select", select).await;
    assert_eq!(code, "validation-failed");
    assert!(message.contains("subqueries"), "{message}");
    let ids = vec![json!({"id": 1}); 70_000];
    let select = json!({"table": "article", "columns": ["id"], "where": {"$or": ids}});
    let (code, _, message) = stack.denied(ANN, "select", select).await;
    assert_eq!(code, "validation-failed", "{message}");
}
