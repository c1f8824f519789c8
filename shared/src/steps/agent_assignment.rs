//! agent-assignment: finds a driver for an approved order.

use std::time::Duration;

use tokio_postgres::Row;

use super::{Look, StepError, StepResult, on_event, restaurant_approval::not_validated};
use crate::{
    database::{Database, statement::Statement},
    order::{Answer, Delivery, OrderId, Outcome},
};

const STATEMENT: Statement = Statement {
    name: "agent_assignment",
    sql: include_str!("agent_assignment.sql"),
    columns: "valid boolean, paid boolean, refused boolean, approved boolean, assigned boolean, anybody boolean, \
              driver_id integer",
};

/// What the statement saw and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the columns of one row")]
struct Seen {
    valid: bool,
    paid: bool,
    refused: bool,
    approved: bool,
    assigned: bool,
    anybody: bool,
    driver_id: Option<i32>,
}

/// Assigns a driver to the order, once.
pub async fn run(database: &Database, order_id: &OrderId, delivery: &Delivery) -> StepResult {
    on_event(database, &STATEMENT, order_id, delivery, decide).await
}

fn decide(order_id: &OrderId, seen: Seen) -> Result<Look<Answer>, StepError> {
    let answer = |outcome| Answer::new(order_id, outcome);
    Ok(Look::Done(match seen {
        Seen {
            driver_id: Some(_), ..
        } => Answer {
            driver_id: seen.driver_id,
            ..answer(Outcome::Assigned)
        },
        Seen { assigned: true, .. } => answer(Outcome::AlreadyDone),
        Seen { refused: true, .. } => answer(Outcome::Skipped).because("the order was refused"),
        Seen { approved: false, .. } => answer(Outcome::Skipped).because("the order is not approved"),
        // A person approved before the customer paid. Nothing but this delivery, tried again, will bring a driver: paying
        // makes an event for restaurant-approval, and that finds the order approved.
        Seen { paid: false, .. } => {
            return Err(StepError::NotYet {
                code: "order_not_paid",
                what: "the order is approved but not paid yet",
                retry_after: Duration::from_secs(10),
            });
        }
        Seen { valid: false, .. } => return Err(not_validated()),
        Seen { anybody: false, .. } => {
            return Err(StepError::NotYet {
                code: "no_driver_available",
                what: "no driver is available at the moment",
                retry_after: Duration::from_secs(2),
            });
        }
        Seen { .. } => return Ok(Look::Again),
    }))
}

impl From<&Row> for Seen {
    fn from(row: &Row) -> Self {
        Self {
            valid: row.get("valid"),
            paid: row.get("paid"),
            refused: row.get("refused"),
            approved: row.get("approved"),
            assigned: row.get("assigned"),
            anybody: row.get("anybody"),
            driver_id: row.get("driver_id"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: Seen = Seen {
        valid: true,
        paid: true,
        refused: false,
        approved: true,
        assigned: false,
        anybody: true,
        driver_id: None,
    };

    #[test]
    fn each_thing_seen_has_its_answer() {
        let id = OrderId::parse("o").unwrap();
        for (seen, outcome) in [
            (
                Seen {
                    driver_id: Some(7),
                    ..READY
                },
                Outcome::Assigned,
            ),
            (
                Seen {
                    assigned: true,
                    ..READY
                },
                Outcome::AlreadyDone,
            ),
            (
                Seen {
                    approved: false,
                    ..READY
                },
                Outcome::Skipped,
            ),
            (
                Seen {
                    refused: true,
                    valid: false,
                    ..READY
                },
                Outcome::Skipped,
            ),
        ] {
            let Look::Done(answer) = decide(&id, seen).unwrap() else {
                panic!("{seen:?} should have an answer")
            };
            assert_eq!(answer.outcome, outcome, "{seen:?}");
        }
        assert_eq!(decide(&id, READY).unwrap(), Look::Again);
    }

    #[test]
    fn what_will_pass_is_tried_again() {
        let id = OrderId::parse("o").unwrap();
        for (seen, expected) in [
            (
                Seen {
                    anybody: false,
                    ..READY
                },
                "no_driver_available",
            ),
            (Seen { paid: false, ..READY }, "order_not_paid"),
            (
                Seen {
                    valid: false,
                    ..READY
                },
                "order_not_validated",
            ),
        ] {
            let error = decide(&id, seen).unwrap_err();
            assert!(
                matches!(error, StepError::NotYet { code, .. } if code == expected),
                "{seen:?}: {error:?}"
            );
        }
    }
}
