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
