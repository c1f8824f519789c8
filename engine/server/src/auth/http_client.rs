//! HTTP client for key sets and the authentication webhook.

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use std::error::Error;
use std::time::Duration;

/// Maximum time of a call; a request waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Creates a client that does not follow redirects: one could replace https by http.
pub(super) fn client() -> reqwest::Result<Client> {
    // reqwest uses the default provider of the process; keep one that is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        Client::builder()
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
    };
    builder().build().or_else(|error| {
        tracing::warn!(%error, "no CA certificates found; calls to https addresses will fail");
        builder().tls_certs_only([]).build()
    })
}

/// Returns the body, or an error if it is longer than `limit` bytes.
pub(super) async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| describe(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(format!("the response exceeds {limit} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Returns the causes of an error, without the URL, which may contain a secret.
pub(super) fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no response within {} s", TIMEOUT.as_secs());
    }
    let mut text = if error.is_connect() {
        "connection failed".to_owned()
    } else {
        "call failed".to_owned()
    };
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
