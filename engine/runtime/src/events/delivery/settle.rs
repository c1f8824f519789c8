//! Derives the next state of an event from the result of a webhook call.

use super::call::Answer;
use super::excerpt::excerpt;
use super::prepare::LoggedRequest;
use crate::events::claimed::Claimed;
use http::{HeaderMap, header};
use serde_json::{Value, json};

/// `status` in the invocation log for a call without a response.
const CLIENT_ERROR: i32 = 1000;

/// Maximum size in bytes of a header value of a response in the invocation log.
const HEADER_LIMIT: usize = 1024;
/// Maximum number of headers of a response in the invocation log.
const MAX_HEADERS: usize = 50;

/// Longest delay that `Retry-After` can request, in seconds: a day.
const MAX_DELAY: u32 = 24 * 60 * 60;
/// Number of tries after which the delay can be longer than `Retry-After` requests.
const QUICK_TRIES: u32 = 40;

/// Numbers of tries of an event.
#[derive(Debug, Clone, Copy)]
pub(in crate::events) struct RetryLimits {
    /// `num_retries` of the trigger.
    pub(in crate::events) retries: u32,
    /// `interval_sec` of the trigger.
    pub(in crate::events) interval: u32,
    /// Maximum number of retries because of `Retry-After`, if it is larger than `retries`.
    pub(in crate::events) retries_after: u32,
}

/// Row of the invocation log, and the next state of the event.
#[derive(Debug, Clone)]
pub(in crate::events) struct Settlement {
    pub(in crate::events) id: String,
    pub(in crate::events) trigger: String,
    pub(in crate::events) outcome: DeliveryOutcome,
    /// HTTP status, or Hasura's number for a call without a response.
    pub(in crate::events) status: i32,
    /// JSON text.
    pub(in crate::events) request: String,
    /// JSON text.
    pub(in crate::events) response: String,
    /// Cause of a failure, for the log of the engine.
    pub(in crate::events) reason: String,
}

impl Settlement {
    /// Settlement of a delivery that ended without a result because of an internal error: retried after 60 s.
    pub(in crate::events) fn broken(id: String, trigger: String, tries: u32, limits: RetryLimits) -> Self {
        let reason = "internal error: the delivery task panicked".to_owned();
        let outcome = if tries >= limits.retries {
            DeliveryOutcome::Failed
        } else {
            DeliveryOutcome::Retry(60)
        };
        Self {
            id,
            trigger,
            outcome,
            status: 500,
            request: "null".to_owned(),
            response: client_error(&reason),
            reason,
        }
    }
}

/// Next state of an event after a delivery attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::events) enum DeliveryOutcome {
    /// The webhook accepted the event.
    Delivered,
    /// Retry after this number of seconds.
    Retry(u32),
    /// No attempts remain.
    Failed,
}

impl DeliveryOutcome {
    pub(in crate::events) fn delivered(self) -> bool {
        self == Self::Delivered
    }

    pub(in crate::events) fn failed(self) -> bool {
        self == Self::Failed
    }

    pub(in crate::events) fn retry_in(self) -> Option<u32> {
        match self {
            Self::Retry(seconds) => Some(seconds),
            _ => None,
        }
    }
}

/// Derives the settlement. The log of a delivered event is brief, because most rows of the log are of such events: without
/// headers, and with the brief form of the request.
pub(in crate::events) fn settle(
    event: &Claimed,
    limits: RetryLimits,
    log: LoggedRequest,
    answer: Answer,
) -> Settlement {
    let (outcome, status, response, reason) = match answer {
        Answer::Response {
            status,
            headers,
            body,
        } => {
            let outcome = if status.is_success() {
                DeliveryOutcome::Delivered
            } else {
                failed(event.tries, limits, retry_after(&headers))
            };
            let logged_headers = if outcome.delivered() {
                Vec::new()
            } else {
                logged_headers(&headers)
            };
            let data = json!({ "body": body, "headers": logged_headers, "status": status.as_u16() });
            let response = json!({ "data": data, "type": "webhook_response", "version": "2" });
            let reason = format!("the webhook responded with status {}", status.as_u16());
            (outcome, i32::from(status.as_u16()), response.to_string(), reason)
        }
        Answer::None { reason, is_final } => {
            let outcome = if is_final {
                DeliveryOutcome::Failed
            } else {
                failed(event.tries, limits, None)
            };
            (outcome, CLIENT_ERROR, client_error(&reason), reason)
        }
    };
    let LoggedRequest { complete, brief } = log;
    Settlement {
        id: event.id.clone(),
        trigger: event.trigger.clone(),
        outcome,
        status,
        request: brief.filter(|_| outcome.delivered()).unwrap_or(complete),
        response,
        reason,
    }
}

/// Returns `response` of the invocation log for a call without a response, as JSON text.
fn client_error(reason: &str) -> String {
    let data = json!({ "message": reason });
    json!({ "data": data, "type": "client_error", "version": "2" }).to_string()
}

fn logged_headers(headers: &HeaderMap) -> Vec<Value> {
    let logged = headers.iter().take(MAX_HEADERS).map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = excerpt(&value, Some(value.len() as u64), HEADER_LIMIT);
        json!({ "name": name.as_str(), "value": value })
    });
    logged.collect()
}

/// A response with `Retry-After` is retried also after the trigger's number of tries, as in Hasura, but a limited number of times.
fn failed(tries: u32, limits: RetryLimits, retry_after: Option<u32>) -> DeliveryOutcome {
    match retry_after {
        Some(seconds) if tries < limits.retries.max(limits.retries_after) => {
            // So that a webhook that asks for a second uses up its tries in more than a day, and not in minutes.
            let least = tries.saturating_sub(QUICK_TRIES) / 4;
            DeliveryOutcome::Retry(seconds.min(MAX_DELAY).max(least))
        }
        None if tries < limits.retries => DeliveryOutcome::Retry(limits.interval),
        Some(_) | None => DeliveryOutcome::Failed,
    }
}

/// Returns a positive number of seconds. Dates, zero and other values are ignored, as in Hasura.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().filter(|&seconds| seconds > 0)
}
