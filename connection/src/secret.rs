//! Confidential text of the configuration.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq;

/// A text that is not empty, is not shown by `Debug`, and is compared in constant time.
#[derive(Clone)]
pub struct Secret(Box<str>);

/// An empty text as a [`Secret`]. It is refused because a request with an empty header would match it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty; unset the variable to disable it")]
pub struct EmptySecret;

impl Secret {
    /// Returns an error if the text is empty.
    pub fn new(text: impl Into<String>) -> Result<Self, EmptySecret> {
        let text = text.into();
        if text.is_empty() {
            return Err(EmptySecret);
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// Whether a client sent this secret. Takes the same time for each wrong value of the same length.
    pub fn matches(&self, sent: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(sent).into()
    }

    /// Returns the text, to be sent to the component that checks it; never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = EmptySecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.0.as_bytes())
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_matches_only_itself() {
        let secret = Secret::new("s3cret").unwrap();
        assert!(secret.matches(b"s3cret"));
        for wrong in [&b""[..], b"s3cre", b"s3cret ", b"S3cret"] {
            assert!(!secret.matches(wrong));
        }
        assert_eq!(secret, "s3cret".parse().unwrap());
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        assert_eq!(format!("{:?}", Secret::new("s3cret").unwrap()), "Secret(…)");
    }

    #[test]
    fn empty_text_is_refused() {
        assert_eq!(Secret::new("").unwrap_err(), EmptySecret);
        assert_eq!("".parse::<Secret>().unwrap_err(), EmptySecret);
    }
}
