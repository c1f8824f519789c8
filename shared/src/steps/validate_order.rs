//! validate-order: checks restaurant, address and items of a placed order, and sets its total or its problem.

use tokio_postgres::{Row, types::Type};

use super::{Attempt, StepResult, run_until_decided};
use crate::{
    database::{Database, statement::Statement},
    order::{Delivery, OrderId, Outcome, StepResponse},
    trace,
};

const STATEMENT: Statement = Statement {
    lock: None,
    sql: include_str!("validate_order.sql"),
};

/// Row returned by the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ValidationRow {
    decided: bool,
    closed: bool,
    moved: bool,
    total: Option<i32>,
    problem: Option<String>,
}

/// Dishes that an order may contain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Menu {
    /// Those of its restaurant.
    #[default]
    OfRestaurant,
    /// Those of its restaurant, and of any other one if its restaurant does not sell them: the apps of the Node.js example show the
    /// dishes of all restaurants as one menu.
    OfAllRestaurants,
}

/// Validates the order; repeated calls have no effect.
pub async fn run(database: &Database, order_id: &OrderId, delivery: &Delivery) -> StepResult {
    run_on(database, Menu::OfRestaurant, order_id, delivery).await
}

/// [`run`] on another menu.
pub async fn run_on(database: &Database, menu: Menu, order_id: &OrderId, delivery: &Delivery) -> StepResult {
    run_until_decided(
        database,
        &STATEMENT,
        &[
            (&order_id.as_str(), Type::TEXT),
            (&delivery.event_id, Type::TEXT),
            (&delivery.attempt, Type::INT4),
            (&(menu == Menu::OfAllRestaurants), Type::BOOL),
            (&trace::traceparent(), Type::TEXT),
        ],
        order_id,
        |row| Ok(decide(order_id, row)),
    )
    .await
}

fn decide(order_id: &OrderId, row: ValidationRow) -> Attempt<StepResponse> {
    let response = |outcome| StepResponse::new(order_id, outcome);
    Attempt::Decided(match row {
        ValidationRow {
            moved: true,
            problem: None,
            total,
            ..
        } => StepResponse {
            total,
            ..response(Outcome::Validated)
        },
        ValidationRow {
            moved: true, problem, ..
        } => StepResponse {
            problem,
            ..response(Outcome::Refused)
        },
        ValidationRow { decided: true, .. } => response(Outcome::AlreadyDone),
        ValidationRow { closed: true, .. } => response(Outcome::Skipped).with_reason("the order is closed"),
        ValidationRow { .. } => return Attempt::Retry,
    })
}

impl From<&Row> for ValidationRow {
    fn from(row: &Row) -> Self {
        Self {
            decided: row.get("decided"),
            closed: row.get("closed"),
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
    fn each_row_has_its_response() {
        let id = OrderId::parse("o").unwrap();
        let nothing = ValidationRow {
            decided: false,
            closed: false,
            moved: false,
            total: None,
            problem: None,
        };
        let done = |row| match decide(&id, row) {
            Attempt::Decided(response) => response,
            Attempt::Retry => panic!("should have a response"),
        };

        let validated = done(ValidationRow {
            moved: true,
            total: Some(500),
            ..nothing.clone()
        });
        assert_eq!(
            (validated.outcome, validated.total),
            (Outcome::Validated, Some(500))
        );

        let problem = Some("The order has no items.".to_owned());
        let refused = done(ValidationRow {
            moved: true,
            problem: problem.clone(),
            ..nothing.clone()
        });
        assert_eq!((refused.outcome, refused.problem), (Outcome::Refused, problem));

        let again = done(ValidationRow {
            decided: true,
            ..nothing.clone()
        });
        assert_eq!(again, StepResponse::new(&id, Outcome::AlreadyDone));

        let closed = done(ValidationRow {
            closed: true,
            ..nothing.clone()
        });
        assert_eq!(closed.outcome, Outcome::Skipped);

        assert_eq!(decide(&id, nothing), Attempt::Retry);
    }
}
