//! Writes settlements down. What finishes while one statement runs, or soon after the last one began, goes into the next
//! one together: the busier the engine is, the less each settlement costs.

use super::deliver::{Fate, Settlement};
use super::store::Store;
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

/// Settlements in one statement, at most.
const BATCH: usize = 250;
/// Between the beginnings of two statements, at least; a batch that is full does not wait. Nobody waits for a settlement
/// but the event's place in the queue.
const DISTANCE: Duration = Duration::from_millis(5);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// An event that this engine holds no more.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) id: String,
    pub(super) trigger: String,
}

/// The door to the task that writes. What waits here is bounded by what the engine may hold.
pub(super) struct Settler {
    todo: UnboundedSender<Settlement>,
    done: UnboundedReceiver<Vec<Settled>>,
    _task: AbortOnDropHandle<()>,
}

impl Settler {
    pub(super) fn start(store: Store) -> Self {
        let (todo, receiver) = mpsc::unbounded_channel();
        let (sender, done) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(store, receiver, sender));
        Self {
            todo,
            done,
            _task: AbortOnDropHandle::new(task),
        }
    }

    pub(super) fn settle(&self, settlement: Settlement) {
        // The task ends only with this half.
        let _ = self.todo.send(settlement);
    }

    /// The next batch that was written. Cancel safe.
    pub(super) async fn settled(&mut self) -> Vec<Settled> {
        match self.done.recv().await {
            Some(batch) => batch,
            None => std::future::pending().await,
        }
    }
}

async fn run(store: Store, mut todo: UnboundedReceiver<Settlement>, done: UnboundedSender<Vec<Settled>>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut next = Instant::now();
    while todo.recv_many(&mut batch, BATCH).await > 0 {
        while batch.len() < BATCH {
            match timeout_at(next, todo.recv()).await {
                Ok(Some(settlement)) => batch.push(settlement),
                Ok(None) | Err(_) => break,
            }
        }
        next = Instant::now() + DISTANCE;
        write(&store, &batch).await;
        let settled = batch
            .drain(..)
            .map(|s| Settled {
                id: s.id,
                trigger: s.trigger,
            })
            .collect();
        if done.send(settled).is_err() {
            return;
        }
    }
}

async fn write(store: &Store, batch: &[Settlement]) {
    if patiently(store, batch).await.is_ok() || batch.is_empty() {
        return;
    }
    // One of them cannot be written. The others shall not suffer from it, and it shall at least not be delivered again.
    for settlement in batch {
        if patiently(store, std::slice::from_ref(settlement)).await.is_ok() {
            continue;
        }
        let bare = Settlement {
            request: "null".to_owned(),
            response: "null".to_owned(),
            ..settlement.clone()
        };
        if let Err(error) = patiently(store, &[bare]).await {
            tracing::error!(event.id = settlement.id, %error, "an event could not be settled");
        }
    }
}

/// Waits until the database is back. Fails only where waiting would not help.
async fn patiently(store: &Store, batch: &[Settlement]) -> crate::error::Result<()> {
    let mut pause = FIRST_PAUSE;
    loop {
        match store.settle(batch).await {
            Err(error) if error.retry_after.is_some() => {
                tracing::warn!(%error, events = batch.len(), "settlements wait for the database");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            result => return result,
        }
    }
}

/// The log line of a try that did not deliver.
pub(super) fn log(settlement: &Settlement) {
    let Settlement {
        id,
        trigger,
        fate,
        status,
        ..
    } = settlement;
    match fate {
        Fate::Delivered => tracing::debug!(event.id = id, trigger, status, "event delivered"),
        Fate::Retry(seconds) => {
            tracing::info!(
                event.id = id,
                trigger,
                status,
                retry_in_s = seconds,
                "delivery failed, will be tried again"
            );
        }
        Fate::Failed => tracing::warn!(event.id = id, trigger, status, "delivery failed, no tries left"),
    }
}
