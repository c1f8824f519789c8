//! Statements and pages that the queue costs.

use super::{CLAIM, DONE, TestStack, everything};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::SystemTime;
use testkit::eventually;

#[tokio::test]
async fn event_of_unknown_trigger_waits_for_trigger() {
    let stack = TestStack::new().await;
    stack
        .run("SELECT hdb_catalog.insert_event_log('public', 't', 'late', 'INSERT', '{\"new\": {}}')")
        .await;
    stack.trigger("other", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.until(DONE, 1).await;
    assert_eq!(stack.webhook.count(), 1);
    stack.trigger("late", json!({"enable_manual": true})).await;
    stack.until(DONE, 2).await;
}

/// Counted per poll of the queue, which is the slowest regular statement but one.
#[tokio::test]
async fn idle_engine_runs_few_statements_per_poll() {
    const POLLS: usize = 4;
    const STATEMENTS_PER_POLL: usize = 3;
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    stack
        .until("SELECT count(*) FROM hdb_catalog.engine_asleep", 1)
        .await;
    // The first line of the statement, a comment, fits into the text that Postgres shows.
    let poll = CLAIM.lines().next().unwrap();
    let activity = "SELECT pid, query_start, starts_with(query, $1) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND backend_type = 'client backend' AND query_start IS NOT NULL";
    let latest = async || {
        let rows = stack.client.query(activity, &[&poll]).await.unwrap();
        rows.iter()
            .map(|row| {
                (
                    (row.get::<_, i32>(0), row.get::<_, SystemTime>(1)),
                    row.get::<_, bool>(2),
                )
            })
            .collect::<HashMap<_, _>>()
    };
    let before = latest().await;
    let mut statements = HashMap::new();
    eventually("the engine polls the queue", async || {
        statements.extend(latest().await);
        statements.retain(|statement, _| !before.contains_key(statement));
        let polls = statements.values().filter(|&&is_poll| is_poll).count();
        (polls >= POLLS).then_some(())
    })
    .await;
    let count = statements.len();
    assert!(
        count <= POLLS * STATEMENTS_PER_POLL,
        "{count} statements during {POLLS} polls"
    );
}

/// Counts the pages that the engine's own statement reads, with the window of 2 s that it has between two full scans.
#[tokio::test]
async fn claim_cost_is_independent_of_delivered_events() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    stack
        .run("SET jit = off; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
        .await;
    stack
        .run(&format!(
            "PREPARE claim (bigint, bigint, text[], text, double precision, boolean, text[], integer) AS {CLAIM}"
        ))
        .await;
    let pages = async || {
        let explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE claim (1, 100, '{one}', NULL, 2, false, NULL, 16384)";
        let plan: Value = stack.client.query_one(explain, &[]).await.unwrap().get(0);
        let node = &plan[0]["Plan"];
        node["Shared Hit Blocks"].as_i64().unwrap() + node["Shared Read Blocks"].as_i64().unwrap()
    };
    let deliver = async |from: i64, to: i64| {
        stack
            .run(&format!(
                "INSERT INTO t (id) SELECT generate_series({from}, {to})"
            ))
            .await;
        stack.until(DONE, to).await;
        let young = "SELECT count(*) FROM hdb_catalog.event_log WHERE created_at > timezone('utc', now()) - interval '2 s'";
        stack.until(young, 0).await;
        pages().await;
        pages().await
    };
    let few = deliver(1, 100).await;
    let many = deliver(101, 8000).await;
    assert!(
        many <= few + 10,
        "{few} pages after 100 events, {many} after 8000"
    );
}
