//! payment: the step that the customer starts. It claims the order, calls the gateway, and settles the payment; no database
//! connection is held during the gateway call.
//!
//! Failures in between:
//!
//! - The process dies after the claim: the next request finds the claim expired and resumes it with the same key.
//! - It dies after the gateway charged the card: the same; the gateway knows the key and returns the first result.
//! - The gateway does not respond: the claim is released, the request fails with 503, and a retry resumes the claim.
//! - Concurrent requests: one gets the claim, the others fail with 409.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Row, types::Type};
use tracing::warn;
use uuid::Uuid;

use super::{Attempt, StepError, StepResult, run_until_decided};
use crate::{
    card::Card,
    database::{Database, DatabaseError, statement::Statement},
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway},
    order::{OrderId, Outcome, Payment, PaymentStatus, StepResponse},
};

/// Duration for which a claim excludes other requests. It exceeds the timeout of the functions (10 s, on Lambda and locally),
/// so that the request of an expired claim is certainly dead; and no longer, because a customer waits for it.
pub const CLAIM_LEASE: Duration = Duration::from_secs(12);

/// Maximum duration of a gateway call. Leaves time for the settlement before the request deadline.
pub const GATEWAY_TIMEOUT: Duration = Duration::from_secs(4);

const CLAIM: Statement = Statement {
    name: "payment_claim",
    sql: include_str!("payment_claim.sql"),
    columns: "total integer, problem text, valid boolean, paid boolean, held boolean, done_id integer, \
              done_amount integer, done_card_last4 text, claimed_id integer, claimed_attempt integer",
};

const SETTLE: Statement = Statement {
    name: "payment_settle",
    sql: include_str!("payment_settle.sql"),
    columns: "",
};

const RELEASE: Statement = Statement {
    name: "payment_release",
    sql: include_str!("payment_release.sql"),
    columns: "",
};

/// Request of the customer.
#[derive(Debug, Clone)]
pub struct PaymentRequest {
    pub order_id: OrderId,
    /// In the smallest unit of the currency; positive.
    pub amount: i64,
    /// Payment type, e.g. `credit_card`.
    pub kind: String,
    pub card: Card,
}

/// Row returned by the claim statement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PaymentRow {
    total: Option<i32>,
    problem: Option<String>,
    valid: bool,
    paid: bool,
    held: bool,
    done: Option<Payment>,
    claimed: Option<Claim>,
}

/// Exclusive right to settle one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Claim {
    payment_id: i32,
    attempt: i32,
    amount: i32,
}

/// Result of the claim statement.
#[derive(Debug, PartialEq, Eq)]
enum ClaimResult {
    /// The order is already paid; `None` if it was marked as paid without a payment.
    AlreadyPaid(Option<Payment>),
    /// The gateway must be called.
    Charge(Claim),
}

/// Pays for the order; repeated calls charge nothing.
pub async fn run(database: &Database, gateway: &impl PaymentGateway, request: &PaymentRequest) -> StepResult {
    let id = Uuid::new_v4();
    let claim = match claim(database, request, id).await? {
        ClaimResult::Charge(claim) => claim,
        ClaimResult::AlreadyPaid(payment) => {
            return Ok(StepResponse {
                payment,
                ..StepResponse::new(&request.order_id, Outcome::AlreadyDone)
            });
        }
    };

    let key = format!("{}:{}", request.order_id, claim.attempt);
    let charge = Charge {
        key: &key,
        amount: claim.amount,
        card: &request.card,
    };
    let result = match timeout(GATEWAY_TIMEOUT, gateway.charge(&charge)).await {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => {
            release(database, claim, id).await;
            return Err(error.into());
        }
        Err(_) => {
            release(database, claim, id).await;
            return Err(GatewayError(format!("no response within {} s", GATEWAY_TIMEOUT.as_secs())).into());
        }
    };

    settle(database, claim, &result).await?;
    let status = if result.decline.is_none() {
        PaymentStatus::Succeeded
    } else {
        PaymentStatus::Declined
    };
    let payment = Payment {
        id: claim.payment_id,
        amount: claim.amount,
        status,
        card_last4: Some(result.card_last4),
    };
    match result.decline {
        None => Ok(StepResponse {
            payment: Some(payment),
            ..StepResponse::new(&request.order_id, Outcome::Paid)
        }),
        Some(decline) => Err(StepError::Declined { decline, payment }),
    }
}

async fn claim(database: &Database, request: &PaymentRequest, id: Uuid) -> Result<ClaimResult, StepError> {
    let lease = CLAIM_LEASE.as_secs_f64();
    run_until_decided(
        database,
        &CLAIM,
        &[
            (&request.order_id.as_str(), Type::TEXT),
            (&request.amount, Type::INT8),
            (&request.kind, Type::TEXT),
            (&id, Type::UUID),
            (&lease, Type::FLOAT8),
        ],
        &request.order_id,
        |row| decide(request.amount, row),
    )
    .await
}

fn decide(amount: i64, row: PaymentRow) -> Result<Attempt<ClaimResult>, StepError> {
    Ok(Attempt::Decided(match row {
        PaymentRow {
            claimed: Some(claim), ..
        } => ClaimResult::Charge(claim),
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
        PaymentRow { total, .. } if total.map(i64::from) != Some(amount) => {
            return Err(StepError::AmountMismatch { amount, total });
        }
        PaymentRow { held: true, .. } => return Err(StepError::PaymentInProgress),
        PaymentRow { .. } => return Ok(Attempt::Retry),
    }))
}

async fn settle(database: &Database, claim: Claim, result: &ChargeResult) -> Result<(), DatabaseError> {
    let status = if result.decline.is_none() {
        PaymentStatus::Succeeded
    } else {
        PaymentStatus::Declined
    };
    let decline_code = result.decline.as_ref().map(|decline| decline.code.as_str());
    database
        .row(
            &SETTLE,
            &[
                (&claim.payment_id, Type::INT4),
                (&status.as_str(), Type::TEXT),
                (&result.card_last4, Type::TEXT),
                (&decline_code, Type::TEXT),
            ],
        )
        .await?;
    Ok(())
}

/// Releases a claim early. If that fails, the claim expires.
async fn release(database: &Database, claim: Claim, id: Uuid) {
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
        let total: Option<i32> = row.get("total");
        let done_id: Option<i32> = row.get("done_id");
        let claimed_id: Option<i32> = row.get("claimed_id");
        Self {
            total,
            problem: row.get("problem"),
            valid: row.get("valid"),
            paid: row.get("paid"),
            held: row.get("held"),
            done: done_id.map(|id| Payment {
                id,
                amount: row.get("done_amount"),
                status: PaymentStatus::Succeeded,
                card_last4: row.get("done_card_last4"),
            }),
            claimed: claimed_id.zip(total).map(|(payment_id, amount)| Claim {
                payment_id,
                attempt: row.get("claimed_attempt"),
                amount,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> PaymentRow {
        PaymentRow {
            total: Some(500),
            problem: None,
            valid: true,
            paid: false,
            held: false,
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
        };
        let row = PaymentRow {
            claimed: Some(claim),
            ..ready()
        };
        assert_eq!(
            decide(500, row).unwrap(),
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
                decide(amount, row).unwrap(),
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
            decide(500, by_hand).unwrap(),
            Attempt::Decided(ClaimResult::AlreadyPaid(None))
        );
    }

    #[test]
    fn orders_that_cannot_be_paid_have_an_error() {
        let error = |amount, row| decide(amount, row).unwrap_err();
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
        assert!(matches!(
            error(499, ready()),
            StepError::AmountMismatch {
                amount: 499,
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
    }

    #[test]
    fn missing_claim_of_a_payable_order_is_retried() {
        assert_eq!(decide(500, ready()).unwrap(), Attempt::Retry);
    }
}
