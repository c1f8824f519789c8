//! The engine's HTTP and WebSocket interface without a database and without a listener.

use crate::metadata::{admin, closed_pool, cost, pool_options, schema};
use axum::Router;
use engine_error::Result;
use engine_model::session::Session;
use engine_plan::document::DocumentCache;
use engine_plan::schema::SchemaOptions;
use engine_postgres::health::HealthCheck;
use engine_runtime::graphql::{GraphqlContext, GraphqlOptions};
use engine_runtime::live::{self, LiveOptions};
use engine_runtime::rate_limiter::RateLimiter;
use engine_runtime::wake::Waker;
use engine_server::App;
use engine_server::auth::{Admission, Authenticated, Authentication, Authenticator, Credentials};
use engine_server::body_budget::BodyBudget;
use engine_server::cors::Cors;
use engine_server::cross_site::CrossSite;
use engine_server::options::{AuthSummary, Endpoints, ServerOptions};
use futures_util::future::BoxFuture;
use http::HeaderMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Admin secret of the targets.
pub const SECRET: &str = "fuzz-admin-secret";

/// Whether these headers contain the admin secret.
pub fn sends_secret(headers: &HeaderMap) -> bool {
    let mut sent = ["x-hasura-admin-secret", "x-hasura-access-key"]
        .iter()
        .flat_map(|name| headers.get_all(*name));
    sent.any(|value| value.as_bytes() == SECRET.as_bytes())
}

/// Returns a runtime of one thread, so that an input has one order of execution.
pub fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// Configured authentication whose sessions are checked.
pub struct Checked {
    authentication: Authentication,
    check: fn(&HeaderMap, &Session),
    sessions: Arc<AtomicUsize>,
}

impl Authenticator for Checked {
    fn authenticate<'a>(&'a self, credentials: Credentials<'a>) -> BoxFuture<'a, Result<Authenticated>> {
        Box::pin(async move {
            let authenticated = self.authentication.authenticate(credentials).await?;
            (self.check)(credentials.headers, authenticated.session());
            self.sessions.fetch_add(1, Ordering::Relaxed);
            Ok(authenticated)
        })
    }

    fn admit(&self, headers: &HeaderMap) -> Result<Admission> {
        self.authentication.admit(headers)
    }

    fn needs_body(&self, headers: &HeaderMap) -> bool {
        self.authentication.needs_body(headers)
    }
}

/// Server with one configuration of the authentication.
pub struct Server {
    app: Arc<App>,
    router: Router,
    sessions: Arc<AtomicUsize>,
}

impl Server {
    /// Creates the server inside a runtime. `check` is called with each session and the headers that it was made from.
    pub fn new(authentication: Authentication, check: fn(&HeaderMap, &Session)) -> Self {
        let sessions = Arc::default();
        let app = app(Checked {
            authentication,
            check,
            sessions: Arc::clone(&sessions),
        });
        Self {
            router: engine_server::router(&app),
            app,
            sessions,
        }
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Returns the number of sessions since the last call.
    pub fn take_sessions(&self) -> usize {
        self.sessions.swap(0, Ordering::Relaxed)
    }

    /// Number of references to the state, which every connection and operation has.
    pub fn references(&self) -> usize {
        Arc::strong_count(&self.app)
    }
}

fn app(auth: Checked) -> Arc<App> {
    let (schema, waker, shutdown) = (schema(), Waker::default(), CancellationToken::new());
    let live_options = LiveOptions {
        refetch_interval: Duration::from_secs(1),
        batch_size: 1,
        batch_response: cost().response_limit(&Session::admin()),
    };
    let pool = closed_pool();
    let live = live::Context::new(
        &pool_options(),
        &pool,
        live_options.clone(),
        Arc::clone(&schema),
        waker.clone(),
        shutdown.clone(),
    );
    Arc::new(App {
        graphql: Arc::new(GraphqlContext {
            pool,
            documents: DocumentCache::default(),
            schema: Arc::clone(&schema),
            waker,
            rates: RateLimiter::default(),
            spans: telemetry::Spans::default(),
            options: GraphqlOptions {
                cost: cost(),
                max_query_bytes: 256 * 1024,
                max_depth: 50,
                schema: SchemaOptions::default(),
            },
        }),
        admin: Arc::new(admin(schema)),
        live: Arc::new(live::Registry::new(live.expect("valid options"))),
        auth: Box::new(auth),
        cors: Cors::Any,
        cross_site: CrossSite::new(false, true, &[]),
        options: ServerOptions {
            endpoints: Endpoints {
                graphql: true,
                metadata: true,
                config: true,
            },
            max_body_bytes: 4096,
            max_role_body_bytes: 2048,
            body_timeout: Duration::from_mins(1),
            websocket_keepalive: Duration::from_mins(1),
            websocket_init_timeout: Duration::from_mins(1),
            dev_mode: false,
            admin_internal_errors: true,
            websocket_read_cookie: false,
            auth: AuthSummary::default(),
            live: live_options,
            reported_version: "v2.45.0".to_owned(),
            console: None,
        },
        bodies: BodyBudget::new(1024 * 1024),
        health: HealthCheck::new(&pool_options()).expect("valid options"),
        shutdown,
        commands: TaskTracker::new(),
        slow: engine_server::SlowRequests::default(),
    })
}
