//! The language of filters.

use super::{ANN, BOB, Stack, USER, error};
use serde_json::{Value, json};

const AUTHORS: &str = "{ author(order_by: {id: asc}) { id } }";
const ARTICLES: &str = "{ article(order_by: {id: asc}) { id } }";

fn readable(columns: &[&str], filter: &Value) -> Value {
    json!({"columns": columns, "filter": filter})
}

#[tokio::test]
async fn filter_restricts_rows_to_those_of_the_session() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "article",
            readable(&["id"], &json!({"author_id": "X-Hasura-User-Id"})),
        )
        .await;
    assert_eq!(stack.ids(ANN, ARTICLES).await, [1, 2]);
    assert_eq!(stack.ids(BOB, ARTICLES).await, [3, 4]);
    // The client's condition is a further restriction.
    let all = "{ article(where: {_or: [{}, {id: {_gt: 0}}]}, order_by: {id: asc}) { id } }";
    assert_eq!(stack.ids(ANN, all).await, [1, 2]);
}

#[tokio::test]
async fn only_whole_values_are_session_variables() {
    let stack = Stack::new().await;
    stack
        .engine
        .sql("INSERT INTO author VALUES (9, 'X-Hasura-Name')")
        .await;
    let in_list = |column: &str, values: Value| readable(&["id"], &json!({column: {"_in": values}}));
    stack
        .permit("select", "author", in_list("name", json!(["X-Hasura-Name"])))
        .await;
    let ann = &[ANN[0], ("x-hasura-name", "Ann"), ("x-hasura-ids", "{1,3}")];
    assert_eq!(stack.ids(ann, AUTHORS).await, [9]);
    // One variable is the whole list, as an array literal.
    stack
        .repermit("select", "author", in_list("id", json!("X-Hasura-Ids")))
        .await;
    assert_eq!(stack.ids(ann, AUTHORS).await, [1, 3]);
    stack
        .repermit(
            "select",
            "author",
            readable(&["id"], &json!({"id": {"$nin": "x-hasura-ids"}})),
        )
        .await;
    assert_eq!(stack.ids(ann, AUTHORS).await, [2, 9]);
    // In a list of integers the text is accepted, and each request fails.
    stack
        .repermit("select", "author", in_list("id", json!(["X-Hasura-User-Id"])))
        .await;
    let (code, ..) = stack.error(ANN, AUTHORS).await;
    assert_eq!(code, "data-exception");
}

/// Values of a session variable, each with the ids of the rows that it permits.
type Lists<'l> = &'l [(&'l str, &'l [i64])];

/// The text of a list is one of Postgres, in which null permits nothing, and quotes and commas are part of a value.
#[tokio::test]
async fn list_of_a_session_has_nulls_quotes_and_commas() {
    let stack = Stack::new().await;
    stack
        .engine
        .sql("INSERT INTO author VALUES (4, 'a,\"b\"'), (5, ''), (6, 'NULL'), (7, NULL), (8, '{Ann}')")
        .await;
    let names = |operator: &str| readable(&["id"], &json!({"name": {operator: "X-Hasura-Names"}}));
    let ids = |operator: &str| readable(&["id"], &json!({"id": {operator: "X-Hasura-Ids"}}));
    let mut is_permitted = false;
    let cases: [(Value, &str, Lists<'_>); 4] = [
        (
            names("_in"),
            "x-hasura-names",
            &[
                ("{Ann,NULL}", &[1]),
                ("{NULL}", &[]),
                ("{\"NULL\"}", &[6]),
                ("{}", &[]),
                ("{\"\"}", &[5]),
                (r#"{"a,\"b\"","Bob"}"#, &[2, 4]),
                (r#"{"{Ann}"}"#, &[8]),
                ("{\"Ann'; DROP TABLE author; --\"}", &[]),
            ],
        ),
        (
            names("_nin"),
            "x-hasura-names",
            &[
                ("{Ann}", &[2, 3, 4, 5, 6, 8]),
                ("{Ann,NULL}", &[]),
                ("{}", &[1, 2, 3, 4, 5, 6, 7, 8]),
            ],
        ),
        (
            ids("_in"),
            "x-hasura-ids",
            &[
                ("{1,NULL,3}", &[1, 3]),
                ("{ 1 , 3 }", &[1, 3]),
                ("{{1,2},{3,4}}", &[1, 2, 3, 4]),
                ("{2147483647}", &[]),
            ],
        ),
        (
            ids("_nin"),
            "x-hasura-ids",
            &[("{1,NULL}", &[]), ("{1,2,3,4,5}", &[6, 7, 8])],
        ),
    ];
    for (permission, variable, values) in cases {
        if is_permitted {
            stack.repermit("select", "author", permission.clone()).await;
        } else {
            stack.permit("select", "author", permission.clone()).await;
            is_permitted = true;
        }
        for (value, expected) in values {
            let session = &[ANN[0], (variable, *value)];
            assert_eq!(
                stack.ids(session, AUTHORS).await,
                *expected,
                "{permission} {value}"
            );
        }
        for malformed in ["", "1", "{1", "[1]", "{\"1}", "1}", "{1}}"] {
            let session = &[ANN[0], (variable, malformed)];
            let (code, ..) = stack.error(session, AUTHORS).await;
            assert_eq!(code, "data-exception", "{permission} {malformed}");
        }
        let (code, ..) = stack.error(ANN, AUTHORS).await;
        assert_eq!(code, "not-found", "{permission}");
    }
    for malformed in ["{one}", "{1.5}", "{2147483648}", "{1;2}"] {
        let session = &[ANN[0], ("x-hasura-ids", malformed)];
        assert_eq!(
            stack.error(session, AUTHORS).await.0,
            "data-exception",
            "{malformed}"
        );
    }
}

#[tokio::test]
async fn equality_is_null_safe_in_permissions_only() {
    let stack = Stack::new().await;
    let columns = ["id", "email", "editor_id"];
    for (filter, expected) in [
        (json!({"email": {"_eq": null}}), vec![3]),
        (json!({"email": null}), vec![3]),
        (json!({"email": {"_ne": null}}), vec![1, 2]),
        (json!({"_not": {"email": {"_eq": null}}}), vec![1, 2]),
        (json!({"id": {"_ceq": "editor_id"}}), vec![1, 3]),
        // Comparisons of columns are not null-safe.
        (json!({"id": {"_cne": ["editor_id"]}}), vec![]),
    ] {
        stack
            .permit("select", "author", readable(&columns, &filter))
            .await;
        assert_eq!(stack.ids(USER, AUTHORS).await, expected, "{filter}");
        let drop = json!({"table": "author", "role": "user"});
        stack.engine.command("drop_select_permission", drop).await;
    }
    stack
        .permit("select", "author", readable(&columns, &json!({})))
        .await;
    let by_null = "{ author(where: {email: {_eq: null}}) { id } }";
    assert_eq!(
        stack.error(USER, by_null).await,
        error(
            "validation-failed",
            "$.selectionSet.author.args.where.email._eq",
            "unexpected null value for type \"String\""
        )
    );
}

#[tokio::test]
async fn relationship_applies_the_other_permission_in_client_conditions_only() {
    let stack = Stack::new().await;
    // Articles of authors that have an unpublished article: the role cannot read those articles.
    let unpublished = json!({"articles": {"published": {"_eq": false}}});
    stack
        .permit("select", "author", readable(&["id", "name"], &unpublished))
        .await;
    stack
        .permit(
            "select",
            "article",
            readable(&["id", "published"], &json!({"published": true})),
        )
        .await;
    assert_eq!(stack.ids(USER, AUTHORS).await, [1, 2]);
    let by_client = "{ author(where: {articles: {published: {_eq: false}}}) { id } }";
    assert_eq!(stack.ids(USER, by_client).await, [0; 0]);
    // The same for orders and for the object relationship of an invisible row.
    let aggregated = "{ author(where: {articles: {id: {_eq: 2}}}) { id } }";
    assert_eq!(stack.ids(USER, aggregated).await, [0; 0]);
}

#[tokio::test]
async fn root_column_is_that_of_the_permission_at_any_depth() {
    let stack = Stack::new().await;
    let same_name = json!({"author": {"name": {"_ceq": ["$", "author_name"]}}});
    stack
        .permit("select", "article", readable(&["id"], &same_name))
        .await;
    assert_eq!(stack.ids(USER, ARTICLES).await, [1, 2, 3]);
    let exists = json!({"_exists": {"_table": "author", "_where": {
        "_and": [{"name": {"_ceq": ["$", "author_name"]}}, {"id": {"_eq": "X-Hasura-User-Id"}}],
    }}});
    stack
        .repermit("select", "article", readable(&["id"], &exists))
        .await;
    assert_eq!(stack.ids(BOB, ARTICLES).await, [3]);
    // Also where the table is not the root of the operation.
    stack
        .permit("select", "author", readable(&["id"], &json!({})))
        .await;
    let nested = "{ author(where: {articles: {}}) { id articles { id } } }";
    let expected = json!({"author": [{"id": 2, "articles": [{"id": 3}]}]});
    assert_eq!(stack.data(BOB, nested).await, expected);
}

#[tokio::test]
async fn empty_disjunction_is_false_and_empty_conjunction_true() {
    let stack = Stack::new().await;
    for (filter, rows) in [
        (json!({"_or": []}), 0),
        (json!({"$and": []}), 3),
        (json!({}), 3),
        (json!({"_not": {}}), 0),
        (json!({"id": {}}), 3),
    ] {
        stack.permit("select", "author", readable(&["id"], &filter)).await;
        assert_eq!(stack.ids(USER, AUTHORS).await.len(), rows, "{filter}");
        let drop = json!({"table": "author", "role": "user"});
        stack.engine.command("drop_select_permission", drop).await;
    }
}

#[tokio::test]
async fn role_is_a_session_variable() {
    let stack = Stack::new().await;
    stack
        .engine
        .sql("UPDATE author SET email = 'user' WHERE id = 2")
        .await;
    stack
        .permit(
            "select",
            "author",
            readable(&["id"], &json!({"email": "X-Hasura-Role"})),
        )
        .await;
    assert_eq!(stack.ids(USER, AUTHORS).await, [2]);
}

#[tokio::test]
async fn malformed_session_variable_is_the_clients_error() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "author",
            readable(&["id"], &json!({"id": "X-Hasura-User-Id"})),
        )
        .await;
    let session = &[ANN[0], ("x-hasura-user-id", "1 OR true")];
    let (code, _, message) = stack.error(session, AUTHORS).await;
    assert_eq!(code, "data-exception");
    assert_eq!(message, "invalid input syntax for type integer: \"1 OR true\"");
}

#[tokio::test]
async fn only_variables_that_the_statement_uses_are_required() {
    let stack = Stack::new().await;
    stack
        .permit("select", "author", json!({"columns": ["id"], "filter": {}}))
        .await;
    let filter = json!({"author_id": "X-Hasura-User-Id", "words": {"_gt": "X-Hasura-Words"}});
    stack
        .permit("select", "article", readable(&["id"], &filter))
        .await;
    assert_eq!(stack.ids(USER, AUTHORS).await, [1, 2, 3]);
    for query in [
        ARTICLES,
        "{ author { id articles { id } } }",
        "{ author(where: {articles: {}}) { id } }",
        "{ author(where: {articles: {id: {_eq: 1}}}) { id } }",
    ] {
        assert_eq!(
            stack.error(USER, query).await,
            error(
                "not-found",
                "$",
                "missing session variables: \"x-hasura-user-id\", \"x-hasura-words\""
            ),
            "{query}"
        );
    }
    let (_, _, message) = stack.error(ANN, ARTICLES).await;
    assert_eq!(message, "missing session variables: \"x-hasura-words\"");
}
