//! Connection pool, and the only way to send a statement to Postgres: typed, in one round trip, with a deadline, and prepared where
//! the connection permits it ([`statement`]).
//!
//! A statement may run twice: the connection can fail after Postgres has committed and before the result arrives. So each
//! statement of this crate must be idempotent (see [`crate::steps`]). The pool relies on it: a statement that fails on a dead
//! connection (pgBouncer was restarted, a frozen Lambda thawed) runs a second time on a new one, invisibly to the caller.

mod connect;
mod error;
mod probe;
mod process_id;
pub mod statement;

use std::{fmt, time::Duration};

use deadpool::{
    Runtime,
    managed::{Object, Pool, PoolError, Timeouts},
};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use tracing::{debug, warn};

use self::connect::Connector;
pub use self::error::DatabaseError;
use self::statement::Statement;
use crate::{
    Config,
    secrets::{Credentials, RefreshableSecret, Secret},
};

/// Maximum wait for a pooled connection, and for a new one.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// Parameters of a statement: each value with its Postgres type, which saves the round trip that would query the types.
pub type Params<'a> = [(&'a (dyn ToSql + Sync), Type)];

/// Database handle of a request: the shared pool, and the deadline of the request. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Connector>,
    credentials: Option<RefreshableSecret<Credentials>>,
    /// Password of the connection string.
    password: Option<Secret>,
    deadline: Option<Instant>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("pool", &self.pool.status())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Creates a pool with one connection per concurrent request. It connects on first use, so a function starts without a
    /// database, and answers with 503.
    ///
    /// # Panics
    /// Never: building fails only for a pool with timeouts and without a runtime.
    pub fn new(config: &Config) -> Self {
        let connector = Connector {
            driver: config.postgres.driver.clone(),
            tls: config.postgres.tls.clone(),
            credentials: config.credentials.clone(),
            may_prepare: config.prepares_statements,
        };
        #[expect(
            clippy::expect_used,
            reason = "fails only for timeouts without a runtime, which is named here"
        )]
        let pool = Pool::builder(connector)
            .max_size(config.max_concurrency)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(ACQUIRE_TIMEOUT),
                create: Some(ACQUIRE_TIMEOUT),
                recycle: Some(ACQUIRE_TIMEOUT),
            })
            .build()
            .expect("a pool with a runtime can be built");
        Self {
            pool,
            credentials: config.credentials.clone(),
            password: password_of(&config.postgres.driver),
            deadline: None,
        }
    }

    /// Password of the connections, from which other keys can be derived; `None` if there is none, or if its secret has not been read.
    pub(crate) fn password(&self) -> Option<Secret> {
        match &self.credentials {
            Some(credentials) => credentials.current().map(|current| current.password.clone()),
            None => self.password.clone(),
        }
    }

    /// Returns a handle whose statements fail at the deadline.
    #[must_use]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    /// Runs a statement that returns at most one row. It may run twice, see the module documentation.
    pub async fn row(
        &self,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<Option<Row>, DatabaseError> {
        match self.row_once(statement, params).await {
            Err(error) if error.is_lost_connection() => {
                debug!(%error, "connection lost; retrying on a new one");
                self.pool.retain(|_, _| false); // the other pooled connections are probably dead too
                self.row_once(statement, params).await
            }
            result => result,
        }
    }

    async fn row_once(
        &self,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<Option<Row>, DatabaseError> {
        let deadline = self
            .deadline
            .unwrap_or_else(|| Instant::now() + Duration::from_secs(10));
        // Boxed, because they are most of the memory of a call.
        let connection = Box::pin(self.connection());
        let mut client = timeout_at(deadline, connection)
            .await
            .map_err(|_| DatabaseError::Timeout)??;
        let run = Box::pin(client.run(statement, params));
        let result = timeout_at(deadline, run).await;
        match result {
            Ok(Ok(row)) => Ok(row),
            Ok(Err(error)) => {
                let error = DatabaseError::from(error);
                if error.is_lost_connection() {
                    discard(client);
                }
                Err(error)
            }
            Err(_) => {
                warn!("statement exceeded the request deadline; connection closed");
                discard(client);
                Err(DatabaseError::Timeout)
            }
        }
    }

    /// Returns a pooled connection. If Postgres refuses the password of a secret, the secret may have been rotated: it is read
    /// again, and if it has changed, the new password is used at once.
    async fn connection(&self) -> Result<Object<Connector>, DatabaseError> {
        let Some(credentials) = &self.credentials else {
            return Ok(self.pool.get().await?);
        };
        let used = credentials.get().await?;
        match self.pool.get().await {
            Err(PoolError::Backend(error)) if error::is_refusal(&error) => {
                if credentials.refresh_if_stale(&used).await?.is_none() {
                    return Err(PoolError::Backend(error).into());
                }
                Ok(self.pool.get().await?)
            }
            result => Ok(result?),
        }
    }
}

fn password_of(config: &tokio_postgres::Config) -> Option<Secret> {
    let password = std::str::from_utf8(config.get_password()?).ok()?;
    Secret::new(password).ok()
}

/// Closes a connection instead of returning it to the pool, so that no request waits for its unfinished statement.
fn discard(client: Object<Connector>) {
    drop(Object::take(client));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pool_has_a_connection_for_each_concurrent_call() {
        for (max_concurrency, expected) in [(None, 1), (Some("1"), 1), (Some("8"), 8)] {
            let config = Config::from_values(None, None, max_concurrency).unwrap();
            assert_eq!(Database::new(&config).pool.status().max_size, expected);
        }
    }
}
