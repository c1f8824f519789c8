//! Verification of tokens with the public keys of an issuer (JWKS), which are fetched over HTTP on first use and kept.
//!
//! They are fetched again if they are old, and if a token names an unknown key: after a rotation at once, but for a flood of
//! tokens with invented keys at most once per [`MIN_REFRESH_INTERVAL`]. While the issuer does not respond, known keys stay valid.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use reqwest::{Client, Url, redirect::Policy};
use tokio::sync::OnceCell;

use super::claims::{Issuer, ReceivedClaims, TokenError};
use crate::{
    identity::UserId,
    secrets::{RefreshableSecret, SecretError},
};

/// Age at which keys are fetched again: a key that the issuer withdraws is valid for this long.
const MAX_AGE: Duration = Duration::from_hours(1);

/// Minimum interval between two fetches.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(10);

/// Maximum duration of a fetch. A request waits for it and has a deadline of 9 s.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

/// Maximum size of the document in bytes, and number of its keys.
const MAX_DOCUMENT: usize = 64 * 1024;
const MAX_KEYS: usize = 32;

/// Maximum length of a token in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// Verifies tokens of one issuer. Clones share the keys.
#[derive(Debug, Clone)]
pub struct Verifier {
    issuer: Arc<Issuer>,
    keys: RefreshableSecret<JwkSet>,
}

/// Failed verification.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Invalid(#[from] TokenError),
    /// The keys cannot be fetched.
    #[error(transparent)]
    Unavailable(#[from] SecretError),
}

impl Verifier {
    /// Verifier with the keys at this URL.
    pub fn new(issuer: Issuer, jwks_url: Url) -> Self {
        super::select_cryptography();
        let client = Arc::new(OnceCell::new());
        Self {
            issuer: Arc::new(issuer),
            keys: RefreshableSecret::from_source(MIN_REFRESH_INTERVAL, move || {
                let (client, url) = (Arc::clone(&client), jwks_url.clone());
                Box::pin(async move {
                    fetch(&client, &url)
                        .await
                        .map_err(|reason| SecretError::new("JWT_ISSUER", reason))
                })
            }),
        }
    }

    /// Verifies a token at a time; returns its user, who has to be a customer.
    pub async fn verify(&self, token: &str, now: u64) -> Result<UserId, VerifyError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Malformed.into());
        }
        let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
        if header.alg != Algorithm::RS256 {
            return Err(TokenError::Malformed.into());
        }
        let keys = self.keys.get_within(MAX_AGE).await?;
        let id = header.kid.as_deref();
        let claims = match key_of(&keys, id) {
            Some(key) => decoded(token, key)?,
            None => match self.keys.refresh_if_stale(&keys).await {
                Ok(Some(newer)) => decoded(token, key_of(&newer, id).ok_or(TokenError::UnknownKey)?)?,
                Ok(None) => return Err(TokenError::UnknownKey.into()),
                Err(error) => return Err(error.into()),
            },
        };
        Ok(claims.check(&self.issuer, now)?)
    }
}

/// The key with this id. A token without an id is accepted from an issuer with a single key.
fn key_of<'a>(keys: &'a JwkSet, id: Option<&str>) -> Option<&'a Jwk> {
    match (id, keys.keys.as_slice()) {
        (Some(id), _) => keys.find(id),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

/// Verifies the signature. The claims are checked by [`ReceivedClaims::check`], because the library reads times with a type
/// that `arbitrary_precision` of `serde_json`, which this workspace enables, does not support.
fn decoded(token: &str, key: &Jwk) -> Result<ReceivedClaims, TokenError> {
    let key = DecodingKey::from_jwk(key).map_err(|_| TokenError::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    match decode(token, &key, &validation) {
        Ok(token) => Ok(token.claims),
        Err(error) => Err(match error.kind() {
            ErrorKind::InvalidSignature => TokenError::Signature,
            _ => TokenError::Malformed,
        }),
    }
}

/// Fetches the document and keeps its RSA keys for signatures.
async fn fetch(client: &OnceCell<Client>, url: &Url) -> Result<JwkSet, String> {
    let client = client.get_or_try_init(|| async { connect(url) }).await?;
    let mut response = client
        .get(url.clone())
        .send()
        .await
        .map_err(|error| format!("cannot fetch {url}: {}", connection::chain(&error)))?;
    if !response.status().is_success() {
        return Err(format!("{url} responded {}", response.status()));
    }
    let mut document = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(part)) if document.len() + part.len() > MAX_DOCUMENT => {
                return Err(format!("{url} is larger than {MAX_DOCUMENT} bytes"));
            }
            Ok(Some(part)) => document.extend_from_slice(&part),
            Ok(None) => break,
            Err(error) => return Err(format!("cannot read {url}: {}", connection::chain(&error))),
        }
    }
    let keys: JwkSet = serde_json::from_slice(&document)
        .map_err(|error| format!("{url} is not a JSON Web Key Set: {error}"))?;
    let keys: Vec<Jwk> = keys
        .keys
        .into_iter()
        .filter(is_for_signatures)
        .take(MAX_KEYS)
        .collect();
    if keys.is_empty() {
        return Err(format!("{url} contains no RSA key for signatures"));
    }
    Ok(JwkSet { keys })
}

fn is_for_signatures(key: &Jwk) -> bool {
    matches!(key.algorithm, AlgorithmParameters::RSA(_))
        && key
            .common
            .key_algorithm
            .is_none_or(|algorithm| algorithm == KeyAlgorithm::RS256)
        && key
            .common
            .public_key_use
            .as_ref()
            .is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
}

fn connect(url: &Url) -> Result<Client, String> {
    // Another part of the process may have installed the provider.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut client = Client::builder()
        .timeout(FETCH_TIMEOUT)
        .connect_timeout(Duration::from_secs(1))
        .redirect(Policy::none());
    // An issuer on the same machine is not behind a proxy.
    if url
        .host_str()
        .is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host))
    {
        client = client.no_proxy();
    }
    client.build().map_err(|error| error.to_string())
}
