//! State of the handlers.

use crate::auth::Authenticator;
use crate::body_budget::BodyBudget;
use crate::cors::Cors;
use crate::cross_site::CrossSite;
use crate::options::ServerOptions;
use crate::slow_requests::SlowRequests;
use engine_admin::AdminContext;
use engine_postgres::health::HealthCheck;
use engine_runtime::graphql::GraphqlContext;
use engine_runtime::live::Registry;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// State of all handlers.
pub struct App {
    pub graphql: Arc<GraphqlContext>,
    pub admin: Arc<AdminContext>,
    pub live: Arc<Registry>,
    pub auth: Box<dyn Authenticator>,
    /// Allowed origins of web pages.
    pub cors: Cors,
    /// Check of `Host` and `Origin` before a request is read.
    pub cross_site: CrossSite,
    pub options: ServerOptions,
    /// Memory of the requests in progress.
    pub bodies: BodyBudget,
    pub health: HealthCheck,
    /// Cancelled at shutdown: sockets are closed, requests in flight are completed.
    pub shutdown: CancellationToken,
    /// Tasks of commands, which complete even if the client disconnects.
    pub commands: TaskTracker,
    pub slow: SlowRequests,
}
