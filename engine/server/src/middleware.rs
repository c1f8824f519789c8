//! Middleware of every request: request id, CORS headers, request log, and conversion of a panic into status 500.

use super::app::App;
use super::cors::Cors;
use super::error_response::plain_response;
use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine_error::{Code, Error};
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Outermost middleware.
pub(super) async fn middleware(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(&request);
    let origin = request.headers().get(header::ORIGIN).cloned();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = if method == Method::OPTIONS && origin.is_some() {
        let headers = Cors::preflight_headers(request.headers());
        let mut response = StatusCode::NO_CONTENT.into_response();
        if app.cors.allows_preflight(origin.as_ref()) {
            response.headers_mut().extend(headers);
        }
        response
    } else if let Err(error) = app.cross_site.check(&request, &app.cors) {
        plain_response(&error, false)
    } else {
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            // The panic hook has logged the location; the client receives no details.
            Err(_) => plain_response(&Error::new(Code::Unexpected, "internal error"), false),
        }
    };
    response.headers_mut().extend(app.cors.headers(origin.as_ref()));
    response.headers_mut().insert(REQUEST_ID, id.clone());
    tracing::info!(
        target: "http-log",
        request_id = id.to_str().unwrap_or_default(),
        method = method.as_str(),
        path,
        status = response.status().as_u16(),
        bytes = response.body().size_hint().exact(),
        ms = started.elapsed().as_secs_f64() * 1000.0,
    );
    response
}

/// Returns the request id sent by the client, or a new one.
fn request_id(request: &Request) -> HeaderValue {
    request
        .headers()
        .get(REQUEST_ID)
        .filter(|id| !id.is_empty())
        .cloned()
        .unwrap_or_else(|| {
            HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()).unwrap_or(HeaderValue::from_static("-"))
        })
}
