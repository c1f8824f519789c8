//! agent-assignment: assigns a driver to an approved order.

use std::time::Duration;

use tokio_postgres::Row;

use super::{Attempt, StepError, StepResult, on_event, restaurant_approval::not_validated};
use crate::{
    database::{Database, statement::Statement},
    order::{Delivery, OrderId, Outcome, StepResponse},
};

const STATEMENT: Statement = Statement {
    lock: None,
    sql: include_str!("agent_assignment.sql"),
};

/// Row returned by the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "columns of one row")]
struct AssignmentRow {
    valid: bool,
    paid: bool,
    refused: bool,
    approved: bool,
    assigned: bool,
    closed: bool,
    /// The time for finding a driver has passed; expire-orders closes the order.
    overdue: bool,
    driver_available: bool,
    driver_id: Option<i32>,
}

/// Assigns a driver to the order; repeated calls have no effect.
pub async fn run(database: &Database, order_id: &OrderId, delivery: &Delivery) -> StepResult {
    on_event(database, &STATEMENT, order_id, delivery, decide).await
}

fn decide(order_id: &OrderId, row: AssignmentRow) -> Result<Attempt<StepResponse>, StepError> {
    let response = |outcome| StepResponse::new(order_id, outcome);
    Ok(Attempt::Decided(match row {
        AssignmentRow {
            driver_id: Some(_), ..
        } => StepResponse {
            driver_id: row.driver_id,
            ..response(Outcome::Assigned)
        },
        AssignmentRow { closed: true, .. } => response(Outcome::Skipped).with_reason("the order is closed"),
        AssignmentRow { assigned: true, .. } => response(Outcome::AlreadyDone),
        AssignmentRow { refused: true, .. } => {
            response(Outcome::Skipped).with_reason("the order was refused")
        }
        AssignmentRow { approved: false, .. } => {
            response(Outcome::Skipped).with_reason("the order is not approved")
        }
        // The restaurant approved manually before the customer paid. Only a retry of this delivery assigns a driver: payment
        // creates an event for restaurant-approval, which finds the order approved and changes nothing.
        AssignmentRow { paid: false, .. } => {
            return Err(StepError::NotYet {
                code: "order_not_paid",
                message: "the order is approved but not paid yet",
                retry_after: Duration::from_secs(10),
            });
        }
        AssignmentRow { valid: false, .. } => return Err(not_validated()),
        AssignmentRow { overdue: true, .. } => {
            response(Outcome::Skipped).with_reason("the time for finding a driver has passed")
        }
        AssignmentRow {
            driver_available: false,
            ..
        } => {
            return Err(StepError::NotYet {
                code: "no_driver_available",
                message: "no driver is available",
                retry_after: Duration::from_secs(2),
            });
        }
        AssignmentRow { .. } => return Ok(Attempt::Retry),
    }))
}

impl From<&Row> for AssignmentRow {
    fn from(row: &Row) -> Self {
        Self {
            valid: row.get("valid"),
            paid: row.get("paid"),
            refused: row.get("refused"),
            approved: row.get("approved"),
            assigned: row.get("assigned"),
            closed: row.get("closed"),
            overdue: row.get("overdue"),
            driver_available: row.get("driver_available"),
            driver_id: row.get("driver_id"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: AssignmentRow = AssignmentRow {
        valid: true,
        paid: true,
        refused: false,
        approved: true,
        assigned: false,
        closed: false,
        overdue: false,
        driver_available: true,
        driver_id: None,
    };

    #[test]
    fn each_row_has_its_response() {
        let id = OrderId::parse("o").unwrap();
        for (row, outcome) in [
            (
                AssignmentRow {
                    driver_id: Some(7),
                    ..READY
                },
                Outcome::Assigned,
            ),
            (
                AssignmentRow {
                    assigned: true,
                    ..READY
                },
                Outcome::AlreadyDone,
            ),
            (
                AssignmentRow {
                    approved: false,
                    ..READY
                },
                Outcome::Skipped,
            ),
            (
                AssignmentRow {
                    overdue: true,
                    driver_available: false,
                    ..READY
                },
                Outcome::Skipped,
            ),
            (
                AssignmentRow {
                    closed: true,
                    driver_available: false,
                    ..READY
                },
                Outcome::Skipped,
            ),
            (
                AssignmentRow {
                    refused: true,
                    valid: false,
                    ..READY
                },
                Outcome::Skipped,
            ),
        ] {
            let Attempt::Decided(response) = decide(&id, row).unwrap() else {
                panic!("{row:?} should have a response")
            };
            assert_eq!(response.outcome, outcome, "{row:?}");
        }
        assert_eq!(decide(&id, READY).unwrap(), Attempt::Retry);
    }

    #[test]
    fn unmet_preconditions_are_retried() {
        let id = OrderId::parse("o").unwrap();
        for (row, expected) in [
            (
                AssignmentRow {
                    driver_available: false,
                    ..READY
                },
                "no_driver_available",
            ),
            (AssignmentRow { paid: false, ..READY }, "order_not_paid"),
            (
                AssignmentRow {
                    valid: false,
                    ..READY
                },
                "order_not_validated",
            ),
        ] {
            let error = decide(&id, row).unwrap_err();
            assert!(
                matches!(error, StepError::NotYet { code, .. } if code == expected),
                "{row:?}: {error:?}"
            );
        }
    }
}
