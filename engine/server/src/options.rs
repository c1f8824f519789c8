//! Settings of the HTTP and WebSocket interfaces.

use crate::body::BodyLimit;
use engine_console::Console;
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
    /// The same for roles other than admin.
    pub max_role_body_bytes: usize,
    /// Maximum time in which a request body has to be received.
    pub body_timeout: Duration,
    /// Interval of keep-alive messages of a WebSocket.
    pub websocket_keepalive: Duration,
    /// Maximum time between the handshake of a WebSocket and a successful `connection_init`.
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
    /// Version of Hasura that `/v1/version` and `/v1alpha1/config` report.
    pub reported_version: String,
    /// Console below `/console`; `None` if it is disabled.
    pub console: Option<Console>,
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

/// Maximum length in bytes of the body of a command of a role other than admin.
const MAX_ROLE_COMMAND_BYTES: usize = 1024 * 1024;

impl ServerOptions {
    /// Returns the limit of GraphQL requests of a session, over HTTP and WebSocket.
    pub(crate) fn graphql_limit(&self, session: &Session) -> BodyLimit {
        let all = BodyLimit {
            bytes: self.max_body_bytes,
            name: "HASURA_GRAPHQL_MAX_BODY_BYTES",
        };
        if session.is_admin() || self.max_role_body_bytes >= all.bytes {
            return all;
        }
        BodyLimit {
            bytes: self.max_role_body_bytes,
            name: "HASURA_GRAPHQL_MAX_ROLE_BODY_BYTES",
        }
    }

    /// Returns the limit of the commands of a session.
    pub(crate) fn command_limit(&self, session: &Session) -> BodyLimit {
        let limit = self.graphql_limit(session);
        if session.is_admin() || limit.bytes <= MAX_ROLE_COMMAND_BYTES {
            return limit;
        }
        BodyLimit {
            bytes: MAX_ROLE_COMMAND_BYTES,
            name: "commands of roles other than admin",
        }
    }

    /// Whether the session may see `internal`: the Postgres error and its SQL.
    pub(crate) fn exposes_internal(&self, session: &Session) -> bool {
        self.dev_mode || self.admin_internal_errors && session.is_admin()
    }
}
