//! GraphQL over HTTP: /v1/graphql answers errors with 200, /v1alpha1/graphql with their status.

use super::app::App;
use super::error_response::{graphql_error, graphql_response, json_response};
use super::metadata::{parse_body, read_body};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_runtime::graphql::{Outcome, Request, execute};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use std::sync::Arc;

type Body = Result<Bytes, BytesRejection>;

pub(super) async fn v1(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    handle(&app, &headers, body, true).await
}

pub(super) async fn v1alpha1(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    handle(&app, &headers, body, false).await
}

async fn handle(app: &App, headers: &HeaderMap, body: Body, always_200: bool) -> Response {
    let session = match app.auth.authenticate(headers) {
        Ok(session) => session,
        Err(error) => return graphql_response(&error, false, always_200),
    };
    let internal = app.options.exposes_internal(&session);
    match run(app, &session, body, internal).await {
        Ok(bytes) => json_response(StatusCode::OK, bytes),
        Err(error) => graphql_response(&error, internal, always_200),
    }
}

async fn run(app: &App, session: &Session, body: Body, internal: bool) -> Result<Bytes> {
    let body = read_body(body)?;
    let is_batch = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if !is_batch {
        return one(app, session, &parse_request(&body)?).await;
    }
    let requests: Vec<Request> = parse_body(&body)?;
    let mut answer = Vec::from(*b"[");
    for (index, request) in requests.iter().enumerate() {
        if index > 0 {
            answer.push(b',');
        }
        match one(app, session, request).await {
            Ok(bytes) => answer.extend_from_slice(&bytes),
            Err(error) => {
                answer.extend_from_slice(
                    json!({"errors": [graphql_error(&error, internal)]})
                        .to_string()
                        .as_bytes(),
                );
            }
        }
    }
    answer.push(b']');
    Ok(answer.into())
}

fn parse_request(body: &[u8]) -> Result<Request> {
    parse_body(body).map_err(
        |error: Error| match error.message.strip_prefix("missing field `query`") {
            Some(_) => Error::new(Code::ParseFailed, "key \"query\" not found"),
            None => error,
        },
    )
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
