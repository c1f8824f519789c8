//! Task that writes settlements. Settlements that arrive while a statement runs, or soon after the last one started, are
//! written together by the next statement, so that the cost per settlement decreases under load.

use super::delivery::{DeliveryOutcome, Settlement};
use super::queue::EventQueue;
use super::retry::retry;
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

/// Maximum number of settlements per statement.
const MAX_BATCH_SIZE: usize = 250;
/// Minimum time between the starts of two statements; a full batch does not wait. A delayed settlement only delays the reuse
/// of the event's slot.
const MIN_BATCH_INTERVAL: Duration = Duration::from_millis(5);

/// Event that this instance no longer holds.
#[derive(Debug)]
pub(super) struct SettledEvent {
    pub(super) id: String,
    pub(super) trigger: String,
    /// The event is due again.
    pub(super) is_due: bool,
}

/// Result of one batch.
#[derive(Debug)]
pub(super) struct Batch {
    /// All events of the batch.
    pub(super) settled: Vec<SettledEvent>,
    /// Events among them whose settlement Postgres refuses.
    pub(super) refused: Vec<String>,
}

/// Handle of the writing task. The channel is bounded by the number of events that the instance may hold.
pub(super) struct SettlementWriter {
    todo: UnboundedSender<Settlement>,
    done: UnboundedReceiver<Batch>,
    _task: AbortOnDropHandle<()>,
}

impl SettlementWriter {
    pub(super) fn start(store: EventQueue) -> Self {
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
        // The task ends only when this handle is dropped.
        let _ = self.todo.send(settlement);
    }

    /// Waits for the next written batch. Cancel safe.
    pub(super) async fn settled(&mut self) -> Batch {
        match self.done.recv().await {
            Some(batch) => batch,
            None => std::future::pending().await,
        }
    }
}

async fn run(store: EventQueue, mut todo: UnboundedReceiver<Settlement>, done: UnboundedSender<Batch>) {
    let mut batch = Vec::with_capacity(MAX_BATCH_SIZE);
    let mut next = Instant::now();
    while todo.recv_many(&mut batch, MAX_BATCH_SIZE).await > 0 {
        while batch.len() < MAX_BATCH_SIZE {
            match timeout_at(next, todo.recv()).await {
                Ok(Some(settlement)) => batch.push(settlement),
                Ok(None) | Err(_) => break,
            }
        }
        next = Instant::now() + MIN_BATCH_INTERVAL;
        let refused = write(&store, &batch).await;
        let settled = batch
            .drain(..)
            .map(|s| SettledEvent {
                id: s.id,
                is_due: s.outcome.retry_in() == Some(Duration::ZERO),
                trigger: s.trigger,
            })
            .collect();
        if done.send(Batch { settled, refused }).is_err() {
            return;
        }
    }
}

/// Writes a batch and returns the events whose settlement Postgres refuses.
async fn write(store: &EventQueue, batch: &[Settlement]) -> Vec<String> {
    let mut refused = Vec::new();
    if write_with_retry(store, batch).await.is_ok() || batch.is_empty() {
        return refused;
    }
    // One settlement cannot be written. Write the others one by one, and write this one without request and response, so
    // that its event is not delivered again.
    for settlement in batch {
        if write_with_retry(store, std::slice::from_ref(settlement))
            .await
            .is_ok()
        {
            continue;
        }
        let bare = Settlement {
            request: "null".to_owned(),
            response: "null".to_owned(),
            ..settlement.clone()
        };
        if let Err(error) = write_with_retry(store, &[bare]).await {
            tracing::error!(event.id = settlement.id, %error, "cannot write the settlement of an event");
            refused.push(settlement.id.clone());
        }
    }
    refused
}

/// Writes a batch and retries while the error is transient. Returns an error if retrying cannot help.
async fn write_with_retry(store: &EventQueue, batch: &[Settlement]) -> engine_error::Result<()> {
    retry("write settlements", || store.settle(batch)).await
}

/// Logs the result of one delivery attempt.
pub(super) fn log(settlement: &Settlement) {
    let Settlement {
        id,
        trigger,
        outcome,
        status,
        reason,
        ..
    } = settlement;
    match outcome {
        DeliveryOutcome::Delivered => tracing::debug!(event.id = id, trigger, status, "event delivered"),
        DeliveryOutcome::Retry(delay) => {
            tracing::info!(
                event.id = id,
                trigger,
                status,
                reason,
                retry_in_s = delay.as_secs_f64(),
                "delivery failed; retrying"
            );
        }
        DeliveryOutcome::Failed => {
            tracing::warn!(
                event.id = id,
                trigger,
                status,
                reason,
                "delivery failed permanently"
            );
        }
    }
}
