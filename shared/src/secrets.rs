//! Secrets, and values that may change while a function lives.
//!
//! A [`Secret`] is compared in constant time and never shown. A [`Rotating`] value is read when it is first needed, and again
//! when somebody has reason to think that it is out of date: it knows neither what the value is nor where it comes from.
//! [`manager`] (feature `aws`) reads from AWS Secrets Manager; [`credentials`] and [`webhook`] say what is in a secret and
//! when it is out of date.

pub mod credentials;
#[cfg(feature = "aws")]
pub mod manager;
mod rotating;
pub mod webhook;

use std::{fmt, sync::Arc};

use subtle::ConstantTimeEq;

pub use credentials::Credentials;
pub use rotating::Rotating;
pub use webhook::WebhookSecret;

/// A secret: compared in constant time, never shown.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether this is what somebody sent. Takes equally long for each wrong value of the same length.
    pub fn matches(&self, sent: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(sent).into()
    }

    /// The text, for who has to send it on.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.0.as_bytes())
    }
}

/// A secret that cannot be had, and why; names the variable that points to it, shows nothing of what is in it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the secret of {variable} cannot be read: {reason}")]
pub struct SecretError {
    variable: &'static str,
    reason: Arc<str>,
}

impl SecretError {
    /// The secret that this variable points to, and what is wrong.
    pub fn new(variable: &'static str, reason: impl Into<Arc<str>>) -> Self {
        Self {
            variable,
            reason: reason.into(),
        }
    }
}

/// The text in a secret: a string, or a field of a JSON object, as the console and RDS write them.
///
/// # Errors
/// Says what is wrong with it, for [`SecretError`]; shows nothing of the content.
fn text_of(secret: &str, field: &str) -> Result<String, String> {
    // Files that were uploaded end with a line end, and nobody means it.
    let secret = secret.trim_end_matches(['\r', '\n']);
    let text = if secret.trim_start().starts_with('{') {
        object(secret)?
            .get(field)
            .and_then(serde_json::Value::as_str)
            .ok_or_else(|| format!("it is a JSON object without the text field \"{field}\""))?
            .to_owned()
    } else {
        secret.to_owned()
    };
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(text)
}

fn object(secret: &str) -> Result<serde_json::Map<String, serde_json::Value>, String> {
    serde_json::from_str(secret).map_err(|error| {
        // Line and column, not the text.
        format!(
            "it begins like a JSON object, but is none (line {}, column {})",
            error.line(),
            error.column()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_itself_only() {
        let secret = Secret::new("s3cret");
        assert!(secret.matches(b"s3cret"));
        for wrong in [&b""[..], b"s3cre", b"s3cret ", b"S3cret"] {
            assert!(!secret.matches(wrong));
        }
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn a_secret_is_a_string_or_a_field_of_an_object() {
        for (secret, expected) in [
            ("hunter2", Ok("hunter2")),
            ("hunter2\n", Ok("hunter2")),
            (" spaces stay ", Ok(" spaces stay ")),
            (r#"{"secret":"hunter2","more":1}"#, Ok("hunter2")),
            (" {\"secret\": \"a{\u{fc}\"}\r\n", Ok("a{\u{fc}")),
            ("[\"not an object\"]", Ok("[\"not an object\"]")),
            ("", Err("it is empty")),
            ("\n", Err("it is empty")),
            (r#"{"secret":""}"#, Err("it is empty")),
            (
                r#"{"password":"hunter2"}"#,
                Err("it is a JSON object without the text field \"secret\""),
            ),
            (
                r#"{"secret":7}"#,
                Err("it is a JSON object without the text field \"secret\""),
            ),
            (
                "{hunter2",
                Err("it begins like a JSON object, but is none (line 1, column 2)"),
            ),
        ] {
            let text = text_of(secret, "secret");
            assert_eq!(text.as_deref().map_err(String::as_str), expected, "of {secret:?}");
        }
    }
}
