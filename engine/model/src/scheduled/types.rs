//! Definitions of cron triggers and scheduled events, in the form of the metadata and of the commands.

use super::schedule::{CronExpression, NamedZone};
use crate::trigger::types::Header;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// One entry of `cron_triggers`, and the arguments of `create_cron_trigger`. Exports omit what has its default, as those of Hasura.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CronTrigger {
    #[serde(deserialize_with = "non_empty")]
    pub name: String,
    pub webhook: WebhookConf,
    pub schedule: CronExpression,
    /// Whether exports contain the trigger, and `replace_metadata` replaces it.
    pub include_in_metadata: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
    #[serde(
        default,
        deserialize_with = "null_is_default",
        skip_serializing_if = "is_default"
    )]
    pub retry_conf: RetryConf,
    #[serde(
        default,
        deserialize_with = "null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub headers: Vec<Header>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Time zone of the schedule; UTC if absent, as always in Hasura.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<NamedZone>,
    /// `response_transform`, …: stored but without effect.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl CronTrigger {
    /// Returns the next `count` times after `after`.
    pub fn upcoming(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        let zone = self
            .timezone
            .as_ref()
            .map_or(TimeZone::UTC, |named| named.zone.clone());
        self.schedule.upcoming(after, &zone, count)
    }
}

/// Address of a webhook: a template in which `{{NAME}}` is replaced by an environment variable, or such a variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum WebhookConf {
    Template(String),
    FromEnv { from_env: String },
}

impl<'de> Deserialize<'de> for WebhookConf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(template) => Ok(Self::Template(template)),
            Value::Object(mut object) => match object.shift_remove("from_env") {
                Some(Value::String(from_env)) => Ok(Self::FromEnv { from_env }),
                _ => Err(D::Error::missing_field("from_env")),
            },
            _ => Err(D::Error::custom(
                "a webhook is a URL template, or {\"from_env\": …}",
            )),
        }
    }
}

/// Retry policy for failed deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryConf {
    /// Number of attempts after the first one.
    #[serde(default, deserialize_with = "retries")]
    pub num_retries: u32,
    /// Time between two attempts.
    #[serde(default = "default_interval", deserialize_with = "seconds")]
    pub retry_interval_seconds: u32,
    /// Timeout of one call.
    #[serde(default = "default_timeout", deserialize_with = "positive_seconds")]
    pub timeout_seconds: u32,
    /// Age from which an event is not delivered any longer.
    #[serde(default = "default_tolerance", deserialize_with = "seconds")]
    pub tolerance_seconds: u32,
}

impl Default for RetryConf {
    fn default() -> Self {
        Self {
            num_retries: 0,
            retry_interval_seconds: default_interval(),
            timeout_seconds: default_timeout(),
            tolerance_seconds: default_tolerance(),
        }
    }
}

fn default_interval() -> u32 {
    10
}

fn default_timeout() -> u32 {
    60
}

fn default_tolerance() -> u32 {
    6 * 60 * 60
}

fn is_default(conf: &RetryConf) -> bool {
    *conf == RetryConf::default()
}

// Hasura's wording
fn retries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number(deserializer, "num_retries cannot be a negative value")
}

// Hasura's wording
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number(deserializer, "negative value not allowed")
}

fn positive_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match seconds(deserializer)? {
        0 => Err(D::Error::custom("timeout_seconds must be at least 1")),
        seconds => Ok(seconds),
    }
}

fn number<'de, D: Deserializer<'de>>(deserializer: D, negative: &str) -> Result<u32, D::Error> {
    let number = i64::deserialize(deserializer)?;
    if number < 0 {
        return Err(D::Error::custom(negative));
    }
    u32::try_from(number)
        .map_err(|_| D::Error::custom(format!("{number} is too large; the maximum is {}", u32::MAX)))
}

fn non_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::custom("empty string not allowed"));
    }
    Ok(text)
}

fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Configuration of a one-off event: some columns of `hdb_scheduled_events`, and arguments of `create_scheduled_event`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OneOffConf {
    pub webhook: WebhookConf,
    #[serde(default, deserialize_with = "null_is_default")]
    pub headers: Vec<Header>,
    #[serde(default, deserialize_with = "null_is_default")]
    pub retry_conf: RetryConf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn exports_omit_defaults() {
        let given = json!({
            "name": "a", "webhook": {"from_env": "URL"}, "schedule": "* * * * *", "include_in_metadata": true,
        });
        let mut complete = given.clone();
        complete["retry_conf"] = json!({"num_retries": 0, "retry_interval_seconds": 10, "timeout_seconds": 60, "tolerance_seconds": 21600});
        for (key, value) in [
            ("headers", json!([])),
            ("payload", json!(null)),
            ("comment", json!(null)),
        ] {
            complete[key] = value;
        }
        for document in [&given, &complete] {
            let trigger = CronTrigger::deserialize(document).unwrap();
            assert_eq!(serde_json::to_value(&trigger).unwrap(), given);
        }
    }

    #[test]
    fn invalid_definitions_have_a_reason() {
        let refused = |change: Value| {
            let mut trigger = json!({"name": "a", "webhook": "http://a", "schedule": "* * * * *", "include_in_metadata": true});
            for (key, value) in change.as_object().unwrap() {
                trigger[key] = value.clone();
            }
            CronTrigger::deserialize(&trigger).unwrap_err().to_string()
        };
        for (change, reason) in [
            (json!({"name": ""}), "empty string not allowed"),
            (
                json!({"schedule": "every day"}),
                "invalid cron schedule \"every day\"",
            ),
            (
                json!({"timezone": "Mars/Olympus"}),
                "unknown time zone \"Mars/Olympus\"",
            ),
            (json!({"webhook": {}}), "from_env"),
            (json!({"webhook": 1}), "a webhook is a URL template"),
            (json!({"include_in_metadata": null}), "boolean"),
            (
                json!({"retry_conf": {"num_retries": -1}}),
                "num_retries cannot be a negative value",
            ),
            (
                json!({"retry_conf": {"tolerance_seconds": -1}}),
                "negative value not allowed",
            ),
            (json!({"retry_conf": {"timeout_seconds": 0}}), "at least 1"),
            (
                json!({"retry_conf": {"retry_interval_seconds": 5_000_000_000_u64}}),
                "too large",
            ),
        ] {
            let said = refused(change);
            assert!(said.contains(reason), "{said}");
        }
    }
}
