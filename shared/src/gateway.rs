//! Interface to payment providers, so that an adapter for a real provider is one file, as [`simulated`].

mod card_hash;
pub mod simulated;

use crate::card::Card;

pub use simulated::SimulatedGateway;

/// Message for a decline whose reason is not disclosed.
const GENERIC_DECLINE: &str = "The card was declined. Please use another card.";

/// Payment provider.
pub trait PaymentGateway: Send + Sync {
    /// Charges a card, once per idempotency key. A known key with the same parameters returns the first result and charges
    /// nothing; with other parameters it is refused with [`GatewayError::KeyReused`], as by real providers. So a payment can
    /// resume after a crash between the charge and its settlement.
    fn charge(&self, charge: &Charge<'_>) -> impl Future<Output = Result<ChargeResult, GatewayError>> + Send;

    /// Returns the result of the charge with this key, of an attempt that was started by a request that died; `None` if the gateway
    /// does not know the key, so that nothing was charged.
    fn result_of(&self, key: &str)
    -> impl Future<Output = Result<Option<ChargeResult>, GatewayError>> + Send;

    /// Returns the money of a charge, once per idempotency key: a known key with the same charge returns nothing again.
    fn refund(&self, refund: &Refund<'_>) -> impl Future<Output = Result<(), GatewayError>> + Send;
}

/// Request to a gateway.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// Idempotency key: random, stored with the attempt before the gateway is called, and never derived from client input.
    pub key: &'a str,
    /// In the smallest unit of the currency.
    pub amount: i32,
    pub card: &'a Card,
}

/// Return of a whole charge.
#[derive(Debug, Clone, Copy)]
pub struct Refund<'a> {
    /// Idempotency key: derived from that of the charge, so that each payment has one refund.
    pub key: &'a str,
    /// Key of the charge.
    pub charge_key: &'a str,
    /// Amount of the charge, in the smallest unit of the currency.
    pub amount: i32,
}

/// Response of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeResult {
    /// Amount that was charged or declined.
    pub amount: i32,
    /// Last four digits of the card: the one that was sent with this key.
    pub card_last4: String,
    /// `None` if the card was charged.
    pub decline: Option<Decline>,
}

/// Reason for a declined card, as shown to the customer and stored in `payments.decline_code`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    /// `insufficient_funds`, `expired_card`, or `card_declined` for all other reasons.
    pub code: &'static str,
    /// Message for the customer.
    pub message: &'static str,
}

impl Decline {
    /// Converts the decline code of a gateway. A lost or stolen card and a wrong security code get the generic decline: the
    /// customer may not be the owner of the card, and a reason would tell which stolen numbers and codes are valid.
    pub fn of_code(code: &str) -> Self {
        match code {
            "insufficient_funds" => Self {
                code: "insufficient_funds",
                message: "The card has insufficient funds. Please use another card.",
            },
            "expired_card" => Self {
                code: "expired_card",
                message: "The card has expired. Please use another card.",
            },
            _ => Self {
                code: "card_declined",
                message: GENERIC_DECLINE,
            },
        }
    }
}

/// The gateway has no result for the request.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The card may have been charged, and the request must be repeated with the same key.
    #[error("payment gateway did not respond: {0}")]
    NoResponse(String),
    /// The key is known with another amount or card; nothing was charged.
    #[error("payment gateway refused the idempotency key, which it knows with other parameters")]
    KeyReused,
    /// The gateway has no accepted charge of this amount with the key; nothing was returned.
    #[error("payment gateway has no charge to refund with this key and amount")]
    NothingToRefund,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_help_a_thief_are_not_disclosed() {
        let generic = Decline::of_code("card_declined");
        for code in ["lost_card", "stolen_card", "incorrect_cvc", "a_new_code", ""] {
            assert_eq!(Decline::of_code(code), generic, "{code}");
        }
        for code in ["insufficient_funds", "expired_card"] {
            assert_eq!(Decline::of_code(code).code, code);
        }
    }
}
