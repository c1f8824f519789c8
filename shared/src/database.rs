//! The pool, and the one way in which a statement reaches Postgres: typed, unnamed, in one round trip, with a deadline, its
//! plan kept on the connection ([`statement`]).
//!
//! A statement may run twice: the connection can break after Postgres has committed and before the answer arrives. So
//! each statement of this crate must leave the same state when it is run again (see [`crate::steps`]), and the pool makes
//! use of that: a statement that met a dead connection (pgBouncer was restarted, a frozen Lambda thawed) runs once more on
//! a new one, and nobody notices.

mod connect;
mod error;
pub mod statement;

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use tracing::{debug, warn};

use self::connect::Connector;
pub use self::error::DatabaseError;
use self::statement::{Planning, Statement};
use crate::{
    Config,
    secrets::{Credentials, Rotating},
};

/// How long a request may wait for a connection of the pool, and for a new one to be made.
const CONNECTION_WAIT: Duration = Duration::from_secs(2);

/// A statement's parameters: each value with its Postgres type, so that no round trip asks Postgres for it.
pub type Params<'a> = [(&'a (dyn ToSql + Sync), Type)];

/// The database, as one request sees it: a pool that all share, and the request's own deadline. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pool: Pool,
    credentials: Option<Rotating<Credentials>>,
    planning: Arc<Planning>,
    deadline: Option<Instant>,
}

impl Database {
    /// A pool of as many connections as the process handles requests at once. Connects when first needed, so a function
    /// starts, and answers 503, without a database.
    ///
    /// # Panics
    /// Never: building fails only for a pool with timeouts and no runtime.
    pub fn new(config: &Config) -> Self {
        let manager_config = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let connector = Connector {
            tls: config.postgres.tls.clone(),
            credentials: config.credentials.clone(),
        };
        let manager = Manager::from_connect(config.postgres.driver.clone(), connector, manager_config);
        #[expect(
            clippy::expect_used,
            reason = "fails only for timeouts without a runtime, which is named here"
        )]
        let pool = Pool::builder(manager)
            .max_size(config.max_concurrency)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(CONNECTION_WAIT),
                create: Some(CONNECTION_WAIT),
                recycle: Some(CONNECTION_WAIT),
            })
            .build()
            .expect("a pool with a runtime can be built");
        Self {
            pool,
            credentials: config.credentials.clone(),
            planning: Arc::default(),
            deadline: None,
        }
    }

    /// The same database, for a request that must be answered by then.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    /// Runs a statement that returns at most one row. It may be run twice, see the module's documentation.
    pub async fn row(
        &self,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<Option<Row>, DatabaseError> {
        match self.row_once(statement, params).await {
            Err(error) if error.is_lost_connection() => {
                debug!(%error, "connection lost; once more on a new one");
                self.pool.retain(|_, _| false); // what was opened at the same time is as dead
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
        let mut client = timeout_at(deadline, self.connection())
            .await
            .map_err(|_| DatabaseError::Timeout)??;
        let result = timeout_at(deadline, self.planning.run(&mut client, statement, params)).await;
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
                warn!("a statement was not answered in time; its connection is given up");
                discard(client);
                Err(DatabaseError::Timeout)
            }
        }
    }

    /// A connection. Where a secret holds the password and Postgres refuses it, the secret may have been rotated: it is read
    /// again, and if it has changed the new password is tried at once.
    async fn connection(&self) -> Result<Object, DatabaseError> {
        let Some(credentials) = &self.credentials else {
            return Ok(self.pool.get().await?);
        };
        let tried = credentials.get().await?;
        match self.pool.get().await {
            Err(PoolError::Backend(error)) if error::is_refusal(&error) => {
                if credentials.newer_than(&tried).await?.is_none() {
                    return Err(PoolError::Backend(error).into());
                }
                Ok(self.pool.get().await?)
            }
            result => Ok(result?),
        }
    }
}

/// Closes a connection instead of handing it back, so that nobody waits behind what it is stuck in.
fn discard(client: Object) {
    drop(Object::take(client));
}
