//! Request of a scheduled event, and its representation in the invocation log.

use super::event::{Definition, Kind, ScheduledEvent};
use crate::events::delivery::{
    LOGGED_EVENT, LoggedRequest, Prepared, excerpt, headers, logged_headers, span,
};
use engine_model::scheduled::ResolvedWebhook;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::time::Duration;

/// `version` in the invocation log of scheduled events.
pub(super) const VERSION: &str = "1";

/// Request body of a webhook.
#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    scheduled_time: &'a str,
    payload: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<&'a str>,
}

#[derive(Serialize)]
struct Logged<'a> {
    payload: Body<'a>,
    headers: Vec<serde_json::Value>,
    version: &'a str,
}

/// Prepares one attempt. `log_secrets`: log header values from the environment instead of the variables' names.
pub(super) fn prepare(
    event: &ScheduledEvent,
    definition: &Definition,
    webhook: &ResolvedWebhook,
    payload: &RawValue,
    log_secrets: bool,
) -> serde_json::Result<Prepared> {
    let text = payload.get();
    let logged_payload = if text.len() <= LOGGED_EVENT {
        payload.to_owned()
    } else {
        to_raw_value(&excerpt(text, Some(text.len() as u64), LOGGED_EVENT))?
    };
    let logged = Logged {
        payload: body(event, definition, &logged_payload),
        headers: logged_headers(&webhook.headers, log_secrets),
        version: VERSION,
    };
    // A scheduled event has no cause: it starts a trace.
    let mut span = span(&event.trigger, None);
    span.set("event.id", event.id.clone());
    span.set("event.attempt", i64::from(event.tries));
    Ok(Prepared {
        url: webhook.url.clone(),
        headers: headers(&webhook.headers, &span),
        span: Some(span),
        body: serde_json::to_string(&body(event, definition, payload))?,
        timeout: Duration::from_secs(u64::from(definition.retry_conf().timeout_seconds)),
        log: LoggedRequest {
            complete: serde_json::to_string(&logged)?,
            brief: None,
        },
    })
}

fn body<'a>(event: &'a ScheduledEvent, definition: &'a Definition, payload: &'a RawValue) -> Body<'a> {
    let is_cron = event.kind == Kind::Cron;
    Body {
        id: &event.id,
        name: is_cron.then_some(event.trigger.as_str()),
        scheduled_time: &event.scheduled_time,
        payload,
        comment: match definition {
            Definition::Cron(trigger) => trigger.stored.comment.as_deref(),
            Definition::OneOff(_) | Definition::Invalid(_) => event.row.comment.as_deref(),
        },
        created_at: (!is_cron).then_some(event.created_at.as_str()),
    }
}
