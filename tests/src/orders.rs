//! Orders of tests that have no engine: placed, changed and read by SQL.

use serde_json::Value;
use tokio_postgres::Client;

/// An order to place. Restaurant 1 approves orders automatically, 2 manually, and 3 is closed.
#[derive(Debug, Clone)]
pub struct NewOrder<'a> {
    /// Order id.
    pub id: &'a str,
    /// Restaurant id.
    pub restaurant: i32,
    /// Delivery address.
    pub address: &'a str,
    /// Items and their quantities.
    pub items: &'a [(&'a str, i32)],
}

impl Default for NewOrder<'_> {
    fn default() -> Self {
        Self {
            id: "o-1",
            restaurant: 1,
            address: "my-address",
            items: &[("pizza", 1)],
        }
    }
}

/// Places an order with its items in one transaction, as the apps do.
pub async fn place(client: &mut Client, order: &NewOrder<'_>) {
    let transaction = client.transaction().await.expect("the transaction starts");
    transaction
        .execute(
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ($1, 'tester', $2, $3)",
            &[&order.id, &order.restaurant, &order.address],
        )
        .await
        .expect("the order is inserted");
    for (item, quantity) in order.items {
        transaction
            .execute(
                "INSERT INTO items (order_id, item, quantity) VALUES ($1, $2, $3)",
                &[&order.id, item, quantity],
            )
            .await
            .expect("the item is inserted");
    }
    transaction.commit().await.expect("the transaction commits");
}

/// Places the default order and applies a SET clause to it.
pub async fn place_as(client: &mut Client, id: &str, set: &str) {
    place(
        client,
        &NewOrder {
            id,
            ..NewOrder::default()
        },
    )
    .await;
    set_order(client, id, set).await;
}

/// Applies a SET clause to an order.
pub async fn set_order(client: &Client, id: &str, set: &str) {
    let changed = client
        .execute(&format!("UPDATE orders SET {set} WHERE order_id = $1"), &[&id])
        .await
        .expect("the order is updated");
    assert_eq!(changed, 1, "order {id} exists");
}

/// SET clauses for the statuses in which steps start.
pub const VALIDATED: &str = "order_valid = true, total = 500";
/// See [`VALIDATED`].
pub const PAID: &str = "order_valid = true, total = 500, payment_valid = true";
/// See [`VALIDATED`].
pub const APPROVED: &str = "order_valid = true, total = 500, payment_valid = true, approved = true";

/// Returns the first column of the first row as text.
pub async fn ask(client: &Client, sql: &str) -> Option<String> {
    let messages = client.simple_query(sql).await.expect("the query succeeds");
    messages.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

/// Returns an order's row.
pub async fn order(client: &Client, id: &str) -> Value {
    client
        .query_one("SELECT to_jsonb(o) FROM orders AS o WHERE order_id = $1", &[&id])
        .await
        .expect("the order exists")
        .get(0)
}

/// Returns an order's status.
pub async fn status(client: &Client, id: &str) -> String {
    order(client, id).await["status"]
        .as_str()
        .expect("a status")
        .to_owned()
}

/// Returns an order's history: `step outcome`, with event and attempt if there are any.
pub async fn history(client: &Client, id: &str) -> Vec<String> {
    client
        .query(
            "SELECT concat_ws(' ', step, outcome, event_id, '#' || attempt) FROM order_history \
             WHERE order_id = $1 ORDER BY id",
            &[&id],
        )
        .await
        .expect("the history is readable")
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// Returns all rows that a step can write as one text. Equal texts mean that no row changed.
pub async fn everything(client: &Client) -> String {
    ask(
        client,
        "SELECT concat( \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id) FROM orders AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM items AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM payments AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id) FROM assignment AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM order_history AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM refunds AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id, driver_id) FROM declined_assignments AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY key) FROM simulated_gateway_charges AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY key) FROM simulated_gateway_refunds AS t))",
    )
    .await
    .expect("one row")
}
