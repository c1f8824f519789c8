//! How long an operation may take, and what becomes of one that nobody waits for any more.

use crate::error::Result;
use crate::exec::pool::{self, Connections};
use deadpool_postgres::{ClientWrapper, Object};
use std::ops::Deref;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How often a statement that has to stop is told so: a request may consist of several.
const REPEAT: Duration = Duration::from_secs(1);

/// A connection in use. One that is dropped before it is [`released`](Self::release), because the request was given up
/// halfway, is closed and its statement cancelled: it must not go back to the pool with work still to do.
pub(super) struct Held {
    client: Option<Object>,
    tls: MakeRustlsConnect,
    cancelled: AtomicBool,
}

impl Held {
    /// A connection of the pool.
    pub(super) async fn get(pool: &Connections) -> Result<Self> {
        Ok(Self {
            client: Some(pool::get(pool).await?),
            tls: pool.tls.clone(),
            cancelled: AtomicBool::new(false),
        })
    }

    /// Gives the connection back; but one that a cancellation was sent to is closed: it may arrive late and hit whoever
    /// has the connection next.
    pub(super) fn release(mut self) {
        let client = self.client.take();
        if self.cancelled.load(Ordering::Relaxed) {
            drop(client.map(Object::take));
        }
    }
}

impl Deref for Held {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        match &self.client {
            Some(client) => client,
            None => unreachable!("only `release`, which consumes it, takes the connection out"),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        let cancel = client.cancel_token();
        drop(Object::take(client));
        let tls = self.tls.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Best effort: the statement ends by itself some day, and the connection is closed either way.
            runtime.spawn(async move { drop(cancel.cancel_query(tls).await) });
        }
    }
}

/// Waits for `work`; tells the connection to stop its statement when `limit` has passed. It then fails with SQLSTATE 57014.
pub(super) async fn limited<T>(limit: Option<Duration>, client: &Held, work: impl Future<Output = T>) -> T {
    let Some(mut next) = limit else { return work.await };
    let cancel = client.cancel_token();
    let mut work = pin!(work);
    loop {
        if let Ok(result) = tokio::time::timeout(next, &mut work).await {
            return result;
        }
        client.cancelled.store(true, Ordering::Relaxed);
        drop(cancel.cancel_query(client.tls.clone()).await);
        next = REPEAT;
    }
}
