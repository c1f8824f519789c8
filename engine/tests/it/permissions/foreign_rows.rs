//! Nested inserts and upserts that name rows of others: a row is neither changed nor becomes the parent or the child of an own one.

use super::{ANN, BOB, Stack};
use serde_json::json;

/// Each user has one author and its articles. Nothing but the conditions of the permissions separates them.
async fn stack() -> Stack {
    let stack = Stack::new().await;
    let own_author = json!({"id": "X-Hasura-User-Id"});
    let own_article = json!({"author_id": "X-Hasura-User-Id"});
    for (table, own, columns) in [
        ("author", own_author, json!(["id", "name"])),
        ("article", own_article, json!(["id", "title", "author_id"])),
    ] {
        stack
            .permit("select", table, json!({"columns": columns, "filter": own}))
            .await;
        stack
            .permit("insert", table, json!({"columns": columns, "check": own}))
            .await;
        stack
            .permit(
                "update",
                table,
                json!({"columns": columns, "filter": own, "check": own}),
            )
            .await;
    }
    stack
}

async fn rows(stack: &Stack) -> String {
    let client = stack.database.connect().await;
    let sql = "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM
        (SELECT author::text AS t FROM author UNION ALL SELECT article::text FROM article) AS all_rows";
    client.query_one(sql, &[]).await.expect("the rows").get(0)
}

#[tokio::test]
async fn rows_of_others_are_neither_parents_nor_children() {
    let stack = stack().await;
    let before = rows(&stack).await;
    let on_author =
        |columns: &str| format!("on_conflict: {{constraint: author_pkey, update_columns: [{columns}]}}");
    let on_article =
        |columns: &str| format!("on_conflict: {{constraint: article_pkey, update_columns: [{columns}]}}");
    let mut mutations = Vec::new();
    // An own article below the author of another user, who exists: by key, as a nested row, and by an upsert of that row.
    mutations.push((
        "insert_article(objects: {id: 20, author_id: 2})".to_owned(),
        "permission-error",
    ));
    mutations.push((
        "insert_article(objects: {id: 20, author: {data: {id: 2, name: \"x\"}}})".to_owned(),
        "constraint-violation",
    ));
    for columns in ["", "name", "id, name"] {
        mutations.push((
            format!(
                "insert_article(objects: {{id: 20, author: {{data: {{id: 2, name: \"x\"}}, {}}}}})",
                on_author(columns)
            ),
            "not-supported",
        ));
    }
    // Articles of another user below the own author.
    for columns in ["author_id", "title, author_id"] {
        mutations.push((
            format!(
                "insert_author(objects: {{id: 1, name: \"Ann\", articles: {{data: {{id: 3, title: \"x\"}}, {}}}}}, {})",
                on_article(columns),
                on_author("name")
            ),
            "no rows",
        ));
        mutations.push((
            format!(
                "insert_article(objects: {{id: 3, author_id: 1, title: \"x\"}}, {})",
                on_article(columns)
            ),
            "no rows",
        ));
    }
    // An own article that an upsert gives away.
    mutations.push((
        format!(
            "insert_article(objects: {{id: 1, author_id: 2}}, {})",
            on_article("author_id")
        ),
        "permission-error",
    ));
    mutations.push((
        "update_article(where: {id: {_eq: 1}}, _set: {author_id: 2})".to_owned(),
        "permission-error",
    ));
    // The condition of the client replaces no condition of the permission.
    mutations.push((
        "insert_article(objects: {id: 3, author_id: 1}, on_conflict: {constraint: article_pkey, update_columns: [author_id], where: {_or: [{}, {id: {_gt: 0}}]}})"
            .to_owned(),
        "no rows",
    ));
    for (mutation, expected) in &mutations {
        let query = format!("mutation {{ m: {mutation} {{ affected_rows }} }}");
        if *expected == "no rows" {
            // The upsert of the own author counts.
            let data = stack.data(ANN, &query).await;
            let own = i32::from(mutation.starts_with("insert_author"));
            assert_eq!(data["m"]["affected_rows"], own, "{mutation}");
        } else {
            assert_eq!(stack.error(ANN, &query).await.0, *expected, "{mutation}");
        }
        assert_eq!(rows(&stack).await, before, "{mutation}");
    }
    // The same for the owner.
    let taken = "mutation { insert_article(objects: {id: 3, author_id: 2, title: \"x\"}, on_conflict: {constraint: article_pkey, update_columns: [title]}) { returning { title } } }";
    assert_eq!(
        stack.data(BOB, taken).await,
        json!({"insert_article": {"returning": [{"title": "x"}]}})
    );
}

#[tokio::test]
async fn nested_upsert_needs_an_update_permission_of_its_table() {
    let stack = stack().await;
    let args = json!({"table": "author", "role": "user"});
    stack.engine.command("drop_update_permission", args).await;
    let nested = "mutation { insert_article(objects: {id: 20, author: {data: {id: 1, name: \"x\"}, on_conflict: {constraint: author_pkey, update_columns: []}}}) { affected_rows } }";
    let (code, _, message) = stack.error(ANN, nested).await;
    assert_eq!(code, "validation-failed");
    assert!(message.contains("on_conflict"), "{message}");
    let through_a_variable = json!({"objects": [{"id": 20, "author": {
        "data": {"id": 1, "name": "x"}, "on_conflict": {"constraint": "author_pkey", "update_columns": []}}}]});
    let query = "mutation ($objects: [article_insert_input!]!) { insert_article(objects: $objects) { affected_rows } }";
    let answer = stack.graphql(ANN, query, through_a_variable).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "validation-failed",
        "{answer}"
    );
    assert_eq!(stack.count("SELECT count(*) FROM article WHERE id = 20").await, 0);
}
