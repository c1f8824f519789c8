//! Queries of a role: columns, limits, aggregates, root fields, introspection.

use super::subscriptions::socket;
use super::{ANN, Stack, USER, error};
use serde_json::{Value, json};

#[tokio::test]
async fn columns_that_are_not_permitted_do_not_exist() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "author",
            json!({"columns": ["id", "name"], "filter": {}}),
        )
        .await;
    assert_eq!(
        stack.error(USER, "{ author { id email } }").await,
        error(
            "validation-failed",
            "$.selectionSet.author.selectionSet.email",
            "field \"email\" not found in type: 'author'"
        )
    );
    assert_eq!(
        stack.error(USER, "{ author { id articles { id } } }").await.2,
        "field \"articles\" not found in type: 'author'"
    );
    assert_eq!(
        stack.error(USER, "{ article { id } }").await,
        error(
            "validation-failed",
            "$.selectionSet.article",
            "field \"article\" not found in type: 'query_root'"
        )
    );
    assert_eq!(
        stack
            .error(USER, "mutation { delete_author(where: {}) { affected_rows } }")
            .await,
        error("validation-failed", "$", "no mutations exist")
    );
}

#[tokio::test]
async fn star_includes_columns_that_are_added_later() {
    let stack = Stack::new().await;
    stack
        .permit("select", "author", json!({"columns": "*", "filter": {}}))
        .await;
    stack
        .permit_role(
            "listed",
            "select",
            "author",
            json!({"columns": ["id", "name"], "filter": {}}),
        )
        .await;
    stack.engine.sql("ALTER TABLE author ADD COLUMN born date").await;
    let query = "{ author(limit: 1, order_by: {id: asc}) { id born } }";
    assert_eq!(
        stack.data(USER, query).await,
        json!({"author": [{"id": 1, "born": null}]})
    );
    let (_, _, message) = stack.error(&[("x-hasura-role", "listed")], query).await;
    assert_eq!(message, "field \"born\" not found in type: 'author'");
}

#[tokio::test]
async fn limit_applies_to_lists_and_nodes() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": "*", "filter": {}, "limit": 2, "allow_aggregations": true}),
        )
        .await;
    stack
        .permit("select", "author", json!({"columns": "*", "filter": {}}))
        .await;
    for (arguments, expected) in [
        ("order_by: {id: asc}", vec![1, 2]),
        ("order_by: {id: asc}, limit: 3", vec![1, 2]),
        ("order_by: {id: asc}, limit: 1", vec![1]),
        ("order_by: {id: asc}, offset: 3", vec![4]),
    ] {
        let query = format!("{{ article({arguments}) {{ id }} }}");
        assert_eq!(stack.ids(USER, &query).await, expected, "{arguments}");
    }
    let variable = "query ($n: Int) { article(limit: $n, order_by: {id: asc}) { id } }";
    for (limit, rows) in [(json!(1), 1), (json!(9), 2), (Value::Null, 2)] {
        let answer = stack.graphql(USER, variable, json!({"n": limit})).await;
        assert_eq!(
            answer["data"]["article"].as_array().map(Vec::len),
            Some(rows),
            "{limit}"
        );
    }
    // The permission's limit does not restrict the aggregates, that of the client does.
    let aggregate =
        "{ article_aggregate(order_by: {id: asc}) { aggregate { count max { id } } nodes { id } } }";
    let expected = json!({"article_aggregate": {
        "aggregate": {"count": 4, "max": {"id": 4}}, "nodes": [{"id": 1}, {"id": 2}],
    }});
    assert_eq!(stack.data(USER, aggregate).await, expected);
    let limited = "{ article_aggregate(order_by: {id: asc}, limit: 3) { aggregate { count } nodes { id } } }";
    let expected = json!({"article_aggregate": {"aggregate": {"count": 3}, "nodes": [{"id": 1}, {"id": 2}]}});
    assert_eq!(stack.data(USER, limited).await, expected);
    // Per parent row, and not for single rows.
    stack.engine.sql("INSERT INTO article VALUES (5, 'a3', 1)").await;
    let nested = "{ author(where: {id: {_eq: 1}}) { articles(order_by: {id: desc}) { id } articles_aggregate { aggregate { count } nodes { id } } } }";
    let data = stack.data(USER, nested).await;
    assert_eq!(data["author"][0]["articles"], json!([{"id": 5}, {"id": 2}]));
    assert_eq!(data["author"][0]["articles_aggregate"]["aggregate"]["count"], 3);
    assert_eq!(
        data["author"][0]["articles_aggregate"]["nodes"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    stack
        .repermit(
            "select",
            "article",
            json!({"columns": "*", "filter": {}, "limit": 0}),
        )
        .await;
    assert_eq!(stack.ids(USER, "{ article { id } }").await, [0; 0]);
    assert_eq!(
        stack.data(USER, "{ article_by_pk(id: 3) { id } }").await,
        json!({"article_by_pk": {"id": 3}})
    );
}

#[tokio::test]
async fn filtered_row_of_by_pk_and_object_relationship_is_null() {
    let stack = Stack::new().await;
    let own = json!({"id": {"_eq": "X-Hasura-User-Id"}});
    stack
        .permit(
            "select",
            "author",
            json!({"columns": ["id", "name"], "filter": own}),
        )
        .await;
    stack
        .permit("select", "article", json!({"columns": ["id"], "filter": {}}))
        .await;
    assert_eq!(
        stack
            .data(
                ANN,
                "{ a: author_by_pk(id: 1) { id } b: author_by_pk(id: 2) { id } }"
            )
            .await,
        json!({"a": {"id": 1}, "b": null})
    );
    let articles = "{ article(where: {id: {_in: [1, 3]}}, order_by: {id: asc}) { id author { name } } }";
    assert_eq!(
        stack.data(ANN, articles).await,
        json!({"article": [{"id": 1, "author": {"name": "Ann"}}, {"id": 3, "author": null}]})
    );
    // Orders and aggregate conditions do not reveal invisible rows either.
    let ordered = "{ article(order_by: [{author: {name: desc_nulls_last}}, {id: asc}]) { id } }";
    assert_eq!(stack.ids(ANN, ordered).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn aggregates_need_the_permission() {
    let stack = Stack::new().await;
    stack
        .permit("select", "author", json!({"columns": "*", "filter": {}}))
        .await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": "*", "filter": {"published": true}}),
        )
        .await;
    stack
        .permit("update", "author", json!({"columns": ["name"], "filter": {}}))
        .await;
    for query in [
        "{ article_aggregate { aggregate { count } } }",
        "{ author { articles_aggregate { aggregate { count } } } }",
        "{ author(order_by: {articles_aggregate: {count: asc}}) { id } }",
        "{ author(where: {articles_aggregate: {count: {predicate: {_gt: 1}}}}) { id } }",
        "{ article { author { articles_aggregate { nodes { id } } } } }",
        "{ article(where: {author: {articles_aggregate: {count: {predicate: {_gt: 1}}}}}) { id } }",
        "{ article(order_by: {author: {articles_aggregate: {max: {words: desc}}}}) { id } }",
        "{ article { author { articles(where: {author: {articles_aggregate: {}}}) { id } } } }",
        "subscription { author { articles_aggregate { aggregate { count } } } }",
        "subscription { author_stream(batch_size: 1, cursor: {initial_value: {id: 0}}) { articles_aggregate { aggregate { count } } } }",
        "mutation { update_author(where: {articles_aggregate: {count: {predicate: {_gt: 1}}}}, _set: {name: \"x\"}) { affected_rows } }",
        "mutation { update_author(where: {}, _set: {name: \"x\"}) { returning { articles_aggregate { aggregate { count } } } } }",
    ] {
        if query.starts_with("subscription") {
            let mut socket = socket(&stack, json!({"x-hasura-role": "user"})).await;
            socket.start("s", query, json!({})).await;
            let refused = socket.expect("s", "error").await.to_string();
            assert!(refused.contains("not found in type"), "{query}: {refused}");
            continue;
        }
        let (code, _, message) = stack.error(USER, query).await;
        assert_eq!(code, "validation-failed", "{query}");
        assert!(message.contains("not found in type"), "{message}");
    }
    stack
        .repermit(
            "select",
            "article",
            json!({"columns": ["id"], "filter": {"published": true}, "allow_aggregations": true}),
        )
        .await;
    assert_eq!(
        stack
            .data(USER, "{ article_aggregate { aggregate { count } } }")
            .await,
        json!({"article_aggregate": {"aggregate": {"count": 2}}})
    );
    // Aggregates in conditions and orders count visible rows.
    let one =
        "{ author(where: {articles_aggregate: {count: {predicate: {_eq: 1}}}}, order_by: {id: asc}) { id } }";
    assert_eq!(stack.ids(USER, one).await, [1, 2]);
}

#[tokio::test]
async fn root_fields_can_be_switched_off() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "author",
            json!({"columns": "*", "filter": {}, "query_root_fields": ["select_by_pk"], "subscription_root_fields": []}),
        )
        .await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": "*", "filter": {}, "query_root_fields": []}),
        )
        .await;
    let by_pk =
        "{ author_by_pk(id: 1) { name articles(order_by: {id: asc}, limit: 1) { id author { id } } } }";
    assert_eq!(
        stack.data(USER, by_pk).await,
        json!({"author_by_pk": {"name": "Ann", "articles": [{"id": 1, "author": {"id": 1}}]}})
    );
    for field in ["author", "article", "article_by_pk(id: 1)"] {
        let (code, ..) = stack.error(USER, &format!("{{ {field} {{ id }} }}")).await;
        assert_eq!(code, "validation-failed", "{field}");
    }
}

#[tokio::test]
async fn unknown_role_has_an_empty_schema() {
    let stack = Stack::new().await;
    stack
        .permit("select", "author", json!({"columns": "*", "filter": {}}))
        .await;
    let stranger = &[("x-hasura-role", "stranger"), ("x-hasura-user-id", "1")];
    let schema = "{ __schema { queryType { name fields { name } } mutationType { name } subscriptionType { name } } no_queries_available }";
    assert_eq!(
        stack.data(stranger, schema).await,
        json!({
            "__schema": {
                "queryType": {"name": "query_root", "fields": [{"name": "no_queries_available"}]},
                "mutationType": null, "subscriptionType": null,
            },
            "no_queries_available": null,
        })
    );
    let (_, _, message) = stack.error(stranger, "{ author { id } }").await;
    assert_eq!(message, "field \"author\" not found in type: 'query_root'");
}

#[tokio::test]
async fn users_of_a_role_share_a_plan() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id"], "filter": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
    let query = "query ($id: Int!) { article_by_pk(id: $id) { id } }";
    let translations = || stack.engine.engine.graphql.schema.load().plans().translations();
    let before = translations();
    for user in 1..=50 {
        let user = user.to_string();
        let session = &[ANN[0], ("x-hasura-user-id", user.as_str())];
        let answer = stack.graphql(session, query, json!({"id": 2})).await;
        let expected = if user == "1" {
            json!({"id": 2})
        } else {
            Value::Null
        };
        assert_eq!(answer["data"]["article_by_pk"], expected, "{user}");
    }
    assert_eq!(translations() - before, 1);
}

#[tokio::test]
async fn explain_shows_the_filter_with_the_values_of_a_session() {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id"], "filter": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
    let body = |user: Value| json!({"user": user, "query": {"query": "{ article { id } }"}});
    let explain = async |user: Value| stack.engine.post("/v1/graphql/explain", &[], &body(user)).await;
    let (status, answer) = explain(json!({"x-hasura-role": "user", "X-Hasura-User-Id": "2"})).await;
    assert_eq!(status, 200, "{answer}");
    let sql = answer[0]["sql"].as_str().unwrap();
    assert!(sql.contains("\"author_id\" = ('2')::integer"), "{sql}");
    assert!(
        answer[0]["plan"]
            .as_array()
            .is_some_and(|lines| !lines.is_empty())
    );
    let client = stack.database.connect().await;
    let rows: Value = client
        .query_one(sql, &[])
        .await
        .expect("the statement is complete")
        .get(0);
    assert_eq!(rows, json!([{"id": 3}, {"id": 4}]));
    let (status, answer) = explain(json!({"x-hasura-role": "user"})).await;
    assert_eq!((status, &answer["code"]), (400, &json!("unexpected-payload")));
    assert_eq!(
        answer["error"],
        "missing required session variable for role \"user\" : x-hasura-user-id"
    );
}
