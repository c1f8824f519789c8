//! Derives the next state of an event from the result of a webhook call.

use super::call::Answer;
use crate::events::claimed::Claimed;
use engine_model::trigger::types::RetryConf;
use http::{HeaderMap, header};
use serde_json::json;

/// `status` in the invocation log for a call without a response.
const CLIENT_ERROR: i32 = 1000;

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
}

impl Settlement {
    /// Settlement of a delivery that ended without a result because of an internal error: retried after 60 s.
    pub(in crate::events) fn broken(id: String, trigger: String) -> Self {
        let null = || "null".to_owned();
        Self {
            id,
            trigger,
            outcome: DeliveryOutcome::Retry(60),
            status: 500,
            request: null(),
            response: null(),
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

/// Derives the settlement. `log` is the request as [`super::prepare`] represents it for the invocation log.
pub(in crate::events) fn settle(
    event: &Claimed,
    conf: &RetryConf,
    log: String,
    answer: Answer,
) -> Settlement {
    let (outcome, status, response) = match answer {
        Answer::Response {
            status,
            headers,
            body,
        } => {
            let outcome = if status.is_success() {
                DeliveryOutcome::Delivered
            } else {
                failed(event, conf, retry_after(&headers))
            };
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| {
                    json!({ "name": name.as_str(), "value": String::from_utf8_lossy(value.as_bytes()) })
                })
                .collect();
            let data = json!({ "body": body, "headers": headers, "status": status.as_u16() });
            let response = json!({ "data": data, "type": "webhook_response", "version": "2" });
            (outcome, i32::from(status.as_u16()), response)
        }
        Answer::None { reason } => {
            let data = json!({ "message": reason });
            let response = json!({ "data": data, "type": "client_error", "version": "2" });
            (failed(event, conf, None), CLIENT_ERROR, response)
        }
    };
    Settlement {
        id: event.id.clone(),
        trigger: event.trigger.clone(),
        outcome,
        status,
        request: log,
        response: response.to_string(),
    }
}

/// A response with `Retry-After` is retried regardless of the number of attempts, as in Hasura.
fn failed(event: &Claimed, conf: &RetryConf, retry_after: Option<u32>) -> DeliveryOutcome {
    match retry_after {
        Some(seconds) => DeliveryOutcome::Retry(seconds),
        None if event.tries >= conf.num_retries => DeliveryOutcome::Failed,
        None => DeliveryOutcome::Retry(conf.interval_sec),
    }
}

/// Returns a positive number of seconds. Dates, zero and other values are ignored, as in Hasura.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().filter(|&seconds| seconds > 0)
}
