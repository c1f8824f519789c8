//! Secrets, and their refresh while a function runs.
//!
//! A [`RefreshableSecret`] is read on first use, and again when a caller finds that it may be stale; it depends neither on
//! the type of the value nor on its source. [`manager`] (feature `aws`) reads from AWS Secrets Manager; [`credentials`] and
//! [`webhook`] define the content of a secret and when it is stale; [`versions`] is the store of a rotation.

mod ages;
pub mod credentials;
#[cfg(feature = "aws")]
pub mod manager;
mod refreshable;
pub mod versions;
pub mod webhook;

use std::sync::Arc;

pub use ages::SecretAges;
pub use connection::Secret;
pub use credentials::Credentials;
pub use refreshable::RefreshableSecret;
pub use webhook::WebhookSecret;

/// A secret that cannot be read. Names the variable that refers to it and the reason, and shows nothing of its content.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot read the secret of {variable}: {reason}")]
pub struct SecretError {
    variable: &'static str,
    reason: Arc<str>,
}

impl SecretError {
    /// Error for the secret that a variable refers to.
    pub fn new(variable: &'static str, reason: impl Into<Arc<str>>) -> Self {
        Self {
            variable,
            reason: reason.into(),
        }
    }
}

/// Extracts the text of a secret: a string, or a field of a JSON object, which are the formats of the AWS console and RDS.
/// The error is a reason for [`SecretError`] and shows nothing of the content.
fn text_of(secret: &str, field: &str) -> Result<Secret, String> {
    // Uploaded files end with a line break that does not belong to the secret.
    let secret = secret.trim_end_matches(['\r', '\n']);
    let text = if secret.trim_start().starts_with('{') {
        object(secret)?
            .get(field)
            .and_then(serde_json::Value::as_str)
            .ok_or_else(|| format!("the JSON object has no text field \"{field}\""))?
            .to_owned()
    } else {
        secret.to_owned()
    };
    Secret::new(text).map_err(|_| "the secret is empty".to_owned())
}

/// Parses a secret that is a JSON object. The error shows nothing of the content.
pub(crate) fn object(secret: &str) -> Result<serde_json::Map<String, serde_json::Value>, String> {
    serde_json::from_str(secret).map_err(|error| {
        // The position only: the message of serde_json may contain a part of the secret.
        format!(
            "invalid JSON object (line {}, column {})",
            error.line(),
            error.column()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_a_string_or_a_field_of_an_object() {
        for (secret, expected) in [
            ("hunter2", Ok("hunter2")),
            ("hunter2\n", Ok("hunter2")),
            (" spaces stay ", Ok(" spaces stay ")),
            (r#"{"secret":"hunter2","more":1}"#, Ok("hunter2")),
            (" {\"secret\": \"a{\u{fc}\"}\r\n", Ok("a{\u{fc}")),
            ("[\"not an object\"]", Ok("[\"not an object\"]")),
            ("", Err("the secret is empty")),
            ("\n", Err("the secret is empty")),
            (r#"{"secret":""}"#, Err("the secret is empty")),
            (
                r#"{"password":"hunter2"}"#,
                Err("the JSON object has no text field \"secret\""),
            ),
            (
                r#"{"secret":7}"#,
                Err("the JSON object has no text field \"secret\""),
            ),
            ("{hunter2", Err("invalid JSON object (line 1, column 2)")),
        ] {
            let text = text_of(secret, "secret");
            assert_eq!(
                text.as_ref().map(Secret::expose).map_err(String::as_str),
                expected,
                "of {secret:?}"
            );
        }
    }
}
