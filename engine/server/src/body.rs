//! Request bodies.

use super::json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use engine_error::{Code, Error, Result};
use http::StatusCode;
use serde_json::Value;

/// Returns the body, or an error if it is too large or unreadable.
pub(super) fn read_body(body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
    body.map_err(|rejection| {
        let status = rejection.status();
        let message = if status == StatusCode::PAYLOAD_TOO_LARGE {
            "request body exceeds HASURA_GRAPHQL_MAX_BODY_BYTES".to_owned()
        } else {
            format!("cannot read request body: {}", rejection.body_text())
        };
        Error::new(Code::BadRequest, message).with_status(status.as_u16())
    })
}

/// Parses the body as JSON; the content type is not checked.
pub(super) fn parse_body(body: &[u8]) -> Result<Value> {
    json::parse(body).map_err(|error| {
        Error::new(
            Code::InvalidJson,
            format!("request body is not valid JSON: {error}"),
        )
    })
}
