//! Tracked functions: their fields, arguments and permissions, and the commands for them.

mod calls;
mod commands;
mod permissions;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

/// Three books, and functions that find, count and change them.
const LIBRARY: &str = "
    CREATE TABLE shelf (id int PRIMARY KEY, room text NOT NULL);
    CREATE TABLE book (id int PRIMARY KEY, title text NOT NULL, pages int, shelf_id int REFERENCES shelf, price numeric);
    INSERT INTO shelf VALUES (1, 'north'), (2, 'south');
    INSERT INTO book VALUES (1, 'Alpha', 100, 1, 9.5), (2, 'Beta', 200, 1, 20), (3, 'Gamma', 300, 2, 30.25);
    CREATE FUNCTION long_books(at_least int, at_most int DEFAULT 1000) RETURNS SETOF book LANGUAGE sql STABLE AS
      $$ SELECT * FROM book WHERE pages BETWEEN at_least AND at_most $$;
    CREATE FUNCTION all_books() RETURNS SETOF book LANGUAGE sql IMMUTABLE AS $$ SELECT * FROM book $$;
    CREATE FUNCTION book_of(wanted int) RETURNS book LANGUAGE sql STABLE AS $$ SELECT * FROM book WHERE id = wanted $$;
    CREATE FUNCTION my_books(session json, suffix text DEFAULT '') RETURNS SETOF book LANGUAGE sql STABLE AS
      $$ SELECT id, (session ->> 'x-hasura-role') || ':' || (session ->> 'x-hasura-user-id') || suffix, pages, shelf_id, price
         FROM book WHERE id = (session ->> 'x-hasura-user-id')::int $$;
    CREATE FUNCTION extend(amount int, chosen int[] DEFAULT NULL) RETURNS SETOF book LANGUAGE sql VOLATILE AS
      $$ UPDATE book SET pages = pages + amount WHERE chosen IS NULL OR id = ANY (chosen) RETURNING * $$;
    CREATE FUNCTION unnamed(text, int DEFAULT 1, bigger int DEFAULT 2, int DEFAULT 3) RETURNS SETOF book LANGUAGE sql STABLE AS
      $$ SELECT id, $1 || '/' || $2 || '/' || $3 || '/' || coalesce($4::text, 'null'), pages, shelf_id, price FROM book WHERE id = 1 $$;
";

struct Library {
    engine: TestEngine,
    database: TestDatabase,
}

impl Library {
    /// An engine with the tracked tables.
    async fn new(options: &[&str]) -> Self {
        let database = TestDatabase::create("functions").await;
        let engine = TestEngine::start(&database, options).await;
        engine.sql(LIBRARY).await;
        for table in ["shelf", "book"] {
            engine.command("track_table", json!(table)).await;
        }
        let shelf =
            json!({"table": "book", "name": "shelf", "using": {"foreign_key_constraint_on": "shelf_id"}});
        engine.command("create_object_relationship", shelf).await;
        Self { engine, database }
    }

    /// The same with the tracked functions.
    async fn tracked(options: &[&str]) -> Self {
        let library = Self::new(options).await;
        for function in ["long_books", "all_books", "book_of", "extend", "unnamed"] {
            library.engine.command("track_function", json!(function)).await;
        }
        library
            .track("my_books", json!({"session_argument": "session"}))
            .await;
        library
    }

    async fn track(&self, function: &str, configuration: Value) {
        let args = json!({"function": function, "configuration": configuration});
        self.engine.command("pg_track_function", args).await;
    }

    async fn graphql_as(&self, session: &[(&str, &str)], query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let (status, answer) = self.engine.post("/v1/graphql", session, &body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn data_as(&self, session: &[(&str, &str)], query: &str) -> Value {
        let mut answer = self.graphql_as(session, query, json!({})).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }

    /// Runs an operation of the admin that must succeed; returns its `data`.
    async fn data(&self, query: &str) -> Value {
        self.data_as(&[], query).await
    }

    /// Runs an operation that must fail; returns code, path and message.
    async fn error_as(&self, session: &[(&str, &str)], query: &str) -> (String, String, String) {
        let answer = self.graphql_as(session, query, json!({})).await;
        let error = &answer["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        assert!(error.is_object(), "{query} must fail: {answer}");
        (
            text(&error["extensions"]["code"]),
            text(&error["extensions"]["path"]),
            text(&error["message"]),
        )
    }

    async fn error(&self, query: &str) -> (String, String, String) {
        self.error_as(&[], query).await
    }
}

fn error(code: &str, path: &str, message: &str) -> (String, String, String) {
    (code.to_owned(), path.to_owned(), message.to_owned())
}
