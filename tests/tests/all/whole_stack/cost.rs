//! Work of Postgres per order, from the mutation of the customer to the settlement of the last event. Counts instead of times, so
//! that they are the same on every machine. An increase is a regression; after an intended one, record the new values.

use testkit::eventually;
use tests::stack::TestStack;

/// Statements of the functions per order. Four of them claim the payment in one round trip: BEGIN, the lock, the claim, COMMIT.
const STATEMENTS: f64 = 9.0;
/// Bytes of WAL per order, without images of whole pages, which the test switches off. With Postgres 15; other versions
/// differ by a few percent.
const WAL_BYTES: f64 = 9_760.0;
/// Pages that the statements of the functions and the settlements of events read per order.
const PAGES: f64 = 300.0;
/// Tolerated increase: batches of the event queue, rows that do not fit into their page, and background processes vary.
const TOLERANCE: f64 = 1.05;

/// Orders before the measurement, so that each connection has its plans.
const FIRST: u32 = 20;
const ORDERS: u32 = 50;

/// Rows that each of the tables gains after its plans have been made.
const GROWTH: u32 = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_per_order_is_as_recorded() {
    let mut stack = TestStack::open().await;
    // Without the last three, WAL would depend on the time of checkpoints and of autovacuum.
    for setting in [
        "shared_preload_libraries = 'pg_stat_statements'",
        "full_page_writes = off",
        "autovacuum = off",
        "checkpoint_timeout = '1h'",
    ] {
        stack
            .database
            .batch_execute(&format!("ALTER SYSTEM SET {setting}"))
            .await
            .expect("a superuser");
    }
    stack.restart_postgres().await;
    stack
        .database
        .batch_execute("CREATE EXTENSION pg_stat_statements")
        .await
        .expect("the extension belongs to Postgres");
    process(&stack, "first", FIRST).await;
    let before = work(&stack).await;
    process(&stack, "measured", ORDERS).await;
    let after = work(&stack).await;
    let statements = per_order(before.statements, after.statements);
    let wal_bytes = per_order(before.wal_bytes, after.wal_bytes);
    println!("per order: {statements:.2} statements of the functions, {wal_bytes:.0} bytes of WAL");
    assert!(
        statements <= STATEMENTS * TOLERANCE,
        "{statements} statements per order"
    );
    assert!(
        wal_bytes <= WAL_BYTES * TOLERANCE,
        "{wal_bytes} bytes of WAL per order"
    );

    // Plans are made again after ANALYZE, and kept while the tables grow.
    let run = async |sql: &str| stack.database.batch_execute(sql).await.expect("a superuser");
    run("ANALYZE").await;
    process(&stack, "small", FIRST).await;
    run(&format!(
        "SET session_replication_role = replica;
         INSERT INTO orders (order_id, user_id, restaurant_id, address)
         SELECT 'old-' || i, 'growth', 1, 'Old Street 1' FROM generate_series(1, {GROWTH}) AS i;
         INSERT INTO hdb_catalog.event_log (schema_name, table_name, trigger_name, payload, delivered)
         SELECT 'public', 'orders', 'growth', '{{}}', true FROM generate_series(1, {GROWTH});
         RESET session_replication_role"
    ))
    .await;
    let before = work(&stack).await;
    process(&stack, "large", ORDERS).await;
    let pages = per_order(before.pages, work(&stack).await.pages);
    println!("per order: {pages:.0} pages, with plans that were made for small tables");
    assert!(
        pages <= PAGES * TOLERANCE,
        "{pages} pages per order: a plan reads a whole table"
    );
    stack.close().await;
}

fn per_order(before: i64, after: i64) -> f64 {
    let sum = u32::try_from(after - before).expect("it grows");
    f64::from(sum) / f64::from(ORDERS)
}

/// Places, pays and follows orders, one after the other.
async fn process(stack: &TestStack, prefix: &str, orders: u32) {
    for number in 0..orders {
        let id = format!("{prefix}-{number}");
        stack.place(&id, &["pizza"]).await;
        // Not earlier: a payment that has to be retried would count twice.
        stack.until(&id, "validated").await;
        stack.pay_until_paid(&id, 500).await;
        stack.until(&id, "assigned").await;
    }
    eventually("all events are settled", async || {
        let sql = "SELECT NOT EXISTS (SELECT FROM hdb_catalog.event_log WHERE NOT delivered)";
        let row = stack.database.query_one(sql, &[]).await.ok()?;
        row.get::<_, bool>(0).then_some(())
    })
    .await;
}

/// Totals since the start of the server.
struct Work {
    statements: i64,
    wal_bytes: i64,
    pages: i64,
}

async fn work(stack: &TestStack) -> Work {
    let row = stack
        .database
        .query_one(
            "SELECT (SELECT sum(calls)::bigint FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
                     WHERE starts_with(rolname, 'fn_')),
                    (pg_current_wal_insert_lsn() - '0/0')::bigint,
                    (SELECT sum(shared_blks_hit + shared_blks_read)::bigint
                     FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
                     WHERE starts_with(rolname, 'fn_') OR query LIKE '-- Settles a batch%')",
            &[],
        )
        .await
        .expect("the statistics are readable");
    Work {
        statements: row.get(0),
        wal_bytes: row.get(1),
        pages: row.get(2),
    }
}
