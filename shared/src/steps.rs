//! The backend steps. Each is one Rust file and its SQL, with the same structure:
//!
//! 1. `run` sends **one guarded statement** (payment: one before and one after the call of the gateway). It reads the state
//!    from the row, not from the event; updates the order only if the order is in the state that the step requires; writes
//!    the effect and the history row in the same transaction; and returns the state it read and whether it updated the order.
//! 2. `decide`, a pure function, converts that row to a response.
//!
//! So a step may be requested repeatedly, late, in any order, or concurrently, and the order is updated once.
//!
//! **Concurrency**, at Postgres' default READ COMMITTED: the reads of a statement see the snapshot taken when it started, but its
//! UPDATE waits for a concurrent one on the same row and then checks its WHERE clause against the *new* version of the row.
//! The guard is part of that WHERE clause, so the second of two deliveries updates nothing; and since the effect and the
//! history row are written *from* the rows that the UPDATE returned, it writes nothing else either. The state that it read
//! then required an update that did not happen ([`Attempt::Retry`]), and the statement runs again, with a new snapshot.
//!
//! [`expire_orders`] is called by time instead of an event, for all orders that are overdue.
//!
//! [`watchman`] is called by time, too: it reads the state of the installation and changes nothing.
//!
//! [`login`] precedes them: it reads an account and issues a token.

pub mod agent_assignment;
pub mod expire_orders;
pub mod login;
pub mod payment;
pub mod refund_payment;
pub mod restaurant_approval;
pub mod validate_order;
pub mod watchman;

use std::time::Duration;

use tokio_postgres::{Row, types::Type};

use crate::{
    database::{Database, DatabaseError, Params, statement::Statement},
    gateway::{Decline, GatewayError},
    order::{Delivery, OrderId, Payment, StepResponse},
    secrets::SecretError,
    trace,
};

/// Maximum number of times a statement runs while concurrent requests update the order. Each retry means that another request
/// has updated the order, and an order has few updates.
const MAX_ATTEMPTS: usize = 4;

/// Result of one run of a step's statement.
#[derive(Debug, PartialEq, Eq)]
enum Attempt<T> {
    /// The state is consistent with the result.
    Decided(T),
    /// A concurrent request updated the order first; the state that was read is outdated.
    Retry,
}

/// Error of a step. Each is one HTTP response, see [`crate::http`].
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    #[error("order not found: \"{}\"", shortened(.0))]
    UnknownOrder(OrderId),
    /// The order has not been validated, so it has no total.
    #[error("the order is not validated yet; pay when order_valid is true")]
    NotValidated,
    /// The order was refused, so it cannot be paid.
    #[error("the order was refused: {0}")]
    OrderRefused(String),
    /// The order was closed, so it cannot be paid.
    #[error("the order is {0} and cannot be paid")]
    OrderClosed(String),
    /// The order was closed while its card was charged.
    #[error("The order is {0}. It was closed while you paid: the money will be returned.")]
    ClosedDuringPayment(String),
    /// The amount differs from the total of the order.
    #[error("{}", amount_message(*.amount, *.total))]
    AmountMismatch {
        /// `None` if the total was to be paid.
        amount: Option<i64>,
        /// `None` if the order has no total.
        total: Option<i32>,
    },
    /// Another request holds the claim, or the payer has many open attempts on other orders.
    #[error("another payment is in progress; try again in a moment")]
    PaymentInProgress,
    /// The order or its payer has had as many attempts as are allowed.
    #[error("too many payment attempts; try again later")]
    TooManyAttempts { retry_after: Duration },
    /// The gateway charged another amount than the attempt has. The attempt stays open, and an operator has to act.
    #[error("the gateway charged {charged}, but the attempt's amount is {claimed}")]
    ChargedAmountMismatch { charged: i32, claimed: i32 },
    /// Passwordless login is a setting for demos.
    #[error("Login by user name is disabled here. Log in with the identity provider of this installation.")]
    DemoLoginDisabled,
    /// A name that is reserved for staff, without an account.
    #[error("There is no account with this name. Check the spelling, or choose another name.")]
    UnknownAccount,
    /// The gateway declined the card.
    #[error("{}", .decline.message)]
    Declined {
        decline: Decline,
        /// The settled attempt.
        payment: Payment,
    },
    /// A precondition of the step is not met yet, and no other event will report when it is: the delivery must be retried.
    #[error("{message}")]
    NotYet {
        /// Machine-readable code.
        code: &'static str,
        message: &'static str,
        retry_after: Duration,
    },
    /// Concurrent requests updated the order during each of [`MAX_ATTEMPTS`] runs.
    #[error("the order is being modified concurrently; retry")]
    Contended,
    /// A secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A token cannot be signed.
    #[error("cannot sign a token: {0}")]
    Signing(String),
    /// The gateway did not respond; the attempt stays open, and the next request resumes it.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

type StepResult = Result<StepResponse, StepError>;

/// Runs the statement of an event-triggered step, whose parameters are the order, the delivery, and the span of the request.
async fn on_event<S>(
    database: &Database,
    statement: &Statement,
    order_id: &OrderId,
    delivery: &Delivery,
    decide: impl Fn(&OrderId, S) -> Result<Attempt<StepResponse>, StepError>,
) -> StepResult
where
    S: for<'row> From<&'row Row>,
{
    let params: &Params<'_> = &[
        (&order_id.as_str(), Type::TEXT),
        (&delivery.event_id, Type::TEXT),
        (&delivery.attempt, Type::INT4),
        (&trace::traceparent(), Type::TEXT),
    ];
    run_until_decided(database, statement, params, order_id, |row| decide(order_id, row)).await
}

/// Runs the statement of a step, again after each concurrent update, until `decide` returns a result.
async fn run_until_decided<S, T>(
    database: &Database,
    statement: &Statement,
    params: &Params<'_>,
    order_id: &OrderId,
    decide: impl Fn(S) -> Result<Attempt<T>, StepError>,
) -> Result<T, StepError>
where
    S: for<'row> From<&'row Row>,
{
    for _ in 0..MAX_ATTEMPTS {
        let row = database.row(statement, params).await?;
        let row = row.as_ref().map(S::from);
        let row = row.ok_or_else(|| StepError::UnknownOrder(order_id.clone()))?;
        if let Attempt::Decided(result) = decide(row)? {
            return Ok(result);
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

fn amount_message(amount: Option<i64>, total: Option<i32>) -> String {
    match (amount, total) {
        (Some(amount), Some(total)) => {
            format!("the amount does not match the order total (expected {total}, got {amount})")
        }
        _ => "the order has no total and cannot be paid; contact the restaurant".to_owned(),
    }
}
