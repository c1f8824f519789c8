//! Allowed origins of web pages (`HASURA_GRAPHQL_CORS_DOMAIN`). `cross_site` enforces them.

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};
use std::time::Duration;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// Time for which browsers may cache the response to a preflight request, as in Hasura.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_hours(480);

/// Allowed origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// No CORS headers at all.
    Disabled,
    /// Any origin.
    Any,
    /// Listed origins: exact, or `http://*.example.com` for subdomains.
    Only(Vec<Origin>),
}

/// Allowed origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `https://example.com`.
    Exact(String),
    /// Scheme, and the domain with its port whose subdomains are allowed.
    Subdomains(String, String),
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

    /// Returns the layer that adds CORS headers and responds to preflight requests.
    pub fn layer(&self) -> Option<CorsLayer> {
        if *self == Self::Disabled {
            return None;
        }
        let cors = self.clone();
        let allows =
            move |origin: &HeaderValue, _: &Parts| origin.to_str().is_ok_and(|origin| cors.allows(origin));
        let methods = [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
        ];
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(allows))
            .allow_credentials(true)
            .allow_methods(methods)
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers([HeaderName::from_static("x-request-id")])
            .max_age(PREFLIGHT_MAX_AGE);
        Some(layer)
    }
}

fn origin(domain: &str) -> Result<Origin, String> {
    let Some((scheme, host)) = domain
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
    else {
        return Err(format!(
            "HASURA_GRAPHQL_CORS_DOMAIN (--cors-domain): \"{domain}\" is not a valid origin; expected for example https://example.com"
        ));
    };
    let host = host.trim_end_matches('/').to_lowercase();
    if host.is_empty() || host.contains('/') || host.trim_start_matches("*.").contains('*') {
        return Err(format!(
            "HASURA_GRAPHQL_CORS_DOMAIN (--cors-domain): \"{domain}\" is not a valid origin: scheme, host and port only, \
             and `*` only as its first part"
        ));
    }
    Ok(match host.strip_prefix("*.") {
        Some(parent) => Origin::Subdomains(scheme.to_owned(), parent.to_owned()),
        None => Origin::Exact(format!("{scheme}://{host}")),
    })
}

impl Origin {
    fn matches(&self, origin: &str) -> bool {
        let origin = origin.to_lowercase();
        match self {
            Self::Exact(exact) => *exact == origin,
            Self::Subdomains(scheme, parent) => origin
                .strip_prefix(scheme)
                .and_then(|rest| rest.strip_prefix("://"))
                .and_then(|host| host.strip_suffix(parent.as_str()))
                .and_then(|sub| sub.strip_suffix('.'))
                .is_some_and(|sub| !sub.is_empty() && !sub.contains('/')),
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
        assert!(cors.allows("http://a.b.example.org:3000"));
        for other in [
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
    fn invalid_origins_are_rejected() {
        for bad in ["example.com", "https://a.com/path", "https://a.*.com", "ftp://a"] {
            assert!(
                Cors::parse(Some(bad), false, true)
                    .unwrap_err()
                    .contains("HASURA_GRAPHQL_CORS_DOMAIN"),
                "{bad}"
            );
        }
    }
}
