//! /v1/query, /v1/metadata, /v2/query.

use super::app::App;
use super::auth::RequestSession;
use super::body::{parse_body, read_body};
use super::error_response::{json_response, plain_response};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use engine_admin::commands;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use http::{StatusCode, Uri};
use std::sync::Arc;
use tracing::Instrument as _;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    RequestSession(session): RequestSession,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    // As in Hasura, only this path has data commands for other roles.
    if !session.is_admin() && uri.path() != "/v1/query" {
        return plain_response(&Error::admin_only().at("args"), false);
    }
    match run(&app, &session, body).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => plain_response(&error, app.options.exposes_internal(&session)),
    }
}

/// Runs the command in its own task, as in Hasura: it completes even if the client or a proxy disconnects, and no connection
/// returns to the pool with a transaction in progress.
async fn run(app: &App, session: &Session, body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
    let body = parse_body(&read_body(body)?)?;
    let (admin, session) = (Arc::clone(&app.admin), session.clone());
    let command = app
        .commands
        .spawn(async move { commands::execute(&admin, &session, body).await }.in_current_span());
    let response = command.await.map_err(|error| {
        Error::new(
            Code::Unexpected,
            format!("internal error: the metadata task panicked: {error}"),
        )
    })?;
    Ok(response?.into_bytes())
}
