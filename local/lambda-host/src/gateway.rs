//! HTTP gateway in front of the functions; its responses match those of API Gateway's HTTP API.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use http::header::{CONTENT_LENGTH, ORIGIN, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};
use tracing::debug;
use uuid::Uuid;

use crate::pages::{self, AllowedOrigins};
use crate::queue::{Outcome, Queue, Rejected};
use crate::{FunctionSpec, event, response};

/// API Gateway's limit for a request body.
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// Lambda's limit for an event.
const EVENT_LIMIT: usize = 6 * 1024 * 1024;

/// Length of a body from which on its event is built by another thread: that takes milliseconds, which would delay other calls.
const LARGE_BODY: usize = 64 * 1024;

/// State of the gateway's handlers.
#[derive(Debug)]
pub(super) struct Gateway {
    routes: HashMap<String, Vec<Route>>,
    timeout: Duration,
    origins: AllowedOrigins,
}

#[derive(Debug)]
struct Route {
    method: Method,
    key: String,
    queue: Arc<Queue>,
    /// Whether a browser on another origin may call the function.
    cross_origin: bool,
}

impl Gateway {
    pub(super) fn new(
        functions: &[FunctionSpec],
        queues: &HashMap<String, Arc<Queue>>,
        timeout: Duration,
        origins: &[String],
    ) -> Self {
        let mut routes: HashMap<String, Vec<Route>> = HashMap::new();
        for function in functions {
            let Some(queue) = queues.get(&function.name) else {
                continue;
            };
            for (method, path) in &function.routes {
                routes.entry(path.clone()).or_default().push(Route {
                    method: method.clone(),
                    key: format!("{method} {path}"),
                    queue: queue.clone(),
                    cross_origin: function
                        .routes
                        .iter()
                        .any(|(method, _)| method == Method::OPTIONS),
                });
            }
        }
        Self {
            routes,
            timeout,
            origins: AllowedOrigins::new(origins),
        }
    }

    fn route(&self, request: &Request) -> Option<&Route> {
        self.routes
            .get(request.uri().path())?
            .iter()
            .find(|route| route.method == request.method())
    }
}

pub(super) fn router(gateway: Arc<Gateway>) -> Router {
    Router::new().fallback(serve).with_state(gateway)
}

async fn serve(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    if let Some(refusal) = gateway.origins.refusal(&request) {
        return refusal;
    }
    // API Gateway responds in the same way to a known path with another method.
    let Some(route) = gateway.route(&request) else {
        return response::message(StatusCode::NOT_FOUND, "Not Found");
    };
    let origin = request.headers().get(ORIGIN).cloned();
    let mut response = call(route, gateway.timeout, peer, request).await;
    // Also for the gateway's own errors, which a page could not read otherwise.
    pages::permit(&mut response, origin.filter(|_| route.cross_origin));
    response
}

async fn call(route: &Route, timeout: Duration, peer: SocketAddr, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let announced = parts
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > BODY_LIMIT as u64) {
        return too_large();
    }
    let body = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(error) if is_length_limit(&error) => return too_large(),
        Err(_) => return response::message(StatusCode::BAD_REQUEST, "Bad Request"),
    };
    let id = Uuid::new_v4();
    let event = if body.len() < LARGE_BODY {
        Ok(event::call(&parts, &body, &route.key, peer, id))
    } else {
        let key = route.key.clone();
        tokio::task::spawn_blocking(move || event::call(&parts, &body, &key, peer, id)).await
    };
    let Ok(Ok(call)) = event else {
        return response::internal_server_error();
    };
    if call.event.len() > EVENT_LIMIT {
        return too_large();
    }
    let outcome = match route.queue.call(call) {
        Ok(outcome) => tokio::time::timeout(timeout, outcome).await,
        Err(Rejected::Full) => {
            return later(response::message(
                StatusCode::TOO_MANY_REQUESTS,
                "Too Many Requests",
            ));
        }
        Err(Rejected::NoProcess) => return unavailable(),
    };
    debug!(route = route.key, request_id = %id, outcome = ?outcome.as_ref().map(|_| ()), "called");
    match outcome {
        Ok(Ok(Outcome::Answered(payload))) => response::response(&payload),
        Ok(Ok(Outcome::Failed(_) | Outcome::Crashed) | Err(_)) => response::internal_server_error(),
        Ok(Ok(Outcome::NotStarted)) => unavailable(),
        // Without Retry-After, as API Gateway: a step that never ends in time uses up the retries of its event.
        Ok(Ok(Outcome::TimedOut)) | Err(_) => {
            response::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
        }
    }
}

fn unavailable() -> Response {
    later(response::message(
        StatusCode::SERVICE_UNAVAILABLE,
        "Service Unavailable",
    ))
}

/// Asks the caller to repeat the request: another process is being started, or a running one becomes idle.
fn later(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn too_large() -> Response {
    response::message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
}

fn is_length_limit(error: &axum::Error) -> bool {
    let cause = std::error::Error::source(error);
    cause.is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>)
}
