//! Cached plans on server connections: the functions that hold them, their sharing, and roles that cannot create them.

use serde_json::json;
use shared::{
    database::Database,
    http::{Handler, ValidateOrder},
};
use tests::{
    calls::post_to,
    database::TestDatabase,
    orders::{NewOrder, place},
};
use tokio_postgres::Client;

/// Validates `orders` new orders one after the other, each with a new pool like another process.
async fn validate(database: &TestDatabase, client: &mut Client, orders: u32) {
    let config = database.config("validate-order", 1);
    for number in 0..orders {
        let id = format!("o-{number}");
        place(
            client,
            &NewOrder {
                id: &id,
                ..NewOrder::default()
            },
        )
        .await;
        let handler = Handler::new(&config, Database::new(&config), ValidateOrder);
        let response = post_to(&handler, &json!({ "order_id": id })).await;
        assert_eq!(
            (response.status, response.outcome()),
            (200, "validated"),
            "{}",
            response.body
        );
    }
}

async fn functions(client: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'validate_order_%' AND pronamespace::regnamespace::text LIKE 'pg_temp%'";
    client.query_one(sql, &[]).await.expect("pg_proc").get(0)
}

#[tokio::test]
async fn statement_is_planned_once_per_connection() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    validate(&database, &mut client, 5).await;
    // One at a time, so that pgBouncer assigns the same server connection to all five.
    assert_eq!(functions(&client).await, 1);
}

#[tokio::test]
async fn role_without_temporary_privilege_runs_steps() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let name: String = client
        .query_one("SELECT current_database()::text", &[])
        .await
        .expect("a name")
        .get(0);
    client
        .batch_execute(&format!("REVOKE TEMPORARY ON DATABASE \"{name}\" FROM PUBLIC"))
        .await
        .expect("revoked");
    validate(&database, &mut client, 2).await;
    assert_eq!(functions(&client).await, 0);
}
