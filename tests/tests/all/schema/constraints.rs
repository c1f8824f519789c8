//! Constraints of schema.sql, by their names, and the triggers that check several rows.

use testkit::eventually;
use tests::{
    database::TestDatabase,
    orders::{NewOrder, ask, order, place, place_as},
};
use tokio_postgres::error::SqlState;

#[tokio::test]
async fn inserts_with_only_original_columns_work() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('o-1', 'u', 1, 'a'); \
             INSERT INTO items (order_id, item) VALUES ('o-1', 'pizza'); \
             INSERT INTO payments (order_id, type, amount) VALUES ('o-1', 'credit_card', 500); \
             INSERT INTO assignment (order_id, driver_id) VALUES ('o-1', 1); \
             INSERT INTO menu_items (name) VALUES ('tea')",
        )
        .await
        .unwrap();
    let tea = "SELECT concat_ws(' ', restaurant_id, price, category) FROM menu_items WHERE name = 'tea'";
    assert_eq!(ask(&client, tea).await.as_deref(), Some("1 500 Dishes"));
    let row = order(&client, "o-1").await;
    assert_eq!(
        (row["order_valid"].as_bool(), row["payment_valid"].is_null()),
        (Some(false), true)
    );
}

#[tokio::test]
async fn constraints_refuse_invalid_rows_by_name() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place_as(&mut client, "decided", "order_valid = true, total = 500").await;
    place_as(&mut client, "refused", "problem = 'closed'").await;
    place(
        &mut client,
        &NewOrder {
            id: "open",
            ..NewOrder::default()
        },
    )
    .await;
    client
        .batch_execute(
            "INSERT INTO payments (order_id, type, amount, attempt) VALUES ('decided', 'credit_card', 500, 1); \
             INSERT INTO assignment (order_id, driver_id) VALUES ('decided', 1)",
        )
        .await
        .unwrap();
    for (constraint, sql) in [
        (
            "items_of_undecided_order",
            "INSERT INTO items (order_id, item) VALUES ('decided', 'idli')",
        ),
        (
            "items_of_undecided_order",
            "INSERT INTO items (order_id, item) VALUES ('open', 'idli'), ('refused', 'idli')",
        ),
        (
            "items_of_undecided_order",
            "UPDATE items SET quantity = 2 WHERE order_id = 'decided'",
        ),
        (
            "items_of_undecided_order",
            "UPDATE items SET order_id = 'decided' WHERE order_id = 'open'",
        ),
        (
            "items_of_undecided_order",
            "UPDATE items SET order_id = 'open' WHERE order_id = 'decided'",
        ),
        (
            "items_of_undecided_order",
            "DELETE FROM items WHERE order_id = 'decided'",
        ),
        (
            "items_of_undecided_order",
            "BEGIN; UPDATE orders SET order_valid = true WHERE order_id = 'open'; \
             INSERT INTO items (order_id, item) VALUES ('open', 'idli')",
        ),
        (
            "items_quantity_check",
            "INSERT INTO items (order_id, item, quantity) VALUES ('open', 'idli', 0)",
        ),
        (
            "items_quantity_check",
            "INSERT INTO items (order_id, item, quantity) VALUES ('open', 'idli', 100)",
        ),
        (
            "items_order_id_fkey",
            "INSERT INTO items (order_id, item) VALUES ('none', 'idli')",
        ),
        (
            "payments_one_succeeded_per_order",
            "INSERT INTO payments (order_id, type, amount, attempt) VALUES ('decided', 'x', 500, 2)",
        ),
        (
            "payments_order_id_attempt_key",
            "INSERT INTO payments (order_id, type, amount, status) VALUES ('decided', 'x', 500, 'declined')",
        ),
        (
            "payments_amount_check",
            "INSERT INTO payments (order_id, type, amount) VALUES ('open', 'x', -5)",
        ),
        (
            "payments_status_check",
            "INSERT INTO payments (order_id, type, amount, status) VALUES ('open', 'x', 5, 'maybe')",
        ),
        (
            "payments_card_last4_check",
            "INSERT INTO payments (order_id, type, amount, card_last4) VALUES ('open', 'x', 5, '4242424242424242')",
        ),
        (
            "assignment_pkey",
            "INSERT INTO assignment (order_id, driver_id) VALUES ('decided', 2)",
        ),
        (
            "assignment_driver_id_fkey",
            "INSERT INTO assignment (order_id, driver_id) VALUES ('open', 4711)",
        ),
        (
            "menu_items_pkey",
            "INSERT INTO menu_items (name) VALUES ('pizza')",
        ),
        ("menu_items_price_check", "UPDATE menu_items SET price = 0"),
        (
            "menu_items_restaurant_id_fkey",
            "INSERT INTO menu_items (restaurant_id, name) VALUES (77, 'pizza')",
        ),
        (
            "menu_items_name_check",
            "INSERT INTO menu_items (name) VALUES (' ')",
        ),
        ("menu_items_category_check", "UPDATE menu_items SET category = ''"),
        (
            "menu_items_description_check",
            "UPDATE menu_items SET description = repeat('d', 1001)",
        ),
        (
            "menu_items_picture_check",
            "UPDATE menu_items SET picture = '../x'",
        ),
        ("restaurants_place_check", "UPDATE restaurants SET x = 101"),
        (
            "restaurants_paused_until_check",
            "UPDATE restaurants SET paused_until = 'infinity'",
        ),
        // Given with the approval, and for no longer than a restaurant may need for each of its orders.
        (
            "orders_preparation_minutes_check",
            "UPDATE orders SET preparation_minutes = 20 WHERE order_id = 'decided'",
        ),
        (
            "orders_preparation_minutes_check",
            "UPDATE orders SET payment_valid = true, approved = true, preparation_minutes = 241 WHERE order_id = 'decided'",
        ),
        (
            "orders_preparation_minutes_check",
            "UPDATE orders SET payment_valid = true, approved = true, preparation_minutes = -1 WHERE order_id = 'decided'",
        ),
        (
            "driver_positions_place_check",
            "INSERT INTO driver_positions (driver_id, x, y) VALUES (1, 'NaN', 5)",
        ),
        (
            "driver_positions_place_check",
            "INSERT INTO driver_positions (driver_id, x, y) VALUES (1, 5, -0.1)",
        ),
        (
            "workflow_settings_check",
            "UPDATE workflow_settings SET pick_up_within = '24 hours'",
        ),
        (
            "orders_problem_check",
            "UPDATE orders SET problem = 'x' WHERE order_id = 'decided'",
        ),
        (
            "orders_order_id_check",
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('', 'u', 1, 'a')",
        ),
        (
            "orders_address_check",
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('long', 'u', 1, repeat('a', 1001))",
        ),
        (
            "orders_address_check",
            "UPDATE orders SET address = repeat('\u{00e9}', 501) WHERE order_id = 'open'",
        ),
        (
            "orders_user_id_check",
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('long', repeat('u', 201), 1, 'a')",
        ),
        (
            "items_item_check",
            "INSERT INTO items (order_id, item) VALUES ('open', repeat('i', 201))",
        ),
        (
            "items_per_order",
            "INSERT INTO items (order_id, item) SELECT 'open', 'idli' FROM generate_series(1, 101)",
        ),
        (
            "items_per_order",
            "INSERT INTO items (order_id, item) SELECT 'open', 'idli' FROM generate_series(1, 60); \
             INSERT INTO items (order_id, item) SELECT 'open', 'idli' FROM generate_series(1, 60)",
        ),
    ] {
        let error = client.batch_execute(sql).await.expect_err(sql);
        let refused_by = error
            .as_db_error()
            .and_then(|error| error.constraint())
            .unwrap_or_default();
        assert_eq!(refused_by, constraint, "{sql}: {error:?}");
        client.batch_execute("ROLLBACK").await.unwrap();
    }
    let error = client
        .batch_execute("DELETE FROM items WHERE order_id = 'decided'")
        .await
        .unwrap_err();
    let error = error.as_db_error().unwrap();
    assert_eq!(
        error.message(),
        "items of order \"decided\" cannot change: the order is already decided"
    );
    assert!(error.hint().unwrap().contains("one mutation"));

    client
        .batch_execute("UPDATE items SET quantity = 3 WHERE order_id = 'open'")
        .await
        .unwrap();
    client
        .batch_execute("DELETE FROM items WHERE order_id = 'open'")
        .await
        .unwrap();
}

/// Of two transactions that add dishes at the same time, the later one waits for the other. It is refused if both are too many, and fails
/// if its isolation level keeps it from seeing the other's dishes.
#[tokio::test]
async fn concurrent_dishes_do_not_exceed_a_menu() {
    // The menu of restaurant 6 has seven dishes.
    let add = |prefix: &str| {
        format!(
            "SET LOCAL \"hasura.user\" = '{{\"x-hasura-role\": \"restaurant\"}}'; \
             INSERT INTO menu_items (restaurant_id, name) SELECT 6, '{prefix} ' || n FROM generate_series(1, 60) AS n"
        )
    };
    for (level, refusal) in [
        ("READ COMMITTED", SqlState::CHECK_VIOLATION),
        ("REPEATABLE READ", SqlState::T_R_SERIALIZATION_FAILURE),
    ] {
        let database = TestDatabase::new().await;
        let client = database.connect().await;
        let (first, second) = (database.connect().await, database.connect().await);
        for session in [&first, &second] {
            session
                .batch_execute(&format!(
                    "BEGIN ISOLATION LEVEL {level}; SELECT count(*) FROM menu_items"
                ))
                .await
                .unwrap();
        }
        first.batch_execute(&add("soup")).await.unwrap();
        let later = add("stew");
        let adding = tokio::spawn(async move { second.batch_execute(&later).await });
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("the second transaction waits", async || {
            (ask(&client, waiting).await.as_deref() == Some("1")).then_some(())
        })
        .await;
        first.batch_execute("COMMIT").await.unwrap();
        let error = adding.await.unwrap().unwrap_err();
        assert_eq!(error.code(), Some(&refusal), "{level}: {error}");
        let dishes = "SELECT count(*) FROM menu_items WHERE restaurant_id = 6";
        assert_eq!(ask(&client, dishes).await.as_deref(), Some("67"));
    }
}
