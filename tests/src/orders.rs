//! Placing orders in a test's database, moving them by hand, and asking what became of them.

use serde_json::Value;
use tokio_postgres::Client;

/// An order that can be placed. Restaurant 1 is open and approves by itself, 2 does not approve by itself, 3 is closed.
#[derive(Debug, Clone)]
pub struct NewOrder<'a> {
    /// Its id.
    pub id: &'a str,
    /// Where it is ordered.
    pub restaurant: i32,
    /// Where it goes.
    pub address: &'a str,
    /// What is ordered, and how many of it.
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
    let transaction = client.transaction().await.expect("begin");
    transaction
        .execute(
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ($1, 'tester', $2, $3)",
            &[&order.id, &order.restaurant, &order.address],
        )
        .await
        .expect("placing the order");
    for (item, quantity) in order.items {
        transaction
            .execute(
                "INSERT INTO items (order_id, item, quantity) VALUES ($1, $2, $3)",
                &[&order.id, item, quantity],
            )
            .await
            .expect("placing an item");
    }
    transaction.commit().await.expect("commit");
}

/// Places the default order and brings it, by hand, to where the SQL of a SET clause says.
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

/// Changes an order by hand: the SQL of a SET clause.
pub async fn set_order(client: &Client, id: &str, set: &str) {
    let changed = client
        .execute(&format!("UPDATE orders SET {set} WHERE order_id = $1"), &[&id])
        .await
        .expect("changing the order by hand");
    assert_eq!(changed, 1, "there is an order {id}");
}

/// SET clauses for the places where steps begin.
pub const VALIDATED: &str = "order_valid = true, total = 500";
/// See [`VALIDATED`].
pub const PAID: &str = "order_valid = true, total = 500, payment_valid = true";
/// See [`VALIDATED`].
pub const APPROVED: &str = "order_valid = true, total = 500, payment_valid = true, approved = true";

/// The first column of the first row, as text; for asking anything.
pub async fn ask(client: &Client, sql: &str) -> Option<String> {
    let messages = client.simple_query(sql).await.expect("asking");
    messages.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

/// The order's row.
pub async fn order(client: &Client, id: &str) -> Value {
    client
        .query_one("SELECT to_jsonb(o) FROM orders AS o WHERE order_id = $1", &[&id])
        .await
        .expect("reading the order")
        .get(0)
}

/// The order's status.
pub async fn status(client: &Client, id: &str) -> String {
    order(client, id).await["status"]
        .as_str()
        .expect("a status")
        .to_owned()
}

/// The order's story: `step outcome`, with the event and attempt where there are any.
pub async fn history(client: &Client, id: &str) -> Vec<String> {
    client
        .query(
            "SELECT concat_ws(' ', step, outcome, event_id, '#' || attempt) FROM order_history \
             WHERE order_id = $1 ORDER BY id",
            &[&id],
        )
        .await
        .expect("reading the history")
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// Everything in the database that a step could write, as one text: equal before and after means that nothing changed.
pub async fn everything(client: &Client) -> String {
    ask(
        client,
        "SELECT concat( \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id) FROM orders AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM items AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM payments AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY order_id) FROM assignment AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM order_history AS t), \
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY key) FROM simulated_gateway_charges AS t))",
    )
    .await
    .expect("one row")
}
