//! /v1/query for all roles; /v1/metadata and /v2/query for admins.

use super::app::App;
use super::auth::{AdminCommandSession, RequestSession};
use super::body::read_json;
use super::client_address::ClientAddress;
use super::error_response::{json_response, plain_response};
use axum::body::Bytes;
use axum::extract::{Request, State};
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
    request: Request,
) -> Response {
    respond(&app, &session, request).await
}

pub(super) async fn handle_admin(
    State(app): State<Arc<App>>,
    AdminCommandSession(session): AdminCommandSession,
    request: Request,
) -> Response {
    respond(&app, &session, request).await
}

async fn respond(app: &App, session: &Session, request: Request) -> Response {
    let exposes_internal = app.options.exposes_internal(session);
    match run(app, session, exposes_internal, request).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => plain_response(&error, exposes_internal),
    }
}

/// Runs the command of an admin in its own task, as in Hasura: it completes even if the client or a proxy disconnects. Commands of
/// other roles stop then, so that a client cannot leave any amount of work behind; the connection of a statement in progress is
/// closed.
async fn run(app: &App, session: &Session, exposes_internal: bool, request: Request) -> Result<Bytes> {
    let ClientAddress(address) = ClientAddress::of(request.extensions());
    let body = read_json(app, request, app.options.command_limit(session), session).await?;
    if !session.is_admin() {
        let response = commands::execute(&app.admin, session, address, exposes_internal, body).await?;
        return Ok(response.into_bytes());
    }
    let (admin, session) = (Arc::clone(&app.admin), session.clone());
    let command = app.commands.spawn(
        async move { commands::execute(&admin, &session, address, exposes_internal, body).await }
            .in_current_span(),
    );
    let response = command.await.map_err(|error| {
        Error::new(
            Code::Unexpected,
            format!("internal error: the metadata task panicked: {error}"),
        )
    })?;
    Ok(response?.into_bytes())
}
