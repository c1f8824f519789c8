//! What the headers of a request tell about the web page that sent it. The engine and the local gateway of the functions refuse
//! requests of foreign pages with these rules, before the body is read. Clients other than browsers do not send `Origin` or
//! `Sec-Fetch-Site`.

use std::net::IpAddr;

use http::uri::Authority;
use http::{HeaderMap, HeaderName, Uri, header};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Host that the client named. HTTP/2 and requests in absolute form name it in the URI.
pub fn host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let host = uri.authority().cloned();
    host.or_else(|| only(headers, &header::HOST)?.parse().ok())
}

/// Returns the value of a header that is sent once. Of repeated ones, a server and a proxy before it can read different values.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Whether the host is localhost or an IP address. DNS rebinding requires another name, which the attacker's DNS server resolves to
/// the address of this machine.
pub fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_lowercase();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host == "localhost" || host.ends_with(".localhost") || address.unwrap_or(&host).parse::<IpAddr>().is_ok()
}

/// Whether the origin is that of a page at this host.
pub fn is_same_origin(origin: &str, host: &Authority) -> bool {
    let authority = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()))
}

/// Whether a browser sent the request.
pub fn is_from_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key(SEC_FETCH_SITE)
}

/// Whether the body is declared as JSON. A form cannot send this content type, and `fetch` asks the server for permission first.
pub fn is_json(headers: &HeaderMap) -> bool {
    only(headers, &header::CONTENT_TYPE).is_some_and(|content_type| {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_localhost_and_addresses_are_local_names() {
        for local in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "127.0.0.1",
            "[::1]",
            "192.0.2.7",
        ] {
            assert!(is_local_name(local), "{local}");
        }
        for foreign in [
            "",
            "evil.test",
            "localhost.evil.test",
            "127.0.0.1.evil.test",
            "notlocalhost",
        ] {
            assert!(!is_local_name(foreign), "{foreign}");
        }
    }

    #[test]
    fn origin_is_compared_with_scheme_host_and_port() {
        let host = Authority::from_static("localhost:8081");
        for same in ["http://localhost:8081", "https://LOCALHOST:8081"] {
            assert!(is_same_origin(same, &host), "{same}");
        }
        for other in [
            "null",
            "http://localhost",
            "http://localhost:80810",
            "file://localhost:8081",
        ] {
            assert!(!is_same_origin(other, &host), "{other}");
        }
    }

    #[test]
    fn json_is_recognised_by_the_type_without_its_parameters() {
        for (text, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/plain", false),
            ("text/plain; a=application/json", false),
            ("application/jsonp", false),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, text.parse().unwrap())]);
            assert_eq!(is_json(&headers), expected, "{text}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn repeated_hosts_and_content_types_have_no_value() {
        let twice = |name: HeaderName, first: &'static str, second: &'static str| {
            let mut headers = HeaderMap::new();
            for value in [first, second] {
                headers.append(name.clone(), HeaderValue::from_static(value));
            }
            headers
        };
        assert!(!is_json(&twice(
            header::CONTENT_TYPE,
            "application/json",
            "text/plain"
        )));
        let hosts = twice(header::HOST, "localhost", "evil.test");
        assert_eq!(host(&hosts, &Uri::from_static("/")), None);
    }
}
