//! When a restaurant takes orders: its opening hours, and its pauses, which refuse insertions.

use tests::{
    database::TestDatabase,
    orders::{NewOrder, ask, place},
};
use tokio_postgres::{Client, error::SqlState};

/// Inserts orders, given as `('id', restaurant), …`; returns the error of Postgres.
async fn insert(client: &Client, orders: &str, on_conflict: &str) -> Result<(), (SqlState, String, String)> {
    let sql = format!(
        "INSERT INTO orders (order_id, user_id, restaurant_id, address) \
         SELECT id, 'me', restaurant, 'a' FROM (VALUES {orders}) AS new (id, restaurant) {on_conflict}"
    );
    client.batch_execute(&sql).await.map_err(|error| {
        let error = error.as_db_error().expect("an error of Postgres");
        let constraint = error.constraint().unwrap_or_default().to_owned();
        (error.code().clone(), constraint, error.message().to_owned())
    })
}

#[tokio::test]
async fn paused_restaurant_gets_no_orders_until_the_end_of_its_pause() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let before = NewOrder {
        id: "before",
        restaurant: 2,
        ..NewOrder::default()
    };
    place(&mut client, &before).await;
    client
        .batch_execute("UPDATE restaurants SET paused_until = '2099-01-01 11:30:00+01' WHERE id = 2")
        .await
        .unwrap();
    let refused = Err((
        SqlState::CHECK_VIOLATION,
        "orders_of_paused_restaurant".to_owned(),
        "restaurant \"Casa Cura\" takes no orders until 2099-01-01T10:30:00Z".to_owned(),
    ));
    assert_eq!(insert(&client, "('new', 2)", "").await, refused);
    // Of several orders none is inserted.
    assert_eq!(insert(&client, "('other', 1), ('new', 2)", "").await, refused);
    // The client of an order that was inserted before learns that.
    let repeated = insert(&client, "('before', 2)", "").await.unwrap_err();
    assert_eq!(
        (repeated.0, repeated.1.as_str()),
        (SqlState::UNIQUE_VIOLATION, "orders_pkey")
    );
    assert_eq!(
        insert(&client, "('before', 2)", "ON CONFLICT DO NOTHING").await,
        Ok(())
    );
    assert_eq!(insert(&client, "('other', 1)", "").await, Ok(()));
    client
        .batch_execute("UPDATE restaurants SET paused_until = now() WHERE id = 2")
        .await
        .unwrap();
    assert_eq!(insert(&client, "('after', 2)", "").await, Ok(()));
    let orders = "SELECT string_agg(order_id, ' ' ORDER BY order_id) FROM orders";
    assert_eq!(ask(&client, orders).await.as_deref(), Some("after before other"));
}

/// At the end of the pause, or when the hours permit orders afterwards.
#[tokio::test]
async fn openings_contain_paused_restaurants() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute(
            // Restaurant 1 has no hours; 2 is open for the next days, by the hours of each weekday; 4 is closed until the third day
            // from now, and 5 until then, too, which is later than its pause.
            "UPDATE restaurants SET paused_until = now() + interval '1 hour' WHERE id IN (1, 2, 5); \
             UPDATE restaurants SET paused_until = now() - interval '1 hour' WHERE id = 6; \
             INSERT INTO opening_hours (restaurant_id, weekday, opens, closes) \
               SELECT 2, day, '00:00', '00:00' FROM generate_series(1, 7) AS day; \
             INSERT INTO opening_hours (restaurant_id, weekday, opens, closes) \
               SELECT id, extract(isodow FROM now() AT TIME ZONE 'UTC' + interval '3 days'), '12:00', '13:00' \
               FROM restaurants WHERE id IN (4, 5)",
        )
        .await
        .unwrap();
    let openings = "SELECT string_agg(concat_ws(' ', o.restaurant_id, o.paused, o.opens_at = r.paused_until, \
                      o.opens_at > now() + interval '1 day'), ', ' ORDER BY o.restaurant_id) \
                    FROM restaurant_openings AS o JOIN restaurants AS r ON r.id = o.restaurant_id";
    assert_eq!(
        ask(&client, openings).await.as_deref(),
        Some("1 t t f, 2 t t f, 4 f t, 5 f f t")
    );
}

/// Monday, 30 November 2026. New York is five hours behind UTC in winter, and four from 14 March 2027.
#[tokio::test]
async fn opening_hours_are_local_times_of_weekdays() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "UPDATE restaurants SET time_zone = 'America/New_York' WHERE id = 2; \
             INSERT INTO opening_hours (restaurant_id, weekday, period, opens, closes) VALUES \
               (2, 1, 1, '11:00', '14:00'), (2, 1, 2, '18:00', '22:00'), (2, 5, 1, '18:00', '02:00'), \
               (2, 7, 1, '00:00', '00:00'); \
             INSERT INTO opening_hours (restaurant_id, weekday, opens, closes) VALUES (4, 1, '09:00', '09:00')",
        )
        .await
        .unwrap();
    let opens = async |restaurant: i32, at: &str| {
        let sql = format!(
            "SELECT to_char(opens_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI') FROM next_opening({restaurant}, '{at}Z')"
        );
        ask(&client, &sql).await
    };
    for (at, expected) in [
        ("2026-11-30 15:59:59", Some("11-30 16:00")),
        ("2026-11-30 16:00", None),
        ("2026-11-30 18:59:59", None),
        ("2026-11-30 19:00", Some("11-30 23:00")),
        ("2026-12-01 02:59:59", None),
        ("2026-12-01 03:00", Some("12-04 23:00")),
        // Friday evening ends on Saturday.
        ("2026-12-05 06:59:59", None),
        ("2026-12-05 07:00", Some("12-06 05:00")),
        // Sunday has 24 hours, and Monday begins closed.
        ("2026-12-07 04:59:59", None),
        ("2026-12-07 05:00", Some("12-07 16:00")),
        // On the Sunday on which the clock changes, the day has 23 hours.
        ("2027-03-14 04:59:59", Some("03-14 05:00")),
        ("2027-03-15 03:59:59", None),
        ("2027-03-15 04:00", Some("03-15 15:00")),
    ] {
        assert_eq!(opens(2, at).await.as_deref(), expected, "{at}");
    }
    // One weekday, on which all 24 hours from the opening count: the next opening is up to a week later.
    assert_eq!(opens(4, "2026-12-01 08:59:59").await, None);
    assert_eq!(opens(4, "2026-12-01 09:00").await.as_deref(), Some("12-07 09:00"));
    // No hours, or no restaurant.
    for restaurant in [1, 77] {
        assert_eq!(opens(restaurant, "2026-12-01 09:00").await, None);
    }
    for row in [
        "(2, 8, 1, '11:00', '14:00')",
        "(2, 2, 4, '11:00', '14:00')",
        "(2, 2, 1, '11:00', '24:00')",
        "(77, 2, 1, '11:00', '14:00')",
    ] {
        let insert =
            format!("INSERT INTO opening_hours (restaurant_id, weekday, period, opens, closes) VALUES {row}");
        client.batch_execute(&insert).await.unwrap_err();
    }
}
