//! The card somebody pays with. Lives for one request; its number and cvv are never logged, stored or shown.

use std::fmt;

/// A card. Its number is 12 to 19 digits; no checksum is demanded, because the number that the original's browser app
/// sends (1234 1234 1234 1234) has a wrong one.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    holder: String,
    number: String,
    cvv: String,
}

/// What is wrong with a card: the field, and the end of a sentence about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardProblem {
    /// The field's name, as the request calls it.
    pub field: &'static str,
    /// What the field must be.
    pub rule: &'static str,
}

impl Card {
    /// Checks the three fields of a card. Spaces in the number are ignored.
    pub fn parse(holder: &str, number: &str, cvv: &str) -> Result<Self, CardProblem> {
        if holder.trim().is_empty() {
            return Err(CardProblem {
                field: "full_name",
                rule: "must not be blank",
            });
        }
        let number: String = number.chars().filter(|c| *c != ' ').collect();
        if !(12..=19).contains(&number.len()) || !digits(&number) {
            let rule = "must be 12 to 19 digits; spaces are allowed between them";
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

    /// The whole number, digits only: for the payment gateway and nobody else.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The security code: for the payment gateway and nobody else.
    pub fn cvv(&self) -> &str {
        &self.cvv
    }

    /// The name on the card.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// The last four digits, which may be stored and shown.
    pub fn last4(&self) -> &str {
        &self.number[self.number.len() - 4..]
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Shows the last four digits only, so that no log can hold more.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card(…{})", self.last4())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_12_to_19_digits_are_a_number() {
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
    fn a_card_has_a_holder_and_a_cvv() {
        assert_eq!(
            Card::parse(" ", "123456789012", "111").unwrap_err().field,
            "full_name"
        );
        for cvv in ["", "11", "11111", "11a"] {
            assert_eq!(Card::parse("A", "123456789012", cvv).unwrap_err().field, "cvv");
        }
    }

    #[test]
    fn debug_output_hides_the_number_and_the_cvv() {
        let shown = format!("{:?}", Card::parse("A", "4000 0000 0000 9995", "737").unwrap());
        assert_eq!(shown, "Card(…9995)");
    }
}
