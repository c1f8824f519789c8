//! Conversion of an [`Error`] into a response: Hasura's metadata error format for commands, its GraphQL error format for
//! GraphQL.

use crate::api_version::ApiVersion;
use axum::response::{IntoResponse, Response};
use engine_error::{Code, Error};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// One error in the GraphQL error format: `{"extensions": {"path", "code"[, "internal"]}, "message"}`.
pub(crate) fn graphql_error(error: &Error, internal: bool) -> Value {
    let mut extensions = json!({"path": error.path.to_string(), "code": error.code.as_str()});
    if let (true, Some(details)) = (internal, &error.internal) {
        extensions["internal"] = Value::clone(details);
    }
    json!({"extensions": extensions, "message": error.message})
}

/// GraphQL error format: `{"errors": […]}`, with no `data` key.
pub(crate) fn graphql(error: &Error, internal: bool) -> Value {
    json!({"errors": [graphql_error(error, internal)]})
}

/// Returns the HTTP status of an error for endpoints that do not always respond with 200.
pub(crate) fn status(error: &Error) -> StatusCode {
    if error.retry_after.is_some() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Builds a response in the metadata error format.
pub(crate) fn plain_response(error: &Error, internal: bool) -> Response {
    respond(error, status(error), &error.to_json(internal))
}

/// Builds a response in the GraphQL error format. The status is 200 on /v1/graphql, as in Hasura, except for transient
/// errors: proxies and clients with automatic retries evaluate 503 and `Retry-After`.
pub(crate) fn graphql_response(error: &Error, internal: bool, version: ApiVersion) -> Response {
    let status = match version {
        ApiVersion::V1 if error.retry_after.is_none() => StatusCode::OK,
        ApiVersion::V1 | ApiVersion::V1Alpha1 => status(error),
    };
    respond(error, status, &graphql(error, internal))
}

fn respond(error: &Error, status: StatusCode, body: &Value) -> Response {
    let mut response = json_response(status, body.to_string());
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Builds a JSON response with Hasura's content type.
pub(crate) fn json_response(status: StatusCode, body: impl Into<axum::body::Body>) -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], body.into()).into_response()
}

/// Returns the error for an unknown path.
pub(crate) fn no_resource() -> Error {
    Error::new(Code::NotFound, "resource does not exist").with_status(404)
}
