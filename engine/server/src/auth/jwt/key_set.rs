//! Key set at an address (`jwk_url`): selection of keys, and their refresh.

use super::key::VerificationKey;
use super::token::{BadSignature, Token};
use crate::auth::cache_control::lifetime;
use crate::auth::http_client::{describe, read_body};
use arc_swap::ArcSwap;
use http::StatusCode;
use http::header::{CACHE_CONTROL, EXPIRES};
use reqwest::{Client, Url};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// Maximum size of a key set in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// Minimum time between two fetches, also if the response must not be cached.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// Maximum time between a failed fetch and the next attempt.
const MAX_RETRY_INTERVAL: Duration = Duration::from_mins(1);

/// Pauses between the attempts of the first fetch while its failures are transient: an issuer may be starting too.
const LOAD_PAUSES: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// Minimum time between two fetches because of unknown keys: clients can send any key id.
const UNKNOWN_KEY_INTERVAL: Duration = Duration::from_secs(10);

/// Keys of one response.
#[derive(Debug)]
struct Keys(Vec<VerificationKey>);

/// Reason for which a key set does not verify a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// No key of the set has the token's key id and algorithm.
    UnknownKey,
    BadSignature,
}

impl Keys {
    fn parse(body: &[u8]) -> Result<Self, String> {
        let set: Value = serde_json::from_slice(body).map_err(|error| format!("not valid JSON: {error}"))?;
        let members = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or("the list \"keys\" is missing")?;
        let mut keys = Vec::new();
        for member in members {
            let key = member.as_object().ok_or("a key is not an object".to_owned());
            match key.and_then(VerificationKey::from_jwk) {
                Ok(key) => keys.push(key),
                Err(reason) => {
                    tracing::debug!(target: "jwk-refresh-log", kid = %member["kid"], reason, "key is ignored");
                }
            }
        }
        if keys.is_empty() {
            return Err("the key set contains no usable key".to_owned());
        }
        Ok(Self(keys))
    }

    fn verify(&self, token: &Token<'_>) -> Result<Value, Failure> {
        let named = token.key_id.as_deref();
        // Keys without an id may be the one that the token names, unless another key has this id.
        let is_known = named.is_some() && self.0.iter().any(|key| key.id() == named);
        let mut result = Err(Failure::UnknownKey);
        for key in self.0.iter().filter(|key| key.supports(token.algorithm)) {
            if named.is_some() && key.id() != named && (is_known || key.id().is_some()) {
                continue;
            }
            match key.verify(token) {
                Ok(claims) => return Ok(claims),
                Err(BadSignature) => result = Err(Failure::BadSignature),
            }
        }
        result
    }
}

/// Key set with its refresh.
#[derive(Debug)]
pub(super) struct KeySet {
    url: Url,
    client: Client,
    keys: ArcSwap<Keys>,
    /// Time of the next refresh; `None` if the response does not expire.
    first_refresh: Option<Instant>,
    /// Earliest time of the next fetch because of an unknown key; held while fetching.
    next_for_unknown_key: Mutex<Instant>,
}

impl KeySet {
    /// Fetches the keys, again after a transient failure.
    pub(super) async fn load(url: Url, client: Client) -> Result<Self, String> {
        let mut pauses = LOAD_PAUSES.into_iter();
        let (keys, lifetime) = loop {
            let failed = match fetch(&client, &url).await {
                Ok(fetched) => break fetched,
                Err(failed) => failed,
            };
            let pause = pauses.next().filter(|_| failed.is_transient);
            let Some(pause) = pause else {
                return Err(failed.reason);
            };
            let (host, reason) = (url.host_str(), failed.reason);
            tracing::warn!(target: "jwk-refresh-log", host, reason, "cannot fetch the key set; retrying");
            sleep(pause).await;
        };
        Ok(Self {
            url,
            client,
            keys: ArcSwap::from_pointee(keys),
            first_refresh: lifetime.and_then(|lifetime| Instant::now().checked_add(lifetime)),
            next_for_unknown_key: Mutex::new(Instant::now()),
        })
    }

    /// Verifies a token. Fetches the keys again if its key is unknown: the issuer may have begun to use a new one before the
    /// response expired.
    pub(super) async fn verify(&self, token: &Token<'_>) -> Result<Value, BadSignature> {
        let used = self.keys.load_full();
        match used.verify(token) {
            Ok(claims) => return Ok(claims),
            Err(Failure::BadSignature) => return Err(BadSignature),
            Err(Failure::UnknownKey) => {}
        }
        {
            let mut next = self.next_for_unknown_key.lock().await;
            // Another request or the refresh may have fetched them meanwhile.
            if Arc::ptr_eq(&used, &self.keys.load_full()) {
                if Instant::now() < *next {
                    return Err(BadSignature);
                }
                *next = Instant::now() + UNKNOWN_KEY_INTERVAL;
                self.refresh().await.ok();
                // A fetch may take as long as the interval; requests that waited for it must not repeat it.
                *next = Instant::now() + UNKNOWN_KEY_INTERVAL;
            }
        }
        self.keys.load().verify(token).map_err(|_| BadSignature)
    }

    /// Refreshes the keys when they expire, until `stop` is cancelled. After a failure, the previous keys remain.
    pub(super) async fn keep_fresh(&self, stop: &CancellationToken) {
        let Some(first) = self.first_refresh else {
            return;
        };
        let mut wait = first.saturating_duration_since(Instant::now());
        let mut retry_interval = MIN_INTERVAL;
        loop {
            let next = async {
                sleep(wait.max(MIN_INTERVAL)).await;
                self.refresh().await
            };
            let result = tokio::select! {
                () = stop.cancelled() => return,
                result = next => result,
            };
            wait = match result {
                Ok(Some(lifetime)) => {
                    retry_interval = MIN_INTERVAL;
                    lifetime
                }
                Ok(None) => return,
                Err(()) => {
                    let wait = retry_interval;
                    retry_interval = (retry_interval * 2).min(MAX_RETRY_INTERVAL);
                    wait
                }
            };
        }
    }

    /// Fetches the keys and returns the time until they expire. A failure is logged.
    async fn refresh(&self) -> Result<Option<Duration>, ()> {
        match fetch(&self.client, &self.url).await {
            Ok((keys, lifetime)) => {
                self.keys.store(Arc::new(keys));
                tracing::debug!(target: "jwk-refresh-log", host = self.url.host_str(), "key set refreshed");
                Ok(lifetime)
            }
            Err(failed) => {
                tracing::warn!(
                    target: "jwk-refresh-log",
                    host = self.url.host_str(),
                    reason = failed.reason,
                    "cannot refresh the key set; the previous keys remain, retrying"
                );
                Err(())
            }
        }
    }
}

/// Failed fetch.
#[derive(Debug)]
struct Failed {
    reason: String,
    /// Whether a repeated fetch may succeed: the issuer cannot be reached, has too many requests, or reports an error of its own.
    is_transient: bool,
}

impl From<String> for Failed {
    fn from(reason: String) -> Self {
        Self {
            reason,
            is_transient: false,
        }
    }
}

async fn fetch(client: &Client, url: &Url) -> Result<(Keys, Option<Duration>), Failed> {
    let response = client.get(url.clone()).send().await;
    let response = response.map_err(|error| Failed {
        reason: describe(&error),
        is_transient: error.is_connect() || error.is_timeout() || error.is_request(),
    })?;
    let status = response.status();
    if !status.is_success() {
        return Err(Failed {
            reason: format!("HTTP status {}", status.as_u16()),
            is_transient: status.is_server_error()
                || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status),
        });
    }
    let header = |name| response.headers().get(name)?.to_str().ok().map(ToOwned::to_owned);
    let (cache_control, expires) = (header(CACHE_CONTROL), header(EXPIRES));
    let keys = Keys::parse(&read_body(response, MAX_BYTES).await?)?;
    let lifetime = lifetime(cache_control.as_deref(), expires.as_deref(), SystemTime::now());
    Ok((
        keys,
        lifetime.unwrap_or_else(|header| {
            tracing::warn!(
                target: "jwk-refresh-log",
                host = url.host_str(),
                header,
                "cannot read the expiry of the key set; it is only refreshed for unknown keys"
            );
            None
        }),
    ))
}
