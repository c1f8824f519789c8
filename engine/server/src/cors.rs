//! Allowed origins of web pages (`HASURA_GRAPHQL_CORS_DOMAIN`). `cross_site` enforces them.

use super::app::App;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use std::sync::Arc;

/// Time in seconds for which browsers may cache the response to a preflight request, as in Hasura.
const PREFLIGHT_MAX_AGE: &str = "1728000";

/// Allowed origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// No CORS headers at all.
    Disabled,
    /// Any origin.
    Any,
    /// Listed origins: exact, or `http://*.example.com` for any first label.
    Only(Vec<Origin>),
}

/// Allowed origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `https://example.com`.
    Exact(String),
    /// Scheme, and the domain with its port below which any one label is allowed.
    AnyLabel(String, String),
}

impl Cors {
    /// Parses the option. If it is unset, every origin is allowed if requests are `authenticated` by a secret, and otherwise
    /// only the engine's own origin.
    pub fn parse(domains: Option<&str>, disabled: bool, authenticated: bool) -> Result<Self, String> {
        if disabled {
            return Ok(Self::Disabled);
        }
        let domains = domains.unwrap_or(if authenticated { "*" } else { "" });
        if domains.trim() == "*" {
            return Ok(Self::Any);
        }
        let origins = domains
            .split(',')
            .map(str::trim)
            .filter(|d| !d.is_empty())
            .map(origin);
        Ok(Self::Only(origins.collect::<Result<_, _>>()?))
    }

    /// Whether web pages of an origin may send requests.
    pub fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Disabled | Self::Any => true,
            Self::Only(origins) => origins.iter().any(|allowed| allowed.matches(origin)),
        }
    }
}

/// Adds CORS headers to responses to allowed origins, and responds to preflight requests, with 204 as in Hasura. No route
/// accepts OPTIONS.
pub(super) async fn layer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let cors = &app.cors;
    if *cors == Cors::Disabled {
        return next.run(request).await;
    }
    let headers = request.headers();
    let origin = headers.get(ORIGIN).cloned();
    let origin = origin.filter(|origin| origin.to_str().is_ok_and(|origin| cors.allows(origin)));
    let is_preflight = request.method() == Method::OPTIONS;
    let requested_headers = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if is_preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    // The response differs by origin even if it has no CORS headers.
    add_vary(headers, "origin");
    let Some(origin) = origin else {
        return response;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET,POST,PUT,PATCH,DELETE,OPTIONS"),
    );
    if is_preflight {
        add_vary(headers, "access-control-request-headers");
        headers.insert(
            ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static(PREFLIGHT_MAX_AGE),
        );
        if let Some(requested) = requested_headers {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, requested);
        }
    } else {
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("x-request-id"),
        );
    }
    response
}

/// Adds a header name to `Vary`. All names are in one line, because some caches read only the first or the last one.
fn add_vary(headers: &mut HeaderMap, name: &str) {
    let present = headers
        .get_all(VARY)
        .iter()
        .filter_map(|names| names.to_str().ok());
    let names: Vec<&str> = present.chain([name]).collect();
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        headers.insert(VARY, names);
    }
}

/// Parses an origin of the option: any scheme (`capacitor://localhost`), a host and perhaps a port.
fn origin(domain: &str) -> Result<Origin, String> {
    let refused = |problem: &str| {
        Err(format!(
            "HASURA_GRAPHQL_CORS_DOMAIN (--cors-domain): \"{domain}\" is not a valid origin{problem}"
        ))
    };
    let Some((scheme, host)) = domain.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
        return refused("; expected for example https://example.com");
    };
    let (scheme, host) = (scheme.to_lowercase(), host.trim_end_matches('/').to_lowercase());
    let name = host.strip_prefix("*.").unwrap_or(&host);
    if name.is_empty() || name.contains(['/', '*', '?', '#', '@']) {
        return refused(": scheme, host and port only, and `*` only as its first part");
    }
    Ok(match host.strip_prefix("*.") {
        Some(parent) => Origin::AnyLabel(scheme, parent.to_owned()),
        None => Origin::Exact(format!("{scheme}://{host}")),
    })
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

impl Origin {
    fn matches(&self, origin: &str) -> bool {
        let origin = origin.to_lowercase();
        match self {
            Self::Exact(exact) => *exact == origin,
            Self::AnyLabel(scheme, parent) => origin
                .strip_prefix(scheme.as_str())
                .and_then(|rest| rest.strip_prefix("://"))
                .and_then(|host| host.split_once('.'))
                .is_some_and(|(label, rest)| {
                    !label.is_empty() && !label.contains(['/', ':']) && rest == parent
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_whole() {
        let cors = Cors::parse(
            Some("https://app.example.com, http://*.example.org:3000"),
            false,
            true,
        )
        .unwrap();
        assert!(cors.allows("https://app.example.com"));
        assert!(cors.allows("http://a.example.org:3000"));
        for other in [
            "http://a.b.example.org:3000",
            "http://.example.org:3000",
            "https://a.example.org:3000",
            "http://app.example.com",
            "https://app.example.com.evil.net",
            "http://example.org:3000",
            "http://evilexample.org:3000",
            "http://a.example.org",
        ] {
            assert!(!cors.allows(other), "{other}");
        }
    }

    #[test]
    fn vary_keeps_its_names() {
        let mut headers = HeaderMap::new();
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        headers.append(VARY, HeaderValue::from_static("accept"));
        add_vary(&mut headers, "origin");
        let lines: Vec<_> = headers.get_all(VARY).iter().collect();
        assert_eq!(lines, ["accept-encoding, accept, origin"]);
    }

    #[test]
    fn scheme_may_be_any() {
        let cors = Cors::parse(Some("capacitor://localhost, Tauri://*.App.test"), false, true).unwrap();
        for allowed in ["capacitor://localhost", "tauri://a.app.test"] {
            assert!(cors.allows(allowed), "{allowed}");
        }
        for other in ["ionic://localhost", "http://localhost", "capacitor://localhost:1"] {
            assert!(!cors.allows(other), "{other}");
        }
    }

    #[test]
    fn invalid_origins_are_rejected() {
        for bad in [
            "example.com",
            "https://a.com/path",
            "https://a.*.com",
            "https://*",
            "https://*.",
            "1a://a",
            "://a",
        ] {
            assert!(
                Cors::parse(Some(bad), false, true)
                    .unwrap_err()
                    .contains("HASURA_GRAPHQL_CORS_DOMAIN"),
                "{bad}"
            );
        }
    }
}
