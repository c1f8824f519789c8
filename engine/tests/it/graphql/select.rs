//! Queries.

use super::TestStack;
use serde_json::json;

#[tokio::test]
async fn select_returns_relationships_in_requested_order() {
    let stack = TestStack::new().await;
    let data = stack
        .data(
            "query ($min: Int!) { author(where: {id: {_gte: $min}}, order_by: {name: desc}) {
               name articles(order_by: {id: desc}, limit: 1) { title author { name } }
               articles_aggregate { aggregate { count max { title } sum { words } } } } }",
            json!({"min": 1}),
        )
        .await;
    let expected = r#"{"author":[{"name":"Cy","articles":[],"articles_aggregate":{"aggregate":{"count":0,"max":{"title":null},"sum":{"words":null}}}},{"name":"Bob","articles":[{"title":"Four","author":{"name":"Bob"}}],"articles_aggregate":{"aggregate":{"count":2,"max":{"title":"Three"},"sum":{"words":"300"}}}},{"name":"Ann","articles":[{"title":"Two","author":{"name":"Ann"}}],"articles_aggregate":{"aggregate":{"count":2,"max":{"title":"Two"},"sum":{"words":"9007199254741093"}}}}]}"#;
    assert_eq!(data.to_string(), expected, "keys have the order of the selection");
}

#[tokio::test]
async fn where_supports_every_operator() {
    let stack = TestStack::new().await;
    for (condition, titles) in [
        (json!({}), vec!["One", "Two", "Three", "Four"]),
        (json!({"title": {"_like": "T%"}}), vec!["Two", "Three"]),
        (json!({"title": {"_nilike": "t%"}}), vec!["One", "Four"]),
        (json!({"title": {"_similar": "(One|Four)"}}), vec!["One", "Four"]),
        (json!({"title": {"_regex": "^T.*e$"}}), vec!["Three"]),
        (json!({"title": {"_niregex": "O"}}), vec!["Three"]),
        (json!({"words": {"_is_null": true}}), vec!["Four"]),
        (json!({"words": {"_eq": "9007199254740993"}}), vec!["Two"]),
        (json!({"id": {"_in": [1, 4]}}), vec!["One", "Four"]),
        (json!({"id": {"_in": []}}), vec![]),
        (json!({"id": {"_nin": []}}), vec!["One", "Two", "Three", "Four"]),
        (json!({"id": {"_nin": [1, 2]}}), vec!["Three", "Four"]),
        (
            json!({"_or": [{"id": {"_eq": 1}}, {"author": {"name": {"_eq": "Bob"}}}]}),
            vec!["One", "Three", "Four"],
        ),
        (json!({"_or": []}), vec![]),
        (json!({"_and": []}), vec!["One", "Two", "Three", "Four"]),
        (json!({"_not": {"is_published": {"_eq": true}}}), vec!["Two"]),
        (
            json!({"author": {"info": {"_has_key": "tags"}}}),
            vec!["One", "Two"],
        ),
        (
            json!({"author": {"info": {"_contains": {"tags": ["a"]}}}}),
            vec!["One", "Two"],
        ),
        (
            json!({"author": {"info": {"_contained_in": {"age": 40, "x": 1}}}}),
            vec!["Three", "Four"],
        ),
        (
            json!({"author": {"info": {"_has_keys_any": ["zzz", "tags"]}}}),
            vec!["One", "Two"],
        ),
        (
            json!({"author": {"info": {"_has_keys_all": ["age", "tags"]}}}),
            vec!["One", "Two"],
        ),
        (
            json!({"author": {"info": {"_cast": {"String": {"_like": "%40%"}}}}}),
            vec!["Three", "Four"],
        ),
        (
            json!({"author": {"emails": {"_contained_in": ["x"]}}}),
            vec!["One", "Two", "Three", "Four"],
        ),
        (
            json!({"created": {"_gt": "2000-01-01"}, "id": {"_lt": 2}}),
            vec!["One"],
        ),
    ] {
        let query =
            "query ($where: article_bool_exp) { article(where: $where, order_by: {id: asc}) { title } }";
        let data = stack.data(query, json!({"where": condition})).await;
        let found: Vec<&str> = data["article"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["title"].as_str().unwrap())
            .collect();
        assert_eq!(found, titles, "{condition}");
    }
    let all = stack
        .data(
            "query ($where: article_bool_exp) { article(where: $where) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(
        all["article"].as_array().unwrap().len(),
        4,
        "an omitted variable adds no condition"
    );
}

#[tokio::test]
async fn order_by_supports_every_form() {
    let stack = TestStack::new().await;
    for (order, ids) in [
        (json!([{"words": "desc"}]), vec![4, 2, 3, 1]),
        (json!([{"words": "desc_nulls_last"}]), vec![2, 3, 1, 4]),
        (json!([{"words": "asc_nulls_first"}]), vec![4, 1, 3, 2]),
        (
            json!([{"author": {"name": "desc"}}, {"id": "asc"}]),
            vec![3, 4, 1, 2],
        ),
        (
            json!({"author": {"articles_aggregate": {"sum": {"words": "asc"}}}, "id": "desc"}),
            vec![4, 3, 2, 1],
        ),
        (json!([{"id": null}, {"title": "asc"}]), vec![4, 1, 3, 2]),
    ] {
        let query = "query ($by: [article_order_by!]) { article(order_by: $by) { id } }";
        let variables = if order.is_array() {
            order.clone()
        } else {
            json!([order])
        };
        let data = stack.data(query, json!({"by": variables})).await;
        let found: Vec<i64> = data["article"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_i64().unwrap())
            .collect();
        assert_eq!(found, ids, "{order}");
    }
}

#[tokio::test]
async fn aggregates_apply_arguments() {
    let stack = TestStack::new().await;
    let mut data = stack
        .data(
            "{ article_aggregate(where: {is_published: {_eq: true}}, order_by: {id: asc}, limit: 2) {
                 aggregate { count authors: count(columns: author_id, distinct: true) avg { rating } min { id title } __typename }
                 nodes { id author { name } } __typename } }",
            json!({}),
        )
        .await;
    // The result has the digits that Postgres returns.
    let average = data["article_aggregate"]["aggregate"]["avg"].take();
    let average = average["rating"]
        .as_str()
        .expect("an aggregate of a numeric column is a string");
    assert_eq!(average.parse::<f64>(), Ok(1.5));
    assert_eq!(
        data["article_aggregate"],
        json!({
            "aggregate": {"count": 2, "authors": 2, "avg": null, "min": {"id": 1, "title": "One"},
                "__typename": "article_aggregate_fields"},
            "nodes": [{"id": 1, "author": {"name": "Ann"}}, {"id": 3, "author": {"name": "Bob"}}],
            "__typename": "article_aggregate",
        })
    );
    // `distinct` without columns has no effect.
    let query = "{ author_aggregate { aggregate { count(distinct: true) none: count(columns: [], distinct: true) } } }";
    let data = stack.data(query, json!({})).await;
    assert_eq!(
        data["author_aggregate"]["aggregate"],
        json!({"count": 3, "none": 3})
    );
}

#[tokio::test]
async fn result_stringifies_large_numbers_if_configured() {
    let query = "{ article_by_pk(id: 2) { id words rating } }";
    let stack = TestStack::new().await;
    let expected = json!({"id": 2, "words": "9007199254740993", "rating": "2.25"});
    assert_eq!(stack.data(query, json!({})).await["article_by_pk"], expected);
    let stack = TestStack::with(&[]).await;
    let expected = json!({"id": 2, "words": 9_007_199_254_740_993_i64, "rating": 2.25});
    assert_eq!(stack.data(query, json!({})).await["article_by_pk"], expected);
}

#[tokio::test]
async fn views_schemas_and_quoted_names_are_selectable() {
    let stack = TestStack::new().await;
    let data = stack
        .data(
            "{ author_counts(order_by: {author_id: asc}) { author_id n } other_article { id note __typename }
               author_by_pk(id: 99) { id } odd(where: {select: {_gt: 0}}, order_by: {Mixed: asc}) { select Mixed } }",
            json!({}),
        )
        .await;
    assert_eq!(
        data,
        json!({
            "author_counts": [{"author_id": 1, "n": "2"}, {"author_id": 2, "n": "2"}],
            "other_article": [{"id": 1, "note": "not the one in public", "__typename": "other_article"}],
            "author_by_pk": null,
            "odd": [],
        })
    );
    let (code, path, message) = stack
        .error(
            "mutation { delete_author_counts(where: {}) { affected_rows } }",
            json!({}),
        )
        .await;
    assert_eq!(
        (&*code, &*path),
        ("validation-failed", "$.selectionSet.delete_author_counts")
    );
    assert_eq!(
        message,
        "field \"delete_author_counts\" not found in type: 'mutation_root'"
    );
    let data = stack
        .data("mutation { update_author_names(where: {id: {_eq: 1}}, _set: {name: \"Anna\"}) { affected_rows returning { name } } }", json!({}))
        .await;
    assert_eq!(
        data["update_author_names"],
        json!({"affected_rows": 1, "returning": [{"name": "Anna"}]})
    );
}

#[tokio::test]
async fn response_keys_may_equal_internal_aliases() {
    let stack = TestStack::new().await;
    let data = stack
        .data("{ author(where: {id: {_eq: 1}}) { _r: id _t0: name _o: emails data: id articles(limit: 1, order_by: {id: asc}) { _r: id } } }", json!({}))
        .await;
    let expected = json!([{"_r": 1, "_t0": "Ann", "_o": [], "data": 1, "articles": [{"_r": 1}]}]);
    assert_eq!(data["author"], expected);
    stack.engine.sql("CREATE TABLE aliased (id integer PRIMARY KEY, _target integer, _record integer, excluded integer)").await;
    stack.engine.command("track_table", json!("aliased")).await;
    let query = "mutation { insert_aliased(objects: [{id: 1, _target: 2, _record: 3, excluded: 4}]) { affected_rows returning { id _target _record excluded } } }";
    let row = json!({"id": 1, "_target": 2, "_record": 3, "excluded": 4});
    assert_eq!(
        stack.data(query, json!({})).await["insert_aliased"],
        json!({"affected_rows": 1, "returning": [row]})
    );
}

#[tokio::test]
async fn selection_may_exceed_function_argument_limit() {
    let stack = TestStack::new().await;
    let columns: Vec<String> = (0..130).map(|i| format!("c{i} integer DEFAULT {i}")).collect();
    stack
        .engine
        .sql(&format!(
            "CREATE TABLE wide (id integer PRIMARY KEY, {})",
            columns.join(", ")
        ))
        .await;
    stack.engine.command("track_table", json!("wide")).await;
    stack
        .data("mutation { insert_wide_one(object: {id: 1}) { id } }", json!({}))
        .await;
    // A response key longer than a Postgres identifier turns the row into one `json_build_object`, with more arguments
    // than one call accepts.
    let long = "k".repeat(100);
    let fields: Vec<String> = (0..130).map(|i| format!("c{i}")).collect();
    let data = stack
        .data(
            &format!("{{ wide {{ {long}: id {} }} }}", fields.join(" ")),
            json!({}),
        )
        .await;
    let row = data["wide"][0].as_object().unwrap();
    assert_eq!(
        (row.len(), &row[&long], &row["c129"]),
        (131, &json!(1), &json!(129))
    );
    assert_eq!(row.keys().next_back().unwrap(), "c129");
}

#[tokio::test]
async fn where_supports_aggregate_predicates() {
    let stack = TestStack::new().await;
    for (condition, found) in [
        ("{count: {predicate: {_eq: 2}}}", json!(["Ann", "Bob"])),
        ("{count: {predicate: {_eq: 0}}}", json!(["Cy"])),
        (
            "{count: {filter: {is_published: {_eq: true}}, predicate: {_gte: 1, _lt: 2}}}",
            json!(["Ann"]),
        ),
        (
            "{count: {arguments: [words], predicate: {_eq: 1}}}",
            json!(["Bob"]),
        ),
        (
            "{count: {arguments: author_id, distinct: true, predicate: {_in: [1]}}}",
            json!(["Ann", "Bob"]),
        ),
        (
            "{bool_and: {arguments: is_published, predicate: {_eq: true}}}",
            json!(["Bob"]),
        ),
        (
            "{bool_or: {arguments: is_published, filter: {title: {_neq: \"One\"}}, predicate: {_eq: false}}}",
            json!(["Ann"]),
        ),
        (
            "{bool_and: {arguments: is_published, predicate: {_is_null: true}}}",
            json!(["Cy"]),
        ),
        (
            "{count: {predicate: {_gt: 0}}, bool_or: {arguments: is_published, predicate: {_eq: false}}}",
            json!([]),
        ),
        ("{count: {predicate: {}}}", json!(["Ann", "Bob", "Cy"])),
        ("{}", json!(["Ann", "Bob", "Cy"])),
    ] {
        let query = format!(
            "{{ author(where: {{articles_aggregate: {condition}}}, order_by: {{id: asc}}) {{ name }} }}"
        );
        let data = stack.data(&query, json!({})).await;
        let names: Vec<_> = data["author"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].clone())
            .collect();
        assert_eq!(json!(names), found, "{condition}");
    }
    // With other conditions, below relationships, with variables, and in mutations.
    let data = stack
        .data(
            "query ($few: Int_comparison_exp!, $of: article_bool_exp) { article(where: {_not: {author: {
               articles_aggregate: {count: {predicate: $few, filter: $of}}}}}, order_by: {id: asc}) { title } }",
            json!({"few": {"_lt": 2}, "of": {"is_published": {"_eq": true}}}),
        )
        .await;
    assert_eq!(data["article"], json!([{"title": "Three"}, {"title": "Four"}]));
    let data = stack
        .data(
            "{ author(where: {_not: {articles_aggregate: {bool_or: {arguments: is_published, predicate: {_eq: true}}}}}) { name } }",
            json!({}),
        )
        .await;
    assert_eq!(
        data["author"],
        json!([{"name": "Cy"}]),
        "bool_or of no rows is not true"
    );
    let data = stack
        .data(
            "mutation { delete_author(where: {articles_aggregate: {count: {predicate: {_eq: 0}}}}) { returning { name } } }",
            json!({}),
        )
        .await;
    assert_eq!(data["delete_author"]["returning"], json!([{"name": "Cy"}]));
}

#[tokio::test]
async fn introspection_answers_standard_query() {
    let stack = TestStack::new().await;
    let data = stack
        .data(
            "query ($all: Boolean!) { __schema { queryType { name } mutationType { name } subscriptionType { name } }
               __type(name: \"article\") { name description fields(includeDeprecated: $all) { name type { kind ofType { name } } } }
               author(limit: 1) { id } }",
            json!({"all": true}),
        )
        .await;
    assert_eq!(data["__schema"]["mutationType"]["name"], "mutation_root");
    assert_eq!(data["author"], json!([{"id": 1}]));
    let fields = data["__type"]["fields"].as_array().unwrap();
    let field = |name: &str| {
        fields
            .iter()
            .find(|field| field["name"] == name)
            .unwrap_or_else(|| panic!("the type has no field {name}"))
    };
    assert_eq!(
        field("author")["type"]["kind"],
        "NON_NULL",
        "the column of the foreign key is not nullable"
    );
    assert_eq!(field("slug")["type"]["kind"], "SCALAR");
    let data = stack
        .data(
            "{ __type(name: \"article_insert_input\") { inputFields { name } } }",
            json!({}),
        )
        .await;
    let inputs = data["__type"]["inputFields"].to_string();
    assert!(
        inputs.contains("\"title\"") && !inputs.contains("\"slug\""),
        "input types omit generated columns: {inputs}"
    );
}
