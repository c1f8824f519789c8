//! Derives the next state of an event from the result of a webhook call.

use super::backoff::Backoff;
use super::call::Answer;
use super::excerpt::excerpt;
use super::prepare::LoggedRequest;
use crate::events::claimed::Claimed;
use http::{HeaderMap, header};
use serde_json::{Value, json};
use std::time::Duration;

/// `status` in the invocation log for a call without a response.
const CLIENT_ERROR: i32 = 1000;

/// `version` in the invocation log of captured events.
const VERSION: &str = "2";

/// Maximum size in bytes of a header value of a response in the invocation log.
const HEADER_LIMIT: usize = 1024;
/// Maximum number of headers of a response in the invocation log.
const MAX_HEADERS: usize = 50;

/// Delay after an internal error.
const DELAY_AFTER_PANIC: Duration = Duration::from_mins(1);

/// Number of tries of an event, and the delays between them.
#[derive(Debug, Clone, Copy)]
pub(in crate::events) struct RetryLimits {
    /// `num_retries` of the trigger.
    pub(in crate::events) retries: u32,
    /// Delays of the trigger.
    pub(in crate::events) backoff: Backoff,
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
            DeliveryOutcome::Retry(DELAY_AFTER_PANIC)
        };
        Self {
            id,
            trigger,
            outcome,
            status: 500,
            request: "null".to_owned(),
            response: client_error(&reason, VERSION),
            reason,
        }
    }
}

/// Next state of an event after a delivery attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::events) enum DeliveryOutcome {
    /// The webhook accepted the event.
    Delivered,
    /// Retry after this time.
    Retry(Duration),
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

    pub(in crate::events) fn retry_in(self) -> Option<Duration> {
        match self {
            Self::Retry(delay) => Some(delay),
            _ => None,
        }
    }
}

/// Event of a delivery attempt.
pub(in crate::events) struct Attempt<'e> {
    pub(in crate::events) id: &'e str,
    pub(in crate::events) trigger: &'e str,
    /// Number of previous attempts.
    pub(in crate::events) tries: u32,
    /// `version` in the invocation log.
    pub(in crate::events) version: &'static str,
}

/// Derives the settlement of a captured event.
pub(in crate::events) fn settle(
    event: &Claimed,
    limits: RetryLimits,
    log: LoggedRequest,
    answer: Answer,
) -> Settlement {
    let attempt = Attempt {
        id: &event.id,
        trigger: &event.trigger,
        tries: event.tries,
        version: VERSION,
    };
    settle_attempt(&attempt, limits, log, answer)
}

/// Derives the settlement. The log of a delivered event is brief, because most rows of the log are of such events: without
/// headers, and with the brief form of the request.
pub(in crate::events) fn settle_attempt(
    event: &Attempt<'_>,
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
            let response = json!({ "data": data, "type": "webhook_response", "version": event.version });
            let reason = format!("the webhook responded with status {}", status.as_u16());
            (outcome, i32::from(status.as_u16()), response.to_string(), reason)
        }
        Answer::None { reason, is_final } => {
            let outcome = if is_final {
                DeliveryOutcome::Failed
            } else {
                failed(event.tries, limits, None)
            };
            (
                outcome,
                CLIENT_ERROR,
                client_error(&reason, event.version),
                reason,
            )
        }
    };
    let LoggedRequest { complete, brief } = log;
    Settlement {
        id: event.id.to_owned(),
        trigger: event.trigger.to_owned(),
        outcome,
        status,
        request: brief.filter(|_| outcome.delivered()).unwrap_or(complete),
        response,
        reason,
    }
}

/// Returns `response` of the invocation log for a call without a response, as JSON text.
fn client_error(reason: &str, version: &str) -> String {
    let data = json!({ "message": reason });
    json!({ "data": data, "type": "client_error", "version": version }).to_string()
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
    let random = fastrand::f64();
    match retry_after {
        Some(seconds) if tries < limits.retries.max(limits.retries_after) => {
            DeliveryOutcome::Retry(limits.backoff.delay_after_response(tries, seconds, random))
        }
        None if tries < limits.retries => DeliveryOutcome::Retry(limits.backoff.delay(tries, random)),
        Some(_) | None => DeliveryOutcome::Failed,
    }
}

/// Returns a positive number of seconds. Dates, zero and other values are ignored, as in Hasura.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().filter(|&seconds| seconds > 0)
}
