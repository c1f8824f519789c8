//! Sessions as axum extractors. They run before the body is read, so that a client without access cannot make the engine
//! buffer one; an exception is a GraphQL request that is part of the credentials.

use super::{Admission, Authenticated, Credentials};
use crate::api_version::ApiVersion;
use crate::app::App;
use crate::body::{BodyLimit, blocking, parse_body, read_body, read_json, reservation};
use crate::body_budget::{Reservation, Share, memory};
use crate::client_address::ClientAddress;
use crate::cookies::ResponseCookies;
use crate::error_response::{graphql_response, plain_response};
use crate::serve::Slot;
use axum::RequestExt as _;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use http::header::COOKIE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use trace_context::TraceContext;
use tracing::Span;

/// Maximum length in bytes of a body that is read before the authentication, because the webhook receives it.
const MAX_UNAUTHENTICATED_BODY: usize = 1024 * 1024;

/// Maximum time in which such a body has to be received.
const MAX_READ_TIME: Duration = Duration::from_secs(5);

/// Maximum time for the authentication after that: the wait for a call of the webhook and the call together.
const MAX_AUTHENTICATION_TIME: Duration = Duration::from_secs(10);

/// Session of a request with any role.
pub(crate) struct RequestSession(pub(crate) Session);

/// Session of a request with the role admin; other roles are rejected.
pub(crate) struct AdminSession(pub(crate) Session);

/// Session of a metadata command with the role admin; other roles are rejected, as in Hasura at the path of the arguments.
pub(crate) struct AdminCommandSession(pub(crate) Session);

/// Session and parsed body of a request to a GraphQL endpoint.
pub(crate) struct GraphqlInput {
    pub(crate) session: Session,
    pub(crate) payload: Result<Value>,
    pub(crate) reservation: Reservation,
}

/// Rejection of a request, in the error format of its endpoint.
pub(crate) struct AccessError {
    error: Error,
    /// API version of a GraphQL endpoint; `None` selects the metadata error format.
    version: Option<ApiVersion>,
}

impl AccessError {
    fn new(error: Error, parts: &Parts) -> Self {
        Self {
            error,
            version: parts.extensions.get().copied(),
        }
    }
}

impl IntoResponse for AccessError {
    fn into_response(self) -> Response {
        match self.version {
            Some(version) => graphql_response(&self.error, false, version),
            None => plain_response(&self.error, false),
        }
    }
}

impl FromRequestParts<Arc<App>> for RequestSession {
    type Rejection = AccessError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, AccessError> {
        match authenticate(parts, None, app).await {
            Ok(session) => Ok(Self(session)),
            Err(error) => Err(AccessError::new(error, parts)),
        }
    }
}

/// Authenticates a request that only the role admin may send; another role gets the error `denied`.
async fn admin(parts: &mut Parts, app: &Arc<App>, denied: Error) -> Result<Session, AccessError> {
    let RequestSession(session) = RequestSession::from_request_parts(parts, app).await?;
    if session.is_admin() {
        Ok(session)
    } else {
        Err(AccessError::new(denied, parts))
    }
}

impl FromRequestParts<Arc<App>> for AdminSession {
    type Rejection = AccessError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, AccessError> {
        admin(parts, app, Error::admin_only()).await.map(Self)
    }
}

impl FromRequestParts<Arc<App>> for AdminCommandSession {
    type Rejection = AccessError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, AccessError> {
        admin(parts, app, Error::admin_only().at("args")).await.map(Self)
    }
}

impl FromRequest<Arc<App>> for GraphqlInput {
    type Rejection = AccessError;

    async fn from_request(mut request: Request, app: &Arc<App>) -> Result<Self, AccessError> {
        if app.auth.needs_body(request.headers()) {
            let (mut parts, body) = request.into_parts();
            let result = match reservation(&parts.extensions) {
                Ok(reservation) => authenticate_with_body(&mut parts, body, app, &reservation)
                    .await
                    .map(|(session, payload)| (session, payload, reservation)),
                Err(error) => Err(error),
            };
            let (session, payload, reservation) = result.map_err(|error| AccessError::new(error, &parts))?;
            return Ok(Self {
                session,
                payload: Ok(payload),
                reservation,
            });
        }
        let RequestSession(session) = request.extract_parts_with_state(app).await?;
        let (parts, body) = request.into_parts();
        let reservation = reservation(&parts.extensions).map_err(|error| AccessError::new(error, &parts))?;
        let request = Request::from_parts(parts, body);
        let payload = read_json(app, request, app.options.graphql_limit(&session), &session).await;
        Ok(Self {
            session,
            payload,
            reservation,
        })
    }
}

/// Authenticates a request whose body is part of the credentials, in a limited time. The capacity for the body is reserved while it
/// is read, because the client is not known yet; that for the call afterwards, because a client may send its body slowly.
async fn authenticate_with_body(
    parts: &mut Parts,
    body: Body,
    app: &App,
    reservation: &Reservation,
) -> Result<(Session, Value)> {
    let limit = BodyLimit {
        bytes: app.options.max_body_bytes.min(MAX_UNAUTHENTICATED_BODY),
        name: "bodies that the authentication hook receives (HASURA_GRAPHQL_AUTH_HOOK_SEND_REQUEST_BODY)",
    };
    let mut admission = app.auth.admit(&parts.headers)?;
    let mut admitted = 0;
    let read = read_body(body, limit, |length| {
        let more = length - admitted;
        admitted = length;
        admission.add_body(more)
    });
    let read = timeout(MAX_READ_TIME, read).await;
    let body = read.map_err(|_| too_slow("received", MAX_READ_TIME))??;
    let (memory, payload) = blocking(body.len(), || (memory(&body), parse_body(&body)));
    let payload = payload?;
    drop(body);
    let authenticated = timeout(MAX_AUTHENTICATION_TIME, async {
        admission.call().await?;
        authenticate(parts, Some(&payload), app).await
    });
    let authenticated = authenticated.await;
    let session = authenticated.map_err(|_| too_slow("authenticated", MAX_AUTHENTICATION_TIME))??;
    reservation.reserve(Share::of(&session, ClientAddress::of(&parts.extensions)), memory)?;
    Ok((session, payload))
}

fn too_slow(done: &str, limit: Duration) -> Error {
    let message = format!("request was not {done} within {} s", limit.as_secs());
    Error::new(Code::BadRequest, message).with_status(StatusCode::REQUEST_TIMEOUT.as_u16())
}

async fn authenticate(parts: &mut Parts, body: Option<&Value>, app: &App) -> Result<Session> {
    let headers = if app
        .cross_site
        .trusts_cookies(&parts.headers, &parts.uri, &app.cors)
    {
        Cow::Borrowed(&parts.headers)
    } else {
        Cow::Owned(without_cookies(&parts.headers))
    };
    let credentials = Credentials {
        headers: &headers,
        body,
    };
    let address = ClientAddress::of(&parts.extensions);
    let authenticated = match app.authenticate(credentials).await {
        Ok(authenticated) => authenticated,
        Err(error) => {
            app.refused(address).await;
            return Err(error);
        }
    };
    app.requested(Share::of(&authenticated.session, address), 0).await;
    if let Some(cookies) = parts.extensions.get::<ResponseCookies>() {
        cookies.set(authenticated.cookies);
    }
    // Clients without credentials must not prevent the connections of others.
    if authenticated.identified
        && let Some(slot) = parts.extensions.get::<Arc<Slot>>()
    {
        slot.authenticated();
    }
    let mut session = authenticated.session;
    session.trace = TraceContext::of_headers(&parts.headers);
    Ok(session)
}

/// Returns the headers except `Cookie`.
pub(crate) fn without_cookies(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove(COOKIE);
    headers
}

impl App {
    /// Authenticates a client and adds its role to the current span.
    pub(crate) async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Authenticated> {
        // The capacity of a request with a body is reserved before the body is read.
        let mut admission = match credentials.body {
            Some(_) => Admission::default(),
            None => self.auth.admit(credentials.headers)?,
        };
        admission.call().await?;
        let authenticated = self.auth.authenticate(credentials).await?;
        Span::current().record("role", &authenticated.session.role);
        Ok(authenticated)
    }
}
