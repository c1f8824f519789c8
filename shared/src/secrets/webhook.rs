//! The secret that event triggers show.

use std::time::Duration;

use tracing::warn;

use super::{Rotating, Secret, SecretError, text_of};

/// How long after a reading a wrong secret causes no other. Anybody can send a wrong secret.
pub const COOL_DOWN: Duration = Duration::from_secs(30);

/// What event triggers have to know. When somebody shows another secret than ours, ours may be the old one: it is read
/// again, and so a rotation needs no restart.
#[derive(Debug, Clone)]
pub struct WebhookSecret(Rotating<Secret>);

impl WebhookSecret {
    /// A secret that stays.
    pub fn fixed(secret: Secret) -> Self {
        Self(Rotating::fixed(secret))
    }

    /// A secret that may change.
    pub fn rotating(secret: Rotating<Secret>) -> Self {
        Self(secret)
    }

    /// Reads what is in a secret: a string, or `{"secret": …}`.
    ///
    /// # Errors
    /// Says what is wrong with it; shows nothing of the content.
    pub fn parse(secret: &str) -> Result<Secret, String> {
        text_of(secret, "secret")
    }

    /// Reads it, if that did not happen yet.
    pub(crate) async fn prepare(&self) -> Result<(), SecretError> {
        self.0.get().await.map(drop)
    }

    /// Whether who sent this may come in.
    pub async fn admits(&self, sent: &[u8]) -> Result<bool, SecretError> {
        let known = self.0.get().await?;
        if known.matches(sent) {
            return Ok(true);
        }
        match self.0.newer_than(&known).await {
            Ok(newer) => Ok(newer.is_some_and(|newer| newer.matches(sent))),
            Err(error) => {
                warn!("somebody showed another webhook secret, and ours could not be read again: {error}");
                Ok(false)
            }
        }
    }
}
