//! The floor of an order: five guarded statements, one per step, sent directly to a durable Postgres as prepared statements of
//! tokio-postgres. There is no GraphQL, event, function, history or pool, and no trigger or foreign key. Ratios to it depend less on
//! the machine than times.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio_postgres::{Client, Statement};

use super::super::figures::percentile_ms;
use super::super::load::{Load, closed};
use super::super::rig::{Rig, ensure_no_errors};
use local_services::postgres;

const CONNECTIONS: usize = 32;
/// Uncounted orders of each connection.
const WARM_UP_ORDERS: u64 = 20;

const TABLES: &str = include_str!("floor.sql");

/// The steps in their order; $1 is the order's id. Each updates the order only in the state that the step requires.
const STEPS: [&str; 5] = [
    "WITH placed AS (
       INSERT INTO floor.orders (order_id, user_id, restaurant_id, address)
       VALUES ($1, 'bench', 1, '1 Main St, Springfield')
       RETURNING order_id
     )
     INSERT INTO floor.items (order_id, item) SELECT order_id, 'pizza' FROM placed",
    "UPDATE floor.orders SET order_valid = true, total = 500
     WHERE order_id = $1 AND order_valid IS NOT TRUE AND problem IS NULL",
    "WITH moved AS (
       UPDATE floor.orders SET payment_valid = true
       WHERE order_id = $1 AND order_valid AND payment_valid IS NOT TRUE
       RETURNING order_id, total
     )
     INSERT INTO floor.payments (order_id, type, amount) SELECT order_id, 'credit_card', total FROM moved",
    "UPDATE floor.orders SET approved = true
     WHERE order_id = $1 AND order_valid AND payment_valid AND NOT approved",
    "WITH moved AS (
       UPDATE floor.orders SET driver_assigned = true
       WHERE order_id = $1 AND order_valid AND payment_valid AND approved AND NOT driver_assigned
       RETURNING order_id
     )
     INSERT INTO floor.assignment (order_id, driver_id) SELECT order_id, 1 FROM moved",
];

/// Times of the floor.
#[derive(Debug)]
pub(super) struct Floor {
    pub(super) idle_p50_ms: f64,
    pub(super) idle_p99_ms: f64,
    pub(super) burst_seconds: f64,
}

pub(super) async fn measure(sequential_orders: u32, burst_orders: u32) -> Result<Floor> {
    let rig = Rig::start(100, None).await?;
    rig.database
        .batch_execute(TABLES)
        .await
        .context("cannot create the tables of the floor")?;
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(&rig.services.database_url()).await?);
    }
    let connections = Arc::new(connections);
    run(
        &connections,
        CONNECTIONS,
        CONNECTIONS as u64 * WARM_UP_ORDERS,
        "warm-up",
    )
    .await?;
    rig.database.batch_execute("CHECKPOINT").await?;
    let mut idle = run(&connections, 1, sequential_orders.into(), "idle").await?;
    let burst = run(&connections, CONNECTIONS, burst_orders.into(), "burst").await?;
    drop(connections);
    rig.stop().await;
    Ok(Floor {
        idle_p50_ms: percentile_ms(&mut idle.times, 50),
        idle_p99_ms: percentile_ms(&mut idle.times, 99),
        burst_seconds: burst.took.as_secs_f64(),
    })
}

async fn run(
    connections: &Arc<Vec<Connection>>,
    clients: usize,
    orders: u64,
    prefix: &'static str,
) -> Result<Load> {
    let connections = connections.clone();
    let load = closed(clients, orders, None, move |client, number| {
        let connections = connections.clone();
        async move { connections[client].order(&format!("{prefix}-{number}")).await }
    })
    .await;
    ensure_no_errors("floor", load.errors)?;
    Ok(load)
}

struct Connection {
    client: Client,
    steps: Vec<Statement>,
}

impl Connection {
    async fn open(url: &str) -> Result<Self> {
        let client = postgres::connect(url).await?;
        let mut steps = Vec::new();
        for sql in STEPS {
            let step = client.prepare(sql).await;
            steps.push(step.context("cannot prepare a step of the floor")?);
        }
        Ok(Self { client, steps })
    }

    /// Runs all steps of an order; returns whether each has changed one row.
    async fn order(&self, order_id: &str) -> bool {
        for step in &self.steps {
            if !matches!(self.client.execute(step, &[&order_id]).await, Ok(1)) {
                return false;
            }
        }
        true
    }
}
