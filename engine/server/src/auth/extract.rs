//! Sessions as axum extractors. They run before the body is read, so that a client without access cannot make the engine
//! buffer one.

use super::Authenticated;
use crate::api_version::ApiVersion;
use crate::app::App;
use crate::error_response::{graphql_response, plain_response};
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use engine_error::{Error, Result};
use engine_model::session::Session;
use http::HeaderMap;
use http::request::Parts;
use std::sync::Arc;
use tokio::time::Instant;
use tracing::Span;

/// Session of a request with any role.
pub(crate) struct RequestSession(pub(crate) Session);

/// Session of a request with the role admin; other roles are rejected.
pub(crate) struct AdminSession(pub(crate) Session);

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
        match app.authenticate(&parts.headers).await {
            Ok((session, _)) => Ok(Self(session)),
            Err(error) => Err(AccessError::new(error, parts)),
        }
    }
}

impl FromRequestParts<Arc<App>> for AdminSession {
    type Rejection = AccessError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, AccessError> {
        let RequestSession(session) = RequestSession::from_request_parts(parts, app).await?;
        if session.is_admin() {
            Ok(Self(session))
        } else {
            Err(AccessError::new(Error::admin_only(), parts))
        }
    }
}

impl App {
    /// Authenticates a client and adds its role to the current span; also returns the end of the session.
    pub(crate) async fn authenticate(&self, headers: &HeaderMap) -> Result<(Session, Option<Instant>)> {
        let (session, expires_at) = self
            .auth
            .authenticate(headers)
            .await
            .map(Authenticated::into_parts)?;
        Span::current().record("role", &session.role);
        Ok((session, expires_at))
    }
}
