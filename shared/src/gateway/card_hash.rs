//! Keyed hash of a card number, with which the simulated gateway recognises the card of an idempotency key.
//!
//! Numbers are few enough to be tried one by one, so the key is a secret that the database does not contain: the password of the
//! payment function. A hash is `key id:HMAC-SHA256`. The key id identifies the password: a hash of an earlier one cannot be compared.
//! The idempotency key is hashed, too, so that two charges of one card have different hashes.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Charge;
use crate::secrets::Secret;

/// Hash of the card of a charge.
pub(super) fn of(secret: &Secret, charge: &Charge<'_>) -> String {
    let id = hmac(secret, &["key id"]);
    let hash = hmac(secret, &["card", charge.key, charge.card.number()]);
    format!("{}:{hash}", &id[..8])
}

/// Whether the hashes have the same key and another card.
pub(super) fn differ(stored: &str, sent: &str) -> bool {
    let key_id = |hash: &str| hash.split_once(':').map(|(id, _)| id.to_owned());
    key_id(stored) == key_id(sent) && stored != sent
}

fn hmac(secret: &Secret, parts: &[&str]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC accepts keys of each length")]
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("a key");
    for part in parts {
        hmac.update(part.as_bytes());
        // No part contains a zero byte.
        hmac.update(&[0]);
    }
    let mut text = String::new();
    for byte in hmac.finalize().into_bytes() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Card;

    #[test]
    fn hash_distinguishes_cards_and_contains_none_of_their_digits() {
        let hash = |secret: &str, key: &str, number: &str| {
            let card = Card::parse("A", number, "111").unwrap();
            let charge = Charge {
                key,
                amount: 500,
                card: &card,
            };
            of(&Secret::new(secret).unwrap(), &charge)
        };
        let first = hash("hunter2", "key", "1234 1234 1234 1234");
        assert_eq!(first, hash("hunter2", "key", "1234123412341234"));
        assert!(!first.contains("1234123412341234") && first.len() == 8 + 1 + 64);
        let other = hash("hunter2", "key", "9999 9999 9999 1234");
        assert!(differ(&first, &other) && !differ(&first, &first));
        assert_ne!(first, hash("hunter2", "other key", "1234 1234 1234 1234"));
        // After a change of the password, the hashes are not comparable.
        let later = hash("hunter3", "key", "9999 9999 9999 1234");
        assert!(first != later && !differ(&first, &later));
    }
}
