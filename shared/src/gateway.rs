//! Interface to payment providers. It has one method, so that an adapter for a real provider is one file, as [`simulated`].

pub mod simulated;

use crate::card::Card;

pub use simulated::SimulatedGateway;

/// Payment provider.
pub trait PaymentGateway: Send + Sync {
    /// Charges a card, once per idempotency key: for a known key the gateway returns the first result and charges nothing,
    /// whichever card is sent with it. So a payment can resume after a crash between the charge and its settlement.
    fn charge(&self, charge: &Charge<'_>) -> impl Future<Output = Result<ChargeResult, GatewayError>> + Send;
}

/// Request to a gateway.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// Idempotency key: order id and attempt.
    pub key: &'a str,
    /// In the smallest unit of the currency.
    pub amount: i32,
    pub card: &'a Card,
}

/// Response of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeResult {
    /// Last four digits of the card that was charged: the first one sent with this key.
    pub card_last4: String,
    /// `None` if the card was charged.
    pub decline: Option<Decline>,
}

/// Reason for a declined card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    /// Decline code of the gateway, e.g. `insufficient_funds`.
    pub code: String,
    /// Message for the customer.
    pub message: String,
}

/// The gateway did not respond: the card may have been charged, and the request must be repeated with the same key.
#[derive(Debug, thiserror::Error)]
#[error("payment gateway did not respond: {0}")]
pub struct GatewayError(pub String);
