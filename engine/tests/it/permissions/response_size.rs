//! Limits of the bytes that an operation may return.

use super::subscriptions::{socket, user};
use super::{Session, Stack, USER};
use serde_json::{Value, json};
use std::path::Path;
use testkit::{EngineProcess, TestDatabase};

const CODE: &str = "size-limit-exceeded";

/// The titles of articles have 30 kB. A role may receive 50 kB, admin 250 kB.
async fn stack() -> Stack {
    let stack = Stack::with(&[
        "--max-role-response-bytes",
        "50000",
        "--max-response-bytes",
        "250000",
    ])
    .await;
    stack
        .engine
        .sql("UPDATE article SET title = repeat('x', 30000)")
        .await;
    let select = json!({"columns": ["id", "title", "author_id"], "filter": {}, "allow_aggregations": true});
    stack.permit("select", "article", select).await;
    stack
        .permit("select", "author", json!({"columns": ["id"], "filter": {}}))
        .await;
    let update = json!({"columns": ["words"], "filter": {}, "check": {"words": {"_gt": 0}}});
    stack.permit("update", "article", update).await;
    stack
}

fn article(id: i32) -> String {
    format!("article_by_pk(id: {id}) {{ title }}")
}

#[tokio::test]
async fn response_of_an_operation_is_limited() {
    let stack = stack().await;
    let one = article(1);
    for (query, of_role, of_admin) in [
        (format!("{{ {one} }}"), true, true),
        (
            "{ article(where: {id: {_lte: 1}}) { title } }".to_owned(),
            true,
            true,
        ),
        // One statement.
        ("{ article { title } }".to_owned(), false, true),
        (
            "{ article_by_pk(id: 1) { a: title b: title } }".to_owned(),
            false,
            true,
        ),
        (
            "{ article_aggregate { nodes { title } } }".to_owned(),
            false,
            true,
        ),
        (
            "{ article { a: title b: title c: title } }".to_owned(),
            false,
            false,
        ),
        // Several statements.
        (format!("{{ {one} b: {} }}", article(2)), false, true),
        (
            format!("{{ {one} b: article {{ title }} c: article {{ title }} }}"),
            false,
            false,
        ),
    ] {
        for (session, accepted, option) in [
            (USER, of_role, "HASURA_GRAPHQL_MAX_ROLE_RESPONSE_BYTES"),
            (&[][..], of_admin, "HASURA_GRAPHQL_MAX_RESPONSE_BYTES"),
        ] {
            let answer = stack.graphql(session, &query, json!({})).await;
            let error = &answer["errors"][0];
            assert_eq!(error.is_null(), accepted, "{query}");
            if !accepted {
                assert_eq!(error["extensions"]["code"], CODE, "{error}");
                let message = error["message"].as_str().unwrap();
                assert!(
                    message.contains(option) && message.contains("read fewer rows"),
                    "{message}"
                );
            }
        }
    }
    // The connections remain usable.
    for _ in 0..20 {
        stack.data(USER, &format!("{{ {one} }}")).await;
    }
}

#[tokio::test]
async fn response_of_an_operation_of_a_socket_is_limited() {
    let stack = stack().await;
    let mut socket = socket(&stack, user(1)).await;
    for (operation, completes) in [
        ("{ article { title } }", true),
        ("subscription { article { title } }", false),
        (
            "subscription { article_stream(batch_size: 4, cursor: {initial_value: {id: 0}}) { title } }",
            false,
        ),
    ] {
        socket.start("o", operation, json!({})).await;
        let payload = socket.expect("o", "data").await;
        assert_eq!(payload["errors"][0]["extensions"]["code"], CODE, "{payload}");
        if completes {
            socket.expect("o", "complete").await;
        } else {
            socket.stop("o").await;
        }
    }
    socket
        .start("s", "subscription { article(limit: 1) { title } }", json!({}))
        .await;
    let payload = socket.expect("s", "data").await;
    assert_eq!(
        payload["data"]["article"].as_array().map(Vec::len),
        Some(1),
        "{payload}"
    );
}

/// Each is refused alone; together they are sent to Postgres in one statement.
#[tokio::test]
async fn long_result_of_one_subscriber_does_not_fail_others() {
    let stack = stack().await;
    let query = "subscription ($ids: [Int!]) { article(where: {id: {_in: $ids}}) { title } }";
    let mut socket = socket(&stack, user(1)).await;
    for (id, ids) in [("long", json!([1, 2])), ("short", json!([3]))] {
        socket.start(id, query, json!({"ids": ids})).await;
        let payload = socket.expect(id, "data").await;
        assert_eq!(payload["errors"].is_array(), id == "long");
    }
}

#[tokio::test]
async fn mutation_with_a_long_response_changes_nothing() {
    let stack = stack().await;
    let update = |alias: &str, condition: &str, returning: &str| {
        format!(
            "{alias}: update_article(where: {condition}, _set: {{words: 99}}) {{ returning {{ {returning} }} }}"
        )
    };
    let related = "title author_id";
    for mutation in [
        update("a", "{}", "title"),
        update("a", "{}", related),
        // The statements together.
        format!(
            "{} {}",
            update("a", "{id: {_eq: 1}}", "title"),
            update("b", "{id: {_eq: 2}}", "title")
        ),
    ] {
        let (code, _, message) = stack.error(USER, &format!("mutation {{ {mutation} }}")).await;
        assert_eq!(code, CODE, "{message}");
        assert_eq!(
            stack.count("SELECT count(*) FROM article WHERE words = 99").await,
            0
        );
    }
    // The output follows a relationship, so that the changed rows themselves are a result.
    let two_phase =
        "mutation { update_article(where: {}, _set: {words: 99}) { returning { author { id } } } }";
    stack
        .engine
        .sql("UPDATE article SET title = repeat('x', 100000)")
        .await;
    let answer = stack.graphql(&[], two_phase, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], CODE, "{answer}");
    assert_eq!(
        stack.count("SELECT count(*) FROM article WHERE words = 99").await,
        0
    );
    let one = format!("mutation {{ {} }}", update("a", "{id: {_eq: 1}}", "id"));
    stack.data(USER, &one).await;
    assert_eq!(
        stack.count("SELECT count(*) FROM article WHERE words = 99").await,
        1
    );
}

/// The settings of the session are sent with the mutation, and are part of no response.
#[tokio::test]
async fn mutation_with_a_response_just_below_the_limit_is_committed() {
    let stack = stack().await;
    let mutation =
        "mutation { update_article(where: {id: {_eq: 1}}, _set: {words: 99}) { returning { title } } }";
    for (session, limit, fitting) in [(USER, 50_000, 49_920), (&[][..], 250_000, 249_930)] {
        for (length, accepted) in [(limit, false), (fitting, true)] {
            let sql = format!("UPDATE article SET words = 1, title = repeat('x', {length})");
            stack.engine.sql(&sql).await;
            let answer = stack.graphql(session, mutation, json!({})).await;
            if accepted {
                let title = answer["data"]["update_article"]["returning"][0]["title"].as_str();
                assert_eq!(title.map(str::len), Some(length));
            } else {
                assert_eq!(answer["errors"][0]["extensions"]["code"], CODE, "{answer}");
            }
            let changed = stack.count("SELECT count(*) FROM article WHERE words = 99").await;
            assert_eq!(changed, i64::from(accepted));
        }
    }
}

#[tokio::test]
async fn response_of_a_command_is_limited() {
    let stack = stack().await;
    let select = json!({"table": "article", "columns": ["title"]});
    for (session, status) in [(USER, 400), (&[][..], 200)] {
        let (found, answer) = stack
            .command(session, "/v1/query", "select", select.clone())
            .await;
        assert_eq!(found, status);
        assert_eq!(answer["code"] == CODE, status == 400);
    }
    let sql =
        |rows: i32| json!({"sql": format!("SELECT repeat('x', 10000) FROM generate_series(1, {rows})")});
    let (_, code, path, _) = stack.engine.refused("run_sql", sql(100_000)).await;
    assert_eq!((code.as_str(), path.as_str()), (CODE, "$.args"));
    let rows = stack.engine.command("run_sql", sql(20)).await;
    assert_eq!(rows["result"].as_array().map(Vec::len), Some(21));
    // Only the result of the last statement is returned.
    let large = ["SELECT repeat('x', 10000) FROM generate_series(1, 20)"; 5].join("; ");
    let several = json!({"sql": large});
    stack.engine.command("run_sql", several).await;
    // The change of a refused statement is rolled back.
    let change = json!({"sql": "UPDATE article SET words = 99 RETURNING repeat(title, 10)"});
    assert_eq!(stack.engine.refused("run_sql", change).await.1, CODE);
    assert_eq!(
        stack.count("SELECT count(*) FROM article WHERE words = 99").await,
        0
    );
}

/// 200 MB, in the results of 40 statements and in one.
#[tokio::test]
async fn memory_of_long_responses_is_bounded() {
    const MAX_BYTES: u64 = 250 * 1024 * 1024;
    let database = TestDatabase::create("permissions").await;
    let binary = Path::new(env!("CARGO_BIN_EXE_engine"));
    let engine = EngineProcess::start(binary, database.url(), &["--role-operation-timeout", "60"], &[]).await;
    let client = &engine.client;
    client
        .sql("CREATE TABLE big AS SELECT n AS id, repeat('x', 1000) AS text FROM generate_series(1, 5000) n")
        .await;
    client.command("track_table", json!("big")).await;
    let select =
        json!({"table": "big", "role": "user", "permission": {"columns": ["id", "text"], "filter": {}}});
    client.command("create_select_permission", select).await;
    let aliases = (0..40)
        .map(|n| format!("a{n}: big {{ text }} "))
        .collect::<Vec<_>>()
        .concat();
    let columns = (0..40)
        .map(|n| format!("a{n}: text "))
        .collect::<Vec<_>>()
        .concat();
    let user: Session<'_> = &[("x-hasura-role", "user")];
    for query in [format!("{{ {aliases} }}"), format!("{{ big {{ {columns} }} }}")] {
        for session in [user, &[]] {
            let body = json!({"query": query});
            let (_, answer) = client.post("/v1/graphql", session, &body).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], CODE);
        }
    }
    let peak = engine.peak_resident_bytes();
    assert!(peak < MAX_BYTES, "{peak} bytes");
    let small: Value = client.graphql("{ big(limit: 1) { id } }", json!({})).await;
    assert_eq!(small, json!({"data": {"big": [{"id": 1}]}}));
}
