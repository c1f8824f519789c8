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

use std::sync::Arc;

pub use connection::Secret;
pub use credentials::Credentials;
pub use rotating::Rotating;
pub use webhook::WebhookSecret;

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
fn text_of(secret: &str, field: &str) -> Result<Secret, String> {
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
    Secret::new(text).map_err(|_| "it is empty".to_owned())
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
            assert_eq!(
                text.as_ref().map(Secret::expose).map_err(String::as_str),
                expected,
                "of {secret:?}"
            );
        }
    }
}
