//! Permissions of roles, over HTTP and WebSocket, against a database. Sessions are those of `x-hasura-*` headers.

mod api_limits;
mod commands;
mod compared_columns;
mod data_commands;
mod expensive_operators;
mod failing_conditions;
mod filters;
mod foreign_rows;
mod inherited;
mod inserts;
mod introspection;
mod limits;
mod presets;
mod reads;
mod redaction;
mod response_size;
mod root_fields;
mod shares;
mod subscriptions;
mod updates;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

/// Authors 1 to 3 and four articles: of author 1 a published (1) and an unpublished one (2), of author 2 the same (3, 4).
const WORLD: &str = "
    CREATE TABLE author (id int PRIMARY KEY, name text UNIQUE, email text, editor_id int);
    CREATE TABLE article (
        id int PRIMARY KEY, title text, author_id int REFERENCES author, published bool NOT NULL DEFAULT false,
        words int, author_name text
    );
    INSERT INTO author VALUES (1, 'Ann', 'ann@example.org', 1), (2, 'Bob', 'bob@example.org', NULL), (3, 'Cyd', NULL, 3);
    INSERT INTO article VALUES
        (1, 'a1', 1, true, 10, 'Ann'), (2, 'a2', 1, false, 20, 'Ann'), (3, 'b1', 2, true, 30, 'Bob'), (4, 'b2', 2, false, 40, NULL);
";

/// Headers of a session.
type Session<'h> = &'h [(&'h str, &'h str)];

const ANN: Session<'_> = &[("x-hasura-role", "user"), ("x-hasura-user-id", "1")];
const BOB: Session<'_> = &[("x-hasura-role", "user"), ("x-hasura-user-id", "2")];
/// The role without a session variable.
const USER: Session<'_> = &[("x-hasura-role", "user")];

struct Stack {
    engine: TestEngine,
    database: TestDatabase,
}

impl Stack {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(options: &[&str]) -> Self {
        let database = TestDatabase::create("permissions").await;
        let engine = TestEngine::start(&database, options).await;
        Self::of(database, engine).await
    }

    /// Creates the tables and their metadata in an empty database.
    async fn of(database: TestDatabase, engine: TestEngine) -> Self {
        engine.sql(WORLD).await;
        engine.command("bulk", json!([
            {"type": "track_table", "args": "author"},
            {"type": "track_table", "args": "article"},
            {"type": "create_object_relationship",
             "args": {"table": "article", "name": "author", "using": {"foreign_key_constraint_on": "author_id"}}},
            {"type": "create_array_relationship",
             "args": {"table": "author", "name": "articles",
                      "using": {"foreign_key_constraint_on": {"table": "article", "column": "author_id"}}}},
        ])).await;
        Self { engine, database }
    }

    /// Creates a permission of the role `user`.
    async fn permit(&self, operation: &str, table: &str, permission: Value) {
        self.permit_role("user", operation, table, permission).await;
    }

    async fn permit_role(&self, role: &str, operation: &str, table: &str, permission: Value) {
        let args = json!({"table": table, "role": role, "permission": permission});
        self.engine
            .command(&format!("create_{operation}_permission"), args)
            .await;
    }

    /// Replaces a permission of the role `user`.
    async fn repermit(&self, operation: &str, table: &str, permission: Value) {
        let args = json!({"table": table, "role": "user"});
        self.engine
            .command(&format!("drop_{operation}_permission"), args)
            .await;
        self.permit(operation, table, permission).await;
    }

    async fn graphql(&self, session: Session<'_>, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let (status, answer) = self.engine.post("/v1/graphql", session, &body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Runs an operation that must succeed; returns its `data`.
    async fn data(&self, session: Session<'_>, query: &str) -> Value {
        let mut answer = self.graphql(session, query, json!({})).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }

    /// Runs an operation that must fail; returns code, path and message.
    async fn error(&self, session: Session<'_>, query: &str) -> (String, String, String) {
        let answer = self.graphql(session, query, json!({})).await;
        let error = &answer["errors"][0];
        assert!(error.is_object(), "{query} must fail: {answer}");
        assert!(error["extensions"].get("internal").is_none(), "{answer}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            text(&error["extensions"]["code"]),
            text(&error["extensions"]["path"]),
            text(&error["message"]),
        )
    }

    /// Returns the values of a column `id` that a list of rows has.
    async fn ids(&self, session: Session<'_>, query: &str) -> Vec<i64> {
        let data = self.data(session, query).await;
        let rows = data.as_object().and_then(|data| data.values().next()).unwrap();
        let rows = rows.as_array().unwrap_or_else(|| panic!("{rows}"));
        rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
    }

    /// Runs a command as a session.
    async fn command(&self, session: Session<'_>, path: &str, kind: &str, args: Value) -> (u16, Value) {
        self.engine
            .post(path, session, &json!({"type": kind, "args": args}))
            .await
    }

    async fn count(&self, sql: &str) -> i64 {
        let client = self.database.connect().await;
        client
            .query_one(sql, &[])
            .await
            .expect("the query is valid")
            .get(0)
    }
}

fn error(code: &str, path: &str, message: &str) -> (String, String, String) {
    (code.to_owned(), path.to_owned(), message.to_owned())
}
