//! Simulated payment gateway, which charges no money. It declines the cards below, and stores one result per idempotency key in
//! its own tables (`simulated_gateway_charges`, `simulated_gateway_refunds`), as a provider would do; so tests can balance them.
//!
//! | card | result |
//! |---|---|
//! | 4000 0000 0000 0002 | `card_declined` |
//! | 4000 0000 0000 9995 | `insufficient_funds` |
//! | 4000 0000 0000 9987 | `lost_card` |
//! | 4000 0000 0000 9979 | `stolen_card` |
//! | 4000 0000 0000 0069 | `expired_card` |
//! | 4000 0000 0000 0127 | `incorrect_cvc` |
//! | any other 12 to 19 digits | accepted |
//!
//! Numbers and codes are the test cards documented by Stripe.

use tokio_postgres::{Row, types::Type};

use super::{Charge, ChargeResult, Decline, GatewayError, PaymentGateway, Refund, card_hash};
use crate::{
    card::Card,
    database::{Database, Params, statement::Statement},
};

/// Card number and decline code.
const DECLINED_CARDS: [(&str, &str); 6] = [
    ("4000000000000002", "card_declined"),
    ("4000000000009995", "insufficient_funds"),
    ("4000000000009987", "lost_card"),
    ("4000000000009979", "stolen_card"),
    ("4000000000000069", "expired_card"),
    ("4000000000000127", "incorrect_cvc"),
];

/// See the module documentation.
#[derive(Debug, Clone)]
pub struct SimulatedGateway {
    ledger: Database,
}

const CHARGE: Statement = Statement {
    lock: None,
    sql: include_str!("simulated_charge.sql"),
};

const RESULT: Statement = Statement {
    lock: None,
    sql: include_str!("simulated_result.sql"),
};

const REFUND: Statement = Statement {
    lock: None,
    sql: include_str!("simulated_refund.sql"),
};

impl SimulatedGateway {
    /// Creates a gateway that stores its charges and refunds in this database.
    pub fn new(ledger: Database) -> Self {
        Self { ledger }
    }

    async fn read(&self, statement: &Statement, params: &Params<'_>) -> Result<Option<Row>, GatewayError> {
        self.ledger
            .row(statement, params)
            .await
            .map_err(|error| GatewayError::NoResponse(error.to_string()))
    }
}

impl PaymentGateway for SimulatedGateway {
    async fn charge(&self, charge: &Charge<'_>) -> Result<ChargeResult, GatewayError> {
        let (key, amount, card) = (charge.key, charge.amount, charge.card);
        // Without a password the last four digits are compared: an unkeyed hash would disclose the number.
        let secret = self.ledger.password();
        let hash = secret.map(|secret| card_hash::of(&secret, charge));
        let row = self
            .read(
                &CHARGE,
                &[
                    (&key, Type::TEXT),
                    (&amount, Type::INT4),
                    (&card.last4(), Type::TEXT),
                    (&decline_code(card), Type::TEXT),
                    (&hash, Type::TEXT),
                ],
            )
            .await?;
        let row = row.ok_or_else(|| GatewayError::NoResponse("the ledger returned no row".to_owned()))?;
        let result = ChargeResult::from(&row);
        let stored: Option<&str> = row.get("card_hash");
        let is_other_card = stored
            .zip(hash.as_deref())
            .is_some_and(|(stored, sent)| card_hash::differ(stored, sent));
        if result.amount != amount || result.card_last4 != card.last4() || is_other_card {
            return Err(GatewayError::KeyReused);
        }
        Ok(result)
    }

    async fn result_of(&self, key: &str) -> Result<Option<ChargeResult>, GatewayError> {
        let row = self.read(&RESULT, &[(&key, Type::TEXT)]).await?;
        Ok(row.as_ref().map(ChargeResult::from))
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<(), GatewayError> {
        let params: &Params<'_> = &[
            (&refund.key, Type::TEXT),
            (&refund.charge_key, Type::TEXT),
            (&refund.amount, Type::INT4),
        ];
        match self.read(&REFUND, params).await? {
            Some(_) => Ok(()),
            None => Err(GatewayError::NothingToRefund),
        }
    }
}

impl From<&Row> for ChargeResult {
    fn from(row: &Row) -> Self {
        let code: Option<&str> = row.get("decline_code");
        Self {
            amount: row.get("amount"),
            card_last4: row.get("card_last4"),
            decline: code.map(Decline::of_code),
        }
    }
}

/// Decline code of a card; `None` if it is accepted.
fn decline_code(card: &Card) -> Option<&'static str> {
    DECLINED_CARDS
        .iter()
        .find(|(number, _)| *number == card.number())
        .map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_cards_are_declined() {
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
