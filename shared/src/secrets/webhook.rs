//! Shared secret of the event triggers.

use std::time::Duration;

use tracing::warn;

use super::{RefreshableSecret, Secret, SecretError, text_of};

/// Minimum interval between two reads caused by wrong secrets, which any client can send.
pub const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(30);

/// Secret that event triggers must send. On a mismatch the stored secret may be stale, so it is refreshed: a rotation needs
/// no restart.
#[derive(Debug, Clone)]
pub struct WebhookSecret(RefreshableSecret<Secret>);

impl WebhookSecret {
    /// A secret that never changes.
    pub fn fixed(secret: Secret) -> Self {
        Self(RefreshableSecret::fixed(secret))
    }

    /// A secret that may be rotated.
    pub fn refreshable(secret: RefreshableSecret<Secret>) -> Self {
        Self(secret)
    }

    /// Parses a secret: a string, or `{"secret": …}`. The error shows nothing of the content.
    pub fn parse(secret: &str) -> Result<Secret, String> {
        text_of(secret, "secret")
    }

    /// Reads the secret if it has not been read yet.
    pub(crate) async fn prepare(&self) -> Result<(), SecretError> {
        self.0.get().await.map(drop)
    }

    /// Whether a caller sent the current secret.
    pub async fn matches(&self, sent: &[u8]) -> Result<bool, SecretError> {
        let known = self.0.get().await?;
        if known.matches(sent) {
            return Ok(true);
        }
        match self.0.refresh_if_stale(&known).await {
            Ok(newer) => Ok(newer.is_some_and(|newer| newer.matches(sent))),
            Err(error) => {
                warn!(%error, "webhook secret mismatch; refreshing the stored secret failed");
                Ok(false)
            }
        }
    }
}
