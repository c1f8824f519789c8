//! The claim of an attempt: whether the order can be paid now, and the exclusive right to do so.

use std::time::Duration;

use tokio_postgres::{Row, types::Type};
use tracing::warn;
use uuid::Uuid;

use super::PaymentRequest;
use crate::{
    database::{Database, statement::Statement},
    identity::UserId,
    order::{Payment, PaymentStatus},
    steps::{Attempt, StepError, run_until_decided},
    trace,
};

/// Duration for which a claim excludes other requests. It exceeds the timeout of the functions (10 s, on Lambda and locally),
/// so that the request of an expired claim is certainly dead; and no longer, because a customer waits for it.
pub const CLAIM_LEASE: Duration = Duration::from_secs(12);

/// Maximum number of attempts per order within [`ATTEMPTS_WINDOW`].
pub const MAX_ATTEMPTS: i32 = 5;

/// After [`MAX_ATTEMPTS`] attempts, the next one is possible this long after the first of them.
pub const ATTEMPTS_WINDOW: Duration = Duration::from_mins(15);

/// Maximum number of declined attempts per payer, over all orders, within [`DECLINES_WINDOW`]. Open attempts count as well,
/// because they may be declined.
pub const MAX_DECLINES: i32 = 20;

/// See [`MAX_DECLINES`].
pub const DECLINES_WINDOW: Duration = Duration::from_hours(1);

const CLAIM: Statement = Statement {
    // Claims of one payer run one after the other, so that each counts those before it. 3 distinguishes the lock from others. Null
    // without identity: nothing is locked.
    lock: Some("SELECT pg_advisory_xact_lock(3, hashtext($6))"),
    sql: include_str!("../payment_claim.sql"),
};

const RELEASE: Statement = Statement {
    lock: None,
    sql: include_str!("../payment_release.sql"),
};

/// Row returned by the claim statement.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the statement")]
struct PaymentRow {
    trace_id: Option<String>,
    total: Option<i32>,
    problem: Option<String>,
    valid: bool,
    paid: bool,
    /// Status of a closed order.
    closed_as: Option<String>,
    held: bool,
    /// Whether one more open attempt of the payer could exceed the limit of declined ones.
    busy: bool,
    /// Seconds until the next attempt is allowed; not positive if it is allowed now.
    limited_for: f64,
    done: Option<Payment>,
    claimed: Option<Claim>,
}

/// Exclusive right to settle one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) payment_id: i32,
    attempt: i32,
    /// Amount of the attempt, which is the order's total when the attempt started.
    pub(super) amount: i32,
    /// Idempotency key.
    pub(super) key: String,
}

/// Result of the claim statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ClaimResult {
    /// The order is already paid; `None` if it was marked as paid without a payment.
    AlreadyPaid(Option<Payment>),
    /// The gateway must be called.
    Charge(Claim),
}

/// Claims the order for one attempt.
pub(super) async fn claim(
    database: &Database,
    payer: Option<&UserId>,
    request: &PaymentRequest,
    id: Uuid,
) -> Result<ClaimResult, StepError> {
    let payer = payer.map(UserId::as_str);
    let key = Uuid::new_v4().to_string();
    run_until_decided(
        database,
        &CLAIM,
        &[
            (&request.order_id.as_str(), Type::TEXT),
            (&request.amount, Type::INT8),
            (&request.kind, Type::TEXT),
            (&id, Type::UUID),
            (&CLAIM_LEASE.as_secs_f64(), Type::FLOAT8),
            (&payer, Type::TEXT),
            (&key, Type::TEXT),
            (&MAX_ATTEMPTS, Type::INT4),
            (&ATTEMPTS_WINDOW.as_secs_f64(), Type::FLOAT8),
            (&MAX_DECLINES, Type::INT4),
            (&DECLINES_WINDOW.as_secs_f64(), Type::FLOAT8),
        ],
        &request.order_id,
        |row: PaymentRow| {
            trace::belongs_to_order(row.trace_id.as_deref());
            decide(request.amount, row)
        },
    )
    .await
}

fn decide(amount: Option<i64>, row: PaymentRow) -> Result<Attempt<ClaimResult>, StepError> {
    Ok(Attempt::Decided(match row {
        PaymentRow {
            claimed: Some(claim), ..
        } => ClaimResult::Charge(claim),
        PaymentRow {
            closed_as: Some(status),
            ..
        } => return Err(StepError::OrderClosed(status)),
        PaymentRow {
            done: Some(payment), ..
        } => ClaimResult::AlreadyPaid(Some(payment)),
        // Marked as paid with admin rights: there is no payment to return.
        PaymentRow { paid: true, .. } => ClaimResult::AlreadyPaid(None),
        PaymentRow {
            problem: Some(problem),
            ..
        } => return Err(StepError::OrderRefused(problem)),
        PaymentRow { valid: false, .. } => return Err(StepError::NotValidated),
        PaymentRow { total, .. }
            if total.is_none() || amount.is_some_and(|amount| total.map(i64::from) != Some(amount)) =>
        {
            return Err(StepError::AmountMismatch { amount, total });
        }
        PaymentRow { held: true, .. } => return Err(StepError::PaymentInProgress),
        PaymentRow { limited_for, .. } if limited_for > 0.0 => {
            return Err(StepError::TooManyAttempts {
                retry_after: Duration::from_secs_f64(limited_for.ceil()),
            });
        }
        PaymentRow { busy: true, .. } => return Err(StepError::PaymentInProgress),
        PaymentRow { .. } => return Ok(Attempt::Retry),
    }))
}

/// Releases a claim early. If that fails, the claim expires.
pub(super) async fn release(database: &Database, claim: &Claim, id: Uuid) {
    let params = [
        (
            &claim.payment_id as &(dyn tokio_postgres::types::ToSql + Sync),
            Type::INT4,
        ),
        (&id, Type::UUID),
    ];
    if let Err(error) = database.row(&RELEASE, &params).await {
        warn!(
            %error,
            "cannot release the claim of attempt {}; it expires in {} s",
            claim.attempt,
            CLAIM_LEASE.as_secs()
        );
    }
}

impl From<&Row> for PaymentRow {
    fn from(row: &Row) -> Self {
        let done_id: Option<i32> = row.get("done_id");
        let claimed_id: Option<i32> = row.get("claimed_id");
        Self {
            trace_id: row.get("trace_id"),
            total: row.get("total"),
            problem: row.get("problem"),
            valid: row.get("valid"),
            paid: row.get("paid"),
            closed_as: row.get("closed_as"),
            held: row.get("held"),
            busy: row.get("busy"),
            limited_for: row.get("limited_for"),
            done: done_id.map(|id| Payment {
                id,
                amount: row.get("done_amount"),
                status: PaymentStatus::Succeeded,
                card_last4: row.get("done_card_last4"),
            }),
            claimed: claimed_id.map(|payment_id| Claim {
                payment_id,
                attempt: row.get("claimed_attempt"),
                amount: row.get("claimed_amount"),
                key: row.get("claimed_key"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> PaymentRow {
        PaymentRow {
            trace_id: None,
            total: Some(500),
            problem: None,
            valid: true,
            paid: false,
            closed_as: None,
            held: false,
            busy: false,
            limited_for: 0.0,
            done: None,
            claimed: None,
        }
    }

    #[test]
    fn claim_is_charged_by_the_gateway() {
        let claim = Claim {
            payment_id: 1,
            attempt: 1,
            amount: 500,
            key: "key".to_owned(),
        };
        let row = PaymentRow {
            claimed: Some(claim.clone()),
            ..ready()
        };
        assert_eq!(
            decide(Some(500), row).unwrap(),
            Attempt::Decided(ClaimResult::Charge(claim))
        );
    }

    #[test]
    fn paid_order_is_not_charged_again() {
        let payment = Payment {
            id: 1,
            amount: 500,
            status: PaymentStatus::Succeeded,
            card_last4: None,
        };
        for amount in [500, 700] {
            let row = PaymentRow {
                paid: true,
                done: Some(payment.clone()),
                ..ready()
            };
            assert_eq!(
                decide(Some(amount), row).unwrap(),
                Attempt::Decided(ClaimResult::AlreadyPaid(Some(payment.clone())))
            );
        }
        let by_hand = PaymentRow {
            paid: true,
            valid: false,
            total: None,
            ..ready()
        };
        assert_eq!(
            decide(Some(500), by_hand).unwrap(),
            Attempt::Decided(ClaimResult::AlreadyPaid(None))
        );
    }

    #[test]
    fn orders_that_cannot_be_paid_have_an_error() {
        let error = |amount: i64, row| decide(Some(amount), row).unwrap_err();
        assert!(matches!(
            error(
                500,
                PaymentRow {
                    valid: false,
                    ..ready()
                }
            ),
            StepError::NotValidated
        ));
        let refused = PaymentRow {
            valid: false,
            problem: Some("closed".to_owned()),
            ..ready()
        };
        assert!(matches!(error(500, refused), StepError::OrderRefused(problem) if problem == "closed"));
        let closed = PaymentRow {
            closed_as: Some("cancelled".to_owned()),
            ..ready()
        };
        assert!(matches!(error(500, closed), StepError::OrderClosed(status) if status == "cancelled"));
        assert!(matches!(
            error(499, ready()),
            StepError::AmountMismatch {
                amount: Some(499),
                total: Some(500)
            }
        ));
        assert!(matches!(
            error(i64::MAX, ready()),
            StepError::AmountMismatch { .. }
        ));
        let without_total = PaymentRow {
            total: None,
            ..ready()
        };
        assert!(matches!(
            error(500, without_total),
            StepError::AmountMismatch { total: None, .. }
        ));
        assert!(matches!(
            error(
                500,
                PaymentRow {
                    held: true,
                    ..ready()
                }
            ),
            StepError::PaymentInProgress
        ));
        assert!(matches!(
            error(
                500,
                PaymentRow {
                    busy: true,
                    ..ready()
                }
            ),
            StepError::PaymentInProgress
        ));
        let limited = PaymentRow {
            limited_for: 59.2,
            busy: true,
            ..ready()
        };
        assert!(matches!(
            error(500, limited),
            StepError::TooManyAttempts { retry_after } if retry_after == Duration::from_mins(1)
        ));
    }

    #[test]
    fn missing_claim_of_a_payable_order_is_retried() {
        for amount in [Some(500), None] {
            assert_eq!(decide(amount, ready()).unwrap(), Attempt::Retry);
        }
    }

    #[test]
    fn order_without_a_total_cannot_be_paid_with_its_total() {
        let row = PaymentRow {
            total: None,
            ..ready()
        };
        assert!(matches!(
            decide(None, row).unwrap_err(),
            StepError::AmountMismatch {
                amount: None,
                total: None
            }
        ));
    }
}
