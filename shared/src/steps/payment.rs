//! payment: the step that a person starts. Claims the order, asks the gateway, settles; no connection is held while the
//! gateway thinks.
//!
//! What can go wrong in between, and what then happens:
//!
//! - The process dies after the claim: the next request finds the claim too old and resumes it with the same key.
//! - It dies after the gateway took the money: the same; the gateway knows the key and gives the answer it gave.
//! - The gateway does not answer: the claim is released, the customer is told to try again, and that try resumes it.
//! - Two requests at once: one gets the claim, the other is told so (409).

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Row, types::Type};
use tracing::warn;
use uuid::Uuid;

use super::{Look, StepError, StepResult, look};
use crate::{
    card::Card,
    database::{Database, DatabaseError, statement::Statement},
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway},
    order::{Answer, OrderId, Outcome, Payment, PaymentStatus},
};

/// How long a claim keeps other requests out. Longer than a function can live (10 s, its time-out on Lambda and locally), so
/// that the request behind an older one is certainly dead; and no longer, because a customer waits for it.
pub const CLAIM_LEASE: Duration = Duration::from_secs(12);

/// How long the gateway may take. Leaves the settlement its time within the request's own limit.
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

/// What the customer asks for.
#[derive(Debug, Clone)]
pub struct PaymentRequest {
    /// The order to pay for.
    pub order_id: OrderId,
    /// In the smallest unit of the currency; positive.
    pub amount: i64,
    /// The kind of payment, e.g. `credit_card`.
    pub kind: String,
    /// The card.
    pub card: Card,
}

/// What the claim saw and did.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    total: Option<i32>,
    problem: Option<String>,
    valid: bool,
    paid: bool,
    held: bool,
    done: Option<Payment>,
    claimed: Option<Claim>,
}

/// The right to settle one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Claim {
    payment_id: i32,
    attempt: i32,
    amount: i32,
}

/// Where a request stands after its claim.
#[derive(Debug, PartialEq, Eq)]
enum Claimed {
    /// There is nothing to pay any more.
    Before(Option<Payment>),
    /// The gateway is next.
    Now(Claim),
}

/// Pays for the order, once.
pub async fn run(database: &Database, gateway: &impl PaymentGateway, request: &PaymentRequest) -> StepResult {
    let id = Uuid::new_v4();
    let claim = match claim(database, request, id).await? {
        Claimed::Now(claim) => claim,
        Claimed::Before(payment) => {
            return Ok(Answer {
                payment,
                ..Answer::new(&request.order_id, Outcome::AlreadyDone)
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
            return Err(GatewayError("timed out".to_owned()).into());
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
        None => Ok(Answer {
            payment: Some(payment),
            ..Answer::new(&request.order_id, Outcome::Paid)
        }),
        Some(decline) => Err(StepError::Declined { decline, payment }),
    }
}

async fn claim(database: &Database, request: &PaymentRequest, id: Uuid) -> Result<Claimed, StepError> {
    let lease = CLAIM_LEASE.as_secs_f64();
    look(
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
        |seen| decide(request.amount, seen),
    )
    .await
}

fn decide(amount: i64, seen: Seen) -> Result<Look<Claimed>, StepError> {
    Ok(Look::Done(match seen {
        Seen {
            claimed: Some(claim), ..
        } => Claimed::Now(claim),
        Seen {
            done: Some(payment), ..
        } => Claimed::Before(Some(payment)),
        Seen { paid: true, .. } => Claimed::Before(None), // by somebody with admin rights; there is no payment to show
        Seen {
            problem: Some(problem),
            ..
        } => return Err(StepError::OrderRefused(problem)),
        Seen { valid: false, .. } => return Err(StepError::NotValidated),
        Seen { total, .. } if total.map(i64::from) != Some(amount) => {
            return Err(StepError::AmountMismatch { asked: amount, total });
        }
        Seen { held: true, .. } => return Err(StepError::PaymentInProgress),
        Seen { .. } => return Ok(Look::Again),
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

/// Gives a claim up early. When that fails too, its lease ends by itself.
async fn release(database: &Database, claim: Claim, id: Uuid) {
    let params = [
        (
            &claim.payment_id as &(dyn tokio_postgres::types::ToSql + Sync),
            Type::INT4,
        ),
        (&id, Type::UUID),
    ];
    if let Err(error) = database.row(&RELEASE, &params).await {
        warn!(%error, "could not release the claim of attempt {}; it ends by itself", claim.attempt);
    }
}

impl From<&Row> for Seen {
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

    fn ready() -> Seen {
        Seen {
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
    fn a_claim_goes_to_the_gateway() {
        let claim = Claim {
            payment_id: 1,
            attempt: 1,
            amount: 500,
        };
        let seen = Seen {
            claimed: Some(claim),
            ..ready()
        };
        assert_eq!(decide(500, seen).unwrap(), Look::Done(Claimed::Now(claim)));
    }

    #[test]
    fn who_has_paid_pays_no_more() {
        let payment = Payment {
            id: 1,
            amount: 500,
            status: PaymentStatus::Succeeded,
            card_last4: None,
        };
        for amount in [500, 700] {
            let seen = Seen {
                paid: true,
                done: Some(payment.clone()),
                ..ready()
            };
            assert_eq!(
                decide(amount, seen).unwrap(),
                Look::Done(Claimed::Before(Some(payment.clone())))
            );
        }
        let by_hand = Seen {
            paid: true,
            valid: false,
            total: None,
            ..ready()
        };
        assert_eq!(decide(500, by_hand).unwrap(), Look::Done(Claimed::Before(None)));
    }

    #[test]
    fn each_obstacle_has_its_error() {
        let error = |amount, seen| decide(amount, seen).unwrap_err();
        assert!(matches!(
            error(
                500,
                Seen {
                    valid: false,
                    ..ready()
                }
            ),
            StepError::NotValidated
        ));
        let refused = Seen {
            valid: false,
            problem: Some("closed".to_owned()),
            ..ready()
        };
        assert!(matches!(error(500, refused), StepError::OrderRefused(problem) if problem == "closed"));
        assert!(matches!(
            error(499, ready()),
            StepError::AmountMismatch {
                asked: 499,
                total: Some(500)
            }
        ));
        assert!(matches!(
            error(i64::MAX, ready()),
            StepError::AmountMismatch { .. }
        ));
        let without_total = Seen {
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
                Seen {
                    held: true,
                    ..ready()
                }
            ),
            StepError::PaymentInProgress
        ));
    }

    #[test]
    fn who_should_have_had_a_claim_and_has_none_looks_again() {
        assert_eq!(decide(500, ready()).unwrap(), Look::Again);
    }
}
