//! Claimed scheduled events, and their definitions.

use engine_error::{Code, Error, Result};
use engine_model::scheduled::resolve::resolve_one_off;
use engine_model::scheduled::types::{OneOffConf, RetryConf};
use engine_model::scheduled::{ResolvedCronTrigger, ResolvedWebhook};
use serde::Deserialize as _;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::sync::Arc;

/// Origin of an event, which determines its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Cron,
    OneOff,
}

/// Event held by this instance.
#[derive(Debug)]
pub(super) struct ScheduledEvent {
    pub(super) id: String,
    pub(super) kind: Kind,
    /// Name of the cron trigger; empty for a one-off event.
    pub(super) trigger: String,
    /// Number of previous delivery attempts.
    pub(super) tries: u32,
    /// Time since the event was due, in seconds.
    pub(super) age: f64,
    /// UTC, for example `2026-01-01T00:00:00Z`.
    pub(super) scheduled_time: String,
    pub(super) created_at: String,
    /// Columns of a one-off event.
    pub(super) row: OneOffRow,
}

/// Columns of `hdb_scheduled_events`; JSON as text.
#[derive(Debug, Default)]
pub(super) struct OneOffRow {
    pub(super) webhook: Option<String>,
    pub(super) headers: Option<String>,
    pub(super) retry_conf: Option<String>,
    /// `None` also for a large payload, which is loaded when its delivery starts.
    pub(super) payload: Option<String>,
    /// Size of the payload in bytes; `None` without one.
    pub(super) payload_bytes: Option<i32>,
    pub(super) comment: Option<String>,
}

/// Definition of an event, apart from its row.
pub(super) enum Definition {
    Cron(Arc<ResolvedCronTrigger>),
    OneOff(OneOffConf),
    /// A row that does not define an event, with the reason.
    Invalid(String),
}

impl Definition {
    pub(super) fn of_row(row: &OneOffRow) -> Self {
        match parse(row) {
            Ok(conf) => Self::OneOff(conf),
            Err(error) => Self::Invalid(format!("the event is not valid: {error}")),
        }
    }

    pub(super) fn retry_conf(&self) -> RetryConf {
        match self {
            Self::Cron(trigger) => trigger.stored.retry_conf.clone(),
            Self::OneOff(conf) => conf.retry_conf.clone(),
            Self::Invalid(_) => RetryConf::default(),
        }
    }

    pub(super) fn webhook(&self) -> Result<ResolvedWebhook> {
        match self {
            Self::Cron(trigger) => Ok(trigger.webhook.clone()),
            Self::OneOff(conf) => resolve_one_off(conf),
            Self::Invalid(reason) => Err(Error::new(Code::ParseFailed, reason.clone())),
        }
    }

    /// Returns the payload as JSON text. `of_row`: that of the row.
    pub(super) fn payload(&self, of_row: Option<String>) -> serde_json::Result<Box<RawValue>> {
        match self {
            Self::Cron(trigger) => to_raw_value(&trigger.stored.payload),
            Self::OneOff(_) | Self::Invalid(_) => {
                RawValue::from_string(of_row.unwrap_or_else(|| "null".to_owned()))
            }
        }
    }
}

fn parse(row: &OneOffRow) -> serde_json::Result<OneOffConf> {
    let value = |text: Option<&str>| serde_json::from_str::<Value>(text.unwrap_or("null"));
    let conf = json!({
        "webhook": value(row.webhook.as_deref())?,
        "headers": value(row.headers.as_deref())?,
        "retry_conf": value(row.retry_conf.as_deref())?,
    });
    OneOffConf::deserialize(conf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_sql_may_leave_out_everything_but_the_webhook() {
        let row = OneOffRow {
            webhook: Some(r#"{"from_env": "URL"}"#.to_owned()),
            ..OneOffRow::default()
        };
        let definition = Definition::of_row(&row);
        assert_eq!(definition.retry_conf(), RetryConf::default());
        assert_eq!(definition.payload(None).unwrap().get(), "null");
        for webhook in ["1", "{", "null", "{}"] {
            let row = OneOffRow {
                webhook: Some(webhook.to_owned()),
                ..OneOffRow::default()
            };
            let error = Definition::of_row(&row).webhook().unwrap_err();
            assert!(error.message.starts_with("the event is not valid: "), "{error}");
        }
    }
}
