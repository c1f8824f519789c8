//! Values of options: their types, and the parsers that check them.

use clap::ValueEnum;
use engine_plan::schema::RoleSet;
use std::time::Duration;

/// Group of endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Api {
    /// /v1/query, /v1/metadata, /v2/query.
    Metadata,
    /// /v1/graphql, /v1alpha1/graphql and explain.
    Graphql,
    /// Accepted for compatibility with Hasura; there is no `pg_dump` endpoint.
    Pgdump,
    /// /v1alpha1/config.
    Config,
}

/// HTTP method of calls of the authentication webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuthHookMode {
    /// The client's headers are forwarded.
    #[value(name = "GET")]
    Get,
    /// The client's headers and the GraphQL request are sent as JSON.
    #[value(name = "POST")]
    Post,
}

/// Isolation level of transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TxIsolation {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// All statements of a request see the same state.
    RepeatableRead,
    /// As if the requests were executed one after another.
    Serializable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Human-readable text.
    Text,
}

/// Reads a list of roles. It is never freed: the settings of a process last as long as the process.
pub(super) fn role_set(list: &str) -> Result<RoleSet, String> {
    if list.trim().is_empty() {
        return Ok(RoleSet::Named(&[]));
    }
    let roles: Vec<String> = list.split(',').map(|role| role.trim().to_owned()).collect();
    if roles.iter().any(String::is_empty) {
        return Err("the name of a role is empty".to_owned());
    }
    Ok(if roles.iter().any(|role| role == "*") {
        RoleSet::All
    } else {
        RoleSet::Named(roles.leak())
    })
}

pub(super) fn positive() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..)
}

pub(super) fn positive_u64() -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(1..)
}

/// Parses a positive number of seconds, perhaps with a fraction.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "expected a positive number of seconds, such as 10 or 0.5".to_owned())
}
