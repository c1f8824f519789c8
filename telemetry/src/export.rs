//! Queue of ended spans, and the task that sends them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use trace_context::TraceContext;
use tracing::warn;

use crate::encode;
use crate::settings::Settings;
use crate::span::Span;
use crate::xray::{Segments, XraySettings};

/// Maximum number of spans that wait; further ones are dropped.
const QUEUE: usize = 2048;

/// Maximum number of spans of one export.
const BATCH: usize = 512;

/// Maximum time that a span waits for others.
const DELAY: Duration = Duration::from_millis(500);

/// Destination of spans. Cheap to clone; the default records nothing.
#[derive(Debug, Clone, Default)]
pub struct Spans {
    queue: Option<Arc<Queue>>,
    segments: Option<Arc<Segments>>,
}

#[derive(Debug)]
struct Queue {
    messages: mpsc::Sender<Message>,
    dropped: Arc<AtomicU64>,
    is_failing: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Message {
    Span(Box<Span>),
    /// Send what waits, then report it.
    Flush(oneshot::Sender<()>),
}

impl Spans {
    /// Starts the task that sends spans; nothing is recorded without settings. Must be called within a tokio runtime.
    pub fn start(settings: Option<Settings>) -> reqwest::Result<Self> {
        let Some(settings) = settings else {
            return Ok(Self::default());
        };
        // reqwest uses the default provider of the process; keep one that is already installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(1);
        let client = if settings.is_loopback() {
            client.no_proxy()
        } else {
            client
        };
        let client = client.build()?;
        let (messages, received) = mpsc::channel(QUEUE);
        let dropped = Arc::default();
        let is_failing = Arc::default();
        let exporter = Exporter {
            client,
            settings,
            dropped: Arc::clone(&dropped),
            is_failing: Arc::clone(&is_failing),
        };
        tokio::spawn(exporter.run(received));
        Ok(Self {
            queue: Some(Arc::new(Queue {
                messages,
                dropped,
                is_failing,
            })),
            segments: None,
        })
    }

    /// Sends spans also to X-Ray, if there are settings for it.
    pub fn with_segments(self, settings: Option<XraySettings>) -> std::io::Result<Self> {
        let segments = settings.map(Segments::open).transpose()?;
        Ok(Self {
            segments: segments.map(Arc::new),
            ..self
        })
    }

    /// Whether any span may be recorded. For a span whose trace is known at its end only; [`Self::end`] then decides.
    pub fn is_on(&self) -> bool {
        self.segments.is_some() || self.queue.is_some()
    }

    /// Whether spans of this trace are recorded.
    pub fn records(&self, context: &TraceContext) -> bool {
        let is_sent = self
            .segments
            .as_ref()
            .is_some_and(|segments| segments.records(context));
        is_sent || (self.queue.is_some() && context.is_recorded())
    }

    /// Ends a span now, and sends or queues it.
    pub fn end(&self, mut span: Span) {
        span.ended = std::time::SystemTime::now();
        if let Some(segments) = &self.segments {
            segments.send(&span);
        }
        let Some(queue) = &self.queue else { return };
        if !span.context.is_recorded() {
            return;
        }
        if queue.messages.try_send(Message::Span(Box::new(span))).is_err() {
            queue.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until the spans that ended before were sent, at most for this time. A Lambda function is frozen after its response. Does not
    /// wait for a collector that did not accept the last export.
    pub async fn flush(&self, limit: Duration) {
        let Some(queue) = &self.queue else { return };
        if queue.is_failing.load(Ordering::Relaxed) {
            return;
        }
        let (done, flushed) = oneshot::channel();
        let flush = async {
            if queue.messages.send(Message::Flush(done)).await.is_ok() {
                // An error means that the exporter has stopped.
                let _ = flushed.await;
            }
        };
        // What has not been sent stays queued.
        let _ = tokio::time::timeout(limit, flush).await;
    }
}

/// The sending side of the queue.
struct Exporter {
    client: reqwest::Client,
    settings: Settings,
    dropped: Arc<AtomicU64>,
    /// Whether the last export failed; the first failure of several is logged.
    is_failing: Arc<AtomicBool>,
}

impl Exporter {
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        while let Some(first) = messages.recv().await {
            let mut spans = Vec::new();
            let mut flushes = Vec::new();
            let until = Instant::now() + DELAY;
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Span(span) => spans.push(*span),
                    Message::Flush(done) => flushes.push(done),
                }
                next = if spans.len() >= BATCH || !flushes.is_empty() {
                    None
                } else {
                    timeout_at(until, messages.recv()).await.unwrap_or_default()
                };
            }
            if !spans.is_empty() {
                self.send(&spans).await;
            }
            for done in flushes {
                // An error means that the caller did not wait any longer.
                let _ = done.send(());
            }
        }
    }

    async fn send(&mut self, spans: &[Span]) {
        let body = encode::request(&self.settings.resource, spans);
        let request = self
            .client
            .post(self.settings.url.clone())
            .headers(self.settings.headers.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body);
        let problem = match request.send().await {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("status {}", response.status().as_u16())),
            Err(error) => Some(error.without_url().to_string()),
        };
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            warn!(dropped, "spans dropped: the queue of the export was full");
        }
        if let Some(reason) = &problem
            && !self.is_failing.load(Ordering::Relaxed)
        {
            let address = self.settings.address();
            warn!(
                address,
                reason, "cannot export spans; they are dropped until the collector accepts them"
            );
        }
        self.is_failing.store(problem.is_some(), Ordering::Relaxed);
    }
}
