//! Variables without a value.

use super::TestStack;
use serde_json::json;

#[tokio::test]
async fn unset_variable_never_addresses_all_rows() {
    let stack = TestStack::new().await;
    for query in [
        "mutation ($id: Int) { delete_article(where: {id: {_eq: $id}}) { affected_rows } }",
        "mutation ($ids: [Int!]) { delete_article(where: {id: {_in: $ids}}) { affected_rows } }",
        "mutation ($id: Int) { delete_article(where: {author: {id: {_eq: $id}}}) { affected_rows } }",
        "mutation ($id: Int) { update_article(where: {id: {_eq: $id}}, _set: {title: \"x\"}) { affected_rows } }",
        "query ($id: Int) { article(where: {id: {_neq: $id}}) { id } }",
        "query ($id: Int) { article_aggregate(where: {id: {_eq: $id}}) { aggregate { count } } }",
    ] {
        for variables in [json!({}), json!({"id": null})] {
            if query.contains("$ids") && variables.get("id").is_some() {
                continue;
            }
            let (code, path, message) = stack.error(query, variables).await;
            assert_eq!(code, "validation-failed", "{query}");
            assert!(path.contains(".args.where."), "{query}: {path}");
            assert_eq!(message, "unexpected null value for type \"Int\"", "{query}");
        }
    }
    let titles = stack.column("SELECT title FROM article ORDER BY id").await;
    assert_eq!(titles, ["One", "Two", "Three", "Four"]);
}

#[tokio::test]
async fn unset_variable_sets_a_column_to_null() {
    let stack = TestStack::new().await;
    let data = stack
        .data(
            "mutation ($v: String, $n: bigint) {
               update_author_by_pk(pk_columns: {id: 1}, _set: {name: $v}) { name }
               insert_odd_one(object: {select: 1, Mixed: $v}) { Mixed }
               insert_article_one(object: {title: \"t\", author_id: 1, words: $n}) { words } }",
            json!({}),
        )
        .await;
    assert_eq!(data["update_author_by_pk"]["name"], json!(null));
    assert_eq!(data["insert_odd_one"]["Mixed"], json!(null), "not the default");
    assert_eq!(data["insert_article_one"]["words"], json!(null));
    let (code, _, message) = stack
        .error(
            "mutation ($title: String) { insert_article_one(object: {title: $title, author_id: 1}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "constraint-violation");
    assert!(message.starts_with("Not-NULL violation."), "{message}");
}

#[tokio::test]
async fn null_collapse_of_v1_requires_its_option() {
    let stack = TestStack::with(&["--v1-boolean-null-collapse"]).await;
    let query =
        "query ($id: Int, $by: article_bool_exp) { article(where: {id: {_eq: $id}, _not: $by}) { id } }";
    let data = stack.data(query, json!({"by": null})).await;
    assert_eq!(data["article"].as_array().unwrap().len(), 4);
    let data = stack.data(query, json!({"id": 2})).await;
    assert_eq!(data["article"], json!([{"id": 2}]));
}
