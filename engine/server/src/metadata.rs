//! /v1/query, /v1/metadata, /v2/query.

use super::app::App;
use super::auth::RequestSession;
use super::body::{parse_body, read_body};
use super::error_response::{json_response, plain_response};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use engine_admin::commands::{self, Endpoint};
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
    let endpoint = Endpoint {
        data_for_all_roles: uri.path() == "/v1/query",
        exposes_internal: app.options.exposes_internal(&session),
    };
    match run(&app, &session, endpoint, body).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => plain_response(&error, endpoint.exposes_internal),
    }
}

/// Runs the command in its own task, as in Hasura: it completes even if the client or a proxy disconnects, and no connection
/// returns to the pool with a transaction in progress.
async fn run(
    app: &App,
    session: &Session,
    endpoint: Endpoint,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes> {
    let body = parse_body(&read_body(body)?)?;
    let (admin, session) = (Arc::clone(&app.admin), session.clone());
    let command = app
        .commands
        .spawn(async move { commands::execute(&admin, &session, endpoint, body).await }.in_current_span());
    let response = command.await.map_err(|error| {
        Error::new(
            Code::Unexpected,
            format!("internal error: the metadata task panicked: {error}"),
        )
    })?;
    Ok(response?.into_bytes())
}
