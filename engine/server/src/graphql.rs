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

/// Maximum number of operations in a batch of a role other than admin.
const MAX_ROLE_BATCH: usize = 20;

/// Length in bytes of the responses of a batch after which no further operation of a role other than admin runs.
const MAX_ROLE_BATCH_BYTES: usize = 16 * 1024 * 1024;

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
        Value::Array(payloads) => {
            check_batch(session, payloads.len())?;
            payloads
        }
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
        let response = match check_response(session, responses.len()) {
            Ok(()) => one(app, session, request).await,
            Err(error) => Err(error),
        };
        match response {
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

fn check_batch(session: &Session, operations: usize) -> Result<()> {
    if session.is_admin() || operations <= MAX_ROLE_BATCH {
        return Ok(());
    }
    let message = format!(
        "batch contains {operations} operations; the limit for roles other than admin is {MAX_ROLE_BATCH}"
    );
    Err(Error::new(Code::BadRequest, message))
}

/// Returns an error if no further operation of a batch may run.
fn check_response(session: &Session, bytes: usize) -> Result<()> {
    if session.is_admin() || bytes <= MAX_ROLE_BATCH_BYTES {
        return Ok(());
    }
    let message = format!(
        "responses of the batch exceed {MAX_ROLE_BATCH_BYTES} bytes; read fewer rows, or send several requests"
    );
    Err(Error::new(Code::BadRequest, message))
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
