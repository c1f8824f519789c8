//! Inserts of a role: columns, presets, checks, upserts, related rows.

use super::{ANN, BOB, Stack, USER, error};
use serde_json::json;

const FAILED: &str = "check constraint of an insert/update permission has failed";

fn insert(id: i32, values: &str) -> String {
    format!("mutation {{ insert_article(objects: [{{id: {id}{values}}}]) {{ affected_rows }} }}")
}

#[tokio::test]
async fn permission_without_columns_grants_all() {
    let stack = Stack::new().await;
    stack.permit("insert", "article", json!({"check": {}})).await;
    stack
        .permit_role(
            "some",
            "insert",
            "article",
            json!({"check": {}, "columns": ["id", "title"]}),
        )
        .await;
    let query = insert(10, ", words: 5, published: true");
    assert_eq!(
        stack.data(USER, &query).await,
        json!({"insert_article": {"affected_rows": 1}})
    );
    let some = &[("x-hasura-role", "some")];
    assert_eq!(
        stack.error(some, &insert(11, ", words: 5")).await,
        error(
            "validation-failed",
            "$.selectionSet.insert_article.args.objects[0].words",
            "field \"words\" not found in type: 'article_insert_input'"
        )
    );
    stack.data(some, &insert(11, ", title: \"t\"")).await;
    // Neither role has a select permission.
    let returning = "mutation { insert_article(objects: [{id: 12}]) { returning { id } } }";
    assert_eq!(
        stack.error(USER, returning).await.2,
        "field \"returning\" not found in type: 'article_mutation_response'"
    );
    assert_eq!(
        stack
            .error(USER, "mutation { insert_article_one(object: {id: 12}) { id } }")
            .await
            .2,
        "field \"insert_article_one\" not found in type: 'mutation_root'"
    );
}

#[tokio::test]
async fn row_that_fails_the_check_is_not_inserted() {
    let stack = Stack::new().await;
    let own = json!({"author_id": "X-Hasura-User-Id"});
    stack.permit("insert", "article", json!({"check": own})).await;
    stack
        .permit("select", "article", json!({"columns": "*", "filter": {}}))
        .await;
    stack.data(ANN, &insert(10, ", author_id: 1")).await;
    assert_eq!(
        stack.error(ANN, &insert(11, ", author_id: 2")).await,
        error(
            "permission-error",
            "$.selectionSet.insert_article.args.objects",
            FAILED
        )
    );
    let one = "mutation { a: insert_article_one(object: {id: 12, author_id: 2}) { id } }";
    assert_eq!(
        stack.error(ANN, one).await,
        error(
            "permission-error",
            "$.selectionSet.insert_article_one.args.object",
            FAILED
        )
    );
    // One row of several, a check that is NULL, and a failure after an insert of another field.
    let several = "mutation { insert_article(objects: [{id: 13, author_id: 1}, {id: 14, author_id: 2}]) { returning { id } } }";
    let null = "mutation { insert_article(objects: [{id: 15}]) { affected_rows } }";
    let after = "mutation { a: insert_article(objects: [{id: 16, author_id: 1}]) { affected_rows } b: insert_article(objects: [{id: 17, author_id: 2}]) { affected_rows } }";
    for query in [several, null, after] {
        let (code, ..) = stack.error(ANN, query).await;
        assert_eq!(code, "permission-error", "{query}");
    }
    assert_eq!(stack.count("SELECT count(*) FROM article WHERE id > 10").await, 0);
    assert_eq!(
        stack.error(USER, &insert(20, "")).await,
        error(
            "not-found",
            "$",
            "missing session variables: \"x-hasura-user-id\""
        )
    );
}

#[tokio::test]
async fn check_sees_defaults_triggers_and_other_tables() {
    let stack = Stack::new().await;
    stack
        .engine
        .sql(
            "CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := 'marked'; RETURN NEW; END $$;
             CREATE TRIGGER mark BEFORE INSERT ON article FOR EACH ROW WHEN (NEW.words = 1) EXECUTE FUNCTION mark()",
        )
        .await;
    let check = json!({
        "published": false, "title": {"_neq": "marked"}, "author": {"name": {"_eq": "Ann"}},
        "_exists": {"_table": "author", "_where": {"id": {"_ceq": ["$", "words"]}}},
    });
    stack.permit("insert", "article", json!({"check": check})).await;
    stack
        .data(USER, &insert(10, ", title: \"t\", author_id: 1, words: 2"))
        .await;
    for values in [
        ", title: \"t\", author_id: 1, words: 1",
        ", title: \"t\", author_id: 2, words: 2",
        ", title: \"t\", author_id: 1, words: 9",
        ", title: \"t\", author_id: 1, words: 2, published: true",
    ] {
        let (code, ..) = stack.error(USER, &insert(11, values)).await;
        assert_eq!(code, "permission-error", "{values}");
    }
}

#[tokio::test]
async fn presets_are_values_of_the_permission_or_the_session() {
    let stack = Stack::new().await;
    stack
        .permit(
            "insert",
            "article",
            json!({"check": {}, "set": {"author_id": "x-hasura-User-Id", "title": "NOW()", "words": 7, "author_name": null}}),
        )
        .await;
    stack.data(BOB, &insert(10, "")).await;
    stack
        .data(
            BOB,
            "mutation { insert_article(objects: [{id: 11, published: true}, {id: 12}]) { affected_rows } }",
        )
        .await;
    let equal =
        "SELECT count(*) FROM article WHERE id >= 10 AND author_id = 2 AND title = 'NOW()' AND words = 7";
    assert_eq!(stack.count(equal).await, 3);
    assert_eq!(
        stack.error(BOB, &insert(13, ", author_id: 1")).await.2,
        "field \"author_id\" not found in type: 'article_insert_input'"
    );
    assert_eq!(
        stack.error(USER, &insert(13, "")).await.2,
        "missing session variables: \"x-hasura-user-id\""
    );
}

#[tokio::test]
async fn upsert_needs_an_update_permission() {
    let stack = Stack::new().await;
    stack.permit("insert", "author", json!({"check": {}})).await;
    let upsert = "mutation { insert_author(objects: [{id: 1, name: \"A\", email: \"e\"}], on_conflict: {constraint: author_pkey, update_columns: [name]}) { affected_rows } }";
    assert_eq!(
        stack.error(ANN, upsert).await,
        error(
            "validation-failed",
            "$.selectionSet.insert_author",
            "\"insert_author\" has no argument named \"on_conflict\""
        )
    );
    stack
        .permit(
            "update",
            "author",
            json!({"columns": ["name"], "filter": {"id": "X-Hasura-User-Id"}, "set": {"email": "preset"}}),
        )
        .await;
    let affected = |rows: i32| json!({"insert_author": {"affected_rows": rows}});
    assert_eq!(stack.data(ANN, upsert).await, affected(1));
    // A row that the update permission does not include is neither changed nor counted.
    assert_eq!(stack.data(BOB, upsert).await, affected(0));
    assert_eq!(
        stack
            .count("SELECT count(*) FROM author WHERE id = 1 AND name = 'A' AND email = 'preset'")
            .await,
        1
    );
    let forbidden = "mutation { insert_author(objects: [{id: 1}], on_conflict: {constraint: author_pkey, update_columns: [email]}) { affected_rows } }";
    assert_eq!(
        stack.error(ANN, forbidden).await.2,
        "unexpected value \"email\" for enum: 'author_update_column'"
    );
}

#[tokio::test]
async fn upserted_row_passes_the_check_of_its_operation() {
    let stack = Stack::new().await;
    stack
        .permit(
            "insert",
            "author",
            json!({"check": {"name": {"_neq": "forbidden"}}}),
        )
        .await;
    stack
        .permit("update", "author", json!({"columns": ["name"], "filter": {}}))
        .await;
    let upsert = |id: i32, name: &str| {
        format!(
            "mutation {{ insert_author(objects: [{{id: {id}, name: \"{name}\"}}], on_conflict: {{constraint: author_pkey, update_columns: [name]}}) {{ affected_rows }} }}"
        )
    };
    // Without a check of the update permission, that of the insert permission applies to both.
    for id in [1, 10] {
        assert_eq!(
            stack.error(USER, &upsert(id, "forbidden")).await.0,
            "permission-error"
        );
    }
    let check = json!({"columns": ["name"], "filter": {}, "check": {"name": {"_like": "u%"}}});
    stack.repermit("update", "author", check).await;
    assert_eq!(stack.error(USER, &upsert(1, "v")).await.0, "permission-error");
    stack.data(USER, &upsert(1, "u")).await;
    stack.data(USER, &upsert(10, "v")).await;
    assert_eq!(
        stack.error(USER, &upsert(11, "forbidden")).await.0,
        "permission-error"
    );
}

#[tokio::test]
async fn related_rows_have_their_own_permissions() {
    let stack = Stack::new().await;
    stack
        .permit(
            "insert",
            "author",
            json!({"check": {"name": {"_neq": "x"}}, "columns": ["id", "name"]}),
        )
        .await;
    let nested = |title: &str| {
        format!(
            "mutation {{ insert_author(objects: [{{id: 10, name: \"n\", articles: {{data: [{{id: 20, title: \"{title}\"}}]}}}}]) {{ affected_rows }} }}"
        )
    };
    assert_eq!(
        stack.error(ANN, &nested("t")).await.2,
        "field \"articles\" not found in type: 'author_insert_input'"
    );
    // The columns that the parent determines need not be permitted, and override presets.
    stack
        .permit(
            "insert",
            "article",
            json!({"check": {"title": {"_neq": "x"}}, "columns": ["id", "title"], "set": {"author_id": "X-Hasura-User-Id", "words": 3}}),
        )
        .await;
    assert_eq!(
        stack.data(ANN, &nested("t")).await,
        json!({"insert_author": {"affected_rows": 2}})
    );
    assert_eq!(
        stack
            .count("SELECT count(*) FROM article WHERE id = 20 AND author_id = 10 AND words = 3")
            .await,
        1
    );
    stack
        .engine
        .sql("DELETE FROM article WHERE id = 20; DELETE FROM author WHERE id = 10")
        .await;
    assert_eq!(
        stack.error(ANN, &nested("x")).await,
        error(
            "permission-error",
            "$.selectionSet.insert_author.args.objects[0].articles.data",
            FAILED
        )
    );
    assert_eq!(stack.count("SELECT count(*) FROM author WHERE id = 10").await, 0);
    let parent = "mutation { insert_article(objects: [{id: 21, title: \"t\", author: {data: {id: 11, name: \"x\"}}}]) { affected_rows } }";
    assert_eq!(
        stack.error(ANN, parent).await,
        error(
            "permission-error",
            "$.selectionSet.insert_article.args.objects[0].author.data",
            FAILED
        )
    );
    stack.data(ANN, &parent.replace("\"x\"", "\"m\"")).await;
    assert_eq!(
        stack
            .count("SELECT count(*) FROM article WHERE id = 21 AND author_id = 11")
            .await,
        1
    );
}

#[tokio::test]
async fn backend_only_mutation_needs_the_header() {
    let stack = Stack::new().await;
    stack
        .permit("insert", "article", json!({"check": {}, "backend_only": true}))
        .await;
    stack.permit("delete", "article", json!({"filter": {}})).await;
    let query = insert(10, "");
    let missing = "field \"insert_article\" not found in type: 'mutation_root'";
    let with = |value: &'static str| [USER[0], ("x-hasura-use-backend-only-permissions", value)];
    assert_eq!(stack.error(USER, &query).await.2, missing);
    assert_eq!(stack.error(&with("No"), &query).await.2, missing);
    stack.data(&with("TRUE"), &query).await;
    let (code, path, message) = stack.error(&with("maybe"), &query).await;
    assert_eq!((&*code, &*path), ("bad-request", "$"));
    assert!(
        message.starts_with("x-hasura-use-backend-only-permissions:  Not a valid boolean text."),
        "{message}"
    );
}
