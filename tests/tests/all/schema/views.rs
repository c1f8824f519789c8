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
            "INSERT INTO order_history (order_id, step, outcome) VALUES ('by-hand', 'restaurant-approval', 'waiting'); \
             INSERT INTO assignment (order_id, driver_id) VALUES ('approved', 1); \
             UPDATE orders SET driver_assigned = true WHERE order_id = 'approved'; \
             UPDATE orders SET created = now() - interval '5 minutes' WHERE order_id = 'approved'; \
             UPDATE orders SET created = now() - interval '2 hours' WHERE order_id = 'refused'",
        )
        .await
        .unwrap();

    // Each view covers its whole window without a gap and contains each change once.
    for (view, seconds) in [
        ("orders_reached_per_ten_seconds", 10),
        ("orders_reached_per_minute", 60),
    ] {
        let sums = format!(
            "SELECT concat_ws(' ', count(*), sum(placed), sum(paid), sum(approved), sum(delivered), \
               extract(epoch FROM max(bucket) - min(bucket))::integer, max(bucket) <= now(), \
               max(bucket) > now() - interval '{seconds} seconds') FROM {view}"
        );
        let expected = format!("60 2 2 1 0 {} t t", seconds * 59);
        assert_eq!(
            ask(&client, &sums).await.as_deref(),
            Some(expected.as_str()),
            "{view}"
        );
        let past = format!(
            "SELECT (SELECT bucket FROM {view} WHERE placed = 1 ORDER BY bucket LIMIT 1) \
               BETWEEN now() - interval '5 minutes {seconds} seconds' AND now() - interval '5 minutes'"
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
