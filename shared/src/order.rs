//! Domain types: order id, event delivery, and the response of a step.

use std::fmt;

use serde::Serialize;

/// Order id, chosen by the customer's app: any text of 1 to 1000 bytes without NUL, the same rule as
/// `orders_order_id_check` in schema.sql.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct OrderId(String);

impl OrderId {
    /// Maximum length in bytes.
    pub const MAX_BYTES: usize = 1000;

    /// Validates the text. The error is a predicate such as "must not be empty".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            Err("must not be empty")
        } else if text.len() > Self::MAX_BYTES {
            Err("must not be longer than 1000 bytes")
        } else if text.contains('\0') {
            Err("must not contain a NUL character")
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Event delivery that requests a step, for `order_history` and the logs. Empty if the function was called with a bare
/// order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Event id of Hasura; the same for all deliveries of an event.
    pub event_id: Option<String>,
    /// Name of the event trigger.
    pub trigger: Option<String>,
    /// Number of earlier deliveries of the event: 0 for the first.
    pub attempt: Option<i32>,
}

/// Result of a step. If a history row is written for it, `order_history.outcome` has the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The order is valid and has a total.
    Validated,
    /// The order has a problem that is shown to the customer.
    Refused,
    /// The payment succeeded.
    Paid,
    /// The restaurant accepted the order.
    Approved,
    /// A driver is assigned.
    Assigned,
    /// The payment was returned.
    Refunded,
    /// The step is complete; for steps without a word of their own (docs/extend.md).
    Done,
    /// The order waits for a manual action.
    Waiting,
    /// The step was completed earlier; nothing was changed.
    AlreadyDone,
    /// The step does not apply to this order; nothing was changed.
    Skipped,
}

impl Outcome {
    /// Value in responses and in `order_history.outcome`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validated => "validated",
            Self::Refused => "refused",
            Self::Paid => "paid",
            Self::Approved => "approved",
            Self::Assigned => "assigned",
            Self::Refunded => "refunded",
            Self::Done => "done",
            Self::Waiting => "waiting",
            Self::AlreadyDone => "already-done",
            Self::Skipped => "skipped",
        }
    }
}

/// Response of a step: the order, the outcome, and the fields of that outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepResponse {
    pub order_id: OrderId,
    pub outcome: Outcome,
    /// `validated`: total of the order, in the smallest unit of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i32>,
    /// `refused`: reason, as shown to the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// `waiting`, `skipped`: reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// `assigned`: driver id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver_id: Option<i32>,
    /// `/payment`: the successful payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
}

impl StepResponse {
    /// Response without optional fields.
    pub fn new(order_id: &OrderId, outcome: Outcome) -> Self {
        Self {
            order_id: order_id.clone(),
            outcome,
            total: None,
            problem: None,
            reason: None,
            driver_id: None,
            payment: None,
        }
    }

    /// Adds a reason.
    #[must_use]
    pub fn with_reason(self, reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }
}

/// Settled payment, as shown to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// `payments.id`.
    pub id: i32,
    /// In the smallest unit of the currency.
    pub amount: i32,
    pub status: PaymentStatus,
    /// Last four digits of the card; absent for payments older than this column.
    pub card_last4: Option<String>,
}

/// Result of a settled payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentStatus {
    /// The card was charged.
    Succeeded,
    /// The gateway declined the card.
    Declined,
}

impl PaymentStatus {
    /// Value in `payments.status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Declined => "declined",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_id_has_1_to_1000_bytes_without_nul() {
        for good in [
            "a",
            "abc-ad21-adf",
            "Ø'; DROP TABLE orders; --",
            &"x".repeat(1000),
        ] {
            assert_eq!(OrderId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a\0b", &"x".repeat(1001), &"é".repeat(501)] {
            assert!(OrderId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn outcomes_are_equal_in_responses_and_history() {
        for outcome in [
            Outcome::Validated,
            Outcome::Refused,
            Outcome::Paid,
            Outcome::Approved,
            Outcome::Assigned,
            Outcome::Refunded,
            Outcome::Done,
            Outcome::Waiting,
            Outcome::AlreadyDone,
            Outcome::Skipped,
        ] {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
    }

    #[test]
    fn response_omits_fields_of_other_outcomes() {
        let response = StepResponse::new(&OrderId::parse("o").unwrap(), Outcome::Skipped)
            .with_reason("the order is not paid");
        assert_eq!(
            serde_json::to_string(&response).unwrap(),
            r#"{"order_id":"o","outcome":"skipped","reason":"the order is not paid"}"#
        );
    }
}
