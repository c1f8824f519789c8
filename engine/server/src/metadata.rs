//! /v1/query, /v1/metadata, /v2/query.

use super::app::App;
use super::error_response::{json_response, plain_response};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use engine_admin::commands;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::sync::Arc;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let session = match app.auth.authenticate(&headers) {
        Ok(session) => session,
        Err(error) => return plain_response(&error, false),
    };
    match run(&app, &session, body).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => plain_response(&error, app.options.exposes_internal(&session)),
    }
}

/// Runs the command in its own task, as in Hasura: it completes even if the client or a proxy disconnects, and no connection
/// returns to the pool with a transaction in progress.
async fn run(app: &App, session: &Session, body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
    let body: Value = parse_body(&read_body(body)?)?;
    let (admin, session) = (Arc::clone(&app.admin), session.clone());
    let command = app
        .commands
        .spawn(async move { commands::execute(&admin, &session, body).await });
    let answer = command.await.map_err(|error| {
        Error::new(
            Code::Unexpected,
            format!("internal error: the metadata task panicked: {error}"),
        )
    })?;
    Ok(answer?.into_bytes())
}

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
pub(super) fn parse_body<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            Error::new(Code::ParseFailed, error.to_string())
        } else {
            Error::new(
                Code::InvalidJson,
                format!("request body is not valid JSON: {error}"),
            )
        }
    })
}
