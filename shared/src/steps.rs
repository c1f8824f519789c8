//! The four backend steps. Each is one file and, beside it, the SQL that does its work, and all have one shape:
//!
//! 1. `run` sends **one guarded statement** (payment: one before and one after the gateway's call). It reads the truth from
//!    the row, not from the event; moves the order only if it stands where the step begins; writes effect and history row
//!    in the same transaction; and returns what it saw and whether it moved.
//! 2. `decide`, a pure function, turns that row into an answer.
//!
//! So a step may be asked for twice, late, in any order, or by several at once, and the order moves once.
//!
//! **Concurrency**, at Postgres' default READ COMMITTED: a statement's reads see the snapshot taken when it began, but its
//! UPDATE waits for a concurrent one on the same row and then checks its WHERE clause against the *new* version of the row.
//! The guard stands in that WHERE clause, so the second of two deliveries updates nothing; and since the effect and the
//! history row are written *from* what the UPDATE returned, it writes nothing else either. It then knows that it "should
//! have moved but did not" ([`Look::Again`]) and looks again, with a new snapshot, to say truthfully what is the case.

pub mod agent_assignment;
pub mod payment;
pub mod restaurant_approval;
pub mod validate_order;

use std::time::Duration;

use tokio_postgres::{Row, types::Type};

use crate::{
    database::{Database, DatabaseError, Params, statement::Statement},
    gateway::{Decline, GatewayError},
    order::{Answer, Delivery, OrderId, Payment},
};

/// How often a step looks again when others change the order under its eyes. Each look means that somebody else has moved
/// the order, and there are only so many moves.
const LOOKS: usize = 4;

/// What a look at an order came to.
#[derive(Debug, PartialEq, Eq)]
enum Look<T> {
    /// This is how it is.
    Done(T),
    /// Somebody else was quicker; what was read is old.
    Again,
}

/// Why a step has no answer. Each is one HTTP response, see [`crate::http`].
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// There is no such order.
    #[error("there is no order \"{}\"", shortened(.0))]
    UnknownOrder(OrderId),
    /// Nobody has validated it yet, so there is no total to pay.
    #[error("the order is not validated yet; pay when its order_valid is true")]
    NotValidated,
    /// It was refused, so there is nothing to pay for.
    #[error("the order was refused: {0}")]
    OrderRefused(String),
    /// The amount is not what the order costs; `None` where nobody knows that.
    #[error("{}", amount_message(*.asked, *.total))]
    AmountMismatch {
        /// What the customer wants to pay.
        asked: i64,
        /// What the order costs.
        total: Option<i32>,
    },
    /// Another request is paying for the order at this moment.
    #[error("another payment for this order is being processed; try again in a moment")]
    PaymentInProgress,
    /// The gateway refused the card.
    #[error("{}", .decline.message)]
    Declined {
        /// Why.
        decline: Decline,
        /// The attempt, as it was written down.
        payment: Payment,
    },
    /// What the step needs is not there yet, and nobody but a retry will notice when it is.
    #[error("{what}")]
    NotYet {
        /// A word for programs.
        code: &'static str,
        /// A sentence for people.
        what: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// Others kept changing the order while we looked.
    #[error("the order is being changed by others")]
    Contended,
    /// The gateway did not answer; the attempt stays open, and the next request goes on with it.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

type StepResult = Result<Answer, StepError>;

/// What the steps of events do: their statement knows the order and the delivery that asks.
async fn on_event<S>(
    database: &Database,
    statement: &Statement,
    order_id: &OrderId,
    delivery: &Delivery,
    decide: impl Fn(&OrderId, S) -> Result<Look<Answer>, StepError>,
) -> StepResult
where
    S: for<'row> From<&'row Row>,
{
    let params: &Params<'_> = &[
        (&order_id.as_str(), Type::TEXT),
        (&delivery.event_id, Type::TEXT),
        (&delivery.attempt, Type::INT4),
    ];
    look(database, statement, params, order_id, |seen| {
        decide(order_id, seen)
    })
    .await
}

/// Sends a step's statement, again if others were quicker, until `decide` says how it is.
async fn look<S, T>(
    database: &Database,
    statement: &Statement,
    params: &Params<'_>,
    order_id: &OrderId,
    decide: impl Fn(S) -> Result<Look<T>, StepError>,
) -> Result<T, StepError>
where
    S: for<'row> From<&'row Row>,
{
    for _ in 0..LOOKS {
        let row = database.row(statement, params).await?;
        let seen = row.as_ref().map(S::from);
        let seen = seen.ok_or_else(|| StepError::UnknownOrder(order_id.clone()))?;
        if let Look::Done(answer) = decide(seen)? {
            return Ok(answer);
        }
    }
    Err(StepError::Contended)
}

fn shortened(id: &OrderId) -> String {
    let text = id.as_str();
    match text.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn amount_message(asked: i64, total: Option<i32>) -> String {
    match total {
        Some(total) => format!("the order costs {total}, not {asked}"),
        None => "the order has no total, so it cannot be paid; ask the restaurant".to_owned(),
    }
}
