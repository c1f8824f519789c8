//! An HTTP server on a free port that records its requests.

use crate::gate::Gate;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A recorded request.
#[derive(Debug, Clone)]
pub struct Received {
    /// Path and query.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body; null if it is empty.
    pub body: Value,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    gate: Option<Gate>,
}

impl Reply {
    /// An immediate response with this status.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: "thanks".to_owned(),
            gate: None,
        }
    }

    /// A response that is never sent.
    pub fn never() -> Self {
        Self::status(200).after(&Gate::closed())
    }

    /// Replaces the body.
    #[must_use]
    pub fn body(mut self, body: &(impl ToString + ?Sized)) -> Self {
        self.body = body.to_string();
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Holds the response until the gate is open.
    #[must_use]
    pub fn after(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }
}

type Behaviour = dyn Fn(usize, &Received) -> Reply + Send + Sync;

#[derive(Default)]
struct Calls {
    received: Vec<Received>,
    in_flight: usize,
    most_in_flight: usize,
}

struct Shared {
    calls: Mutex<Calls>,
    behaviour: Box<Behaviour>,
}

impl Shared {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request without a response yet; also ends when the client closes the connection, which drops the handler.
struct InFlight(Arc<Shared>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.calls().in_flight -= 1;
    }
}

/// The server; it stops when this value is dropped.
pub struct Webhook {
    /// `http://127.0.0.1:port`.
    pub url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Webhook {
    /// Starts a server that responds 200 to every request.
    pub async fn start() -> Self {
        Self::behaving(|_, _| Reply::status(200)).await
    }

    /// Starts a server that responds 200 to every request once the gate is open.
    pub async fn held_by(gate: &Gate) -> Self {
        let gate = gate.clone();
        Self::behaving(move |_, _| Reply::status(200).after(&gate)).await
    }

    /// Starts a server that responds as `behaviour` returns for the request with this index.
    pub async fn behaving(behaviour: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            calls: Mutex::default(),
            behaviour: Box::new(behaviour),
        });
        // Webhooks decide themselves which events are too large.
        let app = Router::new()
            .fallback(receive)
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!(
            "http://{}",
            listener.local_addr().expect("a bound socket has an address")
        );
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("the server runs") });
        Self { url, shared, serving }
    }

    /// Requests received until now.
    pub fn received(&self) -> Vec<Received> {
        self.shared.calls().received.clone()
    }

    /// Number of requests received until now.
    pub fn count(&self) -> usize {
        self.shared.calls().received.len()
    }

    /// Largest number of requests that were without a response at the same time.
    pub fn most_in_flight(&self) -> usize {
        self.shared.calls().most_in_flight
    }

    /// Waits for at least `count` requests.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        crate::eventually(&format!("{count} requests to the webhook"), async || {
            (self.count() >= count).then(|| self.received())
        })
        .await
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let received = Received {
        path: uri.to_string(),
        headers,
        body: if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).expect("the engine sends JSON")
        },
    };
    let index = {
        let mut calls = shared.calls();
        calls.received.push(received.clone());
        calls.in_flight += 1;
        calls.most_in_flight = calls.most_in_flight.max(calls.in_flight);
        calls.received.len() - 1
    };
    let in_flight = InFlight(Arc::clone(&shared));
    let Reply {
        status,
        headers,
        body,
        gate,
    } = (shared.behaviour)(index, &received);
    if let Some(gate) = gate {
        gate.passed().await;
    }
    drop(in_flight);
    let status = StatusCode::from_u16(status).expect("a valid status");
    let mut response = (status, body).into_response();
    for (name, value) in headers {
        let value = value.parse().expect("a valid header value");
        response.headers_mut().insert(name, value);
    }
    response
}
