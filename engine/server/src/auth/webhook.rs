//! Webhook authentication (`HASURA_GRAPHQL_AUTH_HOOK`): an HTTP service maps the headers of a request to its session.

mod response;

use super::http_client::{client, describe, read_body};
use super::{Authenticated, Capacity, Credentials};
use engine_error::{Code, Error, Result};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DNT,
    EXPECT, HOST, ORIGIN, PROXY_AUTHORIZATION, REFERER, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    USER_AGENT,
};
use http::{HeaderMap, HeaderName};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::{Map, Value, json};
use std::time::SystemTime;

/// Maximum size of a response in bytes. Longer session variables would be rejected anyway.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Headers of the client that a GET request does not forward: as in Hasura, and those that concern one connection only.
const NOT_FORWARDED: [HeaderName; 22] = [
    ACCEPT,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    HeaderName::from_static("accept-datetime"),
    CACHE_CONTROL,
    CONNECTION,
    CONTENT_LENGTH,
    HeaderName::from_static("content-md5"),
    CONTENT_TYPE,
    DNT,
    EXPECT,
    HOST,
    HeaderName::from_static("keep-alive"),
    ORIGIN,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    REFERER,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
];

/// HTTP method of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The client's headers are the headers of the call.
    Get,
    /// The client's headers are in the body, with the GraphQL request if it is sent.
    Post { sends_request: bool },
}

/// The webhook.
#[derive(Debug)]
pub struct Webhook {
    url: Url,
    mode: Mode,
    client: Client,
    pub(super) capacity: Capacity,
}

impl Webhook {
    /// Returns an error if the address is not one of HTTP.
    pub fn new(url: &str, mode: Mode) -> Result<Self, String> {
        let url = Self::parse_url(url)?;
        let client = client().map_err(|error| format!("cannot create the HTTP client: {error}"))?;
        Ok(Self {
            url,
            mode,
            client,
            capacity: Capacity::default(),
        })
    }

    /// Parses an address. Errors do not contain it, because it may contain a secret.
    pub fn parse_url(url: &str) -> Result<Url, String> {
        let url = Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        url.ok_or_else(|| "expected an http or https address".to_owned())
    }

    /// Whether the webhook receives the body of GraphQL requests.
    pub fn needs_body(&self) -> bool {
        self.mode == Mode::Post { sends_request: true }
    }

    pub(super) async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Authenticated> {
        let response = match self.request(credentials).send().await {
            Ok(response) => response,
            Err(error) => {
                tracing::warn!(
                    target: "webhook-log",
                    host = self.url.host_str(),
                    http_error = describe(&error),
                    "authentication hook cannot be called"
                );
                // Hasura's wording
                return Err(Error::new(
                    Code::Unexpected,
                    "webhook authentication request failed",
                ));
            }
        };
        let status = response.status();
        let cookies = response.headers().get_all(SET_COOKIE).iter().cloned().collect();
        let body = read_body(response, MAX_RESPONSE_BYTES).await;
        let result = body.and_then(|body| response::session(status, &body, SystemTime::now()));
        match result {
            Ok(result) => {
                tracing::debug!(target: "webhook-log", host = self.url.host_str(), status = status.as_u16());
                result.map(|authenticated| authenticated.with_cookies(cookies))
            }
            Err(reason) => {
                tracing::warn!(
                    target: "webhook-log",
                    host = self.url.host_str(),
                    status = status.as_u16(),
                    reason,
                    "invalid response of the authentication hook"
                );
                // Hasura's wording
                Err(Error::new(
                    Code::Unexpected,
                    format!("Invalid response from authorization hook: {reason}"),
                ))
            }
        }
    }

    fn request(&self, Credentials { headers, body }: Credentials<'_>) -> RequestBuilder {
        match self.mode {
            Mode::Get => {
                let mut forwarded = headers.clone();
                for name in NOT_FORWARDED {
                    forwarded.remove(name);
                }
                self.client.get(self.url.clone()).headers(forwarded)
            }
            Mode::Post { sends_request } => {
                let mut payload = json!({"headers": texts(headers)});
                if sends_request {
                    payload["request"] = body.map_or(Value::Null, graphql_request);
                }
                self.client.post(self.url.clone()).json(&payload)
            }
        }
    }
}

/// Returns the headers as strings; several values of one header are separated by commas.
fn texts(headers: &HeaderMap) -> Map<String, Value> {
    let text = |name: &HeaderName| {
        let values = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(", ")
    };
    headers
        .keys()
        .map(|name| (name.as_str().to_owned(), text(name).into()))
        .collect()
}

/// Returns the parts of a GraphQL request that Hasura sends; a list for a batch.
fn graphql_request(body: &Value) -> Value {
    match body {
        Value::Object(body) => {
            let parts = ["query", "operationName", "variables"].into_iter();
            let present = parts.filter_map(|key| {
                Some((
                    key.to_owned(),
                    body.get(key).filter(|value| !value.is_null())?.clone(),
                ))
            });
            Value::Object(present.collect())
        }
        Value::Array(batch) => batch.iter().map(graphql_request).collect(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn request_contains_only_graphql_parts() {
        let one = json!({"query": "{ a }", "variables": {"x": 1}, "operationName": null, "extensions": {}});
        let expected = json!({"query": "{ a }", "variables": {"x": 1}});
        assert_eq!(graphql_request(&one), expected);
        assert_eq!(
            graphql_request(&json!([one, {"query": "{ b }"}])),
            json!([expected, {"query": "{ b }"}])
        );
        assert_eq!(graphql_request(&json!("text")), Value::Null);
    }

    #[test]
    fn repeated_headers_are_joined() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", HeaderValue::from_static("1"));
        headers.append("x-a", HeaderValue::from_static("2"));
        assert_eq!(Value::Object(texts(&headers)), json!({"x-a": "1, 2"}));
    }
}
