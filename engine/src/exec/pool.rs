//! Connections to Postgres: the pool that requests share, and how the driver's own trouble becomes an [`Error`].
//! What a statement's SQLSTATE means is told elsewhere in [`crate::exec`].

use crate::error::{Code, Error, Result};
use crate::server::config::Config;
use connection::Connection;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, QueueMode, RecyclingMethod, Runtime,
};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What clients are told to wait, in seconds, when the database is away or the pool is exhausted.
pub const RETRY_AFTER: u32 = 1;

/// How long one attempt to connect may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request may wait for a connection of the pool before it is told to come back later.
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);

/// A pool, and what its statements are cancelled by: that takes a connection of its own.
#[derive(Clone)]
pub struct Connections {
    pool: Pool,
    /// TLS to the database, where it is used.
    pub tls: MakeRustlsConnect,
}

impl Deref for Connections {
    type Target = Pool;

    fn deref(&self) -> &Pool {
        &self.pool
    }
}

/// How to connect. Fails where the URL cannot be read.
pub fn connection(config: &Config) -> Result<Connection> {
    let mut connection = Connection::parse(config.database_url.expose(), None).map_err(|what| {
        Error::new(
            Code::BadRequest,
            format!("HASURA_GRAPHQL_DATABASE_URL (--database-url): {what}"),
        )
    })?;
    let driver = &mut connection.driver;
    if driver.get_application_name().is_none() {
        driver.application_name("engine");
    }
    if driver.get_connect_timeout().is_none() {
        driver.connect_timeout(CONNECT_TIMEOUT);
    }
    Ok(connection)
}

/// A pool of at most `size` connections. It connects when first used, so this succeeds while the database is away;
/// it fails where the URL cannot be read.
pub fn build(config: &Config, size: usize) -> Result<Connections> {
    build_with(config, size, &statement_timeout(config))
}

/// The statement that bounds how long others may run on a connection.
pub fn statement_timeout(config: &Config) -> String {
    format!("SET statement_timeout = '{}s'", config.operation_timeout)
}

/// [`build`], with statements that each new connection runs first.
pub fn build_with(config: &Config, size: usize, setup: &str) -> Result<Connections> {
    // Timestamps without zone (event_log.created_at) are read as UTC, whatever the server's default is.
    let setup: Arc<str> = format!("SET TIME ZONE 'UTC'; {setup}").into();
    let Connection { driver, tls } = connection(config)?;
    let manager = Manager::from_config(
        driver,
        tls.clone(),
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let pool = Pool::builder(manager)
        .max_size(size)
        // The connection that was used last: its backend's caches are warm, and a crowd of idle ones stays idle.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .post_create(Hook::async_fn(move |client, _| {
            let setup = Arc::clone(&setup);
            Box::pin(async move { client.batch_execute(&setup).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|e| Error::new(Code::Unexpected, format!("no pool of connections: {e}")))?;
    Ok(Connections { pool, tls })
}

/// A connection; waits for one where all are in use.
pub async fn get(pool: &Pool) -> Result<Object> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            driver_error(&error)
        }
        PoolError::Timeout(_) => unavailable("all database connections are in use"),
        other => unavailable(&other.to_string()),
    })
}

/// Trouble that will pass: answered with 503 and `Retry-After`.
pub fn unavailable(what: &str) -> Error {
    let mut error = Error::new(
        Code::Unexpected,
        format!("the database cannot be reached: {what}"),
    );
    error.retry_after = Some(RETRY_AFTER);
    error
}

/// Whether the connection, and not the statement, is what failed; or the server is about to go or has just come.
pub fn is_connection_error(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        // 08: connection exception; 53: insufficient resources; 57P: shutdown, crash, starting up; 25006 on failover.
        Some(db) => {
            let state = db.code().code();
            state.starts_with("08") || state.starts_with("53") || state.starts_with("57P")
        }
        None => error.is_closed() || caused_by_io(error) && !is_invalid_input(error),
    }
}

fn caused_by_io(error: &tokio_postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            // A certificate that we do not trust travels as one, and does not get better by waiting.
            return !io
                .get_ref()
                .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>);
        }
        cause = error.source();
    }
    // A time-out of connect has no source of that type.
    error.to_string().contains("connect")
}

/// Whether something could not be written down for the wire, as a NUL in a text.
fn is_invalid_input(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error)
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidInput)
}

/// An error of the driver where no statement of a client is to blame: passing where the connection failed, else ours.
pub fn driver_error(error: &tokio_postgres::Error) -> Error {
    if is_connection_error(error) {
        return unavailable(&describe(error));
    }
    let refused = error
        .as_db_error()
        .is_some_and(|db| db.code().code().starts_with("22"));
    let unsent = error.as_db_error().is_none() && is_invalid_input(error);
    if refused || unsent {
        // A value that Postgres cannot take, such as a NUL in a text.
        return Error::new(Code::DataException, describe(error));
    }
    Error::new(
        Code::Unexpected,
        format!("database query error: {}", describe(error)),
    )
}

/// The error in words, its causes included: the driver's own `Display` says only `db error`.
pub fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", db.message(), db.code().code());
    }
    connection::chain(error)
}
