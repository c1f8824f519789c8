//! JSON in requests: its depth, and keys that libraries reserve.

use super::TestStack;
use serde_json::json;

/// Sends a body and returns the response as text: a parser may interpret its keys, or refuse its depth.
async fn post_text(stack: &TestStack, path: &str, body: String) -> String {
    let url = format!("{}{path}", stack.engine.url);
    let response = testkit::http_client().post(url).body(body).send().await.unwrap();
    response.text().await.unwrap()
}

#[tokio::test]
async fn json_nests_up_to_the_limit() {
    let stack = TestStack::new().await;
    stack
        .create(
            "CREATE TABLE tree (id serial PRIMARY KEY, body json, more jsonb)",
            &["tree"],
        )
        .await;
    let arrays = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    for value in [arrays(200), arrays(500), arrays(580), objects(500)] {
        for (query, variables) in [
            (
                "mutation ($v: json) { insert_tree_one(object: {body: $v}) { body } }",
                format!("{{\"v\": {value}}}"),
            ),
            (
                "mutation ($v: [tree_insert_input!]!) { insert_tree(objects: $v) { returning { body } } }",
                format!("{{\"v\": [{{\"body\": {value}}}]}}"),
            ),
            (
                "mutation ($v: jsonb) { update_tree(where: {id: {_eq: 1}}, _set: {more: $v}) { returning { more } } }",
                format!("{{\"v\": {value}}}"),
            ),
            (
                "query ($v: jsonb) { tree(where: {more: {_eq: $v}}) { more } }",
                format!("{{\"v\": {value}}}"),
            ),
            (
                "query ($v: jsonb) { tree(where: {more: {_contains: $v}}) { id } }",
                format!("{{\"v\": {value}}}"),
            ),
        ] {
            let body = format!("[{{\"query\": \"{query}\", \"variables\": {variables}}}]");
            let answer = post_text(&stack, "/v1/graphql", body).await;
            assert!(answer.starts_with("[{\"data\":"), "{query}: {answer}");
            assert!(!query.contains("body }") || answer.contains(&value), "{query}");
        }
        let body = format!(
            "{{\"type\": \"insert\", \"args\": {{\"table\": \"tree\", \"objects\": [{{\"body\": {value}}}], \"returning\": [\"body\"]}}}}"
        );
        let answer = post_text(&stack, "/v1/query", body).await;
        assert!(answer.contains(&value), "{answer}");
    }
    let body = format!(
        "{{\"query\": \"query ($v: json) {{ tree {{ id }} }}\", \"variables\": {{\"v\": {}}}}}",
        arrays(100_000)
    );
    let answer = post_text(&stack, "/v1/graphql", body).await;
    assert!(answer.contains("nests deeper than 600 levels"), "{answer}");

    // Values that are not JSON: conditions, arrays, metadata.
    let nots = |depth: usize| format!("{}{{}}{}", "{\"_not\":".repeat(depth), "}".repeat(depth));
    let query = "query ($v: tree_bool_exp) { tree(where: $v) { id } }";
    let body = format!(
        "{{\"query\": \"{query}\", \"variables\": {{\"v\": {}}}}}",
        nots(120)
    );
    let answer = post_text(&stack, "/v1/graphql", body).await;
    assert!(answer.starts_with("{\"data\":"), "{answer}");
    let body = format!(
        "{{\"query\": \"{query}\", \"variables\": {{\"v\": {}}}}}",
        nots(500)
    );
    let answer = post_text(&stack, "/v1/graphql", body).await;
    assert!(answer.contains("nest deeper than 150 levels"), "{answer}");
    let query = "mutation ($v: [String!]) { update_author(where: {id: {_eq: 1}}, _set: {emails: $v}) { affected_rows } }";
    let body = format!(
        "{{\"query\": \"{query}\", \"variables\": {{\"v\": {}}}}}",
        arrays(500)
    );
    let answer = post_text(&stack, "/v1/graphql", body).await;
    assert!(answer.contains("at most 6 dimensions"), "{answer}");
    let body = format!(
        "{{\"type\": \"replace_metadata\", \"args\": {{\"x\": {}}}}}",
        arrays(500)
    );
    let answer = post_text(&stack, "/v1/metadata", body).await;
    assert!(answer.contains("nest deeper than 100 levels"), "{answer}");
    let bulks = format!(
        "{}{{\"type\": \"count\", \"args\": {{\"table\": \"tree\"}}}}{}",
        "{\"type\": \"bulk\", \"args\": [".repeat(150),
        "]}".repeat(150)
    );
    let answer = post_text(&stack, "/v1/query", bulks).await;
    assert!(answer.contains("bulks nest deeper than"), "{answer}");
}

#[tokio::test]
async fn manual_event_payload_nests_deeply() {
    let stack = TestStack::new().await;
    let trigger = json!({"name": "by_hand", "table": "author", "webhook": "http://127.0.0.1:9/none", "enable_manual": true});
    stack.engine.command("create_event_trigger", trigger).await;
    for payload in [
        format!("{{\"x\":{}{}}}", "[".repeat(500), "]".repeat(500)),
        "{\"$serde_json::private::Number\":\"x\"}".to_owned(),
    ] {
        let body = format!(
            "{{\"type\": \"pg_invoke_event_trigger\", \"args\": {{\"name\": \"by_hand\", \"source\": \"default\", \"payload\": {payload}}}}}"
        );
        let answer = post_text(&stack, "/v1/metadata", body).await;
        assert!(answer.contains("event_id"), "{answer}");
        let stored = format!(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE payload::jsonb -> 'data' = '{payload}'"
        );
        assert_eq!(stack.column(&stored).await, ["1"]);
    }
}

#[tokio::test]
async fn keys_that_serde_json_reserves_are_ordinary_keys() {
    let stack = TestStack::new().await;
    stack
        .create("CREATE TABLE note (id serial PRIMARY KEY, body json)", &["note"])
        .await;
    for value in [
        r#"{"$serde_json::private::Number":"12"}"#,
        r#"{"$serde_json::private::Number":"abc"}"#,
        r#"{"$serde_json::private::Number":{"a":[1]},"b":2}"#,
        r#"{"$serde_json::private::RawValue":"[1, 2]"}"#,
        r#"[{"a":{"$serde_json::private::RawValue":"nonsense"}}]"#,
    ] {
        for (query, variables) in [
            (
                "mutation ($v: json) { insert_note_one(object: {body: $v}) { body } }",
                format!("{{\"v\":{value}}}"),
            ),
            (
                "mutation ($v: note_insert_input!) { insert_note_one(object: $v) { body } }",
                format!("{{\"v\":{{\"body\":{value}}}}}"),
            ),
            (
                "mutation ($v: json) { update_note_by_pk(pk_columns: {id: 1}, _set: {body: $v}) { body } }",
                format!("{{\"v\":{value}}}"),
            ),
        ] {
            let body = format!("{{\"query\":\"{query}\",\"variables\":{variables}}}");
            let answer = post_text(&stack, "/v1/graphql", body).await;
            assert!(
                answer.contains(&format!("{{\"body\":{value}}}")),
                "{query}: {answer}"
            );
        }
        let command = format!(
            "{{\"type\":\"insert\",\"args\":{{\"table\":\"note\",\"objects\":[{{\"body\":{value}}}],\"returning\":[\"body\"]}}}}"
        );
        let answer = post_text(&stack, "/v1/query", command).await;
        assert!(answer.contains(value), "{answer}");
        let command = format!(
            "{{\"type\":\"update\",\"args\":{{\"table\":\"note\",\"where\":{{\"id\":2}},\"$set\":{{\"body\":{value}}},\"returning\":[\"body\"]}}}}"
        );
        let answer = post_text(&stack, "/v1/query", command).await;
        assert!(answer.contains(value), "{answer}");
    }
}
