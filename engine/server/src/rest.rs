//! REST endpoints: queries of collections at paths of their own. Responses are the data without an envelope; errors have the metadata
//! error format and their own status.

use super::app::App;
use super::auth::{AdminSession, RequestSession};
use super::body::{parse_body, read, reservation};
use super::client_address::ClientAddress;
use super::error_response::{json_response, plain_response};
use super::graphql::{Client, one};
use super::middleware::record_operation_name;
use axum::body::Bytes;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use engine_error::{Code, Error, Result};
use engine_model::metadata::rest_endpoints::{self, Found, RestMethod};
use engine_model::session::Session;
use engine_plan::open_api::open_api;
use engine_plan::rest_variables::{RestInput, rest_variables};
use engine_runtime::graphql::Request;
use http::{HeaderMap, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Beginning of the paths of the endpoints.
pub(super) const PREFIX: &str = "/api/rest/";

/// Maximum number of fields of a form.
const MAX_PAIRS: usize = 1000;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    RequestSession(session): RequestSession,
    request: HttpRequest,
) -> Response {
    match run(&app, &session, address, request).await {
        Ok(body) => json_response(StatusCode::OK, body),
        Err(error) => plain_response(&error, app.options.exposes_internal(&session)),
    }
}

/// Responds with the description of the endpoints; for admins only.
pub(super) async fn describe(State(app): State<Arc<App>>, AdminSession(session): AdminSession) -> Response {
    let cache = app.graphql.schema.load_full();
    let schema = cache.schema(&session, app.graphql.options.schema);
    let endpoints = cache.resolved.tracked.rest_endpoints.iter();
    let description = open_api(
        &schema,
        &app.graphql.documents,
        endpoints.map(|endpoint| &**endpoint),
    );
    json_response(StatusCode::OK, description.to_string())
}

async fn run(app: &App, session: &Session, address: ClientAddress, request: HttpRequest) -> Result<Bytes> {
    let method = RestMethod::of(request.method().as_str());
    let uri = request.uri().clone();
    let path = uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let path: Vec<Cow<'_, str>> = path.split('/').map(decoded).collect::<Result<_>>()?;
    let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
    let schema = app.graphql.schema.load_full();
    // The messages have Hasura's wording.
    let (endpoint, in_path) =
        match rest_endpoints::find(&schema.resolved.tracked.rest_endpoints, &path, method) {
            Found::One(endpoint, variables) => (endpoint, variables),
            Found::None => return Err(Error::new(Code::NotFound, "Endpoint not found").with_status(404)),
            Found::OtherMethods(methods) => {
                let methods: Vec<&str> = methods.into_iter().map(RestMethod::name).collect();
                let message = format!("Allowed methods: {}", methods.join(","));
                return Err(Error::new(Code::MethodNotAllowed, message));
            }
        };
    let reservation = reservation(request.extensions())?;
    let is_form = is_form(request.headers());
    let limit = app.options.graphql_limit(session);
    let (form, body) = read(app, request, limit, session, |body| parse(body, is_form)).await?;
    let query = query_texts(uri.query().unwrap_or_default());
    let in_path = in_path.into_iter().map(|(name, text)| (name, Some(text)));
    let given = query.iter().chain(&form);
    let given = given.map(|(name, text)| (name.as_str(), text.as_deref()));
    let document = app.graphql.documents.get(&endpoint.query)?;
    let input = RestInput {
        texts: in_path.chain(given).collect(),
        body,
    };
    let request = Request {
        // The trace of the session is that of the headers.
        trace: None,
        query: endpoint.query.clone(),
        operation_name: None,
        variables: Some(rest_variables(document.operation(None)?, input)?),
    };
    record_operation_name(&request);
    let client = Client {
        session,
        address,
        reservation: &reservation,
    };
    one(app, client, &request).await.map(without_envelope)
}

fn decoded(segment: &str) -> Result<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().map_err(|_| {
        let message = format!("path segment \"{segment}\" is not UTF-8");
        Error::new(Code::BadRequest, message)
    })
}

/// Names and texts.
type Texts = Vec<(String, Option<String>)>;

/// Returns the parts of a query string; a name without `=` has no text.
fn query_texts(query: &str) -> Texts {
    let parts = query.split('&').filter(|part| !part.is_empty());
    let parts = parts.filter_map(|part| {
        let (name, text) = form_urlencoded::parse(part.as_bytes()).next()?;
        let has_text = part.contains('=');
        Some((name.into_owned(), has_text.then(|| text.into_owned())))
    });
    parts.collect()
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next());
    media_type.is_some_and(|media| {
        media
            .trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// Reads a body: a form, or a JSON object. It may be empty.
fn parse(body: &[u8], is_form: bool) -> Result<(Texts, Map<String, Value>)> {
    if is_form {
        // Each pair needs more memory than its text, which the request has reserved.
        let pairs = memchr::memchr_iter(b'&', body).count() + 1;
        if pairs > MAX_PAIRS {
            let message = format!("the form has {pairs} fields; the limit is {MAX_PAIRS}");
            return Err(Error::new(Code::SizeLimitExceeded, message));
        }
        let pairs = form_urlencoded::parse(body);
        let texts = pairs.map(|(name, text)| (name.into_owned(), Some(text.into_owned())));
        return Ok((texts.collect(), Map::new()));
    }
    if body.trim_ascii().is_empty() {
        return Ok((Vec::new(), Map::new()));
    }
    match parse_body(body)? {
        Value::Object(object) => Ok((Vec::new(), object)),
        Value::Null => Ok((Vec::new(), Map::new())),
        _ => {
            let message = "request body is not an object with the variables of the endpoint";
            Err(Error::new(Code::BadRequest, message))
        }
    }
}

/// Returns the value of `data`.
fn without_envelope(response: Bytes) -> Bytes {
    const BEFORE: &[u8] = b"{\"data\":";
    match (response.starts_with(BEFORE), response.ends_with(b"}")) {
        (true, true) => response.slice(BEFORE.len()..response.len() - 1),
        _ => response,
    }
}
