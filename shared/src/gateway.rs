//! The port to whoever takes the money. One call, so that a real provider is one small file beside [`simulated`].

pub mod simulated;

use crate::card::Card;

pub use simulated::SimulatedGateway;

/// Who takes the money.
pub trait PaymentGateway: Send + Sync {
    /// Charges a card, once per key: asked again with a key that it has answered, a gateway gives that answer again and
    /// moves no money, whatever card comes with the question. (Providers call this an idempotency key.) It is what lets a
    /// payment go on after a crash between the charge and its settlement.
    fn charge(&self, charge: &Charge<'_>) -> impl Future<Output = Result<ChargeResult, GatewayError>> + Send;
}

/// What a gateway is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// The idempotency key: order id and attempt.
    pub key: &'a str,
    /// In the smallest unit of the currency.
    pub amount: i32,
    /// The card.
    pub card: &'a Card,
}

/// A gateway's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeResult {
    /// The last four digits of the card that the answer is about: the first that came with this key.
    pub card_last4: String,
    /// Why the card was refused; `None` when the money moved.
    pub decline: Option<Decline>,
}

/// Why a card was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    /// The gateway's word for it, e.g. `insufficient_funds`.
    pub code: String,
    /// The same for the customer.
    pub message: String,
}

/// The gateway did not answer: the money may or may not have moved, and the same key must be asked again.
#[derive(Debug, thiserror::Error)]
#[error("the payment gateway did not answer: {0}")]
pub struct GatewayError(pub String);
