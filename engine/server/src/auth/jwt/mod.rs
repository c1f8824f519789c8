//! JWT authentication: [`JwtConfig`] is the parsed configuration, [`Jwt`] verifies tokens.
//!
//! `location` finds the token, `token` splits it, `key` and `key_set` verify its signature, `registered_claims` its validity, and
//! `claims` makes the session.

mod algorithm;
mod claims;
mod config;
mod json_path;
mod key;
mod key_set;
mod location;
mod registered_claims;
#[cfg(test)]
mod tests;
mod token;

pub use config::JwtConfig;

use super::Authenticated;
use super::http_client::client;
use claims::ClaimsSource;
use config::KeySource;
use engine_error::{Code, Error, Result};
use http::HeaderMap;
use key::VerificationKey;
use key_set::KeySet;
use location::TokenLocation;
use registered_claims::{Expected, not_in_issuer};
use serde_json::Value;
use std::sync::Arc;
use std::time::SystemTime;
use token::{BadSignature, Token, bad_signature};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Verification of tokens of one or several issuers.
#[derive(Debug)]
pub struct Jwt {
    issuers: Vec<Issuer>,
    /// Distinct locations of tokens.
    locations: Vec<TokenLocation>,
}

#[derive(Debug)]
struct Issuer {
    keys: Keys,
    claims: ClaimsSource,
    expected: Expected,
    location: TokenLocation,
}

#[derive(Debug)]
enum Keys {
    Fixed(VerificationKey),
    Set(Arc<KeySet>),
}

impl Jwt {
    /// Fetches the key sets. Returns an error if one is not available.
    pub async fn load(configs: Vec<JwtConfig>) -> Result<Self, String> {
        // The library refuses to choose if other crates of the build compile another implementation in. An error means that one
        // is selected already.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let mut fetcher = None;
        let mut issuers = Vec::new();
        let mut locations = Vec::new();
        for config in configs {
            let keys = match config.keys {
                KeySource::Fixed(key) => Keys::Fixed(key),
                KeySource::Url(url) => {
                    let host = url.host_str().unwrap_or_default().to_owned();
                    // Not created without need: it reads the certificates of the machine.
                    let client = match &fetcher {
                        Some(client) => client,
                        None => fetcher.insert(
                            client().map_err(|error| format!("cannot create the HTTP client: {error}"))?,
                        ),
                    };
                    let set = KeySet::load(url, client.clone()).await;
                    let set =
                        set.map_err(|reason| format!("cannot fetch \"jwk_url\" from \"{host}\": {reason}"))?;
                    Keys::Set(Arc::new(set))
                }
            };
            if !locations.contains(&config.location) {
                locations.push(config.location.clone());
            }
            issuers.push(Issuer {
                keys,
                claims: config.claims,
                expected: config.expected,
                location: config.location,
            });
        }
        Ok(Self { issuers, locations })
    }

    /// Starts the tasks that refresh key sets until `stop` is cancelled.
    pub fn start_refresh(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        for issuer in &self.issuers {
            if let Keys::Set(set) = &issuer.keys {
                let (set, stop) = (Arc::clone(set), stop.clone());
                tasks.spawn(async move { set.keep_fresh(&stop).await });
            }
        }
    }

    /// Returns the session of a request with a token, `None` if it has none.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Option<Authenticated>> {
        let mut found = None;
        for location in &self.locations {
            if let Some(token) = location.find(headers)?
                && found.replace((location, token)).is_some()
            {
                // Hasura's wording
                let message = "Could not verify JWT: Multiple JWTs found";
                return Err(Error::new(Code::InvalidHeaders, message));
            }
        }
        let Some((location, token)) = found else {
            return Ok(None);
        };
        self.verify(location, &Token::parse(token)?, headers)
            .await
            .map(Some)
    }

    async fn verify(
        &self,
        location: &TokenLocation,
        token: &Token<'_>,
        headers: &HeaderMap,
    ) -> Result<Authenticated> {
        let mut error = not_in_issuer();
        for issuer in self.issuers.iter().filter(|issuer| issuer.location == *location) {
            if issuer.expected.issuer.is_some() && issuer.expected.issuer.as_deref() != token.issuer() {
                continue;
            }
            match issuer.keys.verify(token).await {
                // Another configuration may have the key.
                Err(BadSignature) => error = bad_signature(),
                Ok(claims) => return issuer.session(&claims, headers),
            }
        }
        Err(error)
    }
}

impl Keys {
    async fn verify(&self, token: &Token<'_>) -> Result<Value, BadSignature> {
        match self {
            Self::Fixed(key) => key.verify(token),
            Self::Set(set) => set.verify(token).await,
        }
    }
}

impl Issuer {
    /// Returns the session of a token whose signature is valid.
    fn session(&self, claims: &Value, headers: &HeaderMap) -> Result<Authenticated> {
        let remaining = self.expected.check(claims, SystemTime::now())?;
        let authenticated = Authenticated::new(self.claims.session(claims, headers)?)?;
        Ok(match remaining {
            Some(remaining) => authenticated.expiring_in(remaining),
            None => authenticated,
        })
    }
}
