//! watchman: observes the installation each minute and reports numbers, from which the alarms and the dashboard are made.
//!
//! It only reads. There is one statement per subject, so that a failure of one does not hide the others: what could not be read is
//! `None`, and the failure is the result of the call.

use std::time::Duration;

use serde::Serialize;
use tokio_postgres::{Row, types::Type};

use super::StepError;
use crate::database::{Database, DatabaseError, Params, statement::Statement};

/// Time after which an order whose next function has not run is stuck. Deliveries of an event are repeated every ten seconds.
pub const STUCK_AFTER: Duration = Duration::from_mins(2);

/// Observed figures. `None`: it could not be read.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Observation {
    /// Orders whose next function has not run for [`STUCK_AFTER`]; at most 1000 are counted.
    pub stuck_orders: Option<i32>,
    /// Events that were given up; at most 1000 are counted.
    pub failed_events: Option<i32>,
    /// Age of the oldest undelivered event, in seconds; zero without one.
    pub oldest_event_age: Option<f64>,
    pub business: Option<Business>,
}

/// Figures of one minute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Business {
    /// Start of the minute, in seconds since 1970.
    pub start: u64,
    pub placed: i32,
    pub paid: i32,
    pub assigned: i32,
    pub refunded: i32,
    /// Seconds from the payment to the driver, for up to 100 of the assigned orders.
    pub to_driver: Vec<f64>,
}

impl From<&Row> for Business {
    fn from(row: &Row) -> Self {
        Self {
            start: u64::try_from(row.get::<_, i64>("start")).unwrap_or_default(),
            placed: row.get("placed"),
            paid: row.get("paid"),
            assigned: row.get("assigned"),
            refunded: row.get("refunded"),
            to_driver: row.get("to_driver"),
        }
    }
}

/// Observes, and returns what could be read together with the first failure.
pub async fn run(database: &Database) -> (Observation, Result<(), StepError>) {
    let mut observation = Observation::default();
    let mut failure = None;
    let mut read = |result: Result<Option<Row>, DatabaseError>| {
        result.unwrap_or_else(|error| {
            failure.get_or_insert(error);
            None
        })
    };

    let seconds = STUCK_AFTER.as_secs_f64();
    let orders = statement(include_str!("watchman_orders.sql"));
    if let Some(row) = read(database.row(&orders, &[(&seconds, Type::FLOAT8)]).await) {
        observation.stuck_orders = Some(row.get("stuck"));
    }
    let none: &Params<'_> = &[];
    let events = statement(include_str!("watchman_events.sql"));
    if let Some(row) = read(database.row(&events, none).await) {
        observation.failed_events = row.get("failed");
        observation.oldest_event_age = row.get("oldest");
    }
    let business = statement(include_str!("watchman_business.sql"));
    if let Some(row) = read(database.row(&business, none).await) {
        observation.business = Some(Business::from(&row));
    }
    (observation, failure.map_or(Ok(()), |error| Err(error.into())))
}

const fn statement(sql: &'static str) -> Statement {
    Statement { lock: None, sql }
}
