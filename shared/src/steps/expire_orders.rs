//! expire-orders: closes orders that missed a deadline, and asks the next driver where one did not answer.
//!
//! It is called by time. Each run of its statement changes a bounded number of rows and commits; a run that changed as many as it may
//! is followed by another one. A call that ends early has lost nothing: the next one continues.

use serde::Serialize;
use tokio_postgres::{Row, types::Type};

use super::{StepError, payment::CLAIM_LEASE};
use crate::database::{Database, statement::Statement};

/// Maximum number of rows of each kind that one run of the statement changes.
const BATCH: i32 = 200;

/// Maximum number of runs per call, so that a call ends before the time limit of a function.
const MAX_RUNS: usize = 20;

const STATEMENT: Statement = Statement {
    lock: None,
    sql: include_str!("expire_orders.sql"),
};

/// Numbers of changed rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Expired {
    /// Orders that were not paid in time.
    pub unpaid: i32,
    /// Orders that their restaurants did not answer in time.
    pub unanswered: i32,
    /// Orders without a driver in time.
    pub unassigned: i32,
    /// Assignments that ended because their drivers did not answer or are off duty.
    pub released: i32,
    /// Payments of closed orders whose refund was requested.
    pub unreturned: i32,
}

impl Expired {
    /// Whether the run may have left rows of a kind.
    fn is_full(self, batch: i32) -> bool {
        self.unpaid + self.unanswered + self.unassigned >= batch
            || self.released >= batch
            || self.unreturned >= batch
    }

    fn plus(self, other: Self) -> Self {
        Self {
            unpaid: self.unpaid + other.unpaid,
            unanswered: self.unanswered + other.unanswered,
            unassigned: self.unassigned + other.unassigned,
            released: self.released + other.released,
            unreturned: self.unreturned + other.unreturned,
        }
    }
}

/// Closes what is overdue; repeated and concurrent calls close each order once.
pub async fn run(database: &Database) -> Result<Expired, StepError> {
    run_in_batches(database, BATCH).await
}

/// [`run`] with another number of rows per run.
pub async fn run_in_batches(database: &Database, batch: i32) -> Result<Expired, StepError> {
    let mut expired = Expired::default();
    for _ in 0..MAX_RUNS {
        let params = [
            (&batch as &(dyn tokio_postgres::types::ToSql + Sync), Type::INT4),
            (&CLAIM_LEASE.as_secs_f64(), Type::FLOAT8),
        ];
        let row = database.row(&STATEMENT, &params).await?;
        let changed = row.as_ref().map(Expired::from).unwrap_or_default();
        expired = expired.plus(changed);
        if !changed.is_full(batch) {
            break;
        }
    }
    Ok(expired)
}

impl From<&Row> for Expired {
    fn from(row: &Row) -> Self {
        Self {
            unpaid: row.get("unpaid"),
            unanswered: row.get("unanswered"),
            unassigned: row.get("unassigned"),
            released: row.get("released"),
            unreturned: row.get("unreturned"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_is_full_if_rows_of_one_kind_fill_it() {
        let none = Expired::default();
        assert!(!none.is_full(3));
        for full in [
            Expired {
                unpaid: 1,
                unanswered: 1,
                unassigned: 1,
                ..none
            },
            Expired { released: 3, ..none },
            Expired {
                unreturned: 3,
                ..none
            },
        ] {
            assert!(full.is_full(3) && !full.is_full(4), "{full:?}");
        }
    }
}
