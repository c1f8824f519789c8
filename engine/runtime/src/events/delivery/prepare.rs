//! Builds the request of a claimed event and its representation in the invocation log.

use super::excerpt::excerpt;
use crate::events::claimed::{Claimed, Payload};
use engine_model::trigger::resolve::{ResolvedHeader, ResolvedTrigger};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::time::Duration;
use telemetry::{Kind, Span};
use trace_context::TraceContext;

const USER_AGENT: &str = concat!("hasura-graphql-engine/", env!("CARGO_PKG_VERSION"));

/// Headers set by the HTTP client, which frames the message: a configured `Content-Length` could truncate the event.
const FRAMING: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Maximum size in bytes of an event that the invocation log contains as it is sent; of a larger one it contains the
/// beginning as text. The event itself is in `event_log`.
pub(in crate::events) const LOGGED_EVENT: usize = 8 * 1024;

/// Size of an envelope without its event, approximately: names of at most 63 bytes, id and times.
const ENVELOPE: usize = 512;

/// Request that is ready to be sent.
#[derive(Debug)]
pub(in crate::events) struct Prepared {
    pub(in crate::events) url: reqwest::Url,
    pub(in crate::events) headers: HeaderMap,
    pub(in crate::events) body: String,
    pub(in crate::events) timeout: Duration,
    pub(in crate::events) log: LoggedRequest,
    /// Span of the call, whose context the headers contain.
    pub(in crate::events) span: Option<Span>,
}

/// `request` of the invocation log, as JSON text.
#[derive(Debug)]
pub(in crate::events) struct LoggedRequest {
    /// For a delivery that failed.
    pub(in crate::events) complete: String,
    /// For a delivered event: without headers, and without what the row of the event contains. Most rows of the log are of
    /// such calls, and each would be a copy of its event. The commands that read the log insert these parts again
    /// (`hdb_catalog.logged_request`).
    pub(in crate::events) brief: Option<String>,
}

impl Default for LoggedRequest {
    /// The request of a call that was not made.
    fn default() -> Self {
        Self {
            complete: "null".to_owned(),
            brief: None,
        }
    }
}

/// Request body of a webhook.
#[derive(Serialize)]
struct Envelope<'a> {
    created_at: &'a str,
    delivery_info: DeliveryInfo,
    event: &'a RawValue,
    id: &'a str,
    table: Table<'a>,
    trigger: Trigger<'a>,
}

#[derive(Serialize)]
struct DeliveryInfo {
    current_retry: u32,
    max_retries: u32,
}

#[derive(Serialize)]
struct Table<'a> {
    name: &'a str,
    schema: &'a str,
}

#[derive(Serialize)]
struct Trigger<'a> {
    name: &'a str,
}

/// Prepares one attempt. `log_secrets`: log header values from the environment instead of the variables' names.
pub(in crate::events) fn prepare(
    event: &Claimed,
    trigger: &ResolvedTrigger,
    payload: Payload,
    log_secrets: bool,
) -> serde_json::Result<Prepared> {
    let mut span = span(&event.trigger, payload.cause.as_ref());
    span.set("event.id", event.id.clone());
    span.set("event.attempt", i64::from(event.tries));
    let headers = headers(&trigger.headers, &span);
    let text = payload.text;
    let body = body(event, trigger, &text)?;
    let logged_headers = serde_json::to_string(&logged_headers(&trigger.headers, log_secrets))?;
    let log = |payload: &str| format!(r#"{{"payload":{payload},"headers":{logged_headers},"version":"2"}}"#);
    // The payload is inserted as text, so that it is not parsed again.
    let log = if text.len() <= LOGGED_EVENT {
        let delivery_info = serde_json::to_string(&delivery_info(event, trigger))?;
        LoggedRequest {
            complete: log(&body),
            brief: Some(format!(
                r#"{{"payload":{{"delivery_info":{delivery_info}}},"headers":[],"version":"2"}}"#
            )),
        }
    } else {
        let beginning = excerpt(&text, Some(text.len() as u64), LOGGED_EVENT);
        LoggedRequest {
            complete: log(&self::body(event, trigger, &serde_json::to_string(&beginning)?)?),
            brief: None,
        }
    };
    Ok(Prepared {
        url: trigger.url.clone(),
        headers,
        timeout: Duration::from_secs(u64::from(trigger.retry_conf().timeout_sec)),
        log,
        span: Some(span),
        body,
    })
}

/// Starts the span of a call: it continues the trace of its cause, or starts one.
pub(in crate::events) fn span(trigger: &str, cause: Option<&TraceContext>) -> Span {
    let context = TraceContext::child_of(cause);
    let parent = cause.map(|cause| cause.span_id);
    let name = match trigger {
        "" => "deliver one-off event".into(),
        trigger => Cow::Owned(format!("deliver {trigger}")),
    };
    Span::start(name, Kind::Client, context, parent)
}

fn delivery_info(event: &Claimed, trigger: &ResolvedTrigger) -> DeliveryInfo {
    DeliveryInfo {
        current_retry: event.tries,
        max_retries: trigger.retry_conf().num_retries,
    }
}

/// Returns the body with this JSON text as its event.
fn body(event: &Claimed, trigger: &ResolvedTrigger, content: &str) -> serde_json::Result<String> {
    let envelope = Envelope {
        created_at: &event.created_at,
        delivery_info: delivery_info(event, trigger),
        // Copied as Postgres printed it, so that numbers keep all their digits.
        event: serde_json::from_str(content)?,
        id: &event.id,
        table: Table {
            name: &event.table,
            schema: &event.schema,
        },
        trigger: Trigger { name: &event.trigger },
    };
    // A buffer that grows would be up to twice as large as the event.
    let mut body = Vec::with_capacity(content.len() + ENVELOPE);
    serde_json::to_writer(&mut body, &envelope)?;
    String::from_utf8(body).map_err(serde::ser::Error::custom)
}

/// Returns the headers of a request: the configured ones, those with default values, and those of its span.
pub(in crate::events) fn headers(configured: &[ResolvedHeader], span: &Span) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(configured.len() + 7);
    for header in configured.iter().filter(|header| !FRAMING.contains(&header.name)) {
        headers.append(header.name.clone(), header.value.clone());
    }
    // These override configured headers.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    for (name, value) in span.context.headers(span.parent) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

/// Returns the headers of a request as the invocation log shows them.
pub(in crate::events) fn logged_headers(
    configured: &[ResolvedHeader],
    log_secrets: bool,
) -> Vec<serde_json::Value> {
    let fixed = [("Content-Type", "application/json"), ("User-Agent", USER_AGENT)];
    let fixed = fixed
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }));
    let configured = configured.iter().map(|header| match &header.stored.value_from_env {
        Some(variable) if !log_secrets => json!({ "name": header.stored.name, "value_from_env": variable }),
        _ => json!({ "name": header.stored.name, "value": String::from_utf8_lossy(header.value.as_bytes()) }),
    });
    fixed.chain(configured).collect()
}
