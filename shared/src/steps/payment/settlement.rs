//! The settlement of an attempt with the result of the gateway.

use tokio_postgres::types::Type;

use super::claim::{CLAIM_LEASE, Claim};
use crate::{
    database::{Database, DatabaseError, statement::Statement},
    gateway::ChargeResult,
    order::PaymentStatus,
    steps::StepError,
    trace,
};

/// Maximum number of runs of the settlement. A second one sees what the first one waited for.
const SETTLEMENTS: usize = 2;

/// `payments.decline_code` of an attempt that the gateway never received.
const NOT_CHARGED: &str = "not_charged";

const SETTLE: Statement = Statement {
    lock: None,
    sql: include_str!("../payment_settle.sql"),
};

/// State of an attempt after its settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) struct Settlement {
    /// Whether this settlement changed it; otherwise it was settled before.
    pub(super) settled: bool,
    /// `payments.status`.
    status: String,
    /// Status of a closed order.
    pub(super) closed_as: Option<String>,
}

/// Settles the attempt with the result of the gateway, and returns its recorded state. A concurrent settlement that this one waited for
/// is visible to the next run of the statement only.
pub(super) async fn settle_until_recorded(
    database: &Database,
    claim: &Claim,
    result: &ChargeResult,
) -> Result<Settlement, StepError> {
    for _ in 0..SETTLEMENTS {
        let settlement = settle(database, claim.payment_id, claim.amount, Some(result)).await?;
        if let Some(settlement) = settlement
            && settlement.status == status_of(result).as_str()
        {
            return Ok(settlement);
        }
    }
    // The attempt has another result than the gateway reported for its key.
    Err(StepError::Contended)
}

/// Settles an open attempt with the result of the gateway; `None` if the gateway never received it. Returns the state of the attempt
/// afterwards; `None` if there is no such attempt.
pub(in crate::steps) async fn settle(
    database: &Database,
    payment_id: i32,
    amount: i32,
    result: Option<&ChargeResult>,
) -> Result<Option<Settlement>, DatabaseError> {
    let status = result.map_or(PaymentStatus::Declined, status_of);
    let card_last4 = result.map(|result| result.card_last4.as_str());
    let decline_code = match result {
        Some(result) => result.decline.as_ref().map(|decline| decline.code),
        None => Some(NOT_CHARGED),
    };
    let row = database
        .row(
            &SETTLE,
            &[
                (&payment_id, Type::INT4),
                (&status.as_str(), Type::TEXT),
                (&card_last4, Type::TEXT),
                (&decline_code, Type::TEXT),
                (&amount, Type::INT4),
                (&CLAIM_LEASE.as_secs_f64(), Type::FLOAT8),
                (&trace::traceparent(), Type::TEXT),
            ],
        )
        .await?;
    Ok(row.map(|row| Settlement {
        settled: row.get("settled"),
        status: row.get("status"),
        closed_as: row.get("closed_as"),
    }))
}

pub(super) fn status_of(result: &ChargeResult) -> PaymentStatus {
    if result.decline.is_none() {
        PaymentStatus::Succeeded
    } else {
        PaymentStatus::Declined
    }
}
