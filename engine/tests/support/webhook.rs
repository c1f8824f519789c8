//! A real HTTP server on a free port that writes down what it is sent.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One call.
#[derive(Debug, Clone)]
pub struct Received {
    /// When.
    pub at: Instant,
    /// Path and query.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Value,
}

/// What the server answers.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// How long it thinks.
    pub after: Duration,
}

impl Reply {
    /// At once.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            after: Duration::ZERO,
        }
    }
}

type Behaviour = dyn Fn(usize, &Received) -> Reply + Send + Sync;

struct Shared {
    received: Mutex<Vec<Received>>,
    behaviour: Box<Behaviour>,
}

/// The server; it ends with this value.
pub struct Webhook {
    /// `http://127.0.0.1:port`.
    pub url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Webhook {
    /// Answers 200 to everything.
    pub async fn start() -> Self {
        Self::behaving(|_, _| Reply::status(200)).await
    }

    /// Answers as `behaviour` says for the call of that number, the first being 0.
    pub async fn behaving(behaviour: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            received: Mutex::default(),
            behaviour: Box::new(behaviour),
        });
        let app = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("serving") });
        Self { url, shared, serving }
    }

    /// All calls so far.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// How many calls there were.
    pub fn count(&self) -> usize {
        self.shared.received.lock().unwrap().len()
    }

    /// Waits for at least `count` calls.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        super::eventually(&format!("{count} calls of the webhook"), || async {
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
    let body = serde_json::from_slice(&body).expect("webhooks are sent JSON");
    let received = Received {
        at: Instant::now(),
        path: uri.to_string(),
        headers,
        body,
    };
    let number = {
        let mut all = shared.received.lock().unwrap();
        all.push(received.clone());
        all.len() - 1
    };
    let Reply {
        status,
        headers,
        after,
    } = (shared.behaviour)(number, &received);
    tokio::time::sleep(after).await;
    let mut response = (StatusCode::from_u16(status).expect("a status"), "thanks").into_response();
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, value.parse().expect("a header"));
    }
    response
}
