//! Layers around all handlers: request ids, the request span and log line, CORS headers, protection against other sites,
//! conversion of a panic into status 500, and compression.

use super::app::App;
use super::body_budget;
use super::client_address::ClientAddress;
use super::cookies;
use super::cors;
use super::error_response::plain_response;
use super::slow_requests;
use axum::Router;
use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use engine_error::{Code, Error};
use engine_runtime::graphql;
use http::{HeaderMap, HeaderValue};
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use trace_context::TraceContext;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use uuid::Builder;

/// Header of the request id.
const REQUEST_ID: &str = "x-request-id";

/// Maximum length in bytes of a client's request id, which is returned to it and part of each log line.
const MAX_REQUEST_ID: usize = 128;

/// Maximum length in bytes of a client's text in a span; each log line inside the span repeats it.
const MAX_SPAN_TEXT: usize = 128;

/// Adds the layers to the routes. They are services around the router and not layers of each route: a route is copied with all of its
/// layers by each of them in each request.
///
/// The order is part of the behaviour. From the outermost layer:
/// 1. The request id is checked and set first, and copied to the response last.
/// 2. The span and the log line include all of the following.
/// 3. CORS headers are added to every response, because a page can read an error only with them. A preflight request is
///    answered here: it names the page's origin, and is not a request that the check may reject with an error.
/// 4. Panics are caught inside of the layers that must also see the response to a panic, and outside of all code that handles
///    requests.
/// 5. The check of `Host` and `Origin` rejects a request before its body is read.
/// 6. The compression sees only handlers' responses. Handlers limit the body, because the limit depends on the session; its memory
///    is reserved until they have responded.
pub(super) fn add_layers(router: Router<Arc<App>>, app: &Arc<App>) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn(remove_unsafe_request_id))
        .layer(SetRequestIdLayer::x_request_id(MakeRandomId))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(from_fn_with_state(Arc::clone(app), trace))
        .layer(from_fn_with_state(Arc::clone(app), cors::layer))
        .layer(CatchPanicLayer::custom(panic_response))
        .layer(from_fn_with_state(Arc::clone(app), check_cross_site))
        .layer(from_fn_with_state(Arc::clone(app), body_budget::layer))
        .layer(from_fn(cookies::layer))
        .layer(CompressionLayer::new());
    Router::new().fallback_service(layers.service(router.with_state(Arc::clone(app))))
}

/// Makes random UUIDs. Those of tower-http read the system's random numbers for each of them.
#[derive(Debug, Clone, Copy)]
struct MakeRandomId;

impl MakeRequestId for MakeRandomId {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        let id = Builder::from_random_bytes(rand::random()).into_uuid();
        let id = HeaderValue::try_from(id.to_string()).ok()?;
        Some(RequestId::new(id))
    }
}

/// Removes a client's request id that is not safe in log lines and headers, so that the engine makes one.
async fn remove_unsafe_request_id(mut request: Request, next: Next) -> Response {
    let mut ids = request.headers().get_all(REQUEST_ID).iter();
    let is_safe = match (ids.next(), ids.next()) {
        (Some(id), None) => is_safe_request_id(id.as_bytes()),
        (None, _) => true,
        (Some(_), Some(_)) => false,
    };
    if !is_safe {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

fn is_safe_request_id(id: &[u8]) -> bool {
    let is_safe = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:/+=@".contains(byte);
    (1..=MAX_REQUEST_ID).contains(&id.len()) && id.iter().all(is_safe)
}

/// Returns the request id, which is set in every request.
pub(super) fn request_id(headers: &HeaderMap) -> &str {
    headers
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
}

/// Adds the operation name of a request to the current span.
pub(super) fn record_operation_name(request: &graphql::Request) {
    if let Some(name) = request.operation_name.as_deref().and_then(span_text) {
        Span::current().record("operation.name", name);
        slow_requests::set_operation(name);
    }
}

/// Returns a client's text unless it is too long for a span.
pub(super) fn span_text(text: &str) -> Option<&str> {
    (text.len() <= MAX_SPAN_TEXT).then_some(text)
}

/// Runs a request in its span and logs it.
async fn trace(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = request_id(request.headers()).to_owned();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    // At the level of errors, so that a filter for warnings only does not remove the request id from them.
    let span = tracing::error_span!(
        "request",
        request_id,
        method = method.as_str(),
        path,
        trace_id = Empty,
        role = Empty,
        operation.name = Empty,
    );
    if let Some(trace) = TraceContext::of_headers(request.headers()) {
        span.record("trace_id", tracing::field::display(trace.trace_id));
    }
    let run = async move {
        let (response, operation) = slow_requests::with_operation(next.run(request)).await;
        let took = started.elapsed();
        let status = response.status().as_u16();
        app.slow
            .record(took, &request_id, method.as_str(), &path, operation, status);
        tracing::info!(
            target: "http-log",
            request_id,
            method = method.as_str(),
            path,
            status,
            bytes = response.body().size_hint().exact(),
            ms = took.as_secs_f64() * 1000.0,
        );
        response
    };
    run.instrument(span).await
}

async fn check_cross_site(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.cross_site.check(&request, &app.cors) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            app.refused(ClientAddress::of(request.extensions())).await;
            plain_response(&error, false)
        }
    }
}

fn panic_response(_: Box<dyn Any + Send>) -> Response {
    // The panic hook has logged the location; the client receives no details.
    plain_response(&Error::new(Code::Unexpected, "internal error"), false)
}
