//! Export to a collector, which is a real HTTP server here.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use telemetry::{Kind, Settings, Span, Spans};
use tokio::net::TcpListener;
use tokio::task::yield_now;
use tokio::time::timeout;
use trace_context::TraceContext;

/// Long enough for any machine; nothing is measured.
const LIMIT: Duration = Duration::from_secs(30);

type Received = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// Starts a collector that answers with this status.
async fn collector(status: StatusCode) -> (String, Received) {
    let received = Received::default();
    let app = Router::new().route(
        "/v1/traces",
        post(
            move |State(received): State<Received>, headers: HeaderMap, body: Bytes| async move {
                let body = serde_json::from_slice(&body).unwrap();
                received.lock().unwrap().push((headers, body));
                status
            },
        ),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = app.with_state(Arc::clone(&received));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, received)
}

fn spans(endpoint: &str) -> Spans {
    let settings = Settings::of("test", |name| match name {
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(endpoint.to_owned()),
        "OTEL_EXPORTER_OTLP_HEADERS" => Some("x-key=k".to_owned()),
        _ => None,
    });
    Spans::start(settings.unwrap()).unwrap()
}

fn span(context: TraceContext) -> Span {
    Span::start("step", Kind::Server, context, None)
}

#[tokio::test]
async fn flushed_spans_have_been_received() {
    let (address, received) = collector(StatusCode::OK).await;
    let spans = spans(&address);
    let contexts = [TraceContext::root(), TraceContext::root()];
    for context in contexts {
        spans.end(span(context));
    }
    spans.flush(LIMIT).await;
    let received = received.lock().unwrap();
    let ids: Vec<&str> = received
        .iter()
        .flat_map(|(_, body)| {
            body["resourceSpans"][0]["scopeSpans"][0]["spans"]
                .as_array()
                .unwrap()
        })
        .map(|span| span["traceId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, contexts.map(|context| context.trace_id.to_string()));
    assert_eq!(received[0].0["x-key"], "k");
    assert_eq!(received[0].0["content-type"], "application/json");
}

#[tokio::test]
async fn spans_that_the_caller_does_not_sample_are_not_sent() {
    let (address, received) = collector(StatusCode::OK).await;
    let spans = spans(&address);
    let context = TraceContext {
        sampled: Some(false),
        ..TraceContext::root()
    };
    assert!(!spans.records(&context));
    spans.end(span(context));
    spans.flush(LIMIT).await;
    assert!(received.lock().unwrap().is_empty());
}

#[tokio::test]
async fn failing_collector_delays_nothing_and_recovers() {
    let (address, received) = collector(StatusCode::SERVICE_UNAVAILABLE).await;
    let failing = spans(&address);
    for _ in 0..3 {
        failing.end(span(TraceContext::root()));
        failing.flush(LIMIT).await;
    }
    // The first one waited for the collector, the others did not; their spans are sent all the same.
    timeout(LIMIT, async {
        while received.lock().unwrap().len() < 2 {
            yield_now().await;
        }
    })
    .await
    .expect("a second export");
    let unreachable = spans("http://127.0.0.1:9");
    // More than the queue holds: the rest is dropped, and nothing waits.
    for _ in 0..10_000 {
        unreachable.end(span(TraceContext::root()));
    }
    unreachable.flush(LIMIT).await;
}

#[tokio::test]
async fn nothing_is_recorded_without_settings() {
    let spans = Spans::start(None).unwrap();
    assert!(!spans.records(&TraceContext::root()));
    spans.end(span(TraceContext::root()));
    spans.flush(LIMIT).await;
}
