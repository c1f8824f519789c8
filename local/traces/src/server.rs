//! HTTP interface of the collector: `POST /v1/traces` for exporters, and the page with its data.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::otlp;
use crate::store::{SpanRecord, Store};

/// Maximum number of bytes of an export.
const MAX_EXPORT: usize = 4 * 1024 * 1024;

/// Maximum number of traces of the list.
const LISTED: usize = 200;

type Shared = Arc<Mutex<Store>>;

/// A running collector; it stops when this is dropped.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    store: Shared,
    task: JoinHandle<()>,
}

impl Collector {
    /// Listens on this port of the loopback address; 0 selects a free one.
    pub async fn start(port: u16) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on {address} for traces; choose another port with --port-offset")
        })?;
        let address = listener.local_addr()?;
        let store = Shared::default();
        let app = router(&store, address);
        let task = tokio::spawn(async move {
            // Ends only with the process or with this task.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, store, task })
    }

    /// Base URL, also the value of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Address of the page of a trace, with the placeholder `{trace_id}`.
    pub fn trace_url(&self) -> String {
        format!("{}/#{{trace_id}}", self.url())
    }

    /// Spans of a trace that have been received, in the order of their starts.
    pub fn trace(&self, trace_id: &str) -> Vec<SpanRecord> {
        lock(&self.store).trace(trace_id).unwrap_or_default()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A panic while the lock was held leaves whole spans.
fn lock(store: &Shared) -> std::sync::MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

fn router(store: &Shared, address: SocketAddr) -> Router {
    let file =
        |kind: &'static str, text: &'static str| get(move || async move { ([(CONTENT_TYPE, kind)], text) });
    Router::new()
        .route("/v1/traces", post(receive))
        .route("/api/traces", get(list))
        .route("/api/traces/{id}", get(one))
        .route(
            "/",
            file("text/html; charset=utf-8", include_str!("page/index.html")),
        )
        .route(
            "/page.js",
            file("text/javascript; charset=utf-8", include_str!("page/page.js")),
        )
        .route(
            "/page.css",
            file("text/css; charset=utf-8", include_str!("page/page.css")),
        )
        .layer(DefaultBodyLimit::max(MAX_EXPORT))
        .layer(from_fn_with_state(address, guard))
        .with_state(Arc::clone(store))
}

/// Refuses requests under another name, which a page of another site could send after it has rebound its name to this address.
async fn guard(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let names = [address.to_string(), format!("localhost:{}", address.port())];
    if !host.is_some_and(|host| names.iter().any(|name| name == host)) {
        let message = format!("open http://{address} instead");
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                  form-action 'none'; frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn receive(State(store): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    // A page cannot send this type to another origin without a preflight request, which is refused.
    if !kind.starts_with("application/json") {
        let message = "this collector receives JSON only; set OTEL_EXPORTER_OTLP_PROTOCOL=http/json";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response();
    }
    match otlp::read(&body) {
        Ok(spans) => {
            let mut store = lock(&store);
            for span in spans {
                store.add(span);
            }
            Json(json!({})).into_response()
        }
        Err(error) => {
            let message = format!("not an export request: {error}");
            (
                StatusCode::BAD_REQUEST,
                Json(json!({"code": 3, "message": message})),
            )
                .into_response()
        }
    }
}

async fn list(State(store): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let search = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "search");
    let search = search.map(|(_, value)| value).unwrap_or_default();
    Json(lock(&store).newest(LISTED, search.trim())).into_response()
}

async fn one(State(store): State<Shared>, Path(id): Path<String>) -> Response {
    match lock(&store).trace(&id) {
        Some(spans) => Json(spans).into_response(),
        None => (StatusCode::NOT_FOUND, "no span of this trace is in memory").into_response(),
    }
}
