//! Strings that must not be printed.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// String that never appears in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Parses an option that must not be empty: an empty secret would accept every request with an empty header.
    pub fn non_empty(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("the secret is empty; unset the variable to disable it".to_owned())
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// Returns the string, which must not be logged.
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
