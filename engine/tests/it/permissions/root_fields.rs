//! Data commands of roles whose permissions restrict root fields and aggregations.

use super::{ANN, Stack};
use serde_json::{Value, json};

async fn stack(permission: Value) -> Stack {
    let stack = Stack::new().await;
    let mut select = json!({"columns": ["id", "author_id"], "filter": {"published": true}});
    for (key, value) in permission.as_object().unwrap() {
        select[key] = value.clone();
    }
    stack.permit("select", "article", select).await;
    let author = json!({"columns": ["id"], "filter": {}});
    stack.permit("select", "author", author).await;
    stack
}

fn select() -> Value {
    json!({"table": "article", "columns": ["id"], "order_by": "id"})
}

fn count() -> Value {
    json!({"table": "article"})
}

/// A list of authors that reveals whether the table of articles has a row.
fn exists() -> Value {
    json!({"table": "author", "columns": ["id"], "where": {"_exists": {"_table": "article", "_where": {"author_id": 2}}}})
}

const NO_LIST: &str = "select on \"article\" for role \"user\" is not allowed. ; \"query_root_fields\" of the permission do not contain \"select\"";
const NO_COUNT: &str = "select on \"article\" for role \"user\" is not allowed. ; \"count\" requires \"allow_aggregations\", or a permission to list all rows";

impl Stack {
    async fn assert_denied(&self, kind: &str, args: Value, expected: &str) {
        let (code, path, message) = self.denied(ANN, kind, args).await;
        assert_eq!(
            (&*code, &*path, &*message),
            ("permission-denied", "$.args", expected)
        );
    }
}

#[tokio::test]
async fn table_without_root_fields_is_reached_through_relationships_only() {
    let stack = stack(json!({"query_root_fields": [], "allow_aggregations": true})).await;
    stack.assert_denied("select", select(), NO_LIST).await;
    stack.assert_denied("count", count(), NO_COUNT).await;
    let (code, _, message) = stack.denied(ANN, "select", exists()).await;
    assert_eq!(
        (&*code, &*message),
        ("not-exists", "table \"article\" does not exist")
    );
    // As in GraphQL, relationships, and the conditions of mutations, remain.
    let authors = json!({"table": "author", "order_by": "id", "columns": ["id", {"name": "articles", "columns": ["id"]}],
                         "where": {"articles": {"id": {"_gt": 0}}}});
    assert_eq!(
        stack.answer(ANN, "select", authors).await,
        json!([{"id": 1, "articles": [{"id": 1}]}, {"id": 2, "articles": [{"id": 3}]}])
    );
    let update = json!({"columns": ["title"], "filter": {"author_id": "X-Hasura-User-Id"}});
    stack.permit("update", "article", update).await;
    let update = json!({"table": "article", "$set": {"title": "t"}, "where": {"id": 1}, "returning": ["id"]});
    assert_eq!(
        stack.answer(ANN, "update", update).await,
        json!({"affected_rows": 1, "returning": [{"id": 1}]})
    );
}

#[tokio::test]
async fn root_fields_other_than_the_list_do_not_permit_it() {
    let stack =
        stack(json!({"query_root_fields": ["select_by_pk", "select_aggregate"], "allow_aggregations": true}))
            .await;
    stack.assert_denied("select", select(), NO_LIST).await;
    assert_eq!(stack.answer(ANN, "count", count()).await, json!({"count": 2}));
}

#[tokio::test]
async fn count_needs_aggregations_unless_the_role_lists_all_rows() {
    // Each list of the role has at most one row, so that only an aggregate counts them.
    let limited = json!({"columns": ["id"], "filter": {"published": true}, "limit": 1});
    let stack = stack(json!({"limit": 1})).await;
    assert_eq!(stack.answer(ANN, "select", select()).await, json!([{"id": 1}]));
    stack.assert_denied("count", count(), NO_COUNT).await;
    let mut aggregated = limited.clone();
    aggregated["allow_aggregations"] = json!(true);
    stack.repermit("select", "article", aggregated.clone()).await;
    assert_eq!(stack.answer(ANN, "count", count()).await, json!({"count": 2}));
    aggregated["query_root_fields"] = json!(["select"]);
    stack.repermit("select", "article", aggregated).await;
    stack.assert_denied("count", count(), NO_COUNT).await;
    // Without a limit, the list has as many rows as the aggregate counts.
    let listed = json!({"columns": ["id", "author_id"], "filter": {"published": true}, "query_root_fields": ["select"]});
    stack.repermit("select", "article", listed).await;
    assert_eq!(stack.answer(ANN, "count", count()).await, json!({"count": 2}));
    assert_eq!(
        stack.answer(ANN, "select", select()).await,
        json!([{"id": 1}, {"id": 3}])
    );
    assert_eq!(
        stack.answer(ANN, "select", exists()).await,
        json!([{"id": 1}, {"id": 2}, {"id": 3}])
    );
}

#[tokio::test]
async fn parents_of_an_inherited_role_permit_root_fields_together() {
    let stack = Stack::new().await;
    let permission =
        |fields: Value| json!({"columns": ["id"], "filter": {"id": 1}, "query_root_fields": fields});
    for role in ["one", "other"] {
        stack
            .permit_role(role, "select", "article", permission(json!([])))
            .await;
    }
    let both = json!({"role_name": "user", "role_set": ["one", "other"]});
    stack.engine.command("add_inherited_role", both).await;
    stack.assert_denied("select", select(), NO_LIST).await;
    stack.assert_denied("count", count(), NO_COUNT).await;
    let drop = json!({"table": "article", "role": "other"});
    stack.engine.command("drop_select_permission", drop).await;
    stack
        .permit_role("other", "select", "article", permission(json!(["select"])))
        .await;
    assert_eq!(stack.answer(ANN, "select", select()).await, json!([{"id": 1}]));
}
