//! `run_sql` leaves nothing in the sessions that later requests use.

use super::engine;
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::{TestDatabase, eventually};

/// State that SQL can leave in its session, the SQL, and a query whose result is then different.
const LEFT: [(&str, &str, &str); 18] = [
    ("a setting", "SET work_mem = '77MB'", "SHOW work_mem"),
    (
        "a search path",
        "SET search_path = pg_catalog",
        "SHOW search_path",
    ),
    ("a time zone", "SET TIME ZONE 'Asia/Tokyo'", "SHOW TIME ZONE"),
    (
        "a setting of a session variable",
        "SELECT set_config('hasura.user', '{\"x-hasura-role\":\"x\"}', false)",
        "SELECT coalesce(current_setting('hasura.user', true), '')",
    ),
    ("a role", "SET ROLE guest", "SELECT current_user"),
    (
        "a session authorization",
        "SET SESSION AUTHORIZATION guest",
        "SELECT session_user",
    ),
    (
        "read-only transactions",
        "SET default_transaction_read_only = on",
        "SHOW default_transaction_read_only",
    ),
    (
        "a time limit",
        "SET statement_timeout = '1ms'",
        "SHOW statement_timeout",
    ),
    (
        "a temporary table",
        "CREATE TEMP TABLE author (id text)",
        "SELECT 'author'::regclass::oid::text",
    ),
    (
        "a temporary view",
        "CREATE TEMP VIEW pg_stat AS SELECT 1",
        "SELECT coalesce(to_regclass('pg_temp.pg_stat')::text, '')",
    ),
    (
        "a prepared statement",
        "PREPARE mine AS SELECT 1",
        "SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'",
    ),
    (
        "a cursor",
        "DECLARE mine CURSOR WITH HOLD FOR SELECT 1",
        "SELECT count(*) FROM pg_cursors WHERE name = 'mine'",
    ),
    (
        "a channel",
        "LISTEN mine",
        "SELECT count(*) FROM pg_listening_channels()",
    ),
    (
        "an advisory lock",
        "SELECT pg_advisory_lock(7)",
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE datname = current_database() AND locktype = 'advisory' AND objid = 7",
    ),
    (
        "a value of a sequence",
        "CREATE TEMP SEQUENCE numbers; SELECT nextval('numbers')",
        "SELECT coalesce(to_regclass('pg_temp.numbers')::text, '')",
    ),
    (
        "an open transaction",
        "COMMIT; BEGIN; SET LOCAL work_mem = '77MB'",
        "SHOW work_mem",
    ),
    (
        "a chained transaction",
        "SET work_mem = '77MB'; COMMIT AND CHAIN",
        "SHOW work_mem",
    ),
    (
        "an isolation level",
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SHOW default_transaction_isolation",
    ),
];

async fn guarded() -> (TestDatabase, TestEngine) {
    let (database, engine) = engine().await;
    engine
        .sql("DO $$ BEGIN CREATE ROLE guest; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$")
        .await;
    (database, engine)
}

async fn run(engine: &TestEngine, args: Value) -> u16 {
    engine
        .post("/v1/query", &[], &json!({"type": "run_sql", "args": args}))
        .await
        .0
}

/// Asserts that the query has this result in the sessions of later commands.
async fn unchanged(engine: &TestEngine, what: &str, query: &str, before: &Value) {
    for _ in 0..3 {
        let after = engine
            .command("run_sql", json!({"sql": query, "read_only": true}))
            .await;
        assert_eq!(&after, before, "{what} remains");
    }
}

#[tokio::test]
async fn sql_leaves_nothing_in_its_session() {
    let (_database, engine) = guarded().await;
    for (what, sql, query) in LEFT {
        let before = engine.sql(query).await;
        for args in [json!({"sql": sql}), json!({"sql": sql, "read_only": true})] {
            run(&engine, args).await;
            unchanged(&engine, what, query, &before).await;
        }
    }
}

#[tokio::test]
async fn failing_sql_leaves_nothing_in_its_session() {
    let (_database, engine) = guarded().await;
    for (what, sql, query) in LEFT {
        let before = engine.sql(query).await;
        for failing in [
            format!("{sql}; SELECT 1/0"),
            format!("{sql}; COMMIT; SELECT 1/0"),
            format!("COMMIT; {sql}; SELECT 1/0"),
            format!("{sql}; COMMIT; SET statement_timeout = '10ms'; SELECT pg_sleep(60)"),
        ] {
            // A failed transaction undoes its settings, but not those of the one committed before.
            assert_eq!(run(&engine, json!({"sql": failing})).await, 400, "{failing}");
            unchanged(&engine, what, query, &before).await;
        }
    }
}

#[tokio::test]
async fn cancelled_sql_leaves_nothing_in_its_session() {
    let (database, engine) = guarded().await;
    let client = database.connect().await;
    let sleeping = "SELECT count(*) FROM (SELECT pg_cancel_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND wait_event = 'PgSleep') AS cancelled";
    let sql = json!({"sql": "SET search_path = pg_catalog; SELECT pg_advisory_lock(7); COMMIT; SELECT pg_sleep(600)"});
    let (status, ()) = tokio::join!(run(&engine, sql), async {
        eventually("the statement is cancelled", async || {
            let cancelled: i64 = client.query_one(sleeping, &[]).await.unwrap().get(0);
            (cancelled == 1).then_some(())
        })
        .await;
    });
    assert_eq!(status, 400);
    assert!(engine.sql("SHOW search_path").await["result"][1][0] != "pg_catalog");
    let free = engine.sql("SELECT pg_try_advisory_lock(7)").await;
    assert_eq!(free["result"][1][0], "t");
}

/// Settings that change the meaning of a statement must not reach GraphQL.
#[tokio::test]
async fn graphql_does_not_run_in_the_session_of_sql() {
    let database = TestDatabase::create("md").await;
    let engine = TestEngine::start(&database, &["--pg-connections", "1"]).await;
    engine
        .sql("CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)")
        .await;
    engine.command("track_table", json!("item")).await;
    for sql in [
        "SET default_transaction_read_only = on",
        "SET row_security = off; SET search_path = nowhere",
        "CREATE TEMP TABLE item (id int)",
        "COMMIT; BEGIN READ ONLY",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SELECT pg_advisory_lock(1)",
    ] {
        engine.sql(sql).await;
        let insert = "mutation { insert_item_one(object: {id: 2}) { id } delete_item_by_pk(id: 2) { id } }";
        let response = engine.graphql(insert, json!({})).await;
        assert_eq!(
            response["data"]["delete_item_by_pk"]["id"], 2,
            "{sql}: {response}"
        );
        let response = engine.graphql("{ item { id } }", json!({})).await;
        assert_eq!(response["data"]["item"], json!([{"id": 1}]), "{sql}: {response}");
    }
}
