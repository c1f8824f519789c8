//! HTTP responses in the format of API Gateway.

use lambda_http::{
    Body,
    aws_lambda_events::apigw::ApiGatewayV2httpResponse,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use serde_json::{Value, json};

use super::functions::{Answer, CallerKind};

/// CORS headers for any origin: a caller is identified by its token, never by cookies, so a page on another origin has no more
/// rights than any other client.
const CORS: [(HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type",
    ),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after"),
];

/// Lifetime of a preflight response in the browser's cache, in seconds: one day.
const PREFLIGHT_MAX_AGE: &str = "86400";

/// Lifetime of a public document in caches: five minutes, less than the time for which a previous key is published.
const DOCUMENT_CACHE: &str = "public, max-age=300";

/// Response that is independent of API Gateway.
#[derive(Debug)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) body: Option<String>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    /// 200.
    pub fn ok(response: &impl Answer) -> Self {
        Self {
            status: 200,
            body: Some(json!(response).to_string()),
            headers: Vec::new(),
        }
    }

    /// 200 with a public document.
    pub fn document(document: &Value) -> Self {
        Self {
            status: 200,
            body: Some(document.to_string()),
            headers: vec![(header::CACHE_CONTROL, HeaderValue::from_static(DOCUMENT_CACHE))],
        }
    }

    /// Response to a preflight request.
    pub fn no_content() -> Self {
        let max_age = (
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static(PREFLIGHT_MAX_AGE),
        );
        Self {
            status: 204,
            body: None,
            headers: vec![max_age],
        }
    }

    /// Converts to an API Gateway response, with the headers for this kind of caller.
    pub fn into_response(self, caller: CallerKind) -> ApiGatewayV2httpResponse {
        let mut headers: HeaderMap = self.headers.into_iter().collect();
        if self.body.is_some() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            );
            headers
                .entry(header::CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("no-store"));
        }
        if caller == CallerKind::Browser {
            for (name, value) in CORS {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status);
        response.headers = headers;
        response.body = self.body.map(Body::Text);
        response
    }
}
