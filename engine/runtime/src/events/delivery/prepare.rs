//! Builds the request of a claimed event and its representation in the invocation log.

use crate::events::claimed::Claimed;
use engine_model::trigger::resolve::ResolvedTrigger;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::time::Duration;
use uuid::Uuid;

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

/// Request that is ready to be sent.
#[derive(Debug)]
pub(in crate::events) struct Prepared {
    pub(super) url: reqwest::Url,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    pub(super) timeout: Duration,
    /// `request` of the invocation log, as JSON text.
    pub(in crate::events) log: String,
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
    log_secrets: bool,
) -> serde_json::Result<Prepared> {
    let envelope = Envelope {
        created_at: &event.created_at,
        delivery_info: DeliveryInfo {
            current_retry: event.tries,
            max_retries: trigger.retry_conf().num_retries,
        },
        // Copied as Postgres printed it, so that numbers keep all their digits.
        event: serde_json::from_str(&event.payload)?,
        id: &event.id,
        table: Table {
            name: &event.table,
            schema: &event.schema,
        },
        trigger: Trigger { name: &event.trigger },
    };
    let body = serde_json::to_string(&envelope)?;
    let headers_logged = serde_json::to_string(&logged_headers(trigger, log_secrets))?;
    // The body is inserted as text, so that it is not parsed again.
    let log = format!(r#"{{"payload":{body},"headers":{headers_logged},"version":"2"}}"#);
    Ok(Prepared {
        url: trigger.url.clone(),
        headers: headers(event, trigger),
        timeout: Duration::from_secs(u64::from(trigger.retry_conf().timeout_sec)),
        log,
        body,
    })
}

fn headers(event: &Claimed, trigger: &ResolvedTrigger) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(trigger.headers.len() + 5);
    for header in trigger
        .headers
        .iter()
        .filter(|header| !FRAMING.contains(&header.name))
    {
        headers.append(header.name.clone(), header.value.clone());
    }
    // These two override configured headers.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    let mut trace = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    let fresh = Uuid::new_v4().simple().to_string();
    let (trace_part, span_part) = fresh.split_at(16);
    trace("x-b3-traceid", event.trace_id.as_deref().unwrap_or(trace_part));
    trace("x-b3-spanid", span_part);
    if let Some(parent) = &event.span_id {
        trace("x-b3-parentspanid", parent);
    }
    headers
}

fn logged_headers(trigger: &ResolvedTrigger, log_secrets: bool) -> Vec<serde_json::Value> {
    let fixed = [("Content-Type", "application/json"), ("User-Agent", USER_AGENT)];
    let fixed = fixed
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }));
    let configured = trigger.headers.iter().map(|header| match &header.stored.value_from_env {
        Some(variable) if !log_secrets => json!({ "name": header.stored.name, "value_from_env": variable }),
        _ => json!({ "name": header.stored.name, "value": String::from_utf8_lossy(header.value.as_bytes()) }),
    });
    fixed.chain(configured).collect()
}
