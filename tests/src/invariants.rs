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
