//! Start and shutdown of an engine.

use crate::config::{Config, TxIsolation};
use crate::engine::Engine;
use deadpool_postgres::Pool;
use engine_admin::catalog_loader::{self, NamedObjects};
use engine_admin::install::{self, SetUp};
use engine_admin::metadata_transaction::desired_triggers;
use engine_admin::{capture, metadata_store, schema_sync};
use engine_console::Console;
use engine_error::Error;
use engine_model::metadata::naming::NamingConvention;
use engine_plan::schema_cache::{ResolvedMetadata, SchemaCache};
use engine_postgres::health::HealthCheck;
use engine_postgres::pool;
use engine_runtime::events;
use engine_server::auth::{Authentication, Method};
use engine_server::body_budget::BodyBudget;
use engine_server::cors::Cors;
use engine_server::cross_site::CrossSite;
use engine_server::options::AuthSummary;
use engine_server::serve::{self, ConnectionLimits};
use engine_server::{App, SlowRequests, router};
use rustix::process::{Resource, getrlimit};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telemetry::{Settings, Spans};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Maximum time for the export of the last spans.
const SPANS_TIMEOUT: Duration = Duration::from_secs(2);

/// Error at start or while serving.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Invalid option that clap cannot detect.
    #[error("{0}")]
    Option(String),
    /// The database rejected the connection or was unreachable for too long.
    #[error("the database cannot be used: {0}")]
    Database(String),
    /// The address is in use or not available on this host.
    #[error(
        "cannot listen on {address}: {source}; choose another with HASURA_GRAPHQL_SERVER_PORT (--server-port) or HASURA_GRAPHQL_SERVER_HOST (--server-host)"
    )]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
}

/// Engine that listens but does not process requests yet.
pub struct Server {
    pub engine: Arc<Engine>,
    config: Config,
    /// Listen address.
    pub address: SocketAddr,
    listener: TcpListener,
    cors: Cors,
    auth: Authentication,
    auth_summary: AuthSummary,
    console: Option<Console>,
}

/// Runs an engine until `stop` is cancelled, then waits for requests in flight, at most for the configured shutdown timeout.
pub async fn serve(config: Config, stop: CancellationToken) -> Result<(), StartError> {
    Server::start(config).await?.run(stop).await
}

impl Server {
    /// Listens, waits for the database, creates or updates its schema and loads catalog and metadata.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let cors = Cors::parse(
            config.cors_domain.as_deref(),
            config.disable_cors,
            config.has_admin_secret(),
        )
        .map_err(StartError::Option)?;
        let auth = config.auth().map_err(StartError::Option)?;
        NamingConvention::set_default(config.default_naming_convention);
        let console = config.console().map_err(StartError::Option)?;
        let address = config.address();
        let listen = |source| StartError::Listen { address, source };
        // Bind first: a port in use must be reported before the database is changed.
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let auth_summary = auth.summary();
        let auth = auth.load().await.map_err(StartError::Option)?;
        let engine = assemble(&config).await?;
        Ok(Self {
            engine: Arc::new(engine),
            config,
            address,
            listener,
            cors,
            auth,
            auth_summary,
            console,
        })
    }

    /// Processes requests until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) -> Result<(), StartError> {
        let Self {
            engine,
            config,
            address,
            listener,
            cors,
            auth,
            auth_summary,
            console,
        } = self;
        let background = TaskTracker::new();
        if let Some(Method::Jwt(jwt)) = &auth.method {
            jwt.start_refresh(&background, &engine.shutdown);
        }
        let is_loopback = address.ip().to_canonical().is_loopback();
        if !is_loopback && !config.has_admin_secret() {
            tracing::warn!(
                address = %address,
                "every client that reaches this address is an administrator; set HASURA_GRAPHQL_ADMIN_SECRET, or listen on a \
                 loopback address (HASURA_GRAPHQL_SERVER_HOST)"
            );
        }
        let app = Arc::new(App {
            graphql: Arc::clone(&engine.graphql),
            admin: Arc::clone(&engine.admin),
            live: Arc::clone(&engine.live),
            auth: Box::new(auth),
            cors,
            cross_site: CrossSite::new(is_loopback, config.has_admin_secret(), &config.allowed_hosts),
            options: config.server(auth_summary, console),
            bodies: BodyBudget::new(config.max_concurrent_body_bytes as usize),
            health: HealthCheck::new(&config.pool()).map_err(|error| StartError::Option(error.message))?,
            shutdown: engine.shutdown.clone(),
            commands: background.clone(),
            slow: SlowRequests::default(),
        });
        let schema = engine.schema.load_full();
        tracing::info!(
            address = %address,
            version = env!("CARGO_PKG_VERSION"),
            tables = schema.resolved.tracked.tables.len(),
            event_triggers = schema.resolved.tracked.event_triggers.len(),
            inconsistent_objects = schema.resolved.inconsistent.len(),
            "engine is ready"
        );
        for object in &*schema.resolved.inconsistent {
            tracing::warn!(
                name = object.name,
                reason = object.reason,
                "inconsistent metadata"
            );
        }
        background.spawn(schema_sync::run(
            Arc::clone(&engine.admin),
            engine.shutdown.clone(),
        ));
        background.close();
        let events = events::start(engine.events.clone(), engine.shutdown.clone())
            .map_err(|error| StartError::Option(error.message))?;
        // Sockets and background tasks stop when this function returns, for any reason.
        let _stopping = engine.shutdown.clone().drop_guard();
        let stopped = {
            let (stop, shutdown) = (stop.clone(), engine.shutdown.clone());
            async move {
                stop.cancelled().await;
                shutdown.cancel();
            }
        };
        let limits = connection_limits(&config);
        let serving = async {
            let server = serve::serve(listener, router(&app), limits, stop.clone());
            tokio::join!(server, stopped);
            background.wait().await;
        };
        let deadline = async {
            stop.cancelled().await;
            tracing::info!("shutdown requested; draining requests");
            tokio::time::sleep(config.shutdown_timeout()).await;
        };
        tokio::select! {
            () = serving => {}
            () = deadline => tracing::warn!("shutdown timeout reached; remaining requests were aborted"),
        }
        // The dispatcher has the same shutdown timeout and releases the events that it still holds.
        engine.shutdown.cancel();
        if let Err(error) = events.await {
            tracing::error!(%error, "event dispatcher failed");
        }
        engine.spans.flush(SPANS_TIMEOUT).await;
        tracing::info!("engine has stopped");
        Ok(())
    }
}

/// Returns the limits of connections; the open-file limit of the process may reduce their number.
fn connection_limits(config: &Config) -> ConnectionLimits {
    let limits = config.connections(getrlimit(Resource::Nofile).current);
    if limits.connections < config.max_connections as usize {
        tracing::warn!(
            connections = limits.connections,
            "HASURA_GRAPHQL_MAX_CONNECTIONS (--max-connections) is reduced by the open-file limit (RLIMIT_NOFILE)"
        );
    }
    limits
}

async fn assemble(config: &Config) -> Result<Engine, StartError> {
    let database = |error: Error| StartError::Database(error.message);
    let spans = spans()?;
    let pool = pool::build(&config.pool(), config.pg_connections as usize)
        .map_err(|e| StartError::Option(e.message))?;
    wait_for_database(&pool, Duration::from_secs(config.database_wait)).await?;
    let mut client = pool::get(&pool).await.map_err(database)?;
    let set_up = SetUp {
        max_payload_bytes: config.events_max_payload_bytes,
        wait: Duration::from_secs(config.database_wait),
    };
    install::set_up(&mut client, set_up).await.map_err(database)?;
    let stored = metadata_store::load(&**client).await.map_err(database)?;
    let catalog = catalog_loader::load(&**client, &NamedObjects::of(&stored.metadata))
        .await
        .map_err(database)?;
    if let Some(level) = stored.metadata.isolation_level()
        && config.tx_isolation != TxIsolation::ReadCommitted
        && pool.isolation(Some(level)) != pool.isolation(None)
    {
        tracing::warn!(
            level,
            "HASURA_GRAPHQL_TX_ISOLATION (--tx-isolation) has no effect: the source in the metadata has an isolation_level"
        );
    }
    let now = ResolvedMetadata::new(stored.metadata, Arc::new(catalog));
    // Capture triggers may be outdated (another version of the engine, a recreated table). The engine starts in any case.
    if let Err(error) = capture_triggers(&mut client, &now, config).await {
        tracing::warn!(%error, internal = ?error.internal, "cannot reconcile event triggers with the database");
    }
    drop(client);
    Engine::new(
        config,
        pool,
        SchemaCache::new(stored.resource_version, now),
        spans,
    )
    .map_err(|e| StartError::Option(e.message))
}

/// Starts the export of spans, if the environment names a collector.
fn spans() -> Result<Spans, StartError> {
    let settings =
        Settings::of_environment("engine").map_err(|error| StartError::Option(error.to_string()))?;
    if let Some(settings) = &settings {
        tracing::info!(address = settings.address(), "exporting spans");
    }
    Spans::start(settings)
        .map_err(|error| StartError::Option(format!("cannot create the HTTP client for spans: {error}")))
}

async fn capture_triggers(
    client: &mut deadpool_postgres::Object,
    now: &ResolvedMetadata,
    config: &Config,
) -> engine_error::Result<()> {
    let tx = client.transaction().await.map_err(|e| pool::driver_error(&e))?;
    capture::reconcile(&tx, &desired_triggers(now, config.stringify_numeric_types)).await?;
    tx.commit().await.map_err(|e| pool::driver_error(&e))
}

/// Waits for a database that is starting. Returns an error immediately if the database rejects the connection.
async fn wait_for_database(pool: &Pool, limit: Duration) -> Result<(), StartError> {
    let started = Instant::now();
    let mut logged = None;
    loop {
        let Err(error) = pool::get(pool).await else {
            return Ok(());
        };
        if error.retry_after.is_none() {
            return Err(StartError::Database(error.message));
        }
        if started.elapsed() >= limit {
            return Err(StartError::Database(format!(
                "{}; gave up after {} s (HASURA_GRAPHQL_DATABASE_WAIT, --database-wait)",
                error.message,
                limit.as_secs()
            )));
        }
        if logged.as_ref() != Some(&error.message) {
            tracing::warn!(
                error = error.message,
                "waiting for the database, up to {} s",
                limit.as_secs()
            );
            logged = Some(error.message);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
