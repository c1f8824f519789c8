//! Updates and deletes of a role.

use super::{ANN, BOB, Stack, USER, error};
use serde_json::json;

const FAILED: &str = "check constraint of an insert/update permission has failed";

#[tokio::test]
async fn update_is_restricted_to_rows_and_columns_of_the_permission() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id", "title"], "filter": {}}),
        )
        .await;
    stack
        .permit(
            "update",
            "article",
            json!({"columns": ["title", "words"], "filter": {"author_id": "X-Hasura-User-Id"}, "set": {"author_name": "X-Hasura-Name"}}),
        )
        .await;
    let ann = &[ANN[0], ANN[1], ("x-hasura-name", "by Ann")];
    let update = "mutation { update_article(where: {}, _set: {title: \"t\"}, _inc: {words: 1}) { affected_rows returning { id } } }";
    assert_eq!(
        stack.data(ann, update).await,
        json!({"update_article": {"affected_rows": 2, "returning": [{"id": 1}, {"id": 2}]}})
    );
    assert_eq!(
        stack.count("SELECT count(*) FROM article WHERE title = 't' AND author_name = 'by Ann' AND words IN (11, 21)").await,
        2
    );
    let by_pk = |id: i32| {
        format!(
            "mutation {{ update_article_by_pk(pk_columns: {{id: {id}}}, _set: {{title: \"u\"}}) {{ id }} }}"
        )
    };
    assert_eq!(
        stack.data(ann, &by_pk(1)).await,
        json!({"update_article_by_pk": {"id": 1}})
    );
    assert_eq!(
        stack.data(ann, &by_pk(3)).await,
        json!({"update_article_by_pk": null})
    );
    let many = "mutation { update_article_many(updates: [{where: {id: {_eq: 1}}, _set: {title: \"v\"}}, {where: {id: {_eq: 4}}, _set: {title: \"v\"}}]) { affected_rows } }";
    assert_eq!(
        stack.data(ann, many).await,
        json!({"update_article_many": [{"affected_rows": 1}, {"affected_rows": 0}]})
    );
    for set in ["published: true", "author_name: \"x\"", "author_id: 1"] {
        let query =
            format!("mutation {{ update_article(where: {{}}, _set: {{{set}}}) {{ affected_rows }} }}");
        let (code, _, message) = stack.error(ann, &query).await;
        assert_eq!(code, "validation-failed", "{message}");
        assert!(
            message.ends_with("not found in type: 'article_set_input'"),
            "{message}"
        );
    }
    // With presets, an update needs no operator.
    let preset = "mutation { update_article(where: {id: {_eq: 2}}) { affected_rows } }";
    assert_eq!(
        stack.data(ann, preset).await,
        json!({"update_article": {"affected_rows": 1}})
    );
}

#[tokio::test]
async fn updated_row_must_pass_the_check() {
    let stack = Stack::new().await;
    stack
        .permit("select", "article", json!({"columns": "*", "filter": {}}))
        .await;
    stack
        .permit(
            "update",
            "article",
            json!({"columns": "*", "filter": {}, "check": {"words": {"_lt": 100}, "author": {"id": "X-Hasura-User-Id"}}}),
        )
        .await;
    let set = |values: &str| {
        format!(
            "mutation {{ a: update_article(where: {{id: {{_eq: 1}}}}, _set: {{{values}}}) {{ affected_rows returning {{ id }} }} }}"
        )
    };
    stack.data(ANN, &set("words: 99")).await;
    for query in [
        set("words: 100"),
        set("author_id: 2"),
        set("words: null"),
        "mutation { update_article_by_pk(pk_columns: {id: 1}, _set: {words: 100}) { id author { name } } }".to_owned(),
        "mutation { update_article_many(updates: [{where: {id: {_eq: 1}}, _set: {words: 5}}, {where: {id: {_eq: 1}}, _set: {words: 100}}]) { affected_rows } }".to_owned(),
    ] {
        if query.contains("author {") {
            // The role cannot read authors.
            assert_eq!(stack.error(ANN, &query).await.0, "validation-failed");
            continue;
        }
        assert_eq!(stack.error(ANN, &query).await, error("permission-error", "$", FAILED), "{query}");
    }
    stack
        .permit("select", "author", json!({"columns": "*", "filter": {}}))
        .await;
    let two_phase =
        "mutation { update_article_by_pk(pk_columns: {id: 1}, _set: {words: 100}) { id author { name } } }";
    assert_eq!(
        stack.error(ANN, two_phase).await,
        error("permission-error", "$", FAILED)
    );
    assert_eq!(
        stack
            .count("SELECT words::bigint FROM article WHERE id = 1")
            .await,
        99
    );
    let valid = two_phase.replace("100", "98");
    assert_eq!(
        stack.data(ANN, &valid).await,
        json!({"update_article_by_pk": {"id": 1, "author": {"name": "Ann"}}})
    );
}

#[tokio::test]
async fn select_filter_does_not_apply_to_changed_rows() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id", "published"], "filter": {"published": true}, "limit": 1}),
        )
        .await;
    stack
        .permit(
            "select",
            "author",
            json!({"columns": ["id"], "filter": {"id": 1}}),
        )
        .await;
    stack
        .permit(
            "update",
            "article",
            json!({"columns": ["published", "words"], "filter": {}}),
        )
        .await;
    stack.permit("delete", "article", json!({"filter": {}})).await;
    // Invisible rows are changed and returned; related rows have their filter.
    let update = "mutation { update_article(where: {id: {_in: [2, 4]}}, _set: {words: 1}) { affected_rows returning { id author { id } } } }";
    let expected = json!({"update_article": {"affected_rows": 2, "returning": [
        {"id": 2, "author": {"id": 1}}, {"id": 4, "author": null},
    ]}});
    assert_eq!(stack.data(USER, update).await, expected);
    let delete = "mutation { delete_article_by_pk(id: 4) { id published } }";
    assert_eq!(
        stack.data(USER, delete).await,
        json!({"delete_article_by_pk": {"id": 4, "published": false}})
    );
}

#[tokio::test]
async fn delete_is_restricted_to_rows_of_the_permission() {
    let stack = Stack::new().await;
    stack
        .permit("select", "article", json!({"columns": ["id"], "filter": {}}))
        .await;
    stack
        .permit(
            "delete",
            "article",
            json!({"filter": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
    let by_pk = |id: i32| format!("mutation {{ delete_article_by_pk(id: {id}) {{ id }} }}");
    assert_eq!(
        stack.data(BOB, &by_pk(1)).await,
        json!({"delete_article_by_pk": null})
    );
    assert_eq!(
        stack.data(BOB, &by_pk(3)).await,
        json!({"delete_article_by_pk": {"id": 3}})
    );
    assert_eq!(
        stack
            .data(
                ANN,
                "mutation { delete_article(where: {id: {_gt: 1}}) { affected_rows returning { id } } }"
            )
            .await,
        json!({"delete_article": {"affected_rows": 1, "returning": [{"id": 2}]}})
    );
    assert_eq!(stack.count("SELECT count(*) FROM article").await, 2);
}

#[tokio::test]
async fn condition_has_no_columns_without_a_select_permission() {
    let stack = Stack::new().await;
    stack
        .permit(
            "update",
            "article",
            json!({"columns": ["title"], "filter": {"published": false}}),
        )
        .await;
    stack
        .permit("delete", "article", json!({"filter": {"published": false}}))
        .await;
    let update =
        "mutation { update_article(where: {_not: {_or: []}}, _set: {title: \"t\"}) { affected_rows } }";
    assert_eq!(
        stack.data(USER, update).await,
        json!({"update_article": {"affected_rows": 2}})
    );
    assert_eq!(
        stack
            .error(
                USER,
                "mutation { delete_article(where: {id: {_eq: 1}}) { affected_rows } }"
            )
            .await,
        error(
            "validation-failed",
            "$.selectionSet.delete_article.args.where.id",
            "field \"id\" not found in type: 'article_bool_exp'"
        )
    );
    let delete = "mutation { delete_article(where: {}) { affected_rows } }";
    assert_eq!(
        stack.data(USER, delete).await,
        json!({"delete_article": {"affected_rows": 2}})
    );
    for field in [
        "update_article_by_pk(pk_columns: {id: 1}, _set: {title: \"t\"})",
        "delete_article_by_pk(id: 1)",
    ] {
        let (_, _, message) = stack
            .error(USER, &format!("mutation {{ {field} {{ id }} }}"))
            .await;
        assert!(
            message.ends_with("not found in type: 'mutation_root'"),
            "{message}"
        );
    }
}
