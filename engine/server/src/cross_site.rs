//! Protection against requests that a web page of another site sends through the browser of a user with access to the engine.
//! Only headers are checked, before the body is read. Clients other than browsers do not send these headers and are not
//! affected.

use super::cors::Cors;
use super::rest;
use axum::extract::Request;
use browser_request::{host, is_from_browser, is_json, is_local_name, is_same_origin};
use engine_error::{Code, Error, Result};
use http::uri::Authority;
use http::{HeaderMap, Method, Uri, Version, header};

/// Paths that run SQL or change the metadata.
const METADATA_PATHS: [&str; 3] = ["/v1/query", "/v2/query", "/v1/metadata"];

/// The checks of `Host`, `Origin` and `Content-Type`.
#[derive(Debug)]
pub struct CrossSite {
    loopback: bool,
    authenticated: bool,
    allowed_hosts: Vec<String>,
}

impl CrossSite {
    /// Creates the checks. `loopback`: the engine listens on a loopback address. `authenticated`: requests carry an admin secret,
    /// which a page of another site does not know.
    pub fn new(loopback: bool, authenticated: bool, allowed_hosts: &[String]) -> Self {
        let allowed_hosts = allowed_hosts.iter().map(|host| host.trim().to_lowercase());
        Self {
            loopback,
            authenticated,
            allowed_hosts: allowed_hosts.filter(|host| !host.is_empty()).collect(),
        }
    }

    /// Returns an error if the request may come from a web page of an origin that is not allowed.
    pub fn check(&self, request: &Request, cors: &Cors) -> Result<()> {
        let headers = request.headers();
        // An authority in the request line does not replace the header (RFC 9112, 3.2).
        let hosts = headers.get_all(header::HOST).iter().count();
        if hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11 {
            let message = format!("the header Host must be sent once, and was sent {hosts} times");
            return Err(Error::new(Code::BadRequest, message));
        }
        let host = host(headers, request.uri());
        let metadata = METADATA_PATHS.contains(&request.uri().path());
        self.check_host(host.as_ref())?;
        for origin in headers.get_all(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or_default();
            if !self.allows_origin(origin, host.as_ref(), metadata, cors) {
                if headers.contains_key(header::SEC_WEBSOCKET_KEY) {
                    // Hasura's wording
                    let message = "received origin header does not match configured CORS domains";
                    return Err(Error::new(Code::AccessDenied, message));
                }
                return Err(denied(format!(
                    "origin \"{origin}\" is not allowed; add it to HASURA_GRAPHQL_CORS_DOMAIN (--cors-domain)"
                )));
            }
        }
        // A link or an image of another site: without CORS headers its page cannot read the response, but the query has run.
        if !headers.contains_key(header::ORIGIN)
            && request.uri().path().starts_with(rest::PREFIX)
            && headers
                .get("sec-fetch-site")
                .is_some_and(|site| site != "same-origin" && site != "none")
        {
            let message = "web pages of other sites cannot open REST endpoints; send the request with CORS";
            return Err(denied(message.to_owned()));
        }
        if is_from_browser(headers) && request.method() == Method::POST && !is_json(headers) {
            let message = "requests of web pages require the header Content-Type: application/json";
            return Err(Error::new(Code::NotSupported, message).with_status(415));
        }
        Ok(())
    }

    fn check_host(&self, host: Option<&Authority>) -> Result<()> {
        let Some(host) = host else {
            let message = "the header Host is missing or invalid";
            return Err(Error::new(Code::BadRequest, message));
        };
        if self.loopback && !self.is_own_name(host.host()) {
            return Err(denied(format!(
                "host \"{}\" is not allowed on a loopback address; add it to HASURA_GRAPHQL_ALLOWED_HOSTS (--allowed-hosts)",
                host.host()
            )));
        }
        Ok(())
    }

    fn allows_origin(&self, origin: &str, host: Option<&Authority>, metadata: bool, cors: &Cors) -> bool {
        if self.is_own_origin(origin, host) {
            return true;
        }
        match cors {
            // Without CORS headers no page can send the secret, which needs a preflight.
            Cors::Disabled => self.authenticated,
            Cors::Any if metadata => self.authenticated && origin != "null",
            Cors::Any | Cors::Only(_) => cors.allows(origin),
        }
    }

    /// Whether cookies of a request may authenticate it. A browser adds them to requests of every page, so the page's origin must
    /// be the engine's own or a listed one; `*` is not sufficient.
    pub(crate) fn trusts_cookies(&self, headers: &HeaderMap, uri: &Uri, cors: &Cors) -> bool {
        let host = host(headers, uri);
        headers.get_all(header::ORIGIN).iter().all(|origin| {
            let origin = origin.to_str().unwrap_or_default();
            self.is_own_origin(origin, host.as_ref()) || matches!(cors, Cors::Only(_)) && cors.allows(origin)
        })
    }

    /// Whether the origin is the engine itself. A name that an attacker's DNS server can resolve to this address is accepted only
    /// if requests are authenticated.
    fn is_own_origin(&self, origin: &str, host: Option<&Authority>) -> bool {
        let Some(host) = host.filter(|host| self.authenticated || self.is_own_name(host.host())) else {
            return false;
        };
        is_same_origin(origin, host)
    }

    /// Whether the host is localhost, an IP address or a configured name.
    fn is_own_name(&self, host: &str) -> bool {
        is_local_name(host)
            || self
                .allowed_hosts
                .contains(&host.trim_end_matches('.').to_lowercase())
    }
}

fn denied(message: String) -> Error {
    Error::new(Code::AccessDenied, message).with_status(403)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn status(check: &CrossSite, cors: &Cors, path: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        check
            .check(&request, cors)
            .map_or_else(|error| error.status, |()| 200)
    }

    fn open() -> CrossSite {
        CrossSite::new(true, false, &["engine.test".to_owned()])
    }

    #[test]
    fn clients_that_are_no_browsers_are_not_affected() {
        let cors = Cors::parse(None, false, false).unwrap();
        for host in [
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "engine.test:8080",
        ] {
            assert_eq!(
                status(&open(), &cors, "/v2/query", &[("host", host)]),
                200,
                "{host}"
            );
        }
    }

    #[test]
    fn loopback_listener_rejects_foreign_and_missing_hosts() {
        let cors = Cors::parse(None, false, false).unwrap();
        for host in ["evil.test:8080", "localhost.evil.test", "127.0.0.1.evil.test"] {
            assert_eq!(
                status(&open(), &cors, "/v1/graphql", &[("host", host)]),
                403,
                "{host}"
            );
        }
        assert_eq!(status(&open(), &cors, "/v1/graphql", &[]), 400);
        let elsewhere = CrossSite::new(false, true, &[]);
        assert_eq!(
            status(&elsewhere, &Cors::Any, "/v1/graphql", &[("host", "example.com")]),
            200
        );
    }

    #[test]
    fn without_a_secret_only_own_and_listed_origins_may_call() {
        let json = ("content-type", "application/json");
        let host = ("host", "localhost:8080");
        let from =
            |cors: &Cors, path: &str, origin| status(&open(), cors, path, &[host, json, ("origin", origin)]);
        for (domains, path, origin, expected) in [
            (None, "/v2/query", "http://localhost:8080", 200),
            (None, "/v2/query", "http://localhost:9999", 403),
            (None, "/v1/graphql", "null", 403),
            (None, "/v1/graphql", "https://evil.test", 403),
            (
                Some("http://localhost:3000"),
                "/v1/graphql",
                "http://localhost:3000",
                200,
            ),
            (
                Some("http://localhost:3000"),
                "/v2/query",
                "http://localhost:3001",
                403,
            ),
            (Some("*"), "/v1/graphql", "https://any.test", 200),
            (Some("*"), "/v2/query", "https://any.test", 403),
            (Some("*"), "/v1/metadata", "null", 403),
        ] {
            let cors = Cors::parse(domains, false, false).unwrap();
            assert_eq!(from(&cors, path, origin), expected, "{domains:?} {path} {origin}");
        }
        assert_eq!(from(&Cors::Disabled, "/v2/query", "https://evil.test"), 403);
    }

    #[test]
    fn each_of_several_origins_must_be_allowed() {
        let cors = Cors::parse(None, false, false).unwrap();
        let headers = |origins: [&'static str; 2]| {
            let [first, second] = origins.map(|origin| ("origin", origin));
            [
                ("host", "localhost:8080"),
                ("content-type", "application/json"),
                first,
                second,
            ]
        };
        let (own, foreign) = ("http://localhost:8080", "https://evil.test");
        for (origins, expected) in [([own, own], 200), ([own, foreign], 403), ([foreign, own], 403)] {
            let headers = headers(origins);
            assert_eq!(
                status(&open(), &cors, "/v1/graphql", &headers),
                expected,
                "{origins:?}"
            );
            let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append::<http::HeaderName>(name, value);
            }
            let trusted = open().trusts_cookies(&map, &Uri::from_static("/v1/graphql"), &cors);
            assert_eq!(trusted, expected == 200, "{origins:?}");
        }
    }

    #[test]
    fn name_resolved_to_another_address_is_not_an_own_origin() {
        // Not on loopback, where `Host` is not checked: DNS rebinding to an address of the local network.
        let exposed = CrossSite::new(false, false, &[]);
        let cors = Cors::parse(None, false, false).unwrap();
        let json = ("content-type", "application/json");
        for (host, origin, expected) in [
            ("evil.test:8080", "http://evil.test:8080", 403),
            ("192.168.0.2:8080", "http://192.168.0.2:8080", 200),
            ("192.168.0.2:8080", "http://evil.test:8080", 403),
        ] {
            for path in ["/v1/graphql", "/v1/query"] {
                let headers = [("host", host), json, ("origin", origin)];
                assert_eq!(
                    status(&exposed, &cors, path, &headers),
                    expected,
                    "{host} {origin}"
                );
            }
        }
    }

    #[test]
    fn cookies_are_trusted_from_own_and_listed_origins() {
        let secured = CrossSite::new(false, true, &[]);
        let uri = Uri::from_static("/v1/graphql");
        let listed = Cors::parse(Some("https://app.test"), false, true).unwrap();
        for (cors, origin, expected) in [
            (&Cors::Any, None, true),
            (&Cors::Any, Some("https://api.test"), true),
            (&Cors::Any, Some("https://app.test"), false),
            (&Cors::Any, Some("null"), false),
            (&listed, Some("https://app.test"), true),
            (&listed, Some("https://evil.test"), false),
            (&Cors::Disabled, Some("https://app.test"), false),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, "api.test".parse().unwrap())]);
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(
                secured.trusts_cookies(&headers, &uri, cors),
                expected,
                "{cors:?} {origin:?}"
            );
        }
    }

    #[test]
    fn pages_must_send_json() {
        let cors = Cors::parse(None, false, false).unwrap();
        let host = ("host", "localhost:8080");
        let origin = ("origin", "http://localhost:8080");
        for (content_type, expected) in [
            ("text/plain", 415),
            ("multipart/form-data; boundary=x", 415),
            ("application/json; charset=utf-8", 200),
        ] {
            for path in [
                "/v1/graphql",
                "/v1alpha1/graphql",
                "/v1/query",
                "/v2/query",
                "/v1/metadata",
            ] {
                let headers = [host, origin, ("content-type", content_type)];
                assert_eq!(
                    status(&open(), &cors, path, &headers),
                    expected,
                    "{path} {content_type}"
                );
            }
        }
        assert_eq!(status(&open(), &cors, "/v1/graphql", &[host, origin]), 415);
        let headers = [
            host,
            ("sec-fetch-site", "cross-site"),
            ("content-type", "text/plain"),
        ];
        assert_eq!(status(&open(), &cors, "/v2/query", &headers), 415);
    }
}
