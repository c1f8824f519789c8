//! Health of the database, over a connection of its own: the connections for requests may all be in use by slow statements.

use crate::pool::{self, Connections, PoolOptions};
use deadpool_postgres::{Object, Pool};
use engine_error::{Code, Error, Result};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Maximum duration of a check, including the connection attempt.
const LIMIT: Duration = Duration::from_secs(3);

/// Health check. Concurrent callers share one.
pub struct HealthCheck {
    pool: Connections,
    running: Mutex<Option<watch::Receiver<Option<Outcome>>>>,
}

/// Error message of a failed check.
type Outcome = Result<(), String>;

impl HealthCheck {
    /// Creates the check; no connection is made. Returns an error if the URL is invalid.
    pub fn new(options: &PoolOptions) -> Result<Self> {
        Ok(Self {
            pool: pool::build(options, 1)?,
            running: Mutex::default(),
        })
    }

    /// Returns an error if the database does not respond in time.
    pub async fn run(&self) -> Result<()> {
        let mut running = self.join_or_start();
        let outcome = match running.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        outcome
            .unwrap_or_else(|| Err("internal error: the health check panicked".to_owned()))
            .map_err(|message| Error::new(Code::Unexpected, message))
    }

    fn join_or_start(&self) -> watch::Receiver<Option<Outcome>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        // A check that panicked has closed its channel without an outcome.
        if let Some(running) = &*running
            && running.borrow().is_none()
            && running.has_changed().is_ok()
        {
            return running.clone();
        }
        let (sender, receiver) = watch::channel(None);
        let pool = self.pool.clone();
        // In its own task: it must end also if the client disconnects, because others may join it.
        tokio::spawn(async move { sender.send_replace(Some(check(&pool).await)) });
        *running = Some(receiver.clone());
        receiver
    }
}

async fn check(pool: &Pool) -> Outcome {
    let late = || format!("the database did not respond within {} s", LIMIT.as_secs());
    let client = timeout(LIMIT, pool::get(pool)).await.map_err(|_| late())?;
    let client = client.map_err(|error| error.message)?;
    let error = match timeout(LIMIT, client.batch_execute("SELECT 1")).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => pool::driver_error(&error).message,
        Err(_) => late(),
    };
    // The statement may still be in progress: the next check needs another connection.
    drop(Object::take(client));
    Err(error)
}
