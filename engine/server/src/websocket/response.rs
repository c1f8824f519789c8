//! Payloads: data and errors in the format of each protocol and API version.

use super::protocol::Protocol;
use crate::api_version::ApiVersion;
use crate::error_response::{graphql, graphql_error};
use crate::options::ServerOptions;
use engine_error::{Code, Error};
use engine_model::session::Session;
use serde_json::{Value, json};

/// Payload of a result that is an error.
pub(super) fn failure(
    options: &ServerOptions,
    session: &Session,
    version: ApiVersion,
    error: &Error,
) -> Value {
    json!({"data": null, "errors": [one(options, session, version, error)]})
}

/// Payload of `error`: the operation did not start.
pub(super) fn refusal(
    options: &ServerOptions,
    session: &Session,
    protocol: Protocol,
    version: ApiVersion,
    error: &Error,
) -> Value {
    let internal = options.exposes_internal(session);
    match (protocol, version) {
        (Protocol::GraphqlTransportWs, _) => json!([one(options, session, version, error)]),
        (Protocol::SubscriptionsTransportWs, ApiVersion::V1) => graphql(error, internal),
        (Protocol::SubscriptionsTransportWs, ApiVersion::V1Alpha1) => error.to_json(internal),
    }
}

/// Payload of `error` for an operation that was not parsed: a single error object.
pub(super) fn start_failed(protocol: Protocol, version: ApiVersion, message: String) -> Value {
    let error = Error::new(Code::StartFailed, message);
    match (protocol, version) {
        (Protocol::GraphqlTransportWs, _) => json!([graphql_error(&error, false)]),
        (Protocol::SubscriptionsTransportWs, ApiVersion::V1) => graphql_error(&error, false),
        (Protocol::SubscriptionsTransportWs, ApiVersion::V1Alpha1) => error.to_json(false),
    }
}

fn one(options: &ServerOptions, session: &Session, version: ApiVersion, error: &Error) -> Value {
    let internal = options.exposes_internal(session);
    match version {
        ApiVersion::V1 => graphql_error(error, internal),
        ApiVersion::V1Alpha1 => error.to_json(internal),
    }
}
