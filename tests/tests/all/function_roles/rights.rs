//! What the roles may not do.

use local_services::functions::functions;
use tests::{
    database::TestDatabase,
    orders::{NewOrder, everything, place},
};

use super::{as_function, assert_denied};

#[tokio::test]
async fn roles_may_do_nothing_else() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(&mut client, &NewOrder::default()).await;
    let before = everything(&client).await;
    for function in &functions().expect("functions.json").all {
        let (function, role) = (function.name.as_str(), function.role.as_str());
        let client = as_function(&database, function).await;
        for statement in [
            "DROP TABLE orders",
            "TRUNCATE orders",
            "DELETE FROM orders",
            "DELETE FROM order_history",
            "ALTER TABLE orders ADD COLUMN mine int",
            "CREATE TABLE mine ()",
            "CREATE SCHEMA mine",
            "CREATE DATABASE mine",
            "CREATE ROLE mine",
            "CREATE EXTENSION dblink",
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('mine', 'me', 1, 'here')",
            "INSERT INTO items (order_id, item) VALUES ('o-1', 'pizza')",
            "UPDATE orders SET delivered = true",
            "UPDATE orders SET food_picked = true",
            "UPDATE orders SET user_id = 'me'",
            "UPDATE orders SET address = 'here'",
            "UPDATE menu_items SET price = 0",
            "UPDATE payments SET amount = 1",
            "UPDATE assignment SET delivered = true",
            "UPDATE order_history SET outcome = 'mine'",
            "UPDATE drivers SET available = true",
            "UPDATE restaurants SET auto_approve = true",
            "DELETE FROM figures.late_changes WHERE false; TRUNCATE figures.late_changes",
            "ALTER TABLE figures.reached ADD COLUMN mine int",
            "INSERT INTO identity.accounts (username, role) VALUES ('mallory', 'manager')",
            "UPDATE identity.accounts SET role = 'manager'",
            "SELECT created FROM identity.accounts",
            "SELECT nextval('items_id_seq')",
            "SELECT * FROM pg_shadow",
            "SELECT * FROM pg_authid",
            "SELECT pg_read_file('/etc/passwd')",
            "COPY orders TO PROGRAM 'cat'",
            "SET ROLE postgres",
            "SET SESSION AUTHORIZATION postgres",
            "SELECT pg_reload_conf()",
            "ALTER ROLE fn_validate SUPERUSER",
        ] {
            assert_denied(&client, role, statement).await;
        }
    }
    assert_eq!(everything(&client).await, before);
}

/// The functions that face the internet read no addresses, and cannot decide anything but a payment.
#[tokio::test]
async fn internet_facing_roles_read_only_what_they_need() {
    let database = TestDatabase::new().await;
    for (function, statements) in [
        (
            "payment",
            [
                "SELECT address FROM orders",
                "SELECT * FROM items",
                "UPDATE orders SET approved = true",
                "UPDATE orders SET order_valid = true",
            ],
        ),
        (
            "login",
            [
                "SELECT order_id FROM orders",
                "SELECT * FROM payments",
                "UPDATE orders SET payment_valid = true",
                "SELECT * FROM restaurants",
            ],
        ),
    ] {
        let client = as_function(&database, function).await;
        for statement in statements {
            assert_denied(&client, function, statement).await;
        }
    }
}
