//! Protection of the gateway and the Runtime API against web pages: every page in a browser of this machine, or of one that reaches
//! the gateway's address, can send requests. Only headers are checked, before the body is read.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use browser_request::{host, is_from_browser, is_json, is_local_name, is_same_origin};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN, VARY};
use http::{HeaderValue, Method, StatusCode};

use crate::response::message;

/// Origins of the web pages that may call the functions.
#[derive(Debug)]
pub(super) struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// `*` allows all origins.
    pub(super) fn new(origins: &[String]) -> Self {
        Self(origins.to_vec())
    }

    /// Returns the response to a request that may come from a page of another origin; `None` if it may pass.
    pub(super) fn refusal(&self, request: &Request) -> Option<Response> {
        if let Some(refusal) = refusal_of_host(request) {
            return Some(refusal);
        }
        let headers = request.headers();
        if headers
            .get_all(ORIGIN)
            .iter()
            .any(|origin| !self.allows(origin, request))
        {
            return Some(message(
                StatusCode::FORBIDDEN,
                "pages of this origin may not call the functions; see HASURA_GRAPHQL_CORS_DOMAIN",
            ));
        }
        if is_from_browser(headers) && request.method() == Method::POST && !is_json(headers) {
            let mut refusal = message(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "requests of web pages require the header content-type: application/json",
            );
            permit(&mut refusal, headers.get(ORIGIN).cloned());
            return Some(refusal);
        }
        None
    }

    fn allows(&self, origin: &HeaderValue, request: &Request) -> bool {
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        let own = host(request.headers(), request.uri()).is_some_and(|host| is_same_origin(origin, &host));
        own || self.0.iter().any(|allowed| allowed == "*" || allowed == origin)
    }
}

/// Lets the page of an allowed origin read the response, and no other page: the functions behind API Gateway permit every origin.
pub(super) fn permit(response: &mut Response, origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}

/// Middleware of the Runtime API, which no page uses.
pub(super) async fn refuse_browsers(request: Request, next: Next) -> Response {
    if let Some(refusal) = refusal_of_host(&request) {
        return refusal;
    }
    if is_from_browser(request.headers()) {
        return message(StatusCode::FORBIDDEN, "web pages may not use the Runtime API");
    }
    next.run(request).await
}

/// Refuses names other than localhost: the DNS server of a page can resolve its name to the gateway's address.
fn refusal_of_host(request: &Request) -> Option<Response> {
    let Some(host) = host(request.headers(), request.uri()) else {
        return Some(message(
            StatusCode::BAD_REQUEST,
            "the header Host is missing or invalid",
        ));
    };
    let refusal = || {
        message(
            StatusCode::FORBIDDEN,
            "this host is not allowed; use localhost or an IP address",
        )
    };
    (!is_local_name(host.host())).then(refusal)
}
