//! Insert mutations.

use super::TestStack;
use serde_json::{Value, json};

#[tokio::test]
async fn insert_with_different_columns_uses_defaults_in_order() {
    let stack = TestStack::new().await;
    let data = stack
        .data(
            "mutation ($rows: [article_insert_input!]!) { insert_article(objects: $rows) { affected_rows returning { id title is_published slug } } }",
            json!({"rows": [
                {"title": "A", "author_id": 1},
                {"author_id": 1, "title": "B", "is_published": true},
                {"title": "C", "author_id": 2},
            ]}),
        )
        .await;
    assert_eq!(
        data["insert_article"],
        json!({"affected_rows": 3, "returning": [
            {"id": 5, "title": "A", "is_published": false, "slug": "a"},
            {"id": 6, "title": "B", "is_published": true, "slug": "b"},
            {"id": 7, "title": "C", "is_published": false, "slug": "c"},
        ]})
    );
    let none = stack
        .data(
            "mutation { insert_article(objects: []) { affected_rows returning { id } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        none["insert_article"],
        json!({"affected_rows": 0, "returning": []})
    );
}

#[tokio::test]
async fn thousand_mixed_rows_are_one_statement() {
    let stack = TestStack::new().await;
    let rows: Vec<Value> = (0..1000)
        .map(|i| {
            if i % 3 == 0 {
                json!({"title": format!("t{i}"), "author_id": 1, "words": i})
            } else {
                json!({"author_id": 2, "title": format!("t{i}")})
            }
        })
        .collect();
    let query =
        "mutation ($rows: [article_insert_input!]!) { insert_article(objects: $rows) { affected_rows } }";
    assert_eq!(
        stack.data(query, json!({"rows": rows})).await["insert_article"]["affected_rows"],
        1000
    );
    assert_eq!(
        stack
            .column("SELECT count(*) FROM article WHERE title = 't' || words")
            .await,
        ["334"]
    );
}

#[tokio::test]
async fn values_of_uncommon_types_round_trip() {
    let stack = TestStack::new().await;
    let row = json!({
        "select": 1, "Mixed": "it's \"quoted\" \\ and 你好", "mood": "glad", "short": "abcde", "code": "xy", "amount": 12.5,
        "days": "[2026-01-01,2026-02-01)", "at": "10:11:12+02", "pairs": [[1, 2], [3, 4]], "doc": {"a": [1, null, "x"]},
        "big": "123456789012345678901234567890.123456789", "bytes": "\\x00ff",
    });
    let data = stack
        .data(
            "mutation ($row: odd_insert_input!) { insert_odd_one(object: $row) { select Mixed mood short code amount days at pairs doc big bytes } }",
            json!({"row": row}),
        )
        .await;
    let mut expected = row;
    expected["code"] = json!("xy ");
    expected["amount"] = json!("$12.50");
    assert_eq!(data["insert_odd_one"], expected);
    let found = stack
        .data(
            "query ($doc: String!) { odd(where: {code: {_eq: \"xy\"}, mood: {_in: [glad]}, short: {_eq: \"abcde\"}, Mixed: {_eq: $doc}, pairs: {_eq: [[1, 2], [3, 4]]}}) { inner: doc(path: \"a[2]\") select } }",
            json!({"doc": "it's \"quoted\" \\ and 你好"}),
        )
        .await;
    assert_eq!(found["odd"], json!([{"inner": "x", "select": 1}]));
}

#[tokio::test]
async fn numbers_keep_all_digits() {
    let stack = TestStack::new().await;
    // Compared as text: `serde_json` would read both sides in the same way.
    let body: Value = serde_json::from_str(
        r#"{"query": "mutation ($big: numeric, $doc: json) { insert_odd(objects: [{select: 7, big: $big, doc: $doc}]) { affected_rows } }",
            "variables": {"big": 123456789012345678901234567890.1234567890123456789,
                          "doc": [18446744073709551616, 0.1234567890123456789, 1.10, 7]}}"#,
    )
    .unwrap();
    let variables = body["variables"].clone();
    stack.data(body["query"].as_str().unwrap(), variables).await;
    let stored = stack
        .column("SELECT big || ' ' || doc FROM odd WHERE \"select\" = 7")
        .await;
    let digits = "123456789012345678901234567890.1234567890123456789 [18446744073709551616,0.1234567890123456789,1.10,7]";
    assert_eq!(stored, [digits]);
    let args: Value = serde_json::from_str(
        r#"{"table": "odd", "objects": [{"select": 8, "big": 0.12345678901234567890, "doc": {"n": 1e400}}]}"#,
    )
    .unwrap();
    stack.engine.command("insert", args).await;
    let stored = stack
        .column("SELECT big || ' ' || (doc::jsonb = '{\"n\": 1e400}') FROM odd WHERE \"select\" = 8")
        .await;
    assert_eq!(stored, ["0.12345678901234567890 true"]);
    // `1.0` is a valid Int.
    let query =
        "query ($n: Int!, $words: bigint) { article(limit: $n, where: {words: {_neq: $words}}) { id } }";
    let found = stack.data(query, json!({"n": 1.0, "words": 1})).await;
    assert_eq!(found["article"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn on_conflict_is_applied() {
    let stack = TestStack::new().await;
    let upsert = "mutation ($update: [author_update_column!]!, $where: author_bool_exp) {
        insert_author(objects: [{name: \"Ann\", info: {new: true}}], on_conflict: {constraint: author_name_key, update_columns: $update, where: $where}) {
          affected_rows returning { id info } } }";
    let ignored = stack.data(upsert, json!({"update": [], "where": {}})).await;
    assert_eq!(
        ignored["insert_author"],
        json!({"affected_rows": 0, "returning": []})
    );
    let filtered = stack
        .data(upsert, json!({"update": ["info"], "where": {"id": {"_gt": 1}}}))
        .await;
    assert_eq!(filtered["insert_author"]["affected_rows"], 0);
    let (_, path, _) = stack.error(upsert, json!({"update": ["info"]})).await;
    assert_eq!(path, "$.selectionSet.insert_author.args.on_conflict.where");
    let updated = stack.data(upsert, json!({"update": ["info"], "where": {}})).await;
    assert_eq!(
        updated["insert_author"],
        json!({"affected_rows": 1, "returning": [{"id": 1, "info": {"new": true}}]})
    );
    let (code, path, message) = stack
        .error(
            "mutation { insert_author(objects: [{name: \"Ann\"}]) { affected_rows } }",
            json!({}),
        )
        .await;
    assert_eq!(
        (&*code, &*path),
        (
            "constraint-violation",
            "$.selectionSet.insert_author.args.objects"
        )
    );
    assert_eq!(
        message,
        "Uniqueness violation. duplicate key value violates unique constraint \"author_name_key\""
    );
}

#[tokio::test]
async fn nested_insert_forwards_keys() {
    let stack = TestStack::new().await;
    let data = stack
        .data(
            "mutation { insert_author(objects: [
               {name: \"Dee\", articles: {data: [{title: \"d1\"}, {title: \"d2\", words: 5}, {title: \"d3\"}]}},
               {name: \"Eve\"}]) {
               affected_rows returning { name articles(order_by: {id: asc}) { title author { name } } } } }",
            json!({}),
        )
        .await;
    let article = |title: &str| json!({"title": title, "author": {"name": "Dee"}});
    assert_eq!(
        data["insert_author"],
        json!({"affected_rows": 5, "returning": [
            {"name": "Dee", "articles": [article("d1"), article("d2"), article("d3")]},
            {"name": "Eve", "articles": []},
        ]})
    );
    let data = stack
        .data(
            "mutation { insert_article_one(object: {title: \"f1\", author: {data: {name: \"Fay\", articles: {data: [{title: \"f0\"}]}}}}) {
               title author { name articles(order_by: {title: asc}) { title } } } }",
            json!({}),
        )
        .await;
    let expected =
        json!({"title": "f1", "author": {"name": "Fay", "articles": [{"title": "f0"}, {"title": "f1"}]}});
    assert_eq!(data["insert_article_one"], expected);
}

#[tokio::test]
async fn failing_nested_row_rolls_back_everything() {
    let stack = TestStack::new().await;
    let (code, path, message) = stack
        .error(
            "mutation { insert_author(objects: [{name: \"Gus\", articles: {data: [{title: \"g\", words: -1}]}}]) { affected_rows } }",
            json!({}),
        )
        .await;
    assert_eq!(
        (&*code, &*path),
        (
            "permission-error",
            "$.selectionSet.insert_author.args.objects[0].articles.data"
        )
    );
    assert!(message.starts_with("Check constraint violation. "), "{message}");
    assert_eq!(
        stack
            .column("SELECT count(*) FROM author WHERE name = 'Gus'")
            .await,
        ["0"]
    );
    let (code, path, message) = stack
        .error(
            "mutation { insert_article_one(object: {title: \"x\", author: {data: {name: \"Ann\"}, on_conflict: {constraint: author_name_key, update_columns: []}}}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(
        (&*code, &*path),
        (
            "not-supported",
            "$.selectionSet.insert_article_one.args.object[0].author"
        )
    );
    assert_eq!(
        message,
        "cannot proceed to insert object relation \"author\" since insert to table \"author\" affects zero rows"
    );
}

#[tokio::test]
async fn unwritable_rows_are_client_errors() {
    let stack = TestStack::new().await;
    let twice = "mutation { insert_author(objects: [{id: 50, name: \"x\"}, {id: 50, name: \"y\"}],
                   on_conflict: {constraint: author_pkey, update_columns: name}) { affected_rows } }";
    let (code, path, message) = stack.error(twice, json!({})).await;
    assert_eq!(
        (&*code, &*path),
        ("data-exception", "$.selectionSet.insert_author.args.objects"),
        "{message}"
    );
    // Incompressible, and longer than the limit of an index entry.
    let words: Vec<String> = (0..800).map(|n| (n * n * 7919).to_string()).collect();
    let name = words.concat();
    let long = "mutation ($name: String!) { insert_author(objects: {name: $name}) { affected_rows } }";
    let (code, _, message) = stack.error(long, json!({"name": name})).await;
    assert_eq!(code, "data-exception", "{message}");
    assert!(message.contains("index"), "{message}");

    // The same failure inside a database function is not a client error.
    stack
        .engine
        .sql(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM no_such_function(); RETURN new; END $$;
             CREATE TRIGGER broken BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION broken()",
        )
        .await;
    let any = "mutation { insert_author(objects: {name: \"z\"}) { affected_rows } }";
    let (code, _, message) = stack.error(any, json!({})).await;
    assert_eq!((&*code, &*message), ("unexpected", "database query error"));
}
