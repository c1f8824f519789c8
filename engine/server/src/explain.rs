//! /v1/graphql/explain: the SQL of a query and Postgres' plan of it, for admins. Errors have the metadata error format.

use super::app::App;
use super::auth::{AdminSession, privileged};
use super::body::read_json;
use super::error_response::{json_response, plain_response};
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_runtime::graphql::{self, Request};
use http::StatusCode;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    AdminSession(session): AdminSession,
    request: HttpRequest,
) -> Response {
    match run(&app, &session, request).await {
        Ok(plan) => json_response(StatusCode::OK, plan.to_string()),
        Err(error) => plain_response(&error, app.options.exposes_internal(&session)),
    }
}

async fn run(app: &App, session: &Session, request: HttpRequest) -> Result<Value> {
    let mut payload = read_json(app, request, app.options.graphql_limit(session), session).await?;
    let mut take = |key: &str| payload.get_mut(key).map(Value::take).unwrap_or_default();
    let query = Request::from_json(take("query")).map_err(|error| error.at("query"))?;
    // Session variables to explain the query for, including the role; the default is admin.
    let user: Option<BTreeMap<String, String>> = serde_json::from_value(take("user"))
        .map_err(|error| Error::new(Code::ParseFailed, error.to_string()).at("user"))?;
    let user = user.map(|variables| {
        let variables = variables.into_iter();
        privileged(
            variables
                .map(|(name, value)| (name.to_lowercase(), value))
                .collect(),
        )
    });
    let user = user.transpose().map_err(|error| error.at("user"))?;
    graphql::explain(&app.graphql, user.as_ref().unwrap_or(session), &query).await
}
