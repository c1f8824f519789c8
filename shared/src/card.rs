//! Payment card. It exists for one request; number and security code are never logged, stored or shown.

use std::fmt;

/// Card with a number of 12 to 19 digits. The checksum is not verified, because the number that the browser app of the Node.js
/// example sends (1234 1234 1234 1234) has a wrong one.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    holder: String,
    number: String,
    cvv: String,
}

/// Invalid field of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardProblem {
    /// Field name in the request.
    pub field: &'static str,
    /// Violated rule, a predicate such as "must be 3 or 4 digits".
    pub rule: &'static str,
}

impl Card {
    /// Validates the three fields. Spaces in the number are ignored.
    pub fn parse(holder: &str, number: &str, cvv: &str) -> Result<Self, CardProblem> {
        if holder.trim().is_empty() {
            return Err(CardProblem {
                field: "full_name",
                rule: "must not be blank",
            });
        }
        let number: String = number.chars().filter(|c| *c != ' ').collect();
        if !(12..=19).contains(&number.len()) || !digits(&number) {
            let rule = "must be 12 to 19 digits; spaces are allowed";
            return Err(CardProblem {
                field: "credit_card_number",
                rule,
            });
        }
        if !(3..=4).contains(&cvv.len()) || !digits(cvv) {
            return Err(CardProblem {
                field: "cvv",
                rule: "must be 3 or 4 digits",
            });
        }
        Ok(Self {
            holder: holder.trim().to_owned(),
            number,
            cvv: cvv.to_owned(),
        })
    }

    /// Full number, digits only; for the payment gateway only.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Security code; for the payment gateway only.
    pub fn cvv(&self) -> &str {
        &self.cvv
    }

    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Last four digits, which may be stored and shown.
    pub fn last4(&self) -> &str {
        &self.number[self.number.len() - 4..]
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Shows only the last four digits, so that no log contains more.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card(…{})", self.last4())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_has_12_to_19_digits() {
        for number in [
            "1234 1234 1234 1234",
            "123456789012",
            "1234567890123456789",
            " 4000 0000 0000 0002 ",
        ] {
            let card = Card::parse("A. Customer", number, "111").unwrap();
            assert_eq!(card.number(), number.replace(' ', ""));
        }
        for number in [
            "",
            "12345678901",
            "12345678901234567890",
            "1234-1234-1234-1234",
            "1234 1234 1234 123x",
            "١٢٣٤٥٦٧٨٩٠١٢",
        ] {
            let problem = Card::parse("A. Customer", number, "111").unwrap_err();
            assert_eq!(problem.field, "credit_card_number", "{number:?}");
        }
    }

    #[test]
    fn holder_and_security_code_are_required() {
        assert_eq!(
            Card::parse(" ", "123456789012", "111").unwrap_err().field,
            "full_name"
        );
        for cvv in ["", "11", "11111", "11a"] {
            assert_eq!(Card::parse("A", "123456789012", cvv).unwrap_err().field, "cvv");
        }
    }

    #[test]
    fn debug_output_hides_number_and_security_code() {
        let shown = format!("{:?}", Card::parse("A", "4000 0000 0000 9995", "737").unwrap());
        assert_eq!(shown, "Card(…9995)");
    }
}
