//! Payloads: where each protocol and API version puts data and errors.

use super::protocol::Protocol;
use crate::error::{Code, Error};
use crate::server::error::{graphql, graphql_error, plain, shows_internal};
use crate::server::version::ApiVersion;
use crate::session::Session;
use crate::state::Engine;
use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::{Value, json};

/// `{"data":…}` around a `data` object.
pub(super) fn wrap(data: &Bytes) -> Bytes {
    let mut body = BytesMut::with_capacity(data.len() + 9);
    body.put_slice(br#"{"data":"#);
    body.put_slice(data);
    body.put_slice(b"}");
    body.freeze()
}

/// Whether an error came up while the operation ran, and is therefore part of a result, or before it could begin.
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

/// The payload of a result that is an error.
pub(super) fn failure(engine: &Engine, session: &Session, version: ApiVersion, error: &Error) -> Value {
    json!({"data": null, "errors": [one(engine, session, version, error)]})
}

/// The payload of `error`: the operation did not begin.
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

/// The payload of `error` where the operation was not even looked at: a bare error object.
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
