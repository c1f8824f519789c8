//! Limits of an operation: its time, the bytes of its results and its share of the pool; cancellation of abandoned operations.

use crate::pool::{self, Connections};
use crate::share::{Client, Permits};
use deadpool_postgres::{ClientWrapper, Object};
use engine_error::{Code, Error, Result};
use std::ops::Deref;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Interval between two cancellation requests: a request may consist of several statements.
const CANCEL_RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Maximum duration of a cancellation request. Without a limit, an address that does not answer would keep the share of a client
/// until TCP gives up.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// Limits of one operation.
#[derive(Debug, Clone, Copy)]
pub struct OperationLimits<'c> {
    /// Time limit of the whole operation in the database; `None` if there is no limit.
    pub time: Option<Duration>,
    /// Limit of its results.
    pub response: ResponseLimit,
    /// Client whose share of the pool the operation uses; `None` for admin.
    pub client: Option<Client<'c>>,
}

/// Maximum number of bytes of the results of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseLimit {
    pub bytes: usize,
    /// Option that sets it.
    pub option: &'static str,
}

impl ResponseLimit {
    /// Returns the error for results that exceed the limit; `bytes` is their size if it is known.
    pub fn exceeded(self, bytes: Option<u64>) -> Error {
        let size = bytes.map_or_else(
            || format!("more than {} bytes", self.bytes),
            |bytes| format!("{bytes} bytes, {} are possible", self.bytes),
        );
        let message = format!(
            "the response has {size} ({}); read fewer rows or fields, or send several requests",
            self.option
        );
        Error::new(Code::SizeLimitExceeded, message)
    }
}

/// Bytes that the results of an operation may still have. The driver buffers one message per statement, so that memory is bounded
/// if results are counted as they arrive.
#[derive(Debug)]
pub struct ByteBudget {
    limit: ResponseLimit,
    used: AtomicUsize,
    exhausted: Notify,
}

impl ByteBudget {
    pub fn new(limit: ResponseLimit) -> Self {
        Self {
            limit,
            used: AtomicUsize::new(0),
            exhausted: Notify::new(),
        }
    }

    /// Returns a budget for results that do not count.
    #[must_use]
    pub fn unlimited(&self) -> Self {
        Self::new(ResponseLimit {
            bytes: usize::MAX,
            ..self.limit
        })
    }

    /// Forgets what was counted: the operation runs again from its start.
    pub fn reset(&self) {
        self.used.store(0, Ordering::Relaxed);
    }

    /// Counts received bytes. Returns whether the limit is kept.
    pub fn spend(&self, bytes: usize) -> bool {
        let used = self
            .used
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes);
        let kept = used <= self.limit.bytes;
        if !kept {
            self.exhausted.notify_one();
        }
        kept
    }

    /// Returns an error if the limit was exceeded.
    pub fn check(&self) -> Result<()> {
        if self.used.load(Ordering::Relaxed) > self.limit.bytes {
            return Err(self.limit.exceeded(None));
        }
        Ok(())
    }

    /// Waits for `work`; `None` as soon as the limit is exceeded. The connection then has results that were not received.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.exhausted.notified() => None,
            result = work => self.check().is_ok().then_some(result),
        }
    }
}

/// Connection in use. If it is dropped before it is [`released`](Self::release), because the request was aborted, the
/// connection is closed and its statement cancelled: a connection must not return to the pool with a running statement.
pub struct CheckedOut {
    client: Option<Object>,
    tls: MakeRustlsConnect,
    cancelled: AtomicBool,
    /// Part of the share of a client.
    permits: Option<Permits>,
}

impl CheckedOut {
    /// Takes a connection from the pool, for a client from its share.
    pub async fn get(pool: &Connections, client: Option<Client<'_>>) -> Result<Self> {
        let permits = pool.share(client).await?;
        Self::within(pool, permits).await
    }

    /// Takes a connection from the pool, for a client that may use one.
    pub async fn within(pool: &Connections, permits: Option<Permits>) -> Result<Self> {
        Ok(Self {
            client: Some(pool::get(pool).await?),
            tls: pool.tls.clone(),
            cancelled: AtomicBool::new(false),
            permits,
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
        let permits = self.permits.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Best effort: the statement eventually ends on its own, and the connection is closed in any case.
            runtime.spawn(async move {
                drop(timeout(CANCEL_TIMEOUT, cancel.cancel_query(tls)).await);
                // The share is released with the statement, not before: a client could otherwise start any number of them.
                drop(permits);
            });
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
    let mut work = pin!(work);
    loop {
        if let Ok(result) = timeout(next, &mut work).await {
            return result;
        }
        client.cancelled.store(true, Ordering::Relaxed);
        drop(
            timeout(
                CANCEL_TIMEOUT,
                client.cancel_token().cancel_query(client.tls.clone()),
            )
            .await,
        );
        next = CANCEL_RETRY_INTERVAL;
    }
}
