//! Receiver of one subscriber: holds the newest result until it is read.

use super::poller::Poller;
use super::types::{CohortKey, Update};
use std::sync::Arc;
use tokio::sync::watch;

/// Running subscription; dropping it ends the subscription.
pub struct Subscription {
    pub(super) id: u64,
    pub(super) key: CohortKey,
    pub(super) poller: Arc<Poller>,
    pub(super) updates: watch::Receiver<Option<Update>>,
    /// The poller has been told that all sent updates were received.
    pub(super) acknowledged: bool,
}

impl Subscription {
    /// Waits for the next update: the first result, then each result that differs from the previous one. If several results
    /// arrived since the last call, only the newest is returned. Streams skip none: a call confirms that the previous batch
    /// has been processed. Cancel safe.
    pub async fn next(&mut self) -> Update {
        if !std::mem::replace(&mut self.acknowledged, true) {
            self.poller.acknowledge(&self.key);
        }
        loop {
            // The poller keeps the sender until this subscription is dropped, or until it has sent `SchemaChanged`.
            if self.updates.changed().await.is_err() {
                return Update::SchemaChanged;
            }
            if let Some(update) = self.updates.borrow_and_update().clone() {
                self.acknowledged = false;
                return update;
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.poller.leave(self.id, &self.key);
    }
}
