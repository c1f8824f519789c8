//! expire-orders: closes orders that missed a deadline, and asks the next driver where one did not answer or did not pick up.
//!
//! It also sums up the figures of the dashboard, hour by hour.
//!
//! It is called by time. There is one statement per kind of change, so that a failure of one does not stop the others. Each run of a
//! statement changes a bounded number of rows and commits; a run that changed as many as it may is followed by another one. A call that
//! ends early has lost nothing: the next one continues.
//!
//! A row that cannot be changed, for example because it violates a constraint that was added later, fails the run that contains it. The
//! number of rows is then halved until the row is alone; it is skipped and logged, and the others are changed.

use serde::Serialize;
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use tracing::{debug, error, warn};

use super::{StepError, payment::CLAIM_LEASE};
use crate::database::{Database, DatabaseError, statement::Statement};

/// Maximum number of rows that one run of a statement changes.
const BATCH: i32 = 200;

/// Maximum number of runs per call and statement, so that a call ends before the time limit of a function.
const MAX_RUNS: usize = 20;

/// Maximum number of hours per call that are summed up for the figures of the dashboard. Usually there is one per hour.
const MAX_HOURS: usize = 20;

/// Sums up one hour. The lock serialises overlapping calls, so that an older result does not replace a newer one.
const FIGURES: Statement = Statement {
    lock: Some("SELECT pg_advisory_xact_lock(4, 0)"),
    sql: include_str!("expire_figures.sql"),
};

/// Number of rows per statement with whose failure a call fails.
const MAX_SKIPPED: usize = 20;

/// Numbers of changed rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Expired {
    /// Orders that were not paid in time.
    pub unpaid: i32,
    /// Orders that their restaurants did not answer in time.
    pub unanswered: i32,
    /// Orders without a driver in time.
    pub unassigned: i32,
    /// Assignments that ended because their drivers did not answer, did not pick up, or are off duty.
    pub released: i32,
    /// Payments of closed orders whose refund was requested.
    pub unreturned: i32,
    /// Rows that could not be changed. Each is in the log.
    pub skipped: i32,
}

impl Expired {
    fn changed(self) -> i32 {
        self.unpaid + self.unanswered + self.unassigned + self.released + self.unreturned
    }

    fn plus(self, other: Self) -> Self {
        Self {
            unpaid: self.unpaid + other.unpaid,
            unanswered: self.unanswered + other.unanswered,
            unassigned: self.unassigned + other.unassigned,
            released: self.released + other.released,
            unreturned: self.unreturned + other.unreturned,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// Whether drivers have to pick up their orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PickUps {
    /// Within `workflow_settings.pick_up_within`; then another driver is asked.
    #[default]
    InTime,
    /// Not at all: in the apps of the Node.js example an order ends with its assignment.
    NotExpected,
}

/// One kind of change.
struct Kind<'a> {
    statement: Statement,
    /// `$2`.
    parameter: (&'a (dyn ToSql + Sync), Type),
    changed: fn(&Row) -> Expired,
    /// Orders that the statement would find again after it has changed them.
    requested: fn(&Row) -> Vec<String>,
}

/// Closes and releases what is overdue; repeated and concurrent calls do it once.
pub async fn run(database: &Database) -> Result<Expired, StepError> {
    run_with(database, PickUps::InTime).await
}

/// [`run`] with other expectations of pick-ups.
pub async fn run_with(database: &Database, pick_ups: PickUps) -> Result<Expired, StepError> {
    run_all(database, pick_ups, BATCH).await
}

/// [`run`] with another number of rows per run of a statement.
pub async fn run_in_batches(database: &Database, batch: i32) -> Result<Expired, StepError> {
    run_all(database, PickUps::InTime, batch).await
}

async fn run_all(database: &Database, pick_ups: PickUps, batch: i32) -> Result<Expired, StepError> {
    let lease = CLAIM_LEASE.as_secs_f64();
    let picks_up_in_time = pick_ups == PickUps::InTime;
    let kinds = [
        // First: the refunds of the orders that the next statement closes are requested by their closing.
        Kind {
            statement: statement(include_str!("expire_payments.sql")),
            parameter: (&lease, Type::FLOAT8),
            changed: |row| Expired {
                unreturned: row.get("unreturned"),
                ..Expired::default()
            },
            requested: |row| row.get::<_, Option<_>>("requested").unwrap_or_default(),
        },
        Kind {
            statement: statement(include_str!("expire_orders.sql")),
            parameter: (&lease, Type::FLOAT8),
            changed: |row| Expired {
                unpaid: row.get("unpaid"),
                unanswered: row.get("unanswered"),
                unassigned: row.get("unassigned"),
                ..Expired::default()
            },
            requested: |_| Vec::new(),
        },
        Kind {
            statement: statement(include_str!("expire_assignments.sql")),
            parameter: (&picks_up_in_time, Type::BOOL),
            changed: |row| Expired {
                released: row.get("released"),
                ..Expired::default()
            },
            requested: |_| Vec::new(),
        },
    ];
    let mut expired = Expired::default();
    let mut failure = None;
    for kind in &kinds {
        match kind.run(database, batch).await {
            Ok(changed) => expired = expired.plus(changed),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    // Last, and without failing the call, whose alarm is about orders that are not closed: without sums the dashboard reads all orders.
    if let Err(error) = sum_up_figures(database).await {
        if error.is_transient() {
            warn!(%error, "figures of past hours are not summed up; the next call repeats it");
        } else {
            error!(%error, "figures of past hours cannot be summed up");
        }
    }
    failure.map_or(Ok(expired), |error| Err(error.into()))
}

/// Sums up the hours that have passed, and again those in which an order has changed.
async fn sum_up_figures(database: &Database) -> Result<(), DatabaseError> {
    for _ in 0..MAX_HOURS {
        let Some(row) = database.row(&FIGURES, &[]).await? else {
            break;
        };
        debug!(
            hour = row.get::<_, &str>("hour"),
            "figures of an hour are summed up"
        );
    }
    Ok(())
}

const fn statement(sql: &'static str) -> Statement {
    Statement { lock: None, sql }
}

impl Kind<'_> {
    async fn run(&self, database: &Database, batch: i32) -> Result<Expired, DatabaseError> {
        let mut expired = Expired::default();
        let mut skipped: Vec<String> = Vec::new();
        let mut failures = 0;
        let mut rows = batch;
        let mut runs = 0;
        while runs < MAX_RUNS {
            match self.run_once(database, rows, &skipped, false).await {
                Ok(row) => {
                    runs += 1;
                    let changed = row.as_ref().map(self.changed).unwrap_or_default();
                    expired = expired.plus(changed);
                    skipped.extend(row.as_ref().map(self.requested).unwrap_or_default());
                    if changed.changed() < rows {
                        break;
                    }
                    rows = rows.saturating_mul(2).min(batch);
                }
                Err(error) if error.is_transient() => return Err(error),
                Err(error) if rows > 1 => {
                    debug!(%error, rows, "a row cannot be changed; trying fewer at once");
                    rows /= 2;
                }
                Err(error) => {
                    let found = self.run_once(database, 1, &skipped, true).await?;
                    let Some(order_id) = found.and_then(|row| row.get::<_, Option<String>>("first")) else {
                        return Err(error);
                    };
                    error!(order.id = order_id, %error, "cannot expire or release an order; it is skipped");
                    skipped.push(order_id);
                    expired.skipped += 1;
                    failures += 1;
                    if failures == MAX_SKIPPED {
                        // Later rows would never be reached: the call fails, so that its alarm reports it.
                        return Err(error);
                    }
                }
            }
        }
        Ok(expired)
    }

    async fn run_once(
        &self,
        database: &Database,
        rows: i32,
        skipped: &[String],
        only_find: bool,
    ) -> Result<Option<Row>, DatabaseError> {
        let (parameter, kind) = &self.parameter;
        let params: [(&(dyn ToSql + Sync), Type); 4] = [
            (&rows, Type::INT4),
            (*parameter, kind.clone()),
            (&skipped, Type::TEXT_ARRAY),
            (&only_find, Type::BOOL),
        ];
        database.row(&self.statement, &params).await
    }
}
