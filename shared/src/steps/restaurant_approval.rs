//! restaurant-approval: an open restaurant that approves by itself takes a paid order; of another a person has to.

use std::time::Duration;

use tokio_postgres::Row;

use super::{Look, StepError, StepResult, on_event};
use crate::{
    database::{Database, statement::Statement},
    order::{Answer, Delivery, OrderId, Outcome},
};

const STATEMENT: Statement = Statement {
    name: "restaurant_approval",
    sql: include_str!("restaurant_approval.sql"),
    columns: "valid boolean, paid boolean, refused boolean, approved boolean, is_open boolean, approves_itself boolean, \
              moved boolean",
};

/// What the statement saw and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the columns of one row")]
struct Seen {
    valid: bool,
    paid: bool,
    refused: bool,
    approved: bool,
    is_open: bool,
    approves_itself: bool,
    moved: bool,
}

/// Approves the order, once.
pub async fn run(database: &Database, order_id: &OrderId, delivery: &Delivery) -> StepResult {
    on_event(database, &STATEMENT, order_id, delivery, decide).await
}

fn decide(order_id: &OrderId, seen: Seen) -> Result<Look<Answer>, StepError> {
    let answer = |outcome| Answer::new(order_id, outcome);
    Ok(Look::Done(match seen {
        Seen { moved: true, .. } => answer(Outcome::Approved),
        Seen { approved: true, .. } => answer(Outcome::AlreadyDone),
        Seen { refused: true, .. } => answer(Outcome::Skipped).because("the order was refused"),
        Seen { paid: false, .. } => answer(Outcome::Skipped).because("the order is not paid"),
        // "Pay all" pays for orders that are still to be validated. No other event will tell when they are.
        Seen { valid: false, .. } => return Err(not_validated()),
        Seen { is_open: false, .. } => {
            answer(Outcome::Waiting).because("the restaurant is closed; a person approves the order")
        }
        Seen {
            approves_itself: false,
            ..
        } => answer(Outcome::Waiting).because("the restaurant does not approve by itself; a person does"),
        Seen { .. } => return Ok(Look::Again),
    }))
}

/// The order is paid and will be validated any moment.
pub(super) fn not_validated() -> StepError {
    StepError::NotYet {
        code: "order_not_validated",
        what: "the order is paid but not validated yet",
        retry_after: Duration::from_secs(1),
    }
}

impl From<&Row> for Seen {
    fn from(row: &Row) -> Self {
        Self {
            valid: row.get("valid"),
            paid: row.get("paid"),
            refused: row.get("refused"),
            approved: row.get("approved"),
            is_open: row.get("is_open"),
            approves_itself: row.get("approves_itself"),
            moved: row.get("moved"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_seen_has_its_answer() {
        let id = OrderId::parse("o").unwrap();
        let ready = Seen {
            valid: true,
            paid: true,
            refused: false,
            approved: false,
            is_open: true,
            approves_itself: true,
            moved: false,
        };
        for (seen, outcome) in [
            (Seen { moved: true, ..ready }, Outcome::Approved),
            (
                Seen {
                    approved: true,
                    ..ready
                },
                Outcome::AlreadyDone,
            ),
            (
                Seen {
                    approved: true,
                    paid: false,
                    ..ready
                },
                Outcome::AlreadyDone,
            ),
            (
                Seen {
                    valid: false,
                    refused: true,
                    ..ready
                },
                Outcome::Skipped,
            ),
            (Seen { paid: false, ..ready }, Outcome::Skipped),
            (
                Seen {
                    paid: false,
                    valid: false,
                    ..ready
                },
                Outcome::Skipped,
            ),
            (
                Seen {
                    is_open: false,
                    approves_itself: false,
                    ..ready
                },
                Outcome::Waiting,
            ),
            (
                Seen {
                    approves_itself: false,
                    ..ready
                },
                Outcome::Waiting,
            ),
        ] {
            let Look::Done(answer) = decide(&id, seen).unwrap() else {
                panic!("{seen:?} should have an answer")
            };
            assert_eq!(answer.outcome, outcome, "{seen:?}");
        }
        assert_eq!(decide(&id, ready).unwrap(), Look::Again);
        let early = decide(
            &id,
            Seen {
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
