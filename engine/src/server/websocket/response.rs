//! Payloads: data and errors in the format of each protocol and API version.

use super::protocol::Protocol;
use crate::server::error::{graphql, graphql_error, plain, shows_internal};
use crate::server::version::ApiVersion;
use crate::state::Engine;
use bytes::{BufMut as _, Bytes, BytesMut};
use engine_error::{Code, Error};
use engine_model::session::Session;
use serde_json::{Value, json};

/// Wraps a `data` object in `{"data":…}`.
pub(super) fn wrap(data: &Bytes) -> Bytes {
    let mut body = BytesMut::with_capacity(data.len() + 9);
    body.put_slice(br#"{"data":"#);
    body.put_slice(data);
    body.put_slice(b"}");
    body.freeze()
}

/// Whether an error occurred during the execution and is therefore part of a result.
pub(super) fn is_of_execution(error: &Error) -> bool {
    error.retry_after.is_some()
        || matches!(
            error.code,
            Code::ConstraintError
                | Code::ConstraintViolation
                | Code::DataException
                | Code::PermissionError
                | Code::PostgresError
                | Code::Unexpected
        )
}

/// Payload of a result that is an error.
pub(super) fn failure(engine: &Engine, session: &Session, version: ApiVersion, error: &Error) -> Value {
    json!({"data": null, "errors": [one(engine, session, version, error)]})
}

/// Payload of `error`: the operation did not start.
pub(super) fn refusal(
    engine: &Engine,
    session: &Session,
    protocol: Protocol,
    version: ApiVersion,
    error: &Error,
) -> Value {
    let internal = shows_internal(&engine.config, Some(session));
    match (protocol, version) {
        (Protocol::Transport, _) => json!([one(engine, session, version, error)]),
        (Protocol::Legacy, ApiVersion::V1) => graphql(error, internal),
        (Protocol::Legacy, ApiVersion::V1Alpha1) => plain(error, internal),
    }
}

/// Payload of `error` for an operation that was not parsed: a single error object.
pub(super) fn start_failed(protocol: Protocol, version: ApiVersion, message: String) -> Value {
    let error = Error::new(Code::StartFailed, message);
    match (protocol, version) {
        (Protocol::Transport, _) => json!([graphql_error(&error, false)]),
        (Protocol::Legacy, ApiVersion::V1) => graphql_error(&error, false),
        (Protocol::Legacy, ApiVersion::V1Alpha1) => plain(&error, false),
    }
}

fn one(engine: &Engine, session: &Session, version: ApiVersion, error: &Error) -> Value {
    let internal = shows_internal(&engine.config, Some(session));
    match version {
        ApiVersion::V1 => graphql_error(error, internal),
        ApiVersion::V1Alpha1 => plain(error, internal),
    }
}
