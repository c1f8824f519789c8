//! payment: the step that the customer starts. It claims the order, calls the gateway, and settles the payment; no database
//! connection is held during the gateway call.
//!
//! Failures in between:
//!
//! - The process dies after the claim: the next request finds the claim expired and resumes it with the same key.
//! - It dies after the gateway charged the card: the same; the gateway knows the key and returns the first result. If the next
//!   request has another card, the gateway refuses it with that key, and the result of the first one is read.
//! - The gateway does not respond: the claim is released, the request fails with 503, and a retry resumes the claim.
//! - Concurrent requests: one gets the claim, the others fail with 409.
//! - The order is closed during the payment: the payment is settled, the request fails with 409, and [`super::refund_payment`] returns
//!   the money.
//! - Another request settled the attempt first, for example [`super::refund_payment`]: the response is the recorded result.
//!
//! Attempts are limited per order and per payer ([`MAX_ATTEMPTS`], [`MAX_DECLINES`]), in the claim statement, because the endpoint
//! would otherwise tell which of many stolen card numbers are valid.

mod claim;
mod settlement;

use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use self::claim::{Claim, ClaimResult, claim, release};
use self::settlement::{settle_until_recorded, status_of};
use super::{StepError, StepResult};
use crate::{
    card::Card,
    database::Database,
    gateway::{Charge, ChargeResult, GatewayError, PaymentGateway},
    identity::UserId,
    order::{OrderId, Outcome, Payment, StepResponse},
};

pub use self::claim::{ATTEMPTS_WINDOW, CLAIM_LEASE, DECLINES_WINDOW, MAX_ATTEMPTS, MAX_DECLINES};
pub(super) use self::settlement::settle;

/// Maximum duration of a gateway call. Leaves time for the settlement before the request deadline.
pub const GATEWAY_TIMEOUT: Duration = Duration::from_secs(4);

/// Request of the customer.
#[derive(Debug, Clone)]
pub struct PaymentRequest {
    pub order_id: OrderId,
    /// In the smallest unit of the currency; positive. `None` for the total of the order.
    pub amount: Option<i64>,
    /// Payment type, e.g. `credit_card`.
    pub kind: String,
    pub card: Card,
}

/// Pays for the order; repeated calls charge nothing. The order has to belong to `payer`; `None` pays any order, which the open
/// mode permits.
pub async fn run(
    database: &Database,
    gateway: &impl PaymentGateway,
    payer: Option<&UserId>,
    request: &PaymentRequest,
) -> StepResult {
    let id = Uuid::new_v4();
    let claim = match claim(database, payer, request, id).await? {
        ClaimResult::Charge(claim) => claim,
        ClaimResult::AlreadyPaid(payment) => {
            return Ok(StepResponse {
                payment,
                ..StepResponse::new(&request.order_id, Outcome::AlreadyDone)
            });
        }
    };
    let result = match timeout(GATEWAY_TIMEOUT, charge(gateway, &claim, &request.card)).await {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => {
            release(database, &claim, id).await;
            return Err(error.into());
        }
        Err(_) => {
            release(database, &claim, id).await;
            let problem = format!("no response within {} s", GATEWAY_TIMEOUT.as_secs());
            return Err(GatewayError::NoResponse(problem).into());
        }
    };
    if result.amount != claim.amount {
        return Err(StepError::ChargedAmountMismatch {
            charged: result.amount,
            claimed: claim.amount,
        });
    }

    let settlement = settle_until_recorded(database, &claim, &result).await?;
    let payment = Payment {
        id: claim.payment_id,
        amount: claim.amount,
        status: status_of(&result),
        card_last4: Some(result.card_last4),
    };
    match (result.decline, settlement.closed_as) {
        (Some(decline), _) => Err(StepError::Declined { decline, payment }),
        (None, Some(status)) => Err(StepError::ClosedDuringPayment(status)),
        (None, None) => Ok(StepResponse {
            payment: Some(payment),
            ..StepResponse::new(
                &request.order_id,
                if settlement.settled {
                    Outcome::Paid
                } else {
                    Outcome::AlreadyDone
                },
            )
        }),
    }
}

/// Charges the card, or returns the result of the attempt's first request, if that one had another card.
async fn charge(
    gateway: &impl PaymentGateway,
    claim: &Claim,
    card: &Card,
) -> Result<ChargeResult, GatewayError> {
    let charge = Charge {
        key: &claim.key,
        amount: claim.amount,
        card,
    };
    match gateway.charge(&charge).await {
        Err(GatewayError::KeyReused) => {
            let result = gateway.result_of(&claim.key).await?;
            result.ok_or_else(|| GatewayError::NoResponse("it knows and does not know the key".to_owned()))
        }
        result => result,
    }
}
