//! restaurant-approval: an open restaurant with automatic approval accepts a paid order; others approve manually.

use std::time::Duration;

use tokio_postgres::Row;

use super::{Attempt, StepError, StepResult, on_event};
use crate::{
    database::{Database, statement::Statement},
    order::{Delivery, OrderId, Outcome, StepResponse},
};

const STATEMENT: Statement = Statement {
    lock: None,
    sql: include_str!("restaurant_approval.sql"),
};

/// Row returned by the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "columns of one row")]
struct ApprovalRow {
    valid: bool,
    paid: bool,
    refused: bool,
    approved: bool,
    closed: bool,
    is_open: bool,
    auto_approves: bool,
    moved: bool,
}

/// Approves the order; repeated calls have no effect.
pub async fn run(database: &Database, order_id: &OrderId, delivery: &Delivery) -> StepResult {
    on_event(database, &STATEMENT, order_id, delivery, decide).await
}

fn decide(order_id: &OrderId, row: ApprovalRow) -> Result<Attempt<StepResponse>, StepError> {
    let response = |outcome| StepResponse::new(order_id, outcome);
    Ok(Attempt::Decided(match row {
        ApprovalRow { moved: true, .. } => response(Outcome::Approved),
        ApprovalRow { closed: true, .. } => response(Outcome::Skipped).with_reason("the order is closed"),
        ApprovalRow { approved: true, .. } => response(Outcome::AlreadyDone),
        ApprovalRow { refused: true, .. } => response(Outcome::Skipped).with_reason("the order was refused"),
        ApprovalRow { paid: false, .. } => response(Outcome::Skipped).with_reason("the order is not paid"),
        // "Pay all" also pays for orders that are not validated yet. No other event reports when they are.
        ApprovalRow { valid: false, .. } => return Err(not_validated()),
        ApprovalRow { is_open: false, .. } => response(Outcome::Waiting)
            .with_reason("the restaurant is closed; its staff approve the order manually"),
        ApprovalRow {
            auto_approves: false, ..
        } => response(Outcome::Waiting).with_reason("the restaurant approves orders manually"),
        ApprovalRow { .. } => return Ok(Attempt::Retry),
    }))
}

/// Error for a paid order that is about to be validated.
pub(super) fn not_validated() -> StepError {
    StepError::NotYet {
        code: "order_not_validated",
        message: "the order is paid but not validated yet",
        retry_after: Duration::from_secs(1),
    }
}

impl From<&Row> for ApprovalRow {
    fn from(row: &Row) -> Self {
        Self {
            valid: row.get("valid"),
            paid: row.get("paid"),
            refused: row.get("refused"),
            approved: row.get("approved"),
            closed: row.get("closed"),
            is_open: row.get("is_open"),
            auto_approves: row.get("auto_approves"),
            moved: row.get("moved"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_its_response() {
        let id = OrderId::parse("o").unwrap();
        let ready = ApprovalRow {
            valid: true,
            paid: true,
            refused: false,
            approved: false,
            closed: false,
            is_open: true,
            auto_approves: true,
            moved: false,
        };
        for (row, outcome) in [
            (ApprovalRow { moved: true, ..ready }, Outcome::Approved),
            (
                ApprovalRow {
                    approved: true,
                    ..ready
                },
                Outcome::AlreadyDone,
            ),
            (
                ApprovalRow {
                    approved: true,
                    paid: false,
                    ..ready
                },
                Outcome::AlreadyDone,
            ),
            (
                ApprovalRow {
                    valid: false,
                    refused: true,
                    ..ready
                },
                Outcome::Skipped,
            ),
            (ApprovalRow { paid: false, ..ready }, Outcome::Skipped),
            (
                ApprovalRow {
                    closed: true,
                    ..ready
                },
                Outcome::Skipped,
            ),
            (
                ApprovalRow {
                    paid: false,
                    valid: false,
                    ..ready
                },
                Outcome::Skipped,
            ),
            (
                ApprovalRow {
                    is_open: false,
                    auto_approves: false,
                    ..ready
                },
                Outcome::Waiting,
            ),
            (
                ApprovalRow {
                    auto_approves: false,
                    ..ready
                },
                Outcome::Waiting,
            ),
        ] {
            let Attempt::Decided(response) = decide(&id, row).unwrap() else {
                panic!("{row:?} should have a response")
            };
            assert_eq!(response.outcome, outcome, "{row:?}");
        }
        assert_eq!(decide(&id, ready).unwrap(), Attempt::Retry);
        let early = decide(
            &id,
            ApprovalRow {
                valid: false,
                ..ready
            },
        )
        .unwrap_err();
        assert!(matches!(
            early,
            StepError::NotYet {
                code: "order_not_validated",
                ..
            }
        ));
    }
}
