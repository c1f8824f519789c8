//! Settings of the HTTP and WebSocket interfaces.

use engine_model::session::Session;
use engine_runtime::live::LiveOptions;
use serde_json::Value;
use std::time::Duration;

/// Settings of all handlers.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    pub endpoints: Endpoints,
    /// Maximum length of a request body, and of a WebSocket message, in bytes.
    pub max_body_bytes: usize,
    /// Interval of keep-alive messages of a WebSocket.
    pub websocket_keepalive: Duration,
    /// Maximum time between the handshake and `connection_init` of `graphql-transport-ws`.
    pub websocket_init_timeout: Duration,
    /// Whether all roles see `internal` of errors.
    pub dev_mode: bool,
    /// Whether the admin role sees `internal` of errors.
    pub admin_internal_errors: bool,
    /// Whether cookies of a WebSocket handshake count although CORS is disabled.
    pub websocket_read_cookie: bool,
    /// Authentication settings, reported by `/v1alpha1/config`.
    pub auth: AuthSummary,
    /// Settings of subscriptions, reported by `/v1alpha1/config`.
    pub live: LiveOptions,
}

/// Public part of the authentication settings.
#[derive(Debug, Clone, Default)]
pub struct AuthSummary {
    pub admin_secret_set: bool,
    pub auth_hook_set: bool,
    /// Summaries of the JWT configurations.
    pub jwt: Vec<Value>,
}

/// Enabled groups of endpoints.
#[derive(Debug, Clone, Copy)]
pub struct Endpoints {
    /// `/v1/graphql` and `/v1alpha1/graphql`.
    pub graphql: bool,
    /// `/v1/metadata`, `/v1/query` and `/v2/query`.
    pub metadata: bool,
    /// `/v1alpha1/config`.
    pub config: bool,
}

impl ServerOptions {
    /// Whether the session may see `internal`: the Postgres error and its SQL.
    pub(crate) fn exposes_internal(&self, session: &Session) -> bool {
        self.dev_mode || self.admin_internal_errors && session.is_admin()
    }
}
