//! Hasura's commands for what is not served here: each says so, and none is mistaken for a typing error.

use crate::error::{Code, Error};
use serde_json::Value;

/// What commands are about, by a part of their names.
const SUBJECTS: [(&str, &str); 13] = [
    (
        "_source",
        "sources other than \"default\": this engine serves one database",
    ),
    ("remote_schema", "remote schemas"),
    (
        "remote_relationship",
        "relationships to other sources and remote schemas",
    ),
    ("_action", "actions"),
    ("custom_types", "actions"),
    ("cron_trigger", "scheduled triggers"),
    ("scheduled_event", "scheduled triggers"),
    ("rest_endpoint", "REST endpoints"),
    ("inherited_role", "inherited roles"),
    ("api_limits", "API limits"),
    ("graphql_schema_introspection", "introspection by role"),
    ("opentelemetry", "OpenTelemetry"),
    ("native_query", "native queries"),
];

/// The error of a command that nobody here runs.
pub(super) fn error(kind: &str, args: &Value) -> Error {
    let Some((_, what)) = SUBJECTS.iter().find(|(part, _)| kind.contains(part)) else {
        return Error::new(Code::ParseFailed, format!("unknown command \"{kind}\""));
    };
    // Hasura reads names before it does anything.
    if args["name"] == "" {
        return Error::new(Code::ParseFailed, "empty string not allowed").at("name");
    }
    Error::new(
        Code::NotSupported,
        format!("{kind} is not supported, for these are not served: {what}"),
    )
    .at("args")
}
