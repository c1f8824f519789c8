//! Hasura's commands for unsupported features: the error names the feature, so that a command is not mistaken for a
//! typing error.

use engine_error::{Code, Error};
use serde_json::Value;

/// Features by a part of their commands' names.
const SUBJECTS: [(&str, &str); 13] = [
    ("source_kind_capabilities", "kinds of sources other than Postgres"),
    (
        "_source",
        "sources other than \"default\": this engine supports one database",
    ),
    ("remote_schema", "remote schemas"),
    (
        "remote_relationship",
        "relationships to other sources and remote schemas",
    ),
    ("_action", "actions"),
    ("custom_types", "actions"),
    ("opentelemetry", "OpenTelemetry"),
    ("native_query", "native queries"),
    ("logical_model", "native queries"),
    (
        "webhook_transform",
        "transforms of webhook requests; the webhook receives the payload as it is",
    ),
    ("apollo_federation", "Apollo Federation"),
    (
        "tls_allowlist",
        "exceptions from the verification of TLS certificates",
    ),
    ("metrics_config", "Prometheus metrics"),
];

/// Error for a command that the engine does not implement.
pub(super) fn error(kind: &str, args: &Value) -> Error {
    let Some((_, what)) = SUBJECTS.iter().find(|(part, _)| kind.contains(part)) else {
        return Error::new(Code::ParseFailed, format!("unknown command \"{kind}\""));
    };
    // Hasura validates names before everything else.
    if args["name"] == "" {
        return Error::new(Code::ParseFailed, "empty string not allowed").at("name");
    }
    Error::new(
        Code::NotSupported,
        format!("{kind} is not supported; unsupported feature: {what}"),
    )
    .at("args")
}
