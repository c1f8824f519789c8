//! refund-payment: returns the money of a closed order.
//!
//! Its event is each change of `orders.refund_requests`, which the database increments when an order that is paid, or is being paid,
//! is closed, and when the payment of a closed order completes. So the order of the two does not matter.
//!
//! - The payment is still running: the delivery is retried until it is settled.
//! - Its request died: the gateway is asked for the result, and the attempt is settled with it.
//! - The gateway does not respond, or this process dies after the refund: the delivery is retried with the same idempotency key, which
//!   is derived from that of the payment. So each payment is returned once.

use tokio::time::timeout;
use tokio_postgres::{Row, types::Type};

use super::{
    Attempt, StepError, StepResult,
    payment::{CLAIM_LEASE, GATEWAY_TIMEOUT, settle},
    run_until_decided,
};
use crate::{
    database::{Database, statement::Statement},
    gateway::{GatewayError, PaymentGateway, Refund},
    order::{Delivery, OrderId, Outcome, StepResponse},
};

const CLAIM: Statement = Statement {
    lock: None,
    sql: include_str!("refund_payment.sql"),
};

const SETTLE: Statement = Statement {
    lock: None,
    sql: include_str!("refund_settle.sql"),
};

/// Maximum number of open attempts of an order that one request resolves. An order has at most one.
const MAX_OPEN_ATTEMPTS: usize = 2;

/// Row returned by the first statement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "columns of one row")]
struct RefundRow {
    closed: bool,
    open: Option<OpenAttempt>,
    /// Whether the request of the open attempt may still be running.
    held: bool,
    paid: bool,
    /// Idempotency key of the succeeded payment.
    payment_key: Option<String>,
    refund: Option<PendingRefund>,
    refunded: bool,
}

/// Payment attempt without a result.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OpenAttempt {
    id: i32,
    amount: i32,
    key: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PendingRefund {
    id: i32,
    amount: i32,
    key: String,
    /// Idempotency key of the payment.
    charge_key: String,
}

/// Action that the state of the order requires.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Respond(StepResponse),
    /// The gateway has to be asked for the result of an attempt.
    Resolve(OpenAttempt),
    Refund(PendingRefund),
}

/// Returns the payment of a closed order; repeated calls return nothing again.
pub async fn run(
    database: &Database,
    gateway: &impl PaymentGateway,
    order_id: &OrderId,
    delivery: &Delivery,
) -> StepResult {
    for _ in 0..=MAX_OPEN_ATTEMPTS {
        match next(database, order_id).await? {
            Next::Respond(response) => return Ok(response),
            Next::Refund(refund) => {
                return return_money(database, gateway, order_id, delivery, &refund).await;
            }
            Next::Resolve(attempt) => resolve(database, gateway, &attempt).await?,
        }
    }
    Err(StepError::Contended)
}

async fn next(database: &Database, order_id: &OrderId) -> Result<Next, StepError> {
    run_until_decided(
        database,
        &CLAIM,
        &[
            (&order_id.as_str(), Type::TEXT),
            (&CLAIM_LEASE.as_secs_f64(), Type::FLOAT8),
        ],
        order_id,
        |row| decide(order_id, row),
    )
    .await
}

fn decide(order_id: &OrderId, row: RefundRow) -> Result<Attempt<Next>, StepError> {
    let response = |outcome| StepResponse::new(order_id, outcome);
    Ok(Attempt::Decided(match row {
        RefundRow { closed: false, .. } => {
            Next::Respond(response(Outcome::Skipped).with_reason("the order is not closed"))
        }
        RefundRow { held: true, .. } => {
            return Err(StepError::NotYet {
                code: "payment_in_progress",
                message: "a payment of the order is in progress",
                retry_after: CLAIM_LEASE,
            });
        }
        RefundRow {
            open: Some(attempt), ..
        } => Next::Resolve(attempt),
        RefundRow { refunded: true, .. } => Next::Respond(response(Outcome::AlreadyDone)),
        RefundRow {
            refund: Some(refund), ..
        } => Next::Refund(refund),
        RefundRow {
            paid: true,
            payment_key: None,
            ..
        } => Next::Respond(
            response(Outcome::Waiting)
                .with_reason("the payment is older than idempotency keys; it is returned manually"),
        ),
        RefundRow { paid: true, .. } => return Ok(Attempt::Retry),
        RefundRow { .. } => Next::Respond(response(Outcome::Skipped).with_reason("the order has no payment")),
    }))
}

/// Settles an attempt whose request died with the result of the gateway.
async fn resolve(
    database: &Database,
    gateway: &impl PaymentGateway,
    attempt: &OpenAttempt,
) -> Result<(), StepError> {
    let result = in_time(gateway.result_of(&attempt.key)).await?;
    if let Some(result) = &result
        && result.amount != attempt.amount
    {
        return Err(StepError::ChargedAmountMismatch {
            charged: result.amount,
            claimed: attempt.amount,
        });
    }
    // Whether another request settled it first is visible in the state that is read next.
    settle(database, attempt.id, attempt.amount, result.as_ref()).await?;
    Ok(())
}

async fn return_money(
    database: &Database,
    gateway: &impl PaymentGateway,
    order_id: &OrderId,
    delivery: &Delivery,
    refund: &PendingRefund,
) -> StepResult {
    in_time(gateway.refund(&Refund {
        key: &refund.key,
        charge_key: &refund.charge_key,
        amount: refund.amount,
    }))
    .await?;
    database
        .row(
            &SETTLE,
            &[
                (&refund.id, Type::INT4),
                (&delivery.event_id, Type::TEXT),
                (&delivery.attempt, Type::INT4),
            ],
        )
        .await?;
    Ok(StepResponse::new(order_id, Outcome::Refunded))
}

async fn in_time<T>(call: impl Future<Output = Result<T, GatewayError>>) -> Result<T, GatewayError> {
    timeout(GATEWAY_TIMEOUT, call).await.unwrap_or_else(|_| {
        let seconds = GATEWAY_TIMEOUT.as_secs();
        Err(GatewayError::NoResponse(format!(
            "no response within {seconds} s"
        )))
    })
}

impl From<&Row> for RefundRow {
    fn from(row: &Row) -> Self {
        let open_id: Option<i32> = row.get("open_id");
        let refund_id: Option<i32> = row.get("refund_id");
        let payment_key: Option<String> = row.get("payment_key");
        Self {
            closed: row.get("closed"),
            open: open_id.map(|id| OpenAttempt {
                id,
                amount: row.get("open_amount"),
                key: row.get::<_, Option<String>>("open_key").unwrap_or_default(),
            }),
            held: row.get("held"),
            paid: row.get("paid"),
            refund: refund_id
                .zip(payment_key.clone())
                .map(|(id, charge_key)| PendingRefund {
                    id,
                    amount: row.get("refund_amount"),
                    key: row.get("refund_key"),
                    charge_key,
                }),
            payment_key,
            refunded: row.get("refunded"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn closed() -> RefundRow {
        RefundRow {
            closed: true,
            open: None,
            held: false,
            paid: false,
            payment_key: None,
            refund: None,
            refunded: false,
        }
    }

    fn paid() -> RefundRow {
        RefundRow {
            paid: true,
            payment_key: Some("key".to_owned()),
            refund: Some(PendingRefund {
                id: 1,
                amount: 500,
                key: "refund:key".to_owned(),
                charge_key: "key".to_owned(),
            }),
            ..closed()
        }
    }

    fn decided(row: RefundRow) -> Next {
        let id = OrderId::parse("o").unwrap();
        match decide(&id, row).unwrap() {
            Attempt::Decided(next) => next,
            Attempt::Retry => panic!("should be decided"),
        }
    }

    #[test]
    fn payment_of_a_closed_order_is_returned_once() {
        assert!(matches!(decided(paid()), Next::Refund(refund) if refund.charge_key == "key"));
        for (row, outcome) in [
            (
                RefundRow {
                    refunded: true,
                    ..paid()
                },
                Outcome::AlreadyDone,
            ),
            (
                RefundRow {
                    closed: false,
                    ..paid()
                },
                Outcome::Skipped,
            ),
            (closed(), Outcome::Skipped),
            (
                RefundRow {
                    payment_key: None,
                    refund: None,
                    ..paid()
                },
                Outcome::Waiting,
            ),
        ] {
            assert!(
                matches!(decided(row.clone()), Next::Respond(response) if response.outcome == outcome),
                "{row:?}"
            );
        }
    }

    #[test]
    fn concurrently_inserted_refund_is_read_again() {
        let id = OrderId::parse("o").unwrap();
        let row = RefundRow {
            refund: None,
            ..paid()
        };
        assert_eq!(decide(&id, row).unwrap(), Attempt::Retry);
    }

    #[test]
    fn open_attempt_is_awaited_and_then_resolved() {
        let id = OrderId::parse("o").unwrap();
        let attempt = OpenAttempt {
            id: 7,
            amount: 500,
            key: "key".to_owned(),
        };
        let dead = RefundRow {
            open: Some(attempt.clone()),
            ..closed()
        };
        assert_eq!(decided(dead.clone()), Next::Resolve(attempt));
        let error = decide(&id, RefundRow { held: true, ..dead }).unwrap_err();
        assert!(matches!(
            error,
            StepError::NotYet { code: "payment_in_progress", retry_after, .. } if retry_after >= Duration::from_secs(10)
        ));
    }
}
