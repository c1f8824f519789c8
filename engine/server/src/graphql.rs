//! GraphQL over HTTP: errors have the status 200 on /v1/graphql, and their own status on /v1alpha1/graphql.

use super::api_version::ApiVersion;
use super::app::App;
use super::auth::GraphqlInput;
use super::error_response::{graphql_error, graphql_response, json_response};
use super::middleware::record_operation_name;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_runtime::graphql::{Outcome, Request, execute};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    Extension(version): Extension<ApiVersion>,
    GraphqlInput { session, payload }: GraphqlInput,
) -> Response {
    let internal = app.options.exposes_internal(&session);
    match run(&app, &session, payload, internal).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => graphql_response(&error, internal, version),
    }
}

async fn run(app: &App, session: &Session, payload: Result<Value>, internal: bool) -> Result<Bytes> {
    let payloads = match payload? {
        Value::Array(payloads) => payloads,
        payload => {
            let request = Request::from_json(payload)?;
            record_operation_name(&request);
            return one(app, session, &request).await;
        }
    };
    let requests: Vec<Request> = payloads
        .into_iter()
        .enumerate()
        .map(|(index, payload)| Request::from_json(payload).map_err(|error| error.at(index)))
        .collect::<Result<_>>()?;
    let mut responses = Vec::from(*b"[");
    for (index, request) in requests.iter().enumerate() {
        if index > 0 {
            responses.push(b',');
        }
        match one(app, session, request).await {
            Ok(bytes) => responses.extend_from_slice(&bytes),
            Err(error) => {
                responses.extend_from_slice(
                    json!({"errors": [graphql_error(&error, internal)]})
                        .to_string()
                        .as_bytes(),
                );
            }
        }
    }
    responses.push(b']');
    Ok(responses.into())
}

async fn one(app: &App, session: &Session, request: &Request) -> Result<Bytes> {
    match execute(&app.graphql, session, request).await? {
        Outcome::Done(bytes) => Ok(bytes),
        Outcome::Subscription(..) => Err(Error::new(
            Code::UnexpectedPayload,
            "subscriptions are not supported over HTTP, use websockets instead",
        )),
    }
}
