//! /v1/query for all roles; /v1/metadata and /v2/query for admins.

use super::app::App;
use super::auth::{AdminCommandSession, RequestSession};
use super::body::{parse_body, read_body};
use super::error_response::{json_response, plain_response};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use engine_admin::commands;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use http::StatusCode;
use std::sync::Arc;
use tracing::Instrument as _;

/// Data commands honour the permissions of a role; `commands` rejects other commands.
pub(super) async fn handle(
    State(app): State<Arc<App>>,
    RequestSession(session): RequestSession,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    respond(&app, &session, body).await
}

pub(super) async fn handle_admin(
    State(app): State<Arc<App>>,
    AdminCommandSession(session): AdminCommandSession,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    respond(&app, &session, body).await
}

async fn respond(app: &App, session: &Session, body: Result<Bytes, BytesRejection>) -> Response {
    let exposes_internal = app.options.exposes_internal(session);
    match run(app, session, exposes_internal, body).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => plain_response(&error, exposes_internal),
    }
}

/// Runs the command in its own task, as in Hasura: it completes even if the client or a proxy disconnects, and no connection
/// returns to the pool with a transaction in progress.
async fn run(
    app: &App,
    session: &Session,
    exposes_internal: bool,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes> {
    let body = parse_body(&read_body(body)?)?;
    let (admin, session) = (Arc::clone(&app.admin), session.clone());
    let command = app.commands.spawn(
        async move { commands::execute(&admin, &session, exposes_internal, body).await }.in_current_span(),
    );
    let response = command.await.map_err(|error| {
        Error::new(
            Code::Unexpected,
            format!("internal error: the metadata task panicked: {error}"),
        )
    })?;
    Ok(response?.into_bytes())
}
