//! /v1/query, /v1/metadata, /v2/query.

use super::auth::authenticate;
use super::error::{json_response, plain_response, shows_internal};
use super::router::App;
use crate::error::{Code, Error, Result};
use crate::metadata::commands;
use crate::session::Session;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::sync::Arc;

pub(super) async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let session = match authenticate(&app.engine.config, &headers) {
        Ok(session) => session,
        Err(error) => return plain_response(&error, false),
    };
    match run(&app, &session, body).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => plain_response(&error, shows_internal(&app.engine.config, Some(&session))),
    }
}

/// A task of its own, as Hasura has it: a migration behind a proxy that loses patience is done all the same, and no
/// connection goes back to the pool in the middle of something.
async fn run(app: &App, session: &Session, body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
    let body: Value = parse_body(&read_body(body)?)?;
    let (engine, session) = (Arc::clone(&app.engine), session.clone());
    let command = app
        .commands
        .spawn(async move { commands::execute(&engine, &session, body).await });
    let answer = command
        .await
        .map_err(|error| Error::new(Code::Unexpected, format!("the command broke off: {error}")))?;
    Ok(answer?.into_bytes())
}

/// The body, or why there is none.
pub(super) fn read_body(body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
    body.map_err(|rejection| {
        let status = rejection.status();
        let message = if status == StatusCode::PAYLOAD_TOO_LARGE {
            "the body is too large; see HASURA_GRAPHQL_MAX_BODY_BYTES".to_owned()
        } else {
            format!("the body cannot be read: {}", rejection.body_text())
        };
        Error::new(Code::BadRequest, message).with_status(status.as_u16())
    })
}

/// JSON, of whatever content type it says to be.
pub(super) fn parse_body<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            Error::new(Code::ParseFailed, error.to_string())
        } else {
            Error::new(Code::InvalidJson, format!("the body is no JSON: {error}"))
        }
    })
}
