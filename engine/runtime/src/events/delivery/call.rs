//! HTTP call of a webhook.

use super::excerpt::excerpt;
use super::link_local;
use super::prepare::Prepared;
use http::{HeaderMap, StatusCode};
use std::error::Error;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use telemetry::{Span, Spans};

/// Maximum number of bytes of a response body that are read and stored in the invocation log, once per try.
const BODY_LIMIT: usize = 32 * 1024;

/// Result of a webhook call.
#[derive(Debug)]
pub(in crate::events) enum Answer {
    /// The webhook responded.
    Response {
        status: StatusCode,
        headers: HeaderMap,
        /// Body; a longer one is truncated, with a mark.
        body: String,
    },
    /// No response: connection refused, timeout, or connection closed.
    None {
        /// Cause, for the invocation log.
        reason: String,
        /// Whether a retry would end in the same way.
        is_final: bool,
    },
}

impl Answer {
    fn none(reason: String) -> Self {
        Self::None {
            reason,
            is_final: false,
        }
    }
}

/// HTTP client shared by all deliveries.
#[derive(Debug, Clone)]
pub(in crate::events) struct WebhookClient {
    http: reqwest::Client,
    link_local: bool,
    spans: Spans,
}

impl WebhookClient {
    /// Creates a client that keeps connections alive and does not follow redirects, because a status other than 2xx means a
    /// failed delivery. `link_local`: whether webhooks can have link-local addresses. `spans`:
    /// destination of the spans of calls.
    pub(in crate::events) fn new(
        connections: usize,
        link_local: bool,
        spans: Spans,
    ) -> reqwest::Result<Self> {
        let builder = || {
            let builder = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .pool_max_idle_per_host(connections)
                .pool_idle_timeout(Duration::from_secs(30))
                .connect_timeout(Duration::from_secs(10));
            if link_local {
                builder
            } else {
                // A proxy would resolve names itself.
                builder.no_proxy().dns_resolver(Arc::new(link_local::Resolver))
            }
        };
        let http = builder().build().or_else(|error| {
            tracing::warn!(%error, "no CA certificates found; https webhooks will fail");
            builder().tls_certs_only([]).build()
        })?;
        Ok(Self {
            http,
            link_local,
            spans,
        })
    }

    /// Calls the webhook once. A failed call is returned as [`Answer::None`].
    pub(in crate::events) async fn call(&self, mut prepared: Prepared) -> Answer {
        let span = prepared.span.take();
        let answer = match link_local::refusal(&prepared.url).filter(|_| !self.link_local) {
            Some(reason) => Answer::none(reason.to_owned()),
            None => send(&self.http, prepared).await,
        };
        if let Some(span) = span {
            self.end(span, &answer);
        }
        answer
    }

    fn end(&self, mut span: Span, answer: &Answer) {
        match answer {
            Answer::Response { status, .. } => {
                span.set("http.response.status_code", i64::from(status.as_u16()));
                span.is_error = !status.is_success();
            }
            Answer::None { .. } => span.is_error = true,
        }
        self.spans.end(span);
    }
}

async fn send(client: &reqwest::Client, prepared: Prepared) -> Answer {
    let Prepared {
        url,
        headers,
        body,
        timeout,
        log: _,
        span: _,
    } = prepared;
    let request = client.post(url).headers(headers).timeout(timeout).body(body);
    let again = request.try_clone();
    let answer = match (exchange(request).await, again) {
        // The server may close an idle connection at the moment it is reused. Retry on another connection, as Hasura's HTTP
        // client does; the event may arrive twice.
        (Err(error), Some(again)) if closed_before_response(&error) => exchange(again).await,
        (answer, _) => answer,
    };
    match answer {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => {
            Answer::none(format!("timeout: no answer within {} s", timeout.as_secs()))
        }
        Err(error) => Answer::none(describe(&error)),
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let mut response = request.send().await?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    // Read first: it is the size of what has not been received.
    let declared = response.content_length();
    let mut body = Vec::new();
    let mut is_complete = true;
    while let Some(chunk) = response.chunk().await? {
        let room = BODY_LIMIT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            is_complete = false;
            break;
        }
    }
    let size = if is_complete {
        Some(body.len() as u64)
    } else {
        declared
    };
    Ok(Answer::Response {
        status,
        headers,
        body: text(&body, size),
    })
}

/// Returns the body as text, with a mark if it is not complete.
fn text(body: &[u8], size: Option<u64>) -> String {
    let is_complete = size == Some(body.len() as u64);
    // An incomplete character at the end is not one that the webhook has sent.
    let body = match std::str::from_utf8(body) {
        Err(error) if !is_complete && error.error_len().is_none() => &body[..error.valid_up_to()],
        _ => body,
    };
    let text = String::from_utf8_lossy(body).into_owned();
    if is_complete {
        text
    } else {
        excerpt(&text, size, text.len())
    }
}

/// Whether the connection was closed before a response arrived.
fn closed_before_response(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
            let reset = hyper
                .source()
                .and_then(|cause| cause.downcast_ref::<std::io::Error>());
            return hyper.is_incomplete_message()
                || reset.is_some_and(|io| {
                    matches!(io.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
                });
        }
        cause = error.source();
    }
    false
}

/// Returns the causes, innermost last, without the URL, which may contain a secret.
fn describe(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    let kind = if error.is_connect() {
        "connection failed"
    } else {
        "call failed"
    };
    if causes.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}: {}", causes.join(": "))
    }
}
