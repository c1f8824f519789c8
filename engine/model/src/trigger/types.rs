//! An event trigger as the metadata stores it (Hasura's v3 form), and the arguments of `create_event_trigger`, which are
//! the same object flattened. [`super::check()`] validates it, [`super::resolve()`] inserts values from the environment.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// One entry of a table's `event_triggers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTrigger {
    /// Name, unique among all triggers of the source.
    pub name: String,
    /// Captured operations and columns.
    pub definition: Definition,
    /// Retry policy for failed deliveries.
    #[serde(default)]
    pub retry_conf: RetryConf,
    /// URL template of the webhook; `{{NAME}}` is replaced by the environment variable `NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// Environment variable that contains the webhook's URL. Exactly one of `webhook` and `webhook_from_env` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_from_env: Option<String>,
    /// Headers sent with each delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<Header>>,
    /// Whether events are captured and not delivered. Not in Hasura, which ignores the key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// `cleanup_config` (see [`super::cleanup`]), and keys without effect.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Captured operations, each with its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Whether `invoke_event_trigger` is allowed.
    #[serde(default)]
    pub enable_manual: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insert: Option<OperationSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<OperationSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete: Option<OperationSpec>,
    /// Unknown keys.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Definition {
    /// Returns the captured operations with their columns.
    pub fn operations(&self) -> impl Iterator<Item = (Operation, &OperationSpec)> {
        [
            (Operation::Insert, self.insert.as_ref()),
            (Operation::Update, self.update.as_ref()),
            (Operation::Delete, self.delete.as_ref()),
        ]
        .into_iter()
        .filter_map(|(operation, spec)| spec.map(|spec| (operation, spec)))
    }
}

/// Row operation that can be captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Insert,
    Update,
    Delete,
}

impl Operation {
    /// SQL keyword, which is also `event.op` and the suffix of the capture function's name.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// Columns of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationSpec {
    /// For updates: an event is written only if one of these columns changed.
    pub columns: Columns,
    /// Columns included in the event; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Columns>,
    /// Unknown keys.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// `"*"` or a list of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// All columns of the table.
    All,
    Named(Vec<String>),
}

impl Columns {
    /// Returns the listed names; empty for `All`.
    pub fn named(&self) -> &[String] {
        match self {
            Self::All => &[],
            Self::Named(names) => names,
        }
    }
}

impl Columns {
    /// Whether this is an empty list.
    pub fn is_empty_list(&self) -> bool {
        matches!(self, Self::Named(names) if names.is_empty())
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("*"),
            Self::Named(names) => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Star(String),
            Named(Vec<String>),
        }
        match Form::deserialize(deserializer) {
            Ok(Form::Star(star)) if star == "*" => Ok(Self::All),
            Ok(Form::Named(names)) => Ok(Self::Named(names)),
            _ => Err(serde::de::Error::custom(
                "columns must be \"*\" or a list of column names",
            )),
        }
    }
}

/// Retry policy for failed deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryConf {
    /// Number of attempts after the first one.
    #[serde(default)]
    pub num_retries: u32,
    /// Seconds between two attempts, unless one of the following two keys is set.
    #[serde(default = "default_interval")]
    pub interval_sec: u32,
    /// Seconds between the first two attempts; doubled after each further one. Default: `interval_sec`. This key and the
    /// following two are not Hasura's, which ignores them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_interval_sec: Option<u32>,
    /// Largest number of seconds between two attempts. Default: `interval_sec`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_interval_sec: Option<u32>,
    /// Part of an interval that is random, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter_percent: Option<u32>,
    /// Timeout of one webhook call, in seconds.
    #[serde(default = "default_timeout", deserialize_with = "timeout_or_default")]
    pub timeout_sec: u32,
}

impl Default for RetryConf {
    fn default() -> Self {
        Self {
            num_retries: 0,
            interval_sec: default_interval(),
            initial_interval_sec: None,
            max_interval_sec: None,
            jitter_percent: None,
            timeout_sec: default_timeout(),
        }
    }
}

impl RetryConf {
    /// Returns the first interval in seconds.
    pub fn first_interval(&self) -> u32 {
        self.initial_interval_sec.unwrap_or(self.interval_sec)
    }

    /// Returns the largest interval in seconds.
    pub fn largest_interval(&self) -> u32 {
        self.max_interval_sec.unwrap_or(self.interval_sec)
    }
}

fn default_interval() -> u32 {
    10
}

fn default_timeout() -> u32 {
    60
}

// Hasura writes `"timeout_sec": null` if no timeout was given.
fn timeout_or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Ok(Option::<u32>::deserialize(deserializer)?.unwrap_or_else(default_timeout))
}

/// Header of the webhook's request: exactly one of `value` and `value_from_env` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Environment variable that contains the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from_env: Option<String>,
}
