//! Update and delete mutations.

use super::TestStack;
use serde_json::json;

#[tokio::test]
async fn update_supports_every_operator() {
    let stack = TestStack::new().await;
    for (arguments, info) in [
        (
            "_append: {info: {x: 1}}",
            json!({"age": 30, "tags": ["a", "b"], "x": 1}),
        ),
        (
            "_delete_key: {info: \"x\"}",
            json!({"age": 30, "tags": ["a", "b"]}),
        ),
        (
            "_delete_at_path: {info: [\"tags\", \"0\"]}",
            json!({"age": 30, "tags": ["b"]}),
        ),
        ("_set: {info: [1, 2, 3]}", json!([1, 2, 3])),
        ("_delete_elem: {info: 0}", json!([2, 3])),
        ("_prepend: {info: [0]}", json!([0, 2, 3])),
        ("_set: {info: null}", json!(null)),
        ("_set: {info: \"text\"}", json!("text")),
    ] {
        let query =
            format!("mutation {{ update_author_by_pk(pk_columns: {{id: 1}}, {arguments}) {{ info }} }}");
        assert_eq!(
            stack.data(&query, json!({})).await["update_author_by_pk"]["info"],
            info,
            "{arguments}"
        );
    }
    let data = stack
        .data(
            "mutation ($n: bigint!) { update_article(where: {author_id: {_eq: 1}}, _inc: {words: $n, rating: 0.5}) { affected_rows returning { words rating } } }",
            json!({"n": -100}),
        )
        .await;
    let rows = json!([{"words": "0", "rating": "2.0"}, {"words": "9007199254740893", "rating": "2.75"}]);
    assert_eq!(
        data["update_article"],
        json!({"affected_rows": 2, "returning": rows})
    );
}

#[tokio::test]
async fn returning_relationships_show_state_after_mutation() {
    let stack = TestStack::new().await;
    let data = stack
        .data(
            "mutation { update_article(where: {id: {_eq: 3}}, _set: {author_id: 1}) { affected_rows returning { author { articles_aggregate { aggregate { count } } } } } }",
            json!({}),
        )
        .await;
    let author = json!({"author": {"articles_aggregate": {"aggregate": {"count": 3}}}});
    assert_eq!(
        data["update_article"],
        json!({"affected_rows": 1, "returning": [author]})
    );
    let data = stack
        .data(
            "mutation { delete_article_by_pk(id: 3) { title author { name articles { id } } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        data["delete_article_by_pk"],
        json!({"title": "Three", "author": {"name": "Ann", "articles": [{"id": 1}, {"id": 2}]}})
    );
    let gone = stack
        .data("mutation { delete_article_by_pk(id: 3) { title } }", json!({}))
        .await;
    assert_eq!(gone["delete_article_by_pk"], json!(null));
}

#[tokio::test]
async fn update_many_runs_in_order() {
    let stack = TestStack::new().await;
    let data = stack
        .data(
            "mutation ($updates: [author_updates!]!) { update_author_many(updates: $updates) { affected_rows returning { name } } }",
            json!({"updates": [
                {"where": {"name": {"_eq": "Ann"}}, "_set": {"name": "Zoe"}},
                {"where": {"name": {"_eq": "Zoe"}}, "_set": {"name": "Ann"}},
                {"where": {"name": {"_eq": "nobody"}}, "_set": {"name": "x"}},
            ]}),
        )
        .await;
    let one = |name: &str| json!({"affected_rows": 1, "returning": [{"name": name}]});
    assert_eq!(
        data["update_author_many"],
        json!([one("Zoe"), one("Ann"), {"affected_rows": 0, "returning": []}])
    );
}

#[tokio::test]
async fn postgres_errors_use_hasuras_wording() {
    let stack = TestStack::new().await;
    for (query, code, message) in [
        (
            "mutation { update_article(where: {id: {_eq: 1}}, _set: {author_id: 99}) { affected_rows } }",
            "constraint-violation",
            "Foreign key violation. insert or update on table \"article\" violates",
        ),
        (
            "mutation { update_article(where: {id: {_eq: 1}}, _set: {title: null}) { affected_rows } }",
            "constraint-violation",
            "Not-NULL violation. null value in column \"title\"",
        ),
        (
            "mutation { update_article(where: {id: {_eq: 1}}, _set: {words: -1}) { affected_rows } }",
            "permission-error",
            "Check constraint violation. new row for relation \"article\"",
        ),
        (
            "mutation { delete_author(where: {id: {_eq: 1}}) { affected_rows } }",
            "constraint-violation",
            "Foreign key violation. update or delete on table \"author\" violates",
        ),
        (
            "{ article(where: {created: {_gt: \"yesterdayish\"}}) { id } }",
            "data-exception",
            "invalid input syntax for type timestamp with time zone: \"yesterdayish\"",
        ),
        (
            "{ article(where: {words: {_gt: \"99999999999999999999\"}}) { id } }",
            "data-exception",
            "value \"99999999999999999999\" is out of range for type bigint",
        ),
    ] {
        let (found, path, text) = stack.error(query, json!({})).await;
        assert_eq!((&*found, &*path), (code, "$"), "{query}: {text}");
        assert!(text.starts_with(message), "{query}: {text}");
    }
}
