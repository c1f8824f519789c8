//! Conditions that hold for every order at any time (`invariants.sql`).

use tokio_postgres::Client;

/// Returns a line per violation, for example `order-7: assigned but not approved`.
pub async fn broken(client: &Client) -> Vec<String> {
    client
        .query(include_str!("invariants.sql"), &[])
        .await
        .expect("invariants.sql is valid")
        .iter()
        .map(|row| format!("{}: {}", row.get::<_, &str>(0), row.get::<_, &str>(1)))
        .collect()
}

/// Returns the money that the simulated gateway has kept, without the totals of the paid orders that are not closed. Zero when all events
/// are delivered.
pub async fn unbalanced(client: &Client) -> i64 {
    let sql = "SELECT
        (SELECT coalesce(sum(amount), 0) FROM simulated_gateway_charges WHERE decline_code IS NULL)
      - (SELECT coalesce(sum(amount), 0) FROM simulated_gateway_refunds)
      - (SELECT coalesce(sum(total), 0) FROM orders WHERE payment_valid AND NOT closed)";
    let row = client.query_one(sql, &[]).await;
    row.expect("the ledger is readable").get(0)
}
