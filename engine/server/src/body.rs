//! Request bodies.

use super::json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use engine_error::{Code, Error, Result};
use http::StatusCode;
use serde_json::Value;

/// Maximum length of a request body in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimit {
    pub(super) bytes: usize,
    /// Name of the limit in the error message.
    pub(super) name: &'static str,
}

/// Reads the body of a request, or returns an error if it is too large or unreadable.
pub(super) async fn read_body(mut request: Request, limit: BodyLimit) -> Result<Bytes> {
    DefaultBodyLimit::max(limit.bytes).apply(&mut request);
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        let status = rejection.status();
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            return too_large(limit);
        }
        let message = format!("cannot read request body: {}", rejection.body_text());
        Error::new(Code::BadRequest, message).with_status(status.as_u16())
    })
}

/// Returns the error for a body that exceeds the limit.
pub(super) fn too_large(BodyLimit { bytes, name }: BodyLimit) -> Error {
    let message = format!("request body exceeds {bytes} bytes, the limit of {name}");
    Error::new(Code::BadRequest, message).with_status(StatusCode::PAYLOAD_TOO_LARGE.as_u16())
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
