//! Allowed origins of web pages (`HASURA_GRAPHQL_CORS_DOMAIN`). `cross_site` enforces them.

use http::{HeaderMap, HeaderName, HeaderValue, header};

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

    /// Returns the headers of every response to a web page of an origin.
    pub fn headers(&self, origin: Option<&HeaderValue>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let allowed = origin.filter(|origin| origin.to_str().is_ok_and(|origin| self.allows(origin)));
        if let (Some(origin), false) = (allowed, *self == Self::Disabled) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("x-request-id"),
            );
            headers.insert(header::VARY, HeaderValue::from_static("origin"));
        }
        headers
    }

    /// Whether a preflight request from an origin is accepted.
    pub fn allows_preflight(&self, origin: Option<&HeaderValue>) -> bool {
        !self.headers(origin).is_empty()
    }

    /// Returns the additional headers of the response to a preflight request.
    pub fn preflight_headers(request: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = vec![
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET,POST,PUT,PATCH,DELETE,OPTIONS"),
            ),
            (
                header::ACCESS_CONTROL_MAX_AGE,
                HeaderValue::from_static("1728000"),
            ),
        ];
        if let Some(asked) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.push((header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone()));
        }
        headers
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
    fn what_is_no_origin_is_refused_by_name() {
        for bad in ["example.com", "https://a.com/path", "https://a.*.com", "ftp://a"] {
            assert!(
                Cors::parse(Some(bad), false, true)
                    .unwrap_err()
                    .contains("HASURA_GRAPHQL_CORS_DOMAIN"),
                "{bad}"
            );
        }
    }

    #[test]
    fn only_allowed_origins_are_reflected() {
        let cors = Cors::parse(Some("https://a.com"), false, true).unwrap();
        assert!(
            cors.headers(Some(&HeaderValue::from_static("https://b.com")))
                .is_empty()
        );
        assert!(
            !cors
                .headers(Some(&HeaderValue::from_static("https://a.com")))
                .is_empty()
        );
        assert!(
            Cors::Disabled
                .headers(Some(&HeaderValue::from_static("https://a.com")))
                .is_empty()
        );
    }
}
