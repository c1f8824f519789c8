//! GraphQL over HTTP: errors have the status 200 on /v1/graphql, and their own status on /v1alpha1/graphql.

use super::api_version::ApiVersion;
use super::app::App;
use super::auth::GraphqlInput;
use super::body_budget::Reservation;
use super::client_address::ClientAddress;
use super::error_response::{graphql_error, graphql_response, json_response};
use super::middleware::record_operation_name;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_runtime::graphql::{self, Outcome, Request, execute};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// Maximum number of operations in a batch of a role other than admin.
const MAX_ROLE_BATCH: usize = 20;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    Extension(version): Extension<ApiVersion>,
    address: ClientAddress,
    input: GraphqlInput,
) -> Response {
    let GraphqlInput {
        session,
        payload,
        reservation,
    } = input;
    let internal = app.options.exposes_internal(&session);
    let client = Client {
        session: &session,
        address,
        reservation: &reservation,
    };
    match run(&app, client, payload, internal).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => graphql_response(&error, internal, version),
    }
}

/// Client of a request, and the memory that is reserved for it.
#[derive(Clone, Copy)]
pub(super) struct Client<'c> {
    pub(super) session: &'c Session,
    pub(super) address: ClientAddress,
    pub(super) reservation: &'c Reservation,
}

async fn run(app: &App, client: Client<'_>, payload: Result<Value>, internal: bool) -> Result<Bytes> {
    let payloads = match payload? {
        Value::Array(payloads) => {
            check_batch(app, client.session, payloads.len())?;
            payloads
        }
        payload => {
            let request = Request::from_json(payload)?;
            record_operation_name(&request);
            return one(app, client, &request).await;
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
        let response = match check_response(app, client.session, responses.len()) {
            Ok(()) => one(app, client, request).await,
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

fn check_batch(app: &App, session: &Session, operations: usize) -> Result<()> {
    if let Some(limit) = graphql::batch_limit(&app.graphql, session).filter(|limit| operations > *limit) {
        let message = format!(
            "batch contains {operations} operations; the batch limit of role \"{}\" is {limit}",
            session.role
        );
        return Err(Error::new(Code::BatchLimitExceeded, message));
    }
    if session.is_admin() || operations <= MAX_ROLE_BATCH {
        return Ok(());
    }
    let message = format!(
        "batch contains {operations} operations; the limit for roles other than admin is {MAX_ROLE_BATCH}"
    );
    Err(Error::new(Code::BadRequest, message))
}

/// Returns an error if no further operation of a batch may run.
fn check_response(app: &App, session: &Session, bytes: usize) -> Result<()> {
    let limit = app.graphql.options.cost.response_limit(session);
    if bytes <= limit.bytes {
        return Ok(());
    }
    let message = format!(
        "responses of the batch exceed {} bytes ({}); read fewer rows, or send several requests",
        limit.bytes, limit.option
    );
    Err(Error::new(Code::SizeLimitExceeded, message))
}

/// Runs one operation that is not a subscription.
pub(super) async fn one(app: &App, client: Client<'_>, request: &Request) -> Result<Bytes> {
    let Client {
        session,
        address,
        reservation,
    } = client;
    let lookup = graphql::admit(&app.graphql, session, address.0)?;
    match execute(
        &app.graphql,
        lookup,
        session,
        address.0,
        request,
        reservation.clone(),
    )
    .await?
    {
        Outcome::Done(bytes) => Ok(bytes),
        Outcome::Subscription(..) => Err(Error::new(
            Code::UnexpectedPayload,
            "subscriptions are not supported over HTTP, use websockets instead",
        )),
    }
}
