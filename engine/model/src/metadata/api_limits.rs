//! API limits of roles: the key `api_limits` of the metadata.

use super::types::Metadata;
use crate::session::{ADMIN, ROLE, Session};
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};
use std::time::Duration;

/// Key of the limits in the metadata.
pub const API_LIMITS: &str = "api_limits";

/// Prefix of the names of session variables.
const VARIABLE_PREFIX: &str = "x-hasura-";

/// Limits of roles other than admin. The order of the keys is that of Hasura's exports.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ApiLimits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate_limit: Option<Limit<RateLimit>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    depth_limit: Option<Limit<u64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node_limit: Option<Limit<u64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_limit: Option<Limit<Seconds>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    batch_limit: Option<Limit<usize>>,
    #[serde(default, deserialize_with = "null_is_default")]
    disabled: bool,
}

/// Limit of all roles, and those of roles that have another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Limit<T> {
    global: T,
    #[serde(default = "IndexMap::new", deserialize_with = "null_is_default")]
    per_role: IndexMap<String, T>,
}

/// Maximum number of operations per minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateLimit {
    pub max_reqs_per_min: u64,
    /// Properties that distinguish the clients of a role; by default they share the limit.
    #[serde(default)]
    pub unique_params: Option<UniqueParams>,
}

/// Property that distinguishes the clients of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UniqueParams {
    Address,
    /// Names of session variables in lowercase.
    SessionVariables(Vec<String>),
}

/// Time limit in seconds, positive and not necessarily whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
struct Seconds(Number);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        match number.as_f64().map(Duration::try_from_secs_f64) {
            Some(Ok(duration)) if !duration.is_zero() => Ok(Self(number)),
            _ => Err(serde::de::Error::custom(
                "a time limit is a positive number of seconds",
            )),
        }
    }
}

impl Seconds {
    fn duration(&self) -> Duration {
        let seconds = self.0.as_f64().unwrap_or(f64::MAX);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

impl Serialize for UniqueParams {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Address => serializer.serialize_str("IP"),
            Self::SessionVariables(names) => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for UniqueParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Hasura's wording
        const INVALID: &str =
            "Not a valid value. Should be either: 'IP' or a list of Hasura session variables";
        let invalid = || serde::de::Error::custom(INVALID);
        match Value::deserialize(deserializer)? {
            Value::String(text) if text.eq_ignore_ascii_case("ip") => Ok(Self::Address),
            Value::Array(names) => {
                let names = names.iter().map(|name| {
                    let name = name.as_str()?.to_lowercase();
                    (name.starts_with(VARIABLE_PREFIX) && name != ROLE).then_some(name)
                });
                let names = names.collect::<Option<_>>().ok_or_else(invalid)?;
                Ok(Self::SessionVariables(names))
            }
            _ => Err(invalid()),
        }
    }
}

fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl<T> Limit<T> {
    fn of(&self, role: &str) -> &T {
        self.per_role.get(role).unwrap_or(&self.global)
    }
}

impl ApiLimits {
    /// Reads the limits of a document; the reason if they are invalid.
    pub fn of(metadata: &Metadata) -> Result<Option<Self>, String> {
        match metadata.rest.get(API_LIMITS) {
            None | Some(Value::Null) => Ok(None),
            // serde reads a list as the values of an object.
            Some(value) if !value.is_object() => Err("API limits are an object".to_owned()),
            Some(value) => Self::deserialize(value).map(Some).map_err(|e| e.to_string()),
        }
    }

    /// Returns the limits of a session; `None` if it has none. Admin has none.
    pub fn of_session(&self, session: &Session) -> Option<RoleLimits<'_>> {
        if self.disabled || session.role == ADMIN {
            return None;
        }
        let role = session.role.as_str();
        Some(RoleLimits {
            rate: self.rate_limit.as_ref().map(|limit| limit.of(role)),
            depth: self.depth_limit.as_ref().map(|limit| *limit.of(role)),
            nodes: self.node_limit.as_ref().map(|limit| *limit.of(role)),
            time: self.time_limit.as_ref().map(|limit| limit.of(role).duration()),
            batch: self.batch_limit.as_ref().map(|limit| *limit.of(role)),
        })
    }
}

/// Limits of one role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoleLimits<'l> {
    pub rate: Option<&'l RateLimit>,
    /// Maximum nesting of fields with selections.
    pub depth: Option<u64>,
    /// Maximum number of fields with selections.
    pub nodes: Option<u64>,
    /// Time limit of an operation.
    pub time: Option<Duration>,
    /// Maximum number of operations of a batch.
    pub batch: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(limits: &Value) -> Result<Option<ApiLimits>, String> {
        let metadata: Metadata = serde_json::from_value(json!({"version": 3, "api_limits": limits})).unwrap();
        ApiLimits::of(&metadata)
    }

    #[test]
    fn limit_of_a_role_replaces_the_global_one() {
        let limits = read(&json!({
            "depth_limit": {"global": 5, "per_role": {"user": 7}},
            "time_limit": {"global": 2.5},
            "batch_limit": {"global": 3, "per_role": null},
        }));
        let limits = limits.unwrap().unwrap();
        let of = |role: &str| limits.of_session(&Session::of_role(role));
        assert_eq!(of("user").unwrap().depth, Some(7));
        let other = of("other").unwrap();
        assert_eq!((other.depth, other.nodes, other.batch), (Some(5), None, Some(3)));
        assert_eq!(other.time, Some(Duration::from_millis(2500)));
        assert_eq!(of("admin"), None);
    }

    #[test]
    fn disabled_limits_apply_to_no_role() {
        let limits = read(&json!({"disabled": true, "node_limit": {"global": 1}}));
        assert_eq!(
            limits.unwrap().unwrap().of_session(&Session::of_role("user")),
            None
        );
    }

    #[test]
    fn limits_are_exported_as_in_hasura() {
        let given = json!({
            "rate_limit": {"global": {"unique_params": "ip", "max_reqs_per_min": 1}, "per_role": {
                "user": {"unique_params": ["X-Hasura-User-Id"], "max_reqs_per_min": 2},
                "guest": {"max_reqs_per_min": 3},
            }},
            "time_limit": {"global": 5},
        });
        let exported = json!({
            "rate_limit": {"global": {"max_reqs_per_min": 1, "unique_params": "IP"}, "per_role": {
                "user": {"max_reqs_per_min": 2, "unique_params": ["x-hasura-user-id"]},
                "guest": {"max_reqs_per_min": 3, "unique_params": null},
            }},
            "time_limit": {"global": 5, "per_role": {}},
            "disabled": false,
        });
        let limits = read(&given).unwrap().unwrap();
        assert_eq!(serde_json::to_value(limits).unwrap(), exported);
    }

    #[test]
    fn invalid_limits_are_refused() {
        for limits in [
            json!([]),
            json!({"depth_limit": 5}),
            json!({"depth_limit": {"per_role": {"user": 1}}}),
            json!({"depth_limit": {"global": -1}}),
            json!({"node_limit": {"global": "5"}}),
            json!({"time_limit": {"global": 0}}),
            json!({"time_limit": {"global": -1}}),
            json!({"rate_limit": {"global": {"unique_params": "IP"}}}),
            json!({"rate_limit": {"global": {"max_reqs_per_min": 1, "unique_params": "address"}}}),
            json!({"rate_limit": {"global": {"max_reqs_per_min": 1, "unique_params": ["x-hasura-role"]}}}),
            json!({"rate_limit": {"global": {"max_reqs_per_min": 1, "unique_params": ["user-id"]}}}),
        ] {
            assert!(read(&limits).is_err(), "{limits}");
        }
    }
}
