//! The instance lock: a connection that holds a session advisory lock on the instance id. When the connection ends, the
//! events held by the instance become free for others. The same connection listens for NOTIFY. A lost connection is
//! replaced by a new one with a new id; until then no event is claimed.

use super::claimed::{InstanceId, InstanceKey};
use crate::wake::Waker;
use engine_error::Result;
use engine_postgres::pool::{self, PoolOptions};
use futures_util::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tokio_postgres::{AsyncMessage, Client, Connection, Socket};
use tokio_util::task::AbortOnDropHandle;

const INITIAL_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(2);

/// Maximum duration of one attempt to acquire the lock: a server that accepts connections may never respond.
const ATTEMPT: Duration = Duration::from_secs(30);

/// Keep-alive settings of the server: without them the lock of a client whose machine failed would remain for hours.
const SESSION: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// Handle of the instance lock; dropping the last clone closes the connection.
#[derive(Clone)]
pub(super) struct InstanceLock {
    id: watch::Receiver<Option<InstanceId>>,
    renew: Arc<Notify>,
    _task: Arc<AbortOnDropHandle<()>>,
}

impl InstanceLock {
    /// Starts the task that acquires the lock and wakes the engine at each NOTIFY.
    pub(super) fn hold(pool: &PoolOptions, key: InstanceKey, waker: Waker) -> Result<Self> {
        let connection = pool::connection(pool)?;
        let (sender, id) = watch::channel(None);
        let renew = Arc::new(Notify::new());
        let wanted = Arc::clone(&renew);
        let task = tokio::spawn(async move { keep(&connection, key, &waker, &sender, &wanted).await });
        Ok(Self {
            id,
            renew,
            _task: Arc::new(AbortOnDropHandle::new(task)),
        })
    }

    /// Releases the lock and acquires one with a new id.
    pub(super) fn renew(&self) {
        self.renew.notify_one();
    }

    /// Whether the id has changed since the last [`Self::id`].
    pub(super) fn has_changed(&self) -> bool {
        self.id.has_changed().unwrap_or(false)
    }

    /// Returns the current id; `None` without the lock.
    pub(super) fn id(&mut self) -> Option<InstanceId> {
        *self.id.borrow_and_update()
    }

    /// Waits until the id has changed since the last [`Self::id`]. Cancel safe.
    pub(super) async fn changed(&mut self) {
        if self.id.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn keep(
    to: &connection::Connection,
    key: InstanceKey,
    waker: &Waker,
    sender: &watch::Sender<Option<InstanceId>>,
    renew: &Notify,
) {
    let mut pause = INITIAL_BACKOFF;
    let mut lock = 0;
    loop {
        match timeout(ATTEMPT, acquire(to, key, &mut lock, waker)).await {
            Ok(Ok((id, _client, mut connection))) => {
                tracing::debug!(instance = id, "lock held, listening");
                sender.send_replace(Some(id));
                // Transactions that committed before LISTEN sent no notification to this connection.
                waker.wake();
                tokio::select! {
                    _ = &mut connection => {}
                    () = renew.notified() => {}
                }
                sender.send_replace(None);
                tracing::warn!("connection holding the instance lock was lost; reconnecting");
                pause = INITIAL_BACKOFF;
            }
            Ok(Err(error)) => tracing::warn!(
                error = pool::describe(&error),
                "cannot acquire the instance lock; retrying"
            ),
            Err(_) => tracing::warn!(error = "timeout", "cannot acquire the instance lock; retrying"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_BACKOFF);
    }
}

type Acquired = (InstanceId, Client, AbortOnDropHandle<()>);

async fn acquire(
    to: &connection::Connection,
    key: InstanceKey,
    lock: &mut u32,
    waker: &Waker,
) -> Result<Acquired, tokio_postgres::Error> {
    let (client, connection) = to.driver.connect(to.tls.clone()).await?;
    let connection = AbortOnDropHandle::new(tokio::spawn(listen(connection, waker.clone())));
    client.batch_execute(SESSION).await?;
    let id = loop {
        // A new id each time: events claimed under an id whose lock was lost may have been claimed by another instance.
        *lock = lock.wrapping_add(1);
        let id = key.id(*lock);
        if client
            .query_one("SELECT pg_try_advisory_lock($1)", &[&id])
            .await?
            .get(0)
        {
            break id;
        }
    };
    client
        .execute("INSERT INTO hdb_catalog.instances (id) VALUES ($1)", &[&id])
        .await?;
    client
        .batch_execute(include_str!("queue/remove_dead_instances.sql"))
        .await?;
    client
        .batch_execute("LISTEN hasura_events; LISTEN hasura_scheduled_events")
        .await?;
    Ok((id, client, connection))
}

/// Drives the connection until it ends.
async fn listen<S>(mut connection: Connection<Socket, S>, waker: Waker)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notification(notification))
                if notification.channel() == "hasura_scheduled_events" =>
            {
                waker.wake_scheduled();
            }
            Ok(AsyncMessage::Notification(notification)) => waker.notified(notification.payload()),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(error = pool::describe(&error), "lock connection ended");
                return;
            }
        }
    }
}
