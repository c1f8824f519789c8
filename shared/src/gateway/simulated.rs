//! A payment gateway that takes no money. It has the manners of a real one: it declines the cards below, and gives one
//! answer per idempotency key, remembered in a table of its own (`simulated_gateway_charges`) as a provider would remember
//! it on its side; so tests can count what was really charged.
//!
//! | card | answer |
//! |---|---|
//! | 4000 0000 0000 0002 | `card_declined` |
//! | 4000 0000 0000 9995 | `insufficient_funds` |
//! | 4000 0000 0000 9987 | `lost_card` |
//! | 4000 0000 0000 9979 | `stolen_card` |
//! | 4000 0000 0000 0069 | `expired_card` |
//! | 4000 0000 0000 0127 | `incorrect_cvc` |
//! | any other 12 to 19 digits | accepted |
//!
//! The numbers and codes are those that Stripe documents for tests.

use tokio_postgres::types::Type;

use super::{Charge, ChargeResult, Decline, GatewayError, PaymentGateway};
use crate::{
    card::Card,
    database::{Database, statement::Statement},
};

/// Card number, code, and what the customer reads.
const DECLINED_CARDS: [(&str, &str, &str); 6] = [
    (
        "4000000000000002",
        "card_declined",
        "The card was declined. Please use another card.",
    ),
    (
        "4000000000009995",
        "insufficient_funds",
        "There is not enough money on the card. Please use another card.",
    ),
    (
        "4000000000009987",
        "lost_card",
        "The card was reported lost. Please use another card.",
    ),
    (
        "4000000000009979",
        "stolen_card",
        "The card was reported stolen. Please use another card.",
    ),
    (
        "4000000000000069",
        "expired_card",
        "The card has expired. Please use another card.",
    ),
    (
        "4000000000000127",
        "incorrect_cvc",
        "The security code is wrong. Please check it and try again.",
    ),
];

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct SimulatedGateway {
    ledger: Database,
}

const CHARGE: Statement = Statement {
    name: "simulated_charge",
    sql: include_str!("simulated_charge.sql"),
    columns: "card_last4 text, decline_code text",
};

impl SimulatedGateway {
    /// A gateway that remembers its charges in this database.
    pub fn new(ledger: Database) -> Self {
        Self { ledger }
    }
}

impl PaymentGateway for SimulatedGateway {
    async fn charge(&self, charge: &Charge<'_>) -> Result<ChargeResult, GatewayError> {
        let (key, amount, card) = (charge.key, charge.amount, charge.card);
        let row = self
            .ledger
            .row(
                &CHARGE,
                &[
                    (&key, Type::TEXT),
                    (&amount, Type::INT4),
                    (&card.last4(), Type::TEXT),
                    (&decline_code(card), Type::TEXT),
                ],
            )
            .await
            .map_err(|error| GatewayError(error.to_string()))?
            .ok_or_else(|| GatewayError("its ledger returned nothing".to_owned()))?;
        let code: Option<String> = row.get("decline_code");
        Ok(ChargeResult {
            card_last4: row.get("card_last4"),
            decline: code.map(decline),
        })
    }
}

/// Why this card would be declined; `None` when it is accepted.
fn decline_code(card: &Card) -> Option<&'static str> {
    DECLINED_CARDS
        .iter()
        .find(|(number, ..)| *number == card.number())
        .map(|(_, code, _)| *code)
}

fn decline(code: String) -> Decline {
    let known = DECLINED_CARDS.iter().find(|(_, known, _)| *known == code);
    let message = known
        .map_or("The card was declined.", |(.., message)| message)
        .to_owned();
    Decline { code, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_listed_cards_decline() {
        for (number, expected) in [
            ("4000 0000 0000 0002", Some("card_declined")),
            ("4000 0000 0000 9995", Some("insufficient_funds")),
            ("4000 0000 0000 9987", Some("lost_card")),
            ("4000 0000 0000 9979", Some("stolen_card")),
            ("4000 0000 0000 0069", Some("expired_card")),
            ("4000 0000 0000 0127", Some("incorrect_cvc")),
            ("1234 1234 1234 1234", None),
            ("4242 4242 4242 4242", None),
            ("400000000000", None),
        ] {
            assert_eq!(
                decline_code(&Card::parse("A", number, "111").unwrap()),
                expected,
                "{number}"
            );
        }
    }
}
