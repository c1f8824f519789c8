//! Time limit of operations, and cancellation of abandoned operations.

use crate::pool::{self, Connections};
use deadpool_postgres::{ClientWrapper, Object};
use engine_error::Result;
use std::ops::Deref;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Interval between two cancellation requests: a request may consist of several statements.
const CANCEL_RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Connection in use. If it is dropped before it is [`released`](Self::release), because the request was aborted, the
/// connection is closed and its statement cancelled: a connection must not return to the pool with a running statement.
pub struct CheckedOut {
    client: Option<Object>,
    tls: MakeRustlsConnect,
    cancelled: AtomicBool,
}

impl CheckedOut {
    /// Takes a connection from the pool.
    pub async fn get(pool: &Connections) -> Result<Self> {
        Ok(Self {
            client: Some(pool::get(pool).await?),
            tls: pool.tls.clone(),
            cancelled: AtomicBool::new(false),
        })
    }

    /// Returns the connection to the pool. After a cancellation request it is closed instead: a late cancellation could
    /// cancel a statement of the connection's next user.
    pub fn release(mut self) {
        let client = self.client.take();
        if self.cancelled.load(Ordering::Relaxed) {
            drop(client.map(Object::take));
        }
    }
}

impl Deref for CheckedOut {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        match &self.client {
            Some(client) => client,
            None => unreachable!("only `release`, which consumes `self`, removes the connection"),
        }
    }
}

impl Drop for CheckedOut {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        let cancel = client.cancel_token();
        drop(Object::take(client));
        let tls = self.tls.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Best effort: the statement eventually ends on its own, and the connection is closed in any case.
            runtime.spawn(async move { drop(cancel.cancel_query(tls).await) });
        }
    }
}

/// Waits for `work` and cancels the connection's statement when `limit` has passed. The statement then fails with SQLSTATE
/// 57014.
pub async fn with_deadline<T>(
    limit: Option<Duration>,
    client: &CheckedOut,
    work: impl Future<Output = T>,
) -> T {
    let Some(mut next) = limit else { return work.await };
    let cancel = client.cancel_token();
    let mut work = pin!(work);
    loop {
        if let Ok(result) = tokio::time::timeout(next, &mut work).await {
            return result;
        }
        client.cancelled.store(true, Ordering::Relaxed);
        drop(cancel.cancel_query(client.tls.clone()).await);
        next = CANCEL_RETRY_INTERVAL;
    }
}
