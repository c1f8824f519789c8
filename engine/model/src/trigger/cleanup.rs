//! `cleanup_config` of an event trigger: the retention of its events and of their invocation logs. The metadata keeps the
//! value as it was sent. An invalid one is refused when the trigger is created; in metadata that is stored already it is
//! without effect, because a trigger that is inconsistent would lose events.

use super::types::EventTrigger;
use engine_error::{Code, Error, Result};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Key of a trigger.
pub const CLEANUP_CONFIG: &str = "cleanup_config";

/// Key of the configuration that suspends the scheduled clean-ups.
pub const PAUSED: &str = "paused";

/// Largest number of events that one statement deletes; a larger `batch_size` means this one.
const MAX_BATCH_SIZE: u32 = 100_000;

/// Longest time limit of a statement, in seconds; a longer `timeout` means this one.
const MAX_TIMEOUT: u32 = 24 * 60 * 60;

/// Scheduled clean-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanupConfig {
    /// Cron expression of five fields, in UTC.
    pub schedule: String,
    pub limits: CleanupLimits,
    pub paused: bool,
}

#[derive(Deserialize)]
struct Scheduled {
    schedule: String,
    #[serde(default, deserialize_with = "or_default")]
    paused: bool,
}

/// Extent of a clean-up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CleanupLimits {
    /// Age in hours from which events are deleted.
    pub clear_older_than: u32,
    /// Number of events per statement.
    #[serde(default = "default_batch_size", deserialize_with = "batch_size_or_default")]
    pub batch_size: u32,
    /// Time limit of a statement, in seconds.
    #[serde(default = "default_timeout", deserialize_with = "timeout_or_default")]
    pub timeout: u32,
    /// Whether the invocation logs of the events are deleted too.
    #[serde(default, deserialize_with = "or_default")]
    pub clean_invocation_logs: bool,
    /// Whether events that were given up are deleted too. Not a key of Hasura, which always deletes them.
    #[serde(default, deserialize_with = "or_default")]
    pub clean_failed_events: bool,
}

fn default_batch_size() -> u32 {
    10_000
}

fn default_timeout() -> u32 {
    60
}

// Hasura reads null as the default.
fn batch_size_or_default<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<u32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(default_batch_size))
}

fn timeout_or_default<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<u32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(default_timeout))
}

fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    Ok(Option::<bool>::deserialize(deserializer)?.unwrap_or_default())
}

impl CleanupConfig {
    /// Returns the configuration of a trigger; `None` without one. The schedule is not parsed here.
    pub fn of(trigger: &EventTrigger) -> Result<Option<Self>> {
        let Some(value) = trigger.rest.get(CLEANUP_CONFIG).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let refused = |error: serde_json::Error| invalid(&error.to_string());
        let Scheduled { schedule, paused } = Scheduled::deserialize(value).map_err(refused)?;
        let limits = CleanupLimits::deserialize(value).map_err(refused)?;
        limits.check()?;
        Ok(Some(Self {
            schedule,
            limits,
            paused,
        }))
    }
}

impl CleanupLimits {
    /// Returns an error if a value cannot be used.
    pub fn check(&self) -> Result<()> {
        for (key, value) in [("batch_size", self.batch_size), ("timeout", self.timeout)] {
            if value == 0 {
                return Err(invalid(&format!("{key} must be at least 1")));
            }
        }
        Ok(())
    }

    /// Returns the number of events per statement.
    pub fn events_per_statement(&self) -> u32 {
        self.batch_size.min(MAX_BATCH_SIZE)
    }

    /// Returns the time limit of a statement in seconds.
    pub fn statement_timeout(&self) -> u32 {
        self.timeout.min(MAX_TIMEOUT)
    }
}

/// Sets `paused` of a trigger with a configuration.
pub fn set_paused(trigger: &mut EventTrigger, paused: bool) {
    if let Some(Value::Object(config)) = trigger.rest.get_mut(CLEANUP_CONFIG) {
        config.insert(PAUSED.to_owned(), Value::Bool(paused));
    }
}

fn invalid(why: &str) -> Error {
    Error::new(
        Code::ParseFailed,
        format!("invalid clean-up of event logs: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trigger(config: &Value) -> EventTrigger {
        serde_json::from_value(json!({
            "name": "t", "definition": {"insert": {"columns": "*"}}, "webhook": "http://localhost", "cleanup_config": config,
        }))
        .unwrap()
    }

    #[test]
    fn absent_keys_have_hasuras_defaults() {
        let trigger = trigger(
            &json!({"schedule": "0 0 * * *", "clear_older_than": 168, "paused": null, "timeout": null}),
        );
        let config = CleanupConfig::of(&trigger).unwrap().unwrap();
        assert_eq!(
            config,
            CleanupConfig {
                schedule: "0 0 * * *".to_owned(),
                limits: CleanupLimits {
                    clear_older_than: 168,
                    batch_size: 10_000,
                    timeout: 60,
                    clean_invocation_logs: false,
                    clean_failed_events: false,
                },
                paused: false,
            }
        );
    }

    #[test]
    fn batches_are_bounded() {
        let trigger =
            trigger(&json!({"schedule": "* * * * *", "clear_older_than": 0, "batch_size": 4_000_000}));
        assert_eq!(
            CleanupConfig::of(&trigger)
                .unwrap()
                .unwrap()
                .limits
                .events_per_statement(),
            100_000
        );
    }

    #[test]
    fn invalid_configurations_are_refused() {
        for (config, words) in [
            (json!({"schedule": "0 0 * * *"}), "clear_older_than"),
            (json!({"clear_older_than": 1}), "schedule"),
            (
                json!({"schedule": "0 0 * * *", "clear_older_than": -1}),
                "invalid",
            ),
            (
                json!({"schedule": "0 0 * * *", "clear_older_than": 1, "batch_size": 0}),
                "batch_size",
            ),
            (
                json!({"schedule": "0 0 * * *", "clear_older_than": 1, "timeout": 0}),
                "timeout",
            ),
            (json!(1), "invalid"),
        ] {
            let error = CleanupConfig::of(&trigger(&config)).unwrap_err();
            assert!(error.message.contains(words), "{config}: {}", error.message);
        }
        assert_eq!(CleanupConfig::of(&trigger(&Value::Null)).unwrap(), None);
    }

    #[test]
    fn pausing_changes_one_key() {
        let mut trigger = trigger(&json!({"schedule": "0 0 * * *", "clear_older_than": 168}));
        set_paused(&mut trigger, true);
        let stored = &trigger.rest[CLEANUP_CONFIG];
        assert_eq!(
            stored,
            &json!({"schedule": "0 0 * * *", "clear_older_than": 168, "paused": true})
        );
    }
}
