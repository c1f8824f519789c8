//! The words of the domain: an order's id, the delivery that asks for a step, and what a step answers.

use std::fmt;

use serde::Serialize;

/// An order's id, as the customer's app chose it: any text of 1 to 1000 bytes without a NUL, which is what
/// `orders_order_id_check` in schema.sql accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct OrderId(String);

impl OrderId {
    /// The longest id, in bytes.
    pub const MAX_BYTES: usize = 1000;

    /// Checks the text; the error says what is wrong with it, as the end of a sentence that begins with "it".
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

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which delivery of which event asks for a step; for `order_history` and the logs. All empty when somebody called the
/// function with a bare order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Hasura's id of the event; the same for each delivery of it.
    pub event_id: Option<String>,
    /// The event trigger's name.
    pub trigger: Option<String>,
    /// How often the event was delivered before: 0 for the first time.
    pub attempt: Option<i32>,
}

/// What a step did. The same words stand in `order_history.outcome`, where a row is written for the outcome at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The order is good and has a total.
    Validated,
    /// The order has a problem that the customer can read.
    Refused,
    /// The payment succeeded.
    Paid,
    /// The restaurant took the order.
    Approved,
    /// A driver will fetch it.
    Assigned,
    /// A person has to act before the order goes on.
    Waiting,
    /// The step has been done before; nothing was changed.
    AlreadyDone,
    /// The step does not apply to this order; nothing was changed.
    Skipped,
}

impl Outcome {
    /// The word that clients see.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validated => "validated",
            Self::Refused => "refused",
            Self::Paid => "paid",
            Self::Approved => "approved",
            Self::Assigned => "assigned",
            Self::Waiting => "waiting",
            Self::AlreadyDone => "already-done",
            Self::Skipped => "skipped",
        }
    }
}

/// A step's answer, as it goes out: the order, the outcome, and what belongs to that outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The order that the step looked at.
    pub order_id: OrderId,
    /// What the step did.
    pub outcome: Outcome,
    /// `validated`: what the order costs, in the smallest unit of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i32>,
    /// `refused`: why, in words for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// `waiting`, `skipped`: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// `assigned`: the driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver_id: Option<i32>,
    /// `/payment`: the payment that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
}

impl Answer {
    /// An answer with nothing but its outcome.
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

    /// The same answer, with the reason for it.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }
}

/// A payment, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// `payments.id`.
    pub id: i32,
    /// In the smallest unit of the currency.
    pub amount: i32,
    /// `succeeded` or `declined`.
    pub status: PaymentStatus,
    /// The last four digits of the card; absent for payments that were made before it was kept.
    pub card_last4: Option<String>,
}

/// How a settled payment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentStatus {
    /// The money moved.
    Succeeded,
    /// The gateway refused the card.
    Declined,
}

impl PaymentStatus {
    /// The word in `payments.status`.
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
    fn an_order_id_is_1_to_1000_bytes_without_nul() {
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
    fn outcomes_read_the_same_in_answers_and_in_history() {
        for outcome in [
            Outcome::Validated,
            Outcome::Refused,
            Outcome::Paid,
            Outcome::Approved,
            Outcome::Assigned,
            Outcome::Waiting,
            Outcome::AlreadyDone,
            Outcome::Skipped,
        ] {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
    }

    #[test]
    fn an_answer_shows_only_what_belongs_to_it() {
        let answer =
            Answer::new(&OrderId::parse("o").unwrap(), Outcome::Skipped).because("it is not paid yet");
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"order_id":"o","outcome":"skipped","reason":"it is not paid yet"}"#
        );
    }
}
