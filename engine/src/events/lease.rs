//! The engine's sign of life: a connection that holds a session advisory lock on the engine's instance id, so that the
//! moment it is gone the events it held are free for others. The same connection listens for NOTIFY. Lost, it is made anew
//! under a new id; meanwhile nothing is claimed.

use super::store::InstanceId;
use crate::error::Result;
use crate::exec::pool;
use crate::server::config::Config;
use crate::wake::Waker;
use futures_util::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};
use tokio_postgres::{AsyncMessage, Client, Connection, Socket};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What the server should do about a client whose machine vanished: else the lock would stay for hours.
const SESSION: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// The lock's holder: dropped, it closes the connection.
pub(super) struct Lease {
    id: watch::Receiver<Option<InstanceId>>,
    renew: Arc<Notify>,
    _task: AbortOnDropHandle<()>,
}

impl Lease {
    /// Begins to acquire the lock, and wakes the engine at each NOTIFY from then on.
    pub(super) fn hold(config: &Config, waker: Waker) -> Result<Self> {
        let connection = pool::connection(config)?;
        let (sender, id) = watch::channel(None);
        let renew = Arc::new(Notify::new());
        let wanted = Arc::clone(&renew);
        let task = tokio::spawn(async move { keep(&connection, &waker, &sender, &wanted).await });
        Ok(Self {
            id,
            renew,
            _task: AbortOnDropHandle::new(task),
        })
    }

    /// Gives the lock up and acquires a new one.
    pub(super) fn renew(&self) {
        self.renew.notify_one();
    }

    /// The id in force; none while there is no lock.
    pub(super) fn id(&mut self) -> Option<InstanceId> {
        *self.id.borrow_and_update()
    }

    /// Returns when the id has changed since the last [`Self::id`]. Cancel safe.
    pub(super) async fn changed(&mut self) {
        if self.id.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn keep(
    to: &connection::Connection,
    waker: &Waker,
    sender: &watch::Sender<Option<InstanceId>>,
    renew: &Notify,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        match acquire(to, waker).await {
            Ok((id, _client, mut connection)) => {
                tracing::debug!(instance = id, "lock held, listening");
                sender.send_replace(Some(id));
                // What was committed before LISTEN told nobody.
                waker.wake();
                tokio::select! {
                    _ = &mut connection => {}
                    () = renew.notified() => {}
                }
                sender.send_replace(None);
                tracing::warn!("the connection that holds the engine's lock was lost; connecting again");
                pause = FIRST_PAUSE;
            }
            Err(error) => tracing::warn!(error = pool::describe(&error), "no lock for this engine yet"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

type Held = (InstanceId, Client, AbortOnDropHandle<()>);

async fn acquire(to: &connection::Connection, waker: &Waker) -> Result<Held, tokio_postgres::Error> {
    let (client, connection) = to.driver.connect(to.tls.clone()).await?;
    let connection = AbortOnDropHandle::new(tokio::spawn(listen(connection, waker.clone())));
    client.batch_execute(SESSION).await?;
    let id = loop {
        // A new one each time: what was claimed under an id whose lock was lost may be somebody else's by now.
        let (_, id) = Uuid::new_v4().as_u64_pair();
        let id = id.cast_signed();
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
    client.batch_execute(include_str!("store/sweep.sql")).await?;
    client.batch_execute("LISTEN hasura_events").await?;
    Ok((id, client, connection))
}

/// Drives the connection until it ends.
async fn listen<S>(mut connection: Connection<Socket, S>, waker: Waker)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notification(_)) => waker.wake(),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(error = pool::describe(&error), "lock connection ended");
                return;
            }
        }
    }
}
