//! Requests whose client disconnects, and the graceful shutdown.

use super::{client, engine};
use crate::support::{LOCKED, hold_lock, release_lock, until_waiting};
use serde_json::json;
use testkit::eventually;

#[tokio::test]
async fn graceful_shutdown_completes_requests_in_flight() {
    let (database, engine) = engine(&[]).await;
    let holder = hold_lock(&database).await;
    let url = format!("{}/v1/query", engine.url);
    let body = json!({"type": "run_sql", "args": {"sql": format!("SELECT 'done' FROM {LOCKED}")}});
    let request = tokio::spawn(async move { client().post(url).json(&body).send().await.unwrap().status() });
    until_waiting(&holder, 1).await;
    engine.begin_stop().await;
    release_lock(&holder).await;
    assert_eq!(request.await.unwrap(), 200);
    engine.stop().await;
}

/// Closes the client's connection while the request's SQL waits for the lock, then releases the lock.
async fn disconnect_while_waiting<T>(request: tokio::task::JoinHandle<T>, holder: &tokio_postgres::Client) {
    until_waiting(holder, 1).await;
    request.abort();
    assert!(request.await.is_err(), "the request has no response yet");
    release_lock(holder).await;
}

#[tokio::test]
async fn command_completes_after_client_disconnects() {
    let (database, engine) = engine(&["--pg-connections", "1"]).await;
    let url = format!("{}/v1/query", engine.url);
    let sql = "CREATE TABLE abandoned (id int); COMMIT; SET default_transaction_read_only = on; SET ROLE pg_monitor; COMMIT;
               SELECT FROM pg_advisory_xact_lock(42)";
    let body = json!({"type": "run_sql", "args": {"sql": sql}});
    let holder = hold_lock(&database).await;
    let request = tokio::spawn(async move { client().post(url).json(&body).send().await });
    disconnect_while_waiting(request, &holder).await;
    // The pool has one connection, and reuses it only after its session was reset.
    engine
        .graphql(
            "mutation { insert_author_one(object: {name: \"b\"}) { id } }",
            json!({}),
        )
        .await["data"]["insert_author_one"]["id"]
        .as_i64()
        .expect("the row is inserted");
    engine.sql("SELECT id FROM abandoned").await;
}

#[tokio::test]
async fn mutation_completes_after_client_disconnects() {
    let (database, engine) = engine(&[]).await;
    engine
        .sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN new; END $$;
             CREATE TRIGGER slow BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION slow()",
        )
        .await;
    let url = format!("{}/v1/graphql", engine.url);
    let holder = hold_lock(&database).await;
    let body = json!({"query": "mutation { insert_author_one(object: {name: \"left\"}) { id } }"});
    let request = tokio::spawn(async move { client().post(url).json(&body).send().await });
    disconnect_while_waiting(request, &holder).await;
    eventually("the row exists", async || {
        let row = "SELECT 1 FROM author WHERE name = 'left'";
        holder.query_opt(row, &[]).await.unwrap()
    })
    .await;
}
