//! validate-order: is this an order that a restaurant can cook and a customer can pay? Gives it a total, or a problem.

use tokio_postgres::Row;

use super::{Look, StepResult, on_event};
use crate::{
    database::{Database, statement::Statement},
    order::{Answer, Delivery, OrderId, Outcome},
};

const STATEMENT: Statement = Statement {
    name: "validate_order",
    sql: include_str!("validate_order.sql"),
    columns: "decided boolean, moved boolean, total integer, problem text",
};

/// What the statement saw and did.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    decided: bool,
    moved: bool,
    total: Option<i32>,
    problem: Option<String>,
}

/// Validates the order, once.
pub async fn run(database: &Database, order_id: &OrderId, delivery: &Delivery) -> StepResult {
    on_event(database, &STATEMENT, order_id, delivery, |id, seen| {
        Ok(decide(id, seen))
    })
    .await
}

fn decide(order_id: &OrderId, seen: Seen) -> Look<Answer> {
    let answer = |outcome| Answer::new(order_id, outcome);
    Look::Done(match seen {
        Seen {
            moved: true,
            problem: None,
            total,
            ..
        } => Answer {
            total,
            ..answer(Outcome::Validated)
        },
        Seen {
            moved: true, problem, ..
        } => Answer {
            problem,
            ..answer(Outcome::Refused)
        },
        Seen { decided: true, .. } => answer(Outcome::AlreadyDone),
        Seen { decided: false, .. } => return Look::Again,
    })
}

impl From<&Row> for Seen {
    fn from(row: &Row) -> Self {
        Self {
            decided: row.get("decided"),
            moved: row.get("moved"),
            total: row.get("total"),
            problem: row.get("problem"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_seen_has_its_answer() {
        let id = OrderId::parse("o").unwrap();
        let nothing = Seen {
            decided: false,
            moved: false,
            total: None,
            problem: None,
        };
        let done = |seen| match decide(&id, seen) {
            Look::Done(answer) => answer,
            Look::Again => panic!("should have an answer"),
        };

        let validated = done(Seen {
            moved: true,
            total: Some(500),
            ..nothing.clone()
        });
        assert_eq!(
            (validated.outcome, validated.total),
            (Outcome::Validated, Some(500))
        );

        let problem = Some("The order has no items.".to_owned());
        let refused = done(Seen {
            moved: true,
            problem: problem.clone(),
            ..nothing.clone()
        });
        assert_eq!((refused.outcome, refused.problem), (Outcome::Refused, problem));

        let again = done(Seen {
            decided: true,
            ..nothing.clone()
        });
        assert_eq!(again, Answer::new(&id, Outcome::AlreadyDone));

        assert_eq!(decide(&id, nothing), Look::Again);
    }
}
