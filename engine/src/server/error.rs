//! Conversion of an [`Error`] into a response: Hasura's form A for commands, form B for GraphQL.

use crate::server::config::Config;
use axum::response::{IntoResponse, Response};
use engine_error::{Code, Error};
use engine_model::session::Session;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// Form A: `{"path", "error", "code"[, "internal"]}`.
pub fn plain(error: &Error, internal: bool) -> Value {
    let mut body = json!({
        "path": error.path.to_string(),
        "error": error.message,
        "code": error.code.as_str(),
    });
    if let (true, Some(details)) = (internal, &error.internal) {
        body["internal"] = Value::clone(details);
    }
    body
}

/// One error of form B: `{"extensions": {"path", "code"[, "internal"]}, "message"}`.
pub fn graphql_error(error: &Error, internal: bool) -> Value {
    let mut extensions = json!({"path": error.path.to_string(), "code": error.code.as_str()});
    if let (true, Some(details)) = (internal, &error.internal) {
        extensions["internal"] = Value::clone(details);
    }
    json!({"extensions": extensions, "message": error.message})
}

/// Form B: `{"errors": […]}`, with no `data` key.
pub fn graphql(error: &Error, internal: bool) -> Value {
    json!({"errors": [graphql_error(error, internal)]})
}

/// Whether the session may see `internal`: the Postgres error and its SQL.
pub fn shows_internal(config: &Config, session: Option<&Session>) -> bool {
    config.dev_mode || config.admin_internal_errors && session.is_some_and(Session::is_admin)
}

/// Returns the HTTP status of an error for endpoints that do not always respond with 200.
pub fn status(error: &Error) -> StatusCode {
    if error.retry_after.is_some() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Builds a response of form A.
pub fn plain_response(error: &Error, internal: bool) -> Response {
    respond(error, status(error), &plain(error, internal))
}

/// Builds a response of form B. The status is 200 on /v1/graphql, as in Hasura, except for transient errors: proxies and
/// clients with automatic retries evaluate 503 and `Retry-After`.
pub fn graphql_response(error: &Error, internal: bool, always_200: bool) -> Response {
    let status = if always_200 && error.retry_after.is_none() {
        StatusCode::OK
    } else {
        status(error)
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
pub fn json_response(status: StatusCode, body: impl Into<axum::body::Body>) -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], body.into()).into_response()
}

/// Returns the error for an unknown path.
pub fn no_resource() -> Error {
    Error::new(Code::NotFound, "resource does not exist").with_status(404)
}
