//! What must not be printed.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A string that never shows up in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret from an option, which may not be empty: it would let everybody in who sends an empty header.
    ///
    /// # Errors
    /// When it is empty.
    pub fn non_empty(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("the secret is empty; leave it out for none".to_owned())
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The string itself; never to be logged.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
