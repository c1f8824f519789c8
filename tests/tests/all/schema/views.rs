//! Views: counters, and the data of the dashboard.

use tests::{
    database::TestDatabase,
    orders::{APPROVED, NewOrder, PAID, ask, place, place_as, set_order},
};

#[tokio::test]
async fn views_count_orders() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(
        &mut client,
        &NewOrder {
            id: "placed",
            ..NewOrder::default()
        },
    )
    .await;
    place_as(&mut client, "refused", "problem = 'closed'").await;
    place_as(&mut client, "validated", "order_valid = true").await;
    place_as(&mut client, "approved", APPROVED).await;
    place_as(&mut client, "cancelled", "cancelled = true").await;
    let number = async |view: &str| ask(&client, &format!("SELECT count FROM {view}")).await.unwrap();
    assert_eq!(number("number_orders").await, "5");
    assert_eq!(number("number_order_validated").await, "2");
    assert_eq!(number("number_order_payment_valid").await, "1");
    assert_eq!(number("number_order_approved").await, "1");
    assert_eq!(number("number_order_driver_assigned").await, "0");
    let by_status = "SELECT string_agg(status || ' ' || count, ', ' ORDER BY position) FROM orders_by_status";
    assert_eq!(
        ask(&client, by_status).await.as_deref(),
        Some(
            "placed 1, refused 1, validated 1, paid 0, approved 1, assigned 0, picked_up 0, delivered 0, \
             cancelled 1, rejected 0, expired 0, failed 0"
        )
    );
    let reached = "SELECT string_agg(status || ' ' || reached, ', ' ORDER BY position) FROM orders_by_status";
    assert_eq!(
        ask(&client, reached).await.as_deref(),
        Some(
            "placed 5, refused 1, validated 2, paid 1, approved 1, assigned 0, picked_up 0, delivered 0, \
             cancelled 1, rejected 0, expired 0, failed 0"
        )
    );

    client
        .batch_execute(
            "UPDATE orders SET created = now() - interval '1 minute'; \
             UPDATE order_history SET at = now() - interval '20 seconds' WHERE outcome = 'approved'; \
             UPDATE order_history SET at = now() - interval '22 seconds' WHERE outcome = 'paid'",
        )
        .await
        .unwrap();
    let stuck = "SELECT string_agg(concat_ws(' ', order_id, next_step, last_outcome), ', ' ORDER BY order_id) FROM stuck_orders";
    assert_eq!(
        ask(&client, stuck).await.as_deref(),
        Some("approved agent-assignment approved, placed validate-order")
    );
    let times = "SELECT concat_ws(' ', orders, round(p50_ms), round(p99_ms)) FROM step_times WHERE step = 'restaurant-approval'";
    assert_eq!(ask(&client, times).await.as_deref(), Some("1 2000 2000"));
}

#[tokio::test]
async fn dashboard_views_show_state_changes_and_driver_load() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let nothing = "SELECT concat_ws(' ', count(*), sum(count), sum(reached)) FROM orders_by_status";
    assert_eq!(ask(&client, nothing).await.as_deref(), Some("12 0 0"));
    place_as(&mut client, "refused", "problem = 'closed'").await;
    place_as(&mut client, "approved", APPROVED).await;
    place_as(&mut client, "by-hand", PAID).await;
    client
        .batch_execute(
            "INSERT INTO order_history (order_id, step, outcome) \
               VALUES ('by-hand', 'restaurant-approval', 'waiting'), ('refused', 'cancellation', 'cancelled'); \
             INSERT INTO assignment (order_id, driver_id) VALUES ('approved', 1); \
             UPDATE orders SET driver_assigned = true WHERE order_id = 'approved'; \
             UPDATE orders SET created = now() - interval '5 minutes' WHERE order_id = 'approved'; \
             UPDATE orders SET created = now() - interval '2 hours' WHERE order_id = 'refused'",
        )
        .await
        .unwrap();

    // Each view covers its whole window without a gap and contains each change once.
    for (view, seconds, buckets, placed) in [
        ("orders_reached_per_ten_seconds", 10, 60, 2),
        ("orders_reached_per_minute", 60, 60, 2),
        ("orders_reached_per_quarter_hour", 900, 96, 3),
        ("orders_reached_per_six_hours", 21_600, 28, 3),
    ] {
        let sums = format!(
            "SELECT concat_ws(' ', count(*), sum(placed), sum(paid), sum(approved), sum(delivered), \
               extract(epoch FROM max(bucket) - min(bucket))::integer, max(bucket) <= now(), \
               max(bucket) > now() - interval '{seconds} seconds', sum(cancelled)) FROM {view}"
        );
        let expected = format!("{buckets} {placed} 2 1 0 {} t t 1", seconds * (buckets - 1));
        assert_eq!(
            ask(&client, &sums).await.as_deref(),
            Some(expected.as_str()),
            "{view}"
        );
        let past = format!(
            "SELECT (SELECT sum(placed) FROM {view} \
                     WHERE bucket BETWEEN now() - interval '5 minutes {seconds} seconds' AND now() - interval '5 minutes') > 0"
        );
        assert_eq!(ask(&client, &past).await.as_deref(), Some("t"), "{view}");
    }

    let waiting = "SELECT string_agg(order_id, ' ') FROM order_summaries WHERE waiting_for_approval";
    assert_eq!(ask(&client, waiting).await.as_deref(), Some("by-hand"));
    let line = "SELECT concat_ws(' | ', status, restaurant, driver, items) FROM order_summaries WHERE order_id = 'approved'";
    assert_eq!(
        ask(&client, line).await.as_deref(),
        Some("assigned | Trattoria Presto | Ada | pizza")
    );
    let loads = "SELECT string_agg(concat_ws(' ', name, orders), ', ') FROM driver_loads WHERE orders > 0";
    assert_eq!(ask(&client, loads).await.as_deref(), Some("Ada 1"));
    set_order(&client, "approved", "food_picked = true, delivered = true").await;
    assert_eq!(
        ask(&client, loads).await,
        None,
        "a delivered order does not count as load"
    );

    // Two rows of the same item are one entry with a number; a single item has no number.
    place(
        &mut client,
        &NewOrder {
            id: "several",
            items: &[("pizza", 1), ("idli", 1), ("pizza", 2)],
            ..NewOrder::default()
        },
    )
    .await;
    let items = "SELECT items FROM order_summaries WHERE order_id = 'several'";
    assert_eq!(ask(&client, items).await.as_deref(), Some("3 × pizza, idli"));
}

#[tokio::test]
async fn figures_are_those_of_their_range_and_restaurant() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    for (name, set) in [
        ("delivered", APPROVED),
        ("returned", PAID),
        ("refused", "problem = 'closed'"),
        ("old", PAID),
    ] {
        place_as(&mut client, name, set).await;
    }
    client
        .batch_execute(
            "INSERT INTO payments (order_id, type, amount) SELECT order_id, 'x', 500 FROM orders WHERE payment_valid; \
             UPDATE orders SET total = 900 WHERE order_id = 'delivered'; \
             UPDATE orders SET cancelled = true WHERE order_id = 'returned'; \
             INSERT INTO refunds (payment_id, order_id, amount, status, key) \
               SELECT id, order_id, 500, 'succeeded', 'k' FROM payments WHERE order_id = 'returned'; \
             INSERT INTO assignment (order_id, driver_id) VALUES ('delivered', 1); \
             UPDATE orders SET driver_assigned = true, food_picked = true, delivered = true WHERE order_id = 'delivered'; \
             UPDATE order_history AS h SET at = o.created + interval '90 seconds' FROM orders AS o \
               WHERE o.order_id = h.order_id AND h.outcome = 'delivered'; \
             UPDATE orders SET created = now() - interval '2 days', restaurant_id = 2 WHERE order_id = 'old'",
        )
        .await
        .unwrap();
    let figures = async |condition: &str| {
        let sql = format!(
            "SELECT string_agg(concat_ws(' ', range, coalesce(restaurant, 'all'), orders, paid, delivered, cancelled, refused, \
               revenue, refunded, average_total, median_ms, p99_ms), ', ' ORDER BY range, restaurant_id NULLS FIRST) \
             FROM restaurant_figures WHERE {condition}"
        );
        ask(&client, &sql).await.unwrap_or_default()
    };
    assert_eq!(
        figures("range = '15m' AND coalesce(restaurant_id, 1) <= 2").await,
        "15m all 3 2 1 1 1 1000 500 700 90000 90000, 15m Trattoria Presto 3 2 1 1 1 1000 500 700 90000 90000, \
         15m Casa Cura 0 0 0 0 0 0 0"
    );
    assert_eq!(
        figures("range = '7d' AND coalesce(restaurant_id, 2) = 2").await,
        "7d all 4 3 1 1 1 1500 500 633 90000 90000, 7d Casa Cura 1 1 0 0 0 500 0 500"
    );
    let rows = "SELECT string_agg(concat(range, ' ', count), ', ' ORDER BY range) FROM \
                  (SELECT range, count(*) FROM restaurant_figures GROUP BY range) AS counted";
    assert_eq!(
        ask(&client, rows).await.as_deref(),
        Some("15m 7, 1h 7, 7d 7, today 7"),
        "six restaurants and all of them"
    );

    // Only the branch of the range is computed, also if it is a parameter.
    for sql in [
        "EXPLAIN (ANALYZE, COSTS false) SELECT * FROM restaurant_figures WHERE range = '1h'",
        "PREPARE of_range (text) AS SELECT * FROM restaurant_figures WHERE range = $1; \
         SET plan_cache_mode = force_generic_plan; EXPLAIN (ANALYZE, COSTS false) EXECUTE of_range ('1h')",
    ] {
        let messages = client.simple_query(sql).await.unwrap();
        let plan: Vec<String> = messages
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            })
            .collect();
        let scans = plan
            .iter()
            .filter(|line| line.contains("Function Scan on of_orders") && !line.contains("never executed"))
            .count();
        assert_eq!(scans, 2, "before and after the sums: {plan:#?}");
    }
}

/// The catalog is that of Hasura.
#[tokio::test]
async fn pending_events_are_listed_and_cancelled() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "CREATE SCHEMA hdb_catalog; \
             CREATE TABLE hdb_catalog.event_log (id text PRIMARY KEY, schema_name text DEFAULT 'public', table_name text DEFAULT 'orders', \
               trigger_name text DEFAULT 'agent-assignment', payload jsonb DEFAULT '{\"op\": \"UPDATE\", \"data\": {\"new\": {\"order_id\": \"o-1\"}}}', \
               delivered boolean DEFAULT false, error boolean DEFAULT false, tries integer DEFAULT 2, created_at timestamp DEFAULT '2026-11-30', \
               locked timestamptz, next_retry_at timestamp DEFAULT '2026-12-01', archived boolean DEFAULT false); \
             CREATE TABLE hdb_catalog.event_invocation_logs (event_id text, status integer, response json, created_at timestamp DEFAULT now()); \
             INSERT INTO hdb_catalog.event_log (id) VALUES ('repeated'), ('also'); \
             INSERT INTO hdb_catalog.event_log (id, delivered) VALUES ('delivered', true); \
             INSERT INTO hdb_catalog.event_log (id, error) VALUES ('given-up', true); \
             INSERT INTO hdb_catalog.event_log (id, archived) VALUES ('archived', true); \
             INSERT INTO hdb_catalog.event_log (id, tries) VALUES ('first-attempt', 0); \
             INSERT INTO hdb_catalog.event_log (id, locked) VALUES ('in-progress', now()), ('of-a-dead-engine', now() - interval '31 minutes'); \
             INSERT INTO hdb_catalog.event_invocation_logs (event_id, status, response) VALUES ('repeated', 503, '{\"data\": {}}')",
        )
        .await
        .unwrap();
    let listed = async || {
        let sql = "SELECT string_agg(id, ' ' ORDER BY id) FROM pending_events";
        ask(&client, sql).await.unwrap_or_default()
    };
    assert_eq!(listed().await, "also in-progress of-a-dead-engine repeated");
    let row = "SELECT concat_ws(' ', trigger_name, op, order_id, tries, next_attempt = '2026-12-01Z', last_status, last_response, cancel) \
               FROM pending_events WHERE id = 'repeated'";
    assert_eq!(
        ask(&client, row).await.as_deref(),
        Some("agent-assignment UPDATE o-1 2 t 503 {\"data\": {}} f")
    );
    let cancel = async |id: &str| {
        let sql = format!("UPDATE pending_events SET cancel = true WHERE id = '{id}'");
        client.execute(&sql, &[]).await.unwrap()
    };
    for (id, rows) in [
        ("repeated", 1),
        ("repeated", 0),
        ("in-progress", 0),
        ("of-a-dead-engine", 1),
        ("given-up", 0),
    ] {
        assert_eq!(cancel(id).await, rows, "{id}");
    }
    assert_eq!(listed().await, "also in-progress");
    let archived = "SELECT string_agg(id, ' ' ORDER BY id) FROM hdb_catalog.event_log WHERE archived";
    assert_eq!(
        ask(&client, archived).await.as_deref(),
        Some("archived of-a-dead-engine repeated")
    );
}
