//! Where an order is, when it is expected, and what its driver sees of it afterwards.

use tests::{
    database::TestDatabase,
    orders::{APPROVED, NewOrder, PAID, ask, place, place_as},
};

#[tokio::test]
async fn tracking_expects_the_delivery_from_the_last_stage() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(
        &mut client,
        &NewOrder {
            restaurant: 2,
            ..NewOrder::default()
        },
    )
    .await;
    client
        .batch_execute("UPDATE drivers SET auto_accept = false; INSERT INTO driver_positions (driver_id, x, y) VALUES (1, 20, 40)")
        .await
        .unwrap();
    // Minutes from the last stage; the distance takes from 3 minutes to less than 39.
    let minutes = async || {
        let sql = "SELECT extract(epoch FROM eta - (SELECT max(at) FROM order_history))::double precision / 60 FROM order_tracking";
        ask(&client, sql).await.map(|text| text.parse::<f64>().unwrap())
    };
    let row = "SELECT concat_ws(' ', status, driver, driver_x, driver_id, destination_x BETWEEN 5 AND 95) FROM order_tracking";
    let mut travel = None;
    for (sql, expected, before_travel) in [
        (
            "UPDATE orders SET order_valid = true, total = 500",
            "validated t",
            None,
        ),
        (
            "UPDATE orders SET payment_valid = true",
            "paid t",
            Some(3.0 + 20.0),
        ),
        ("UPDATE orders SET approved = true", "approved t", Some(20.0)),
        // An assignment that is not accepted has no position.
        (
            "INSERT INTO assignment (order_id, driver_id, accepted) VALUES ('o-1', 1, false); \
             UPDATE orders SET driver_assigned = true; \
             INSERT INTO order_history (order_id, step, outcome) VALUES ('o-1', 'agent-assignment', 'assigned'); \
             UPDATE order_history SET at = (SELECT max(at) FROM order_history)",
            "assigned Ada 1 t",
            Some(20.0),
        ),
        // Where the driver was before is not shown.
        (
            "UPDATE assignment SET accepted = true",
            "assigned Ada 1 t",
            Some(20.0),
        ),
        (
            "UPDATE driver_positions SET x = 30",
            "assigned Ada 30 1 t",
            Some(20.0),
        ),
        (
            "UPDATE orders SET food_picked = true",
            "picked_up Ada 30 1 t",
            Some(0.0),
        ),
        ("UPDATE orders SET delivered = true", "delivered Ada t", None),
    ] {
        client.batch_execute(sql).await.unwrap();
        assert_eq!(ask(&client, row).await.as_deref(), Some(expected));
        let minutes = minutes().await;
        assert_eq!(
            minutes.is_some(),
            before_travel.is_some(),
            "{expected}: {minutes:?}"
        );
        if let Some((minutes, before)) = minutes.zip(before_travel) {
            let rest = minutes - before;
            assert!((3.0..39.0).contains(&rest), "{expected}: {minutes}");
            assert!(
                (rest - *travel.get_or_insert(rest)).abs() < 0.001,
                "{expected}: {minutes}"
            );
        }
    }
    // Two addresses that differ in spaces and capitals only are one place; others are distributed over the map.
    let places = "SELECT concat_ws(' ', (place_of('1 Main  St')) = (place_of('1 main st')), \
                    count(DISTINCT place_of('street ' || n)), max((place_of('street ' || n)).x) > 80, min((place_of('street ' || n)).y) < 20) \
                  FROM generate_series(1, 100) AS n";
    assert_eq!(ask(&client, places).await.as_deref(), Some("t 100 t t"));
}

/// The minutes that the restaurant gives with its approval replace those that it usually needs.
#[tokio::test]
async fn tracking_expects_the_minutes_of_the_approval() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place_as(&mut client, "usual", APPROVED).await;
    place_as(&mut client, "late", PAID).await;
    client
        .batch_execute(
            "UPDATE orders_to_approve SET approved = true, preparation_minutes = 45 WHERE order_id = 'late'",
        )
        .await
        .unwrap();
    let eta = "SELECT round(extract(epoch FROM late.eta - usual.eta - (late_history.at - usual_history.at)) / 60) \
               FROM order_tracking AS late, order_tracking AS usual, order_history AS late_history, order_history AS usual_history \
               WHERE (late.order_id, usual.order_id) = ('late', 'usual') \
                 AND (late_history.order_id, late_history.outcome) = ('late', 'approved') \
                 AND (usual_history.order_id, usual_history.outcome) = ('usual', 'approved')";
    // Trattoria Presto usually needs twelve.
    assert_eq!(ask(&client, eta).await.as_deref(), Some("33"));
    // The driver that accepts the order knows when it is ready.
    client
        .batch_execute(
            "INSERT INTO assignment (order_id, driver_id) SELECT order_id, 1 FROM orders; UPDATE orders SET driver_assigned = true",
        )
        .await
        .unwrap();
    let ready = "SELECT string_agg(extract(epoch FROM p.ready_at - h.at)::integer / 60 || ' ' || p.order_id, ', ' ORDER BY p.order_id) \
                 FROM orders_to_pick_up AS p JOIN order_history AS h ON h.order_id = p.order_id AND h.outcome = 'approved'";
    assert_eq!(ask(&client, ready).await.as_deref(), Some("45 late, 12 usual"));
    // An UPDATE of the view without the approval is refused, and the order stays in it.
    place_as(&mut client, "paid", PAID).await;
    client
        .batch_execute("UPDATE orders_to_approve SET preparation_minutes = 45 WHERE order_id = 'paid'")
        .await
        .unwrap_err();
}

#[tokio::test]
async fn deliveries_of_a_driver_are_those_that_have_ended() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    for id in ["delivered", "failed", "on-the-way", "old", "others"] {
        place_as(&mut client, id, APPROVED).await;
    }
    client
        .batch_execute(
            "UPDATE orders SET address = 'destination'; \
             UPDATE restaurants SET x = (place_of('destination')).x - 3, y = (place_of('destination')).y + 4 WHERE id = 1; \
             INSERT INTO assignment (order_id, driver_id) SELECT order_id, CASE order_id WHEN 'others' THEN 2 ELSE 1 END FROM orders; \
             UPDATE orders SET driver_assigned = true; UPDATE orders SET food_picked = true; \
             UPDATE orders SET delivered = true WHERE order_id IN ('delivered', 'old', 'others'); \
             UPDATE orders SET delivery_failed = true, close_reason = 'no such street' WHERE order_id = 'failed'; \
             UPDATE order_history SET at = now() - interval '90 seconds' WHERE outcome = 'picked_up'; \
             UPDATE order_history SET at = now() WHERE outcome IN ('delivered', 'failed'); \
             UPDATE assignment SET created = now() - interval '3 days' WHERE order_id = 'old'",
        )
        .await
        .unwrap();
    let rows = "SELECT string_agg(concat_ws(' ', order_id, restaurant, status, close_reason, minutes, round(kilometres::numeric, 3)), ', ' \
                  ORDER BY order_id) FROM driver_deliveries WHERE driver_id = 1";
    assert_eq!(
        ask(&client, rows).await.as_deref(),
        Some(
            "delivered Trattoria Presto delivered 1.5 0.500, failed Trattoria Presto failed no such street 1.5 0.500"
        )
    );
    // Those of one driver are read from an index, also if there are many others.
    client
        .batch_execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        .await
        .unwrap();
    let plan = "EXPLAIN (FORMAT JSON) SELECT * FROM driver_deliveries WHERE driver_id = 1";
    let plan = ask(&client, plan).await.unwrap_or_default();
    assert!(plan.contains("assignment_delivered_idx"), "{plan}");
}
