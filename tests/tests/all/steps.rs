//! Each row of the step table, against a real Postgres through pgBouncer.

mod agent_assignment;
mod closing;
mod drivers;
mod expire_orders;
mod payment;
mod refund_payment;
mod restaurant_approval;
mod validate_order;
mod watchman;

use shared::order::{Delivery, OrderId};
use tests::database::TestDatabase;
use tokio_postgres::Client;

/// Number of concurrent deliveries of one event.
const AT_ONCE: usize = 12;

/// A database, a direct connection, and the pool of the steps.
struct TestStack {
    client: Client,
    pool: shared::database::Database,
    database: TestDatabase,
}

impl TestStack {
    /// The pool has the role of this function.
    async fn new(function: &str) -> Self {
        let database = TestDatabase::new().await;
        Self {
            client: database.connect().await,
            pool: database.pool(function, 8),
            database,
        }
    }
}

fn id(text: &str) -> OrderId {
    OrderId::parse(text).expect("a good id")
}

/// The n-th delivery of event `e-1`.
fn delivery(attempt: i32) -> Delivery {
    Delivery {
        event_id: Some("e-1".to_owned()),
        trigger: Some("trigger".to_owned()),
        attempt: Some(attempt),
    }
}
