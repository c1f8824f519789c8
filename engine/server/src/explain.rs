//! /v1/graphql/explain: the SQL of a query and Postgres' plan of it, for admins. Errors have the metadata error format.

use super::app::App;
use super::error_response::{json_response, plain_response};
use super::metadata::{parse_body, read_body};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_runtime::graphql::{self, Request};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
struct Explain {
    query: Request,
    /// Session variables to explain the query for, including the role; the default is admin.
    #[serde(default)]
    user: Option<BTreeMap<String, String>>,
}

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
        Ok(answer) => json_response(StatusCode::OK, answer.to_string()),
        Err(error) => plain_response(&error, app.options.exposes_internal(&session)),
    }
}

async fn run(app: &App, session: &Session, body: Result<Bytes, BytesRejection>) -> Result<Value> {
    if !session.is_admin() {
        return Err(Error::new(Code::AccessDenied, "restricted access : admin only").at("args"));
    }
    let explain: Explain = parse_body(&read_body(body)?)?;
    let user = explain.user.map(|variables| {
        let variables: BTreeMap<String, String> = variables
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect();
        let role = variables
            .get("x-hasura-role")
            .map_or(engine_model::session::ADMIN, String::as_str)
            .to_owned();
        Session { role, variables }
    });
    graphql::explain(&app.graphql, user.as_ref().unwrap_or(session), &explain.query).await
}
