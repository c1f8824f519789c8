//! A slow or abandoned operation does not keep a connection.

use super::TestStack;
use crate::support::{LOCK, LOCKED, hold_lock, until_waiting};
use serde_json::json;

const SLOW: &str = "{ slow { n } }";

/// A table whose query waits for the lock.
async fn slow_stack(options: &[&str]) -> TestStack {
    let stack = TestStack::with(options).await;
    let view = format!("CREATE VIEW slow AS SELECT 1 AS n FROM {LOCKED}");
    stack.engine.sql(&view).await;
    stack.engine.command("track_table", json!("slow")).await;
    stack
}

#[tokio::test]
async fn operation_is_cancelled_at_the_time_limit() {
    let stack = slow_stack(&["--operation-timeout", "1", "--pg-connections", "1"]).await;
    let _holder = hold_lock(&stack.database).await;
    let (code, _, message) = stack.error(SLOW, json!({})).await;
    assert_eq!(code, "time-limit-exceeded", "{message}");
    let mutation = "mutation { insert_author_one(object: {name: \"x\"}) { id } }";
    let trigger = format!(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN new; END $$;
         CREATE TRIGGER wait BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION wait()"
    );
    stack.engine.sql(&trigger).await;
    assert_eq!(stack.error(mutation, json!({})).await.0, "time-limit-exceeded");
    assert_eq!(stack.column("SELECT count(*) FROM author").await, ["3"]);
}

#[tokio::test]
async fn query_is_cancelled_when_its_client_disconnects() {
    let stack = slow_stack(&["--pg-connections", "2"]).await;
    let holder = hold_lock(&stack.database).await;
    let client = (*stack.engine).clone();
    let request = tokio::spawn(async move { client.graphql(SLOW, json!({})).await });
    until_waiting(&holder, 1).await;
    request.abort();
    until_waiting(&holder, 0).await;
}
