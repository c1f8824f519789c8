//! Figures of past hours: the sums are those of the orders, whatever happens late, twice or at the same time, and reading them reads no old
//! orders.

use futures_util::future::join_all;
use shared::steps::expire_orders;
use tests::{database::TestDatabase, orders::ask};
use tokio_postgres::Client;

/// An order per minute of eight days, the newest one a minute old: two thirds of those older than an hour are delivered, some are
/// cancelled and refunded, some refused, some not paid.
const WEEK: &str = "
  INSERT INTO orders (order_id, user_id, restaurant_id, address, created, order_valid, problem, total, payment_valid, approved,
                      driver_assigned, food_picked, delivered, cancelled)
  SELECT 'o-' || n, 'tester', 1 + n % 3, 'a', now() - n * interval '1 minute', kind <> 1, CASE WHEN kind = 1 THEN 'closed' END,
         CASE WHEN kind <> 1 THEN 500 + n % 7 END, kind > 2, kind > 3, kind > 3, kind > 3 AND n > 60, kind > 3 AND n > 60, kind = 3
  FROM (SELECT n, n % 12 AS kind FROM generate_series(11520, 1, -1) AS n) AS planned;
  INSERT INTO payments (order_id, type, amount, created)
  SELECT order_id, 'credit_card', total, created FROM orders WHERE payment_valid ORDER BY created;
  INSERT INTO refunds (payment_id, order_id, amount, status, key, created)
  SELECT p.id, p.order_id, p.amount, 'succeeded', 'r-' || p.id, p.created FROM payments AS p JOIN orders USING (order_id) WHERE cancelled;
  INSERT INTO order_history (order_id, step, outcome, at)
  SELECT order_id, 'test', h.outcome, created + h.after
  FROM orders CROSS JOIN LATERAL (VALUES
    ('refused',   problem IS NOT NULL, interval '1 second'),
    ('validated', order_valid,         interval '1 second'),
    ('paid',      payment_valid,       interval '20 seconds'),
    ('cancelled', cancelled,           interval '30 seconds'),
    ('approved',  approved,            interval '30 seconds'),
    ('assigned',  driver_assigned,     interval '40 seconds'),
    ('picked_up', food_picked,         interval '10 minutes'),
    ('delivered', delivered,           interval '10 minutes' + (length(order_id) * 7 + total % 5) * interval '1 minute')
  ) AS h (outcome, happened, after)
  WHERE h.happened
  ORDER BY created + h.after";

/// All figures that can contain sums, without percentiles.
const SUMS: &str = "SELECT concat(
  (SELECT jsonb_agg(to_jsonb(f) - 'median_ms' - 'p99_ms' ORDER BY range, restaurant_id) FROM restaurant_figures AS f),
  (SELECT jsonb_agg(r) FROM orders_reached_per_six_hours AS r), (SELECT jsonb_agg(r) FROM orders_reached_per_quarter_hour AS r),
  (SELECT jsonb_agg(r) FROM orders_reached_per_minute AS r))";

const PERCENTILES: &str =
    "SELECT string_agg(concat_ws(' ', median_ms, p99_ms), ' ' ORDER BY range, restaurant_id)
  FROM restaurant_figures WHERE median_ms IS NOT NULL";

async fn execute(client: &Client, sql: &str) {
    client.batch_execute(sql).await.expect(sql);
}

/// Compares the figures with those that are computed from all orders, at the same time.
async fn assert_equal_those_of_the_orders(client: &Client) {
    execute(client, "BEGIN").await;
    let (sums, times) = (ask(client, SUMS).await, percentiles(client).await);
    execute(client, "TRUNCATE figures.hours CASCADE").await;
    assert_eq!(sums, ask(client, SUMS).await);
    let exact = percentiles(client).await;
    execute(client, "ROLLBACK").await;
    assert!(
        exact.len() >= 8 && times.len() == exact.len(),
        "{times:?} {exact:?}"
    );
    for (time, exact) in times.iter().zip(&exact) {
        assert!((time / exact - 1.0).abs() < 0.011, "{times:?} {exact:?}");
    }
}

async fn percentiles(client: &Client) -> Vec<f64> {
    let text = ask(client, PERCENTILES).await.unwrap_or_default();
    text.split(' ')
        .map(|number| number.parse().expect("a number"))
        .collect()
}

/// Calls expire-orders until all hours are summed up.
async fn sum_up(database: &TestDatabase, client: &Client) {
    let pool = database.pool("expire-orders", 4);
    let complete = "SELECT max(hour) = figures.start_of(now() - interval '3 hours 15 minutes', 3600) - interval '1 hour' \
                      AND count(*) > 180 AND NOT EXISTS (SELECT FROM figures.late_changes JOIN figures.hours USING (hour)) \
                    FROM figures.hours";
    for _ in 0..20 {
        for called in join_all((0..4).map(|_| expire_orders::run(&pool))).await {
            called.expect("a call succeeds");
        }
        if ask(client, complete).await.as_deref() == Some("t") {
            return;
        }
    }
    panic!("the hours are not summed up");
}

#[tokio::test]
async fn sums_of_hours_are_those_of_their_orders() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client.batch_execute(WEEK).await.unwrap();
    assert_equal_those_of_the_orders(&client).await;
    // While they are being summed up, too.
    let pool = database.pool("expire-orders", 1);
    expire_orders::run(&pool).await.unwrap();
    assert_eq!(
        ask(&client, "SELECT count(*) FROM figures.hours")
            .await
            .as_deref(),
        Some("20")
    );
    assert_equal_those_of_the_orders(&client).await;
    sum_up(&database, &client).await;
    assert_equal_those_of_the_orders(&client).await;

    // Late changes of orders whose hours are summed up.
    for late in [
        "UPDATE orders SET cancelled = true WHERE order_id = 'o-602'",
        "UPDATE orders SET order_valid = true, total = 700, payment_valid = true WHERE order_id = 'o-1200'; \
         INSERT INTO payments (order_id, type, amount) VALUES ('o-1200', 'credit_card', 700)",
        "INSERT INTO refunds (payment_id, order_id, amount, key) \
           SELECT id, order_id, amount, 'late' FROM payments WHERE order_id = 'o-1199'; \
         UPDATE refunds SET status = 'succeeded' WHERE key = 'late'; UPDATE refunds SET status = 'succeeded' WHERE key = 'late'",
        "INSERT INTO orders (order_id, user_id, restaurant_id, address, created) \
           VALUES ('imported', 'tester', 5, 'a', now() - interval '30 hours')",
        "UPDATE orders SET created = created - interval '2 hours' WHERE order_id = 'imported'",
        "DELETE FROM orders WHERE order_id = 'imported'",
    ] {
        client.batch_execute(late).await.expect(late);
        sum_up(&database, &client).await;
        assert_equal_those_of_the_orders(&client).await;
    }
    let hours = "SELECT count(*) FROM figures.hours WHERE hour < now() - interval '8 days 1 hour'";
    assert_eq!(ask(&client, hours).await.as_deref(), Some("0"));
}

/// A function may not change the sums of another one; the rights to note a change suffice.
#[tokio::test]
async fn functions_note_late_changes_of_old_orders() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "INSERT INTO orders (order_id, user_id, restaurant_id, address, created, order_valid, total) \
             VALUES ('old', 'tester', 1, 'a', now() - interval '1 day', true, 500); TRUNCATE figures.late_changes",
        )
        .await
        .unwrap();
    for (role, change) in [
        (
            "fn_validate",
            "UPDATE orders SET total = 501 WHERE order_id = 'old'",
        ),
        (
            "fn_payment",
            "UPDATE orders SET payment_valid = true WHERE order_id = 'old'",
        ),
        (
            "fn_refund",
            "UPDATE orders SET payment_valid = false WHERE order_id = 'old'",
        ),
        (
            "fn_expire",
            "UPDATE orders SET expired = true, close_reason = 'late' WHERE order_id = 'old'",
        ),
    ] {
        client
            .batch_execute(&format!(
                "UPDATE orders SET pay_by = now() - interval '1 hour', answer_by = now() - interval '1 hour'; \
                 SET ROLE {role}; {change}; RESET ROLE"
            ))
            .await
            .expect(role);
    }
    let noted = "SELECT concat_ws(' ', count(*), count(DISTINCT hour)) FROM figures.late_changes";
    assert_eq!(ask(&client, noted).await.as_deref(), Some("4 1"));
}

#[tokio::test]
async fn reading_figures_reads_no_old_orders() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client.batch_execute(WEEK).await.unwrap();
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    let total: u64 = ask(
        &client,
        "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM payments) + (SELECT count(*) FROM order_history)",
    )
    .await
    .and_then(|text| text.parse().ok())
    .unwrap();
    let views = [
        "restaurant_figures WHERE range = '7d'",
        "restaurant_figures WHERE range = 'today'",
        "orders_reached_per_six_hours",
        "orders_reached_per_quarter_hour",
    ];
    let before = rows_read(&client, views[0]).await;
    assert!(before > total / 2, "{before} rows of {total} without sums");
    sum_up(&database, &client).await;
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    // The newest orders of four hours and a quarter, an incomplete hour at the start, and up to three ranges of the BRIN index.
    for view in views {
        let read = rows_read(&client, view).await;
        assert!(read < total / 10, "{view}: {read} rows of {total}");
    }
    // A range that is not selected is not computed.
    let read = rows_read(&client, "restaurant_figures WHERE range = '15m'").await;
    assert!(read < 200, "{read} rows");
}

/// Returns the number of rows that a query reads from orders, payments, refunds and their history.
async fn rows_read(client: &Client, view: &str) -> u64 {
    let read = "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) FROM pg_stat_xact_user_tables \
                WHERE relid IN ('orders'::regclass, 'payments'::regclass, 'refunds'::regclass, 'order_history'::regclass)";
    // The counters contain earlier transactions that are not reported yet.
    let counter = async || -> u64 {
        let rows = ask(client, read).await.unwrap_or_default();
        rows.parse().expect("a number")
    };
    execute(client, "BEGIN; SET LOCAL enable_indexonlyscan = off").await;
    let before = counter().await;
    assert!(
        ask(client, &format!("SELECT * FROM {view}")).await.is_some(),
        "{view}"
    );
    let rows = counter().await - before;
    execute(client, "ROLLBACK").await;
    rows
}
