//! Shared secret of the event triggers.

use std::time::Duration;

use tracing::warn;

use super::{RefreshableSecret, Secret, SecretError, text_of};

/// Minimum interval between two reads caused by wrong secrets, which any client can send.
pub const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(30);

/// Secret that event triggers must send. On a mismatch the stored secret may be stale, so it is refreshed: a rotation needs
/// no restart. Until its tasks are replaced, Hasura sends the previous secret, which is accepted too.
#[derive(Debug, Clone)]
pub struct WebhookSecret {
    current: RefreshableSecret<Secret>,
    previous: Option<RefreshableSecret<Option<Secret>>>,
}

impl WebhookSecret {
    /// A secret that never changes.
    pub fn fixed(secret: Secret) -> Self {
        Self::refreshable(RefreshableSecret::fixed(secret))
    }

    /// A secret that may be rotated.
    pub fn refreshable(secret: RefreshableSecret<Secret>) -> Self {
        Self {
            current: secret,
            previous: None,
        }
    }

    /// Also accepts the secret before the last rotation, if there was one.
    #[must_use]
    pub fn with_previous(self, previous: RefreshableSecret<Option<Secret>>) -> Self {
        Self {
            previous: Some(previous),
            ..self
        }
    }

    /// Parses a secret: a string, or `{"secret": …}`. The error shows nothing of the content.
    pub fn parse(secret: &str) -> Result<Secret, String> {
        text_of(secret, "secret")
    }

    /// Reads the secret if it has not been read yet.
    pub(crate) async fn prepare(&self) -> Result<(), SecretError> {
        self.current.get().await.map(drop)
    }

    /// Whether a caller sent the current or the previous secret.
    pub async fn matches(&self, sent: &[u8]) -> Result<bool, SecretError> {
        let known = self.current.get().await?;
        if known.matches(sent) {
            return Ok(true);
        }
        let matches = match self.current.refresh_if_stale(&known).await {
            Ok(newer) => newer.is_some_and(|newer| newer.matches(sent)),
            Err(error) => {
                warn!(%error, "webhook secret mismatch; refreshing the stored secret failed");
                false
            }
        };
        Ok(matches || self.matches_previous(sent).await)
    }

    async fn matches_previous(&self, sent: &[u8]) -> bool {
        let Some(previous) = &self.previous else {
            return false;
        };
        let fits = |secret: &Option<Secret>| secret.as_ref().is_some_and(|secret| secret.matches(sent));
        let found = async {
            let known = previous.get().await?;
            if fits(&known) {
                return Ok(true);
            }
            let newer = previous.refresh_if_stale(&known).await?;
            Ok::<bool, SecretError>(newer.is_some_and(|newer| fits(&newer)))
        };
        found.await.unwrap_or_else(|error| {
            warn!(%error, "webhook secret mismatch; reading the previous secret failed");
            false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn previous_secret_is_accepted_until_the_next_rotation() {
        let rotated =
            WebhookSecret::fixed(secret("new")).with_previous(RefreshableSecret::fixed(Some(secret("old"))));
        let first = WebhookSecret::fixed(secret("new")).with_previous(RefreshableSecret::fixed(None));
        for (webhook, sent, accepted) in [
            (&rotated, "new", true),
            (&rotated, "old", true),
            (&rotated, "older", false),
            (&rotated, "", false),
            (&first, "new", true),
            (&first, "old", false),
        ] {
            assert_eq!(
                webhook.matches(sent.as_bytes()).await.unwrap(),
                accepted,
                "{sent}"
            );
        }
    }
}
