//! Limits of the requests of roles other than admin, and bulks of which a command is refused.

use super::{ANN, Session, Stack, USER};
use crate::support::{LOCKED, hold_lock, release_lock, until_waiting};
use serde_json::{Value, json};

const BULKS: [&str; 4] = ["bulk", "bulk_keep_going", "bulk_atomic", "concurrent_bulk"];

fn select(table: &str) -> Value {
    json!({"type": "select", "args": {"table": table, "columns": ["id"]}})
}

fn insert(id: i32) -> Value {
    json!({"type": "insert", "args": {"table": "article", "objects": [{"id": id}]}})
}

/// The role `user` may read the ids of authors, and insert articles that it cannot read.
async fn stack(options: &[&str]) -> Stack {
    let stack = Stack::with(options).await;
    stack
        .permit("select", "author", json!({"columns": ["id"], "filter": {}}))
        .await;
    stack
        .permit("insert", "article", json!({"columns": ["id"], "check": {}}))
        .await;
    stack
}

impl Stack {
    async fn bulk(&self, session: Session<'_>, kind: &str, commands: &[Value]) -> (u16, Value) {
        self.command(session, "/v1/query", kind, json!(commands)).await
    }

    async fn articles(&self) -> i64 {
        self.count("SELECT count(*) FROM article").await
    }

    /// Creates a view whose rows a session reads only while the lock is free.
    pub(super) async fn lockable_view(&self) {
        let sql = format!("CREATE VIEW lockable AS SELECT 1 AS id FROM {LOCKED}");
        self.engine.sql(&sql).await;
        self.engine.command("track_table", json!("lockable")).await;
        self.permit("select", "lockable", json!({"columns": ["id"], "filter": {}}))
            .await;
    }
}

#[tokio::test]
async fn bulk_of_a_role_is_limited_in_its_commands() {
    let stack = stack(&[]).await;
    let nested = |commands: usize| json!({"type": "bulk", "args": vec![insert(9); commands]});
    for kind in BULKS {
        for commands in [
            vec![insert(9); 21],
            vec![nested(10), nested(9)],
            vec![nested(20)],
            vec![json!({"type": "bulk_keep_going", "args": [nested(19)]})],
        ] {
            let (status, answer) = stack.bulk(USER, kind, &commands).await;
            let message = "bulk contains 21 commands; the limit for roles other than admin is 20, nested commands included";
            assert_eq!(
                (status, answer),
                (
                    400,
                    json!({"path": "$.args", "error": message, "code": "bad-request"})
                ),
                "{kind}"
            );
        }
        let (status, answer) = stack.bulk(USER, kind, &vec![select("author"); 20]).await;
        assert_eq!(
            (status, answer.as_array().map(Vec::len)),
            (200, Some(20)),
            "{kind}"
        );
        let (status, answer) = stack.bulk(&[], kind, &vec![select("author"); 100]).await;
        assert_eq!(
            (status, answer.as_array().map(Vec::len)),
            (200, Some(100)),
            "{kind}"
        );
    }
    assert_eq!(stack.articles().await, 4);
}

#[tokio::test]
async fn response_of_a_bulk_and_of_a_batch_is_limited() {
    let stack = stack(&[]).await;
    stack
        .engine
        .sql("UPDATE article SET title = repeat('x', 3000000) WHERE id = 1")
        .await;
    stack
        .permit_role(
            "reader",
            "select",
            "article",
            json!({"columns": ["title"], "filter": {"id": 1}}),
        )
        .await;
    let reader: Session<'_> = &[("x-hasura-role", "reader")];
    let title = json!({"type": "select", "args": {"table": "article", "columns": ["title"]}});
    for (session, expected) in [(reader, 400), (&[][..], 200)] {
        for commands in [
            vec![title.clone(); 6],
            vec![json!({"type": "bulk", "args": vec![title.clone(); 3]}); 2],
        ] {
            let (status, answer) = stack.bulk(session, "bulk", &commands).await;
            assert_eq!(status, expected);
            if expected == 400 {
                assert_eq!(
                    answer["error"],
                    "response of the bulk exceeds 16777216 bytes (HASURA_GRAPHQL_MAX_ROLE_RESPONSE_BYTES); read fewer rows, or send \
                     several requests"
                );
            }
        }
    }
    assert_eq!(stack.bulk(reader, "bulk", &vec![title; 5]).await.0, 200);
    // A batch continues after errors: operations beyond the limit are not run.
    let batch = json!(vec![json!({"query": "{ article { title } }"}); 8]);
    let (_, answer) = stack.engine.post("/v1/graphql", reader, &batch).await;
    let answers = answer.as_array().unwrap();
    let refused = answers.iter().filter(|answer| answer.get("errors").is_some());
    assert_eq!((answers.len(), refused.count()), (8, 2));
    assert_eq!(
        answers[7]["errors"][0]["message"],
        "responses of the batch exceed 16777216 bytes (HASURA_GRAPHQL_MAX_ROLE_RESPONSE_BYTES); read fewer rows, or send several \
         requests"
    );
}

#[tokio::test]
async fn batch_of_a_role_is_limited_in_its_operations() {
    let stack = stack(&[]).await;
    let batch = |operations: usize| json!(vec![json!({"query": "{ author { id } }"}); operations]);
    let post = async |session: Session<'_>, operations| {
        let path = "/v1alpha1/graphql";
        stack.engine.post(path, session, &batch(operations)).await
    };
    let (status, answer) = post(USER, 21).await;
    assert_eq!(
        (status, &answer["errors"][0]["message"]),
        (
            400,
            &json!("batch contains 21 operations; the limit for roles other than admin is 20")
        )
    );
    assert_eq!(post(USER, 20).await.0, 200);
    assert_eq!(post(&[], 21).await.0, 200);
}

#[tokio::test]
async fn bodies_of_roles_have_a_lower_limit() {
    let stack = stack(&[]).await;
    let command = |bytes: usize| json!({"type": "select", "args": {"table": "author", "columns": ["id"], "note": "x".repeat(bytes)}});
    let graphql =
        |bytes: usize| json!({"query": "{ author { id } }", "extensions": {"note": "x".repeat(bytes)}});
    for (path, body, limit) in [
        ("/v1/query", &command as &dyn Fn(usize) -> Value, 1_048_576),
        ("/v1alpha1/graphql", &graphql, 2_097_152),
    ] {
        let (status, answer) = stack.engine.post(path, USER, &body(limit)).await;
        assert_eq!(status, 413, "{answer}");
        let message = format!("request body exceeds {limit} bytes, the limit of ");
        assert!(answer.to_string().contains(&message), "{answer}");
        assert_eq!(
            stack.engine.post(path, USER, &body(limit - 1000)).await.0,
            200,
            "{path}"
        );
        assert_eq!(stack.engine.post(path, &[], &body(limit)).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn commands_of_a_role_share_the_time_of_one_operation() {
    let stack = stack(&["--operation-timeout", "1"]).await;
    stack.lockable_view().await;
    let holder = hold_lock(&stack.database).await;
    let commands = [select("lockable"), insert(9), select("author")];
    let (status, answer) = stack.bulk(USER, "bulk_keep_going", &commands).await;
    assert_eq!(status, 200);
    let codes: Vec<&Value> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"])
        .collect();
    assert_eq!(codes, ["time-limit-exceeded"; 3], "{answer}");
    assert_eq!(stack.articles().await, 4);
    release_lock(&holder).await;
}

#[tokio::test]
async fn commands_of_a_role_stop_when_the_client_disconnects() {
    let stack = stack(&[]).await;
    stack.lockable_view().await;
    let holder = hold_lock(&stack.database).await;
    let engine = stack.engine.clone();
    let request = tokio::spawn(async move {
        let body = json!({"type": "bulk", "args": [select("lockable"), insert(9)]});
        engine.post("/v1/query", USER, &body).await
    });
    until_waiting(&holder, 1).await;
    request.abort();
    // The lock is still held: the statement was cancelled.
    until_waiting(&holder, 0).await;
    release_lock(&holder).await;
    assert_eq!(stack.articles().await, 4);
}

#[tokio::test]
async fn bulk_with_a_refused_command_changes_nothing() {
    let stack = stack(&[]).await;
    for (refused, code) in [
        (
            json!({"type": "run_sql", "args": {"sql": "SELECT 1"}}),
            "access-denied",
        ),
        (json!({"type": "export_metadata", "args": {}}), "access-denied"),
        (json!({"type": "no_such_command", "args": {}}), "access-denied"),
        (select("article"), "permission-denied"),
        (
            json!({"type": "delete", "args": {"table": "author", "where": {}}}),
            "permission-denied",
        ),
        (
            json!({"type": "insert", "args": {"table": "article", "objects": [{"words": 1}]}}),
            "permission-denied",
        ),
        (select("missing"), "not-exists"),
        (
            json!({"type": "select", "args": {"table": "author"}}),
            "parse-failed",
        ),
    ] {
        for kind in BULKS {
            let keeps_going = kind == "bulk_keep_going";
            if keeps_going && code != "access-denied" {
                continue;
            }
            for (commands, path) in [
                (vec![insert(9), refused.clone()], "$.args[1]"),
                (
                    vec![insert(9), json!({"type": kind, "args": [insert(10), refused]})],
                    "$.args[1].args[1]",
                ),
            ] {
                let (status, answer) = stack.bulk(ANN, kind, &commands).await;
                assert_eq!((status, &answer["code"]), (400, &json!(code)), "{kind} {answer}");
                let found = answer["path"].as_str().unwrap();
                assert!(found.starts_with(path), "{kind} {answer}");
                assert_eq!(stack.articles().await, 4, "{kind} {refused}");
            }
        }
    }
    // Errors of data commands are part of the response of `bulk_keep_going`; a bulk inside it is refused as a whole.
    let nested = json!({"type": "bulk", "args": [insert(10), select("article")]});
    let commands = [insert(9), select("article"), nested];
    let (status, answer) = stack.bulk(ANN, "bulk_keep_going", &commands).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer[0], json!({"affected_rows": 1}));
    assert_eq!(answer[1]["code"], "permission-denied");
    assert_eq!(answer[2]["path"], "$.args[1].args", "{answer}");
    assert_eq!(stack.articles().await, 5);
}
