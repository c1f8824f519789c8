//! Locks of the set-up of `hdb_catalog` at a start.

use crate::support::{TestEngine, config, start_error};
use engine::Server;
use testkit::{TestDatabase, eventually};
use tokio_postgres::Client;

/// Tables and views that the engine creates.
const TABLES: &str = "SELECT coalesce(string_agg(format('%I.%I', nspname, relname), ', '), '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE nspname = 'hdb_catalog' AND relkind IN ('r', 'v')";
/// The state of an earlier version, which the set-up has to change with a lock of the table.
const EARLIER: &str = "ALTER TABLE hdb_catalog.event_log DROP COLUMN exact_payload";
const WRITE: &str =
    "INSERT INTO hdb_catalog.event_log (schema_name, table_name, trigger_name, payload, delivered)
    VALUES ('public', 't', 'x', '{}', true)";

async fn installed() -> (TestDatabase, Client) {
    let database = TestDatabase::create("setup").await;
    TestEngine::start(&database, &[]).await.stop().await;
    let client = database.connect().await;
    (database, client)
}

/// Waits until the set-up waits for a lock of `event_log`.
async fn until_set_up_waits(client: &Client) {
    const WAITING: &str = "SELECT count(*) FROM pg_locks
        WHERE NOT granted AND relation = 'hdb_catalog.event_log'::regclass AND mode = 'AccessExclusiveLock'";
    eventually("the set-up waits", async || {
        let row = client.query_one(WAITING, &[]).await.expect("the locks");
        (row.get::<_, i64>(0) > 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn start_on_an_installed_catalog_waits_for_no_reader_or_writer() {
    let (database, client) = installed().await;
    let tables: String = client.query_one(TABLES, &[]).await.expect("the tables").get(0);
    client
        .batch_execute(&format!("BEGIN; LOCK TABLE {tables} IN ROW EXCLUSIVE MODE"))
        .await
        .expect("the tables are free");
    let engine = TestEngine::start(&database, &["--database-wait", "0"]).await;
    engine.stop().await;
}

#[tokio::test]
async fn other_statements_pass_while_the_set_up_waits_for_a_long_transaction() {
    let (database, client) = installed().await;
    client.batch_execute(EARLIER).await.expect("the column exists");
    let long = database.connect().await;
    long.batch_execute("BEGIN; SELECT FROM hdb_catalog.event_log")
        .await
        .expect("the table is free");
    let url = database.url().to_owned();
    let start = tokio::spawn(async move { Server::start(config(&url, &[])).await.map(drop) });
    for _ in 0..2 {
        until_set_up_waits(&client).await;
        client.batch_execute(WRITE).await.expect("the event is written");
        assert!(!start.is_finished(), "the long transaction still holds its lock");
    }
    long.batch_execute("COMMIT")
        .await
        .expect("the connection is open");
    start.await.expect("no panic").expect("the engine starts");
    let column = "SELECT exact_payload FROM hdb_catalog.event_log";
    client.query(column, &[]).await.expect("the column was added");
}

#[tokio::test]
async fn start_gives_up_and_names_the_transaction_that_holds_the_lock() {
    let (database, client) = installed().await;
    client.batch_execute(EARLIER).await.expect("the column exists");
    let long = database.connect().await;
    let pid: i32 = long
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .expect("the process")
        .get(0);
    long.batch_execute("BEGIN; SELECT FROM hdb_catalog.event_log")
        .await
        .expect("the table is free");
    let error = start_error(database.url(), &["--database-wait", "1"]).await;
    let holder = format!("database process {pid} holds a lock of \"hdb_catalog.event_log\"");
    assert!(error.contains(&holder), "{error}");
    assert!(
        error.contains("gave up after 1 s (HASURA_GRAPHQL_DATABASE_WAIT"),
        "{error}"
    );
}

/// The indexes of the queue: the one of an earlier installation of Hasura, and whether the engine's own is complete.
async fn indexes(client: &Client) -> (bool, Option<bool>) {
    const INDEXES: &str = "SELECT to_regclass('hdb_catalog.event_log_fetch_events') IS NOT NULL,
        (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('hdb_catalog.event_log_waiting_idx'))";
    let row = client.query_one(INDEXES, &[]).await.expect("the indexes");
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn engines_that_start_on_a_large_event_log_build_its_indexes_once_while_events_are_written() {
    const LARGE: &str = "DROP INDEX hdb_catalog.event_log_waiting_idx;
        CREATE INDEX event_log_fetch_events ON hdb_catalog.event_log (locked);
        INSERT INTO hdb_catalog.event_log (schema_name, table_name, trigger_name, payload, delivered)
        SELECT 'public', 't', 'x', to_jsonb(repeat('x', 1000)), true FROM generate_series(1, 8000)";
    const BUILDING: &str = "SELECT count(*) FROM pg_stat_progress_create_index
        WHERE datname = current_database() AND phase LIKE 'waiting%'";
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid()";
    let (database, client) = installed().await;
    client.batch_execute(LARGE).await.expect("the log is written");
    // The build of an index waits for the end of earlier transactions.
    let long = database.connect().await;
    long.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        .await
        .expect("the connection is open");
    let start = || {
        let url = database.url().to_owned();
        tokio::spawn(async move { Server::start(config(&url, &[])).await.map(drop) })
    };
    let shown = async |what: &str, sql: &str| {
        eventually(what, async || {
            let row = client.query_one(sql, &[]).await.expect("the activity");
            (row.get::<_, i64>(0) > 0).then_some(())
        })
        .await;
    };
    let first = start();
    shown("the first engine builds the index", BUILDING).await;
    let second = start();
    shown("the second engine waits for the first one", WAITING).await;
    client
        .batch_execute(&format!("SET lock_timeout = '1s'; {WRITE}"))
        .await
        .expect("events are written during the build");
    assert!(!first.is_finished() && !second.is_finished());
    assert_eq!(indexes(&client).await, (true, Some(false)));
    long.batch_execute("COMMIT")
        .await
        .expect("the connection is open");
    for engine in [first, second] {
        engine.await.expect("no panic").expect("the engine starts");
    }
    assert_eq!(indexes(&client).await, (false, Some(true)));
}

#[tokio::test]
async fn unused_index_is_dropped_after_the_end_of_a_long_transaction() {
    let (database, client) = installed().await;
    let unused = "CREATE INDEX event_log_fetch_events ON hdb_catalog.event_log (locked)";
    client.batch_execute(unused).await.expect("the index is created");
    let long = database.connect().await;
    long.batch_execute("BEGIN; SELECT FROM hdb_catalog.event_log")
        .await
        .expect("the table is free");
    let url = database.url().to_owned();
    let start = tokio::spawn(async move { Server::start(config(&url, &[])).await.map(drop) });
    for _ in 0..2 {
        until_set_up_waits(&client).await;
        client.batch_execute(WRITE).await.expect("the event is written");
    }
    long.batch_execute("COMMIT")
        .await
        .expect("the connection is open");
    start.await.expect("no panic").expect("the engine starts");
    assert_eq!(indexes(&client).await, (false, Some(true)));
}

#[tokio::test]
async fn index_whose_build_was_interrupted_is_built_again() {
    const INTERRUPTED: &str = "UPDATE pg_index SET indisvalid = false
        WHERE indexrelid = 'hdb_catalog.event_log_waiting_idx'::regclass";
    let (database, client) = installed().await;
    client.batch_execute(INTERRUPTED).await.expect("the index exists");
    TestEngine::start(&database, &[]).await.stop().await;
    assert_eq!(indexes(&client).await, (false, Some(true)));
}
