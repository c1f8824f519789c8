//! What must hold of every order at any moment: `invariants.sql`.

use tokio_postgres::Client;

/// Each order that breaks a rule, and which: `order-7: assigned but not approved`. Empty when all is well.
pub async fn broken(client: &Client) -> Vec<String> {
    client
        .query(include_str!("invariants.sql"), &[])
        .await
        .expect("checking the invariants")
        .iter()
        .map(|row| format!("{}: {}", row.get::<_, &str>(0), row.get::<_, &str>(1)))
        .collect()
}
