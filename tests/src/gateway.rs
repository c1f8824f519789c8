//! A gateway between the engine and the functions that fails deliveries.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use tokio::net::TcpListener;

/// Fails the first delivery of each event, in three ways in turn; forwards the others.
#[derive(Debug)]
pub struct BadGateway {
    address: SocketAddr,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// URL of the functions' gateway.
    behind: OnceLock<String>,
    http: reqwest::Client,
    failed: [AtomicUsize; 3],
}

impl BadGateway {
    /// Starts a gateway on a free port; [`Self::leads_to`] sets its target.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let inner = Arc::new(Inner {
            behind: OnceLock::new(),
            http: local_process::http_client().expect("an HTTP client"),
            failed: Default::default(),
        });
        let router = Router::new().fallback(serve).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, inner }
    }

    /// Base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets the URL to which calls are forwarded.
    pub fn leads_to(&self, url: &str) {
        self.inner
            .behind
            .set(url.to_owned())
            .expect("the target is set once");
    }

    /// Numbers of deliveries that got 500, 429, and no response.
    pub fn failed(&self) -> [usize; 3] {
        self.inner
            .failed
            .each_ref()
            .map(|count| count.load(Ordering::Relaxed))
    }
}

async fn serve(State(inner): State<Arc<Inner>>, uri: Uri, body: Bytes) -> Response {
    let envelope: Value = serde_json::from_slice(&body).expect("an envelope");
    if envelope["delivery_info"]["current_retry"] == 0 {
        let counts = inner.failed.each_ref().map(|count| count.load(Ordering::Relaxed));
        let rarest = (0..counts.len())
            .min_by_key(|way| counts[*way])
            .unwrap_or_default();
        inner.failed[rarest].fetch_add(1, Ordering::Relaxed);
        return match rarest {
            0 => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response(),
            1 => (
                StatusCode::TOO_MANY_REQUESTS,
                [("retry-after", "1")],
                "Too Many Requests",
            )
                .into_response(),
            _ => std::future::pending().await,
        };
    }
    let Some(behind) = inner.behind.get() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let request = inner
        .http
        .post(format!("{behind}{}", uri.path()))
        .header("content-type", "application/json")
        .body(body);
    match request.send().await {
        Ok(answer) => {
            let status = answer.status();
            (status, answer.bytes().await.unwrap_or_default()).into_response()
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
