//! Connections to Postgres: the pool shared by requests, and the conversion of driver errors into [`Error`]. Errors of
//! statements are converted in [`crate::error`].

use crate::isolation::IsolationLevel;
use crate::share::{Client, Permits, Shares};
use crate::work::Work;
use connection::sqlstate::{self, CancelCause, Class};
use connection::{Connection, Secret};
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, QueueMode, RecyclingMethod, Runtime,
};
use engine_error::{Code, Error, Result};
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Value of `Retry-After` in seconds when the database is unreachable or the pool is exhausted.
pub const RETRY_AFTER: u32 = 1;

/// Maximum duration of one connection attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Time after which the client closes a connection whose server machine no longer responds. With the system's defaults a
/// statement on such a connection waits for 15 minutes, and an idle connection remains for two hours.
const UNRESPONSIVE_TIMEOUT: Duration = Duration::from_secs(30);

/// Idle time before keep-alive probes that the driver sets if the connection string has no `keepalives_idle`.
const DEFAULT_IDLE: Duration = Duration::from_hours(2);

/// Maximum wait for a pooled connection; after that the request fails with 503 and `Retry-After`.
pub(crate) const WAIT_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum age of the plans of a session. Postgres makes the plan of a prepared statement once; if the tables were small then, it
/// reads them whole until the next update of their statistics, which is up to a minute after they have grown.
const PLAN_AGE: Duration = Duration::from_secs(10);

/// Settings of each session. Timestamps without time zone (`event_log.created_at`) are interpreted as UTC, independent of the
/// server's default; claims of events require read committed.
const SESSION_SETTINGS: &str = "SET TIME ZONE 'UTC'; SET default_transaction_isolation = 'read committed';";

/// Parameters of connections.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// Connection string.
    pub database_url: Secret,
    /// Time limit of an operation in seconds; 0 means no limit.
    pub operation_timeout: u64,
    /// Isolation level of requests unless the source specifies one.
    pub isolation: IsolationLevel,
    /// Part of the processors that a client may use while others are active, in percent; 0 means no limit.
    pub client_percent: u32,
}

/// Pool, and the TLS settings for cancelling its statements, which requires a separate connection.
#[derive(Clone)]
pub struct Connections {
    pool: Pool,
    /// TLS settings of the database connection.
    pub tls: MakeRustlsConnect,
    default_isolation: IsolationLevel,
    shares: Arc<Shares>,
    work: Work,
}

impl Connections {
    /// Returns the work of the clients, of which the use of connections is a part.
    pub fn work(&self) -> &Work {
        &self.work
    }

    /// Counts the use of these connections as work of the same clients as that of others.
    #[must_use]
    pub fn with_work(self, work: Work) -> Self {
        Self { work, ..self }
    }

    /// Returns the isolation level of requests; `of_source` is the `isolation_level` of the source.
    pub fn isolation(&self, of_source: Option<&str>) -> IsolationLevel {
        of_source
            .and_then(IsolationLevel::from_name)
            .unwrap_or(self.default_isolation)
    }

    /// Waits until a client may use a connection; admin, `None`, always may.
    pub async fn share(&self, client: Option<Client<'_>>) -> Result<Option<Permits>> {
        let Some(client) = client else { return Ok(None) };
        let permits = self.shares.acquire(client, &self.work).await?;
        permits.map(Some).ok_or_else(|| {
            transient("all database connections for this role or client are in use; retry later".to_owned())
        })
    }
}

impl Deref for Connections {
    type Target = Pool;

    fn deref(&self) -> &Pool {
        &self.pool
    }
}

/// Returns the connection parameters. Returns an error if the URL is invalid.
pub fn connection(options: &PoolOptions) -> Result<Connection> {
    let mut connection = Connection::parse(options.database_url.expose(), None).map_err(|what| {
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
    if driver.get_tcp_user_timeout().is_none() {
        driver.tcp_user_timeout(UNRESPONSIVE_TIMEOUT);
    }
    if driver.get_keepalives_idle() == DEFAULT_IDLE {
        driver
            .keepalives_idle(UNRESPONSIVE_TIMEOUT / 3)
            .keepalives_interval(UNRESPONSIVE_TIMEOUT / 6)
            .keepalives_retries(3);
    }
    Ok(connection)
}

/// Creates a pool of at most `size` connections. It connects on first use, so this succeeds while the database is
/// unreachable. Returns an error if the URL is invalid.
pub fn build(options: &PoolOptions, size: usize) -> Result<Connections> {
    build_with(options, size, &statement_timeout(options))
}

/// Returns the statement that sets the time limit for all statements of a connection.
pub fn statement_timeout(options: &PoolOptions) -> String {
    format!("SET statement_timeout = '{}s'", options.operation_timeout)
}

/// [`build`] with setup statements for each new connection.
pub fn build_with(options: &PoolOptions, size: usize, setup: &str) -> Result<Connections> {
    let setup: Arc<str> = format!("{SESSION_SETTINGS} {setup}").into();
    let Connection { driver, tls } = connection(options)?;
    let manager = Manager::from_config(
        driver,
        tls.clone(),
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let pool = Pool::builder(manager)
        .max_size(size)
        // Reuse the connection that was used last: the caches of its backend are warm, and surplus connections stay idle.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .post_create(Hook::async_fn(move |client, _| {
            let setup = Arc::clone(&setup);
            Box::pin(async move { client.batch_execute(&setup).await.map_err(HookError::Backend) })
        }))
        .pre_recycle(Hook::async_fn(|client, metrics| {
            let outdated = plans_are_outdated(metrics.created, metrics.recycled, Instant::now());
            Box::pin(async move {
                if outdated {
                    client
                        .batch_execute("DISCARD PLANS")
                        .await
                        .map_err(HookError::Backend)?;
                }
                Ok(())
            })
        }))
        .build()
        .map_err(|e| {
            Error::new(
                Code::Unexpected,
                format!("cannot create the connection pool: {e}"),
            )
        })?;
    Ok(Connections {
        pool,
        tls,
        default_isolation: options.isolation,
        shares: Arc::new(Shares::new(size)),
        work: Work::limited(options.client_percent),
    })
}

/// Whether a period of [`PLAN_AGE`] since the creation of a connection has ended since its last use.
fn plans_are_outdated(created: Instant, last_use: Option<Instant>, now: Instant) -> bool {
    let periods = |until: Instant| until.saturating_duration_since(created).as_secs() / PLAN_AGE.as_secs();
    periods(now) > last_use.map_or(0, periods)
}

/// Takes a connection; waits if all are in use.
pub async fn get(pool: &Pool) -> Result<Object> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            driver_error(&error)
        }
        PoolError::Timeout(_) => unavailable("all database connections are in use"),
        other => unavailable(&other.to_string()),
    })
}

/// Transient error: answered with 503 and `Retry-After`.
pub fn unavailable(what: &str) -> Error {
    transient(format!("the database cannot be reached: {what}"))
}

pub(crate) fn transient(message: String) -> Error {
    let mut error = Error::new(Code::Unexpected, message);
    error.retry_after = Some(RETRY_AFTER);
    error
}

/// Whether the session cannot write. It keeps `default_transaction_read_only` for its lifetime, and stays connected to
/// the former primary after a failover, so the connection must be replaced before a retry can succeed.
pub fn is_read_only(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
}

/// Closes the idle connections; the next requests open new ones.
pub fn close_idle(pool: &Pool) {
    pool.retain(|_, _| false);
}

/// Converts an error of the driver that is not caused by a statement of a client: transient, a value that Postgres
/// refuses, or internal.
pub fn driver_error(error: &tokio_postgres::Error) -> Error {
    let class = sqlstate::classify(error, CancelCause::StatementTimeout);
    match class {
        Class::Connection => return unavailable(&describe(error)),
        Class::Transient => {
            return transient(format!(
                "the database cannot run the statement at present: {}",
                describe(error)
            ));
        }
        Class::Client | Class::Internal => {}
    }
    // A value that Postgres refuses, or that the driver cannot encode, such as a NUL in a text.
    let is_value = match error.code() {
        Some(code) => code.code().starts_with("22"),
        None => class == Class::Client,
    };
    if is_value {
        return Error::new(Code::DataException, describe(error));
    }
    Error::new(
        Code::Unexpected,
        format!("database query error: {}", describe(error)),
    )
}

/// Returns the error as text with its causes: the driver's own `Display` prints only `db error`.
pub fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", db.message(), db.code().code());
    }
    connection::chain(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_discarded_once_per_period() {
        let created = Instant::now();
        let after = |seconds| created + Duration::from_secs(seconds);
        assert!(!plans_are_outdated(created, None, after(9)));
        assert!(plans_are_outdated(created, None, after(11)));
        assert!(!plans_are_outdated(created, Some(after(11)), after(19)));
        assert!(plans_are_outdated(created, Some(after(19)), after(20)));
        assert!(plans_are_outdated(created, Some(after(21)), after(3600)));
    }
}
