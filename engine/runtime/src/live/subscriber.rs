//! Receiver of one subscriber: holds the newest result until it is read.

use super::cohort::CohortKey;
use super::poller::Poller;
use bytes::Bytes;
use engine_error::Error;
use std::sync::Arc;
use tokio::sync::watch;

/// Message to a subscriber.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Newest `data` object: `{"orders":[…]}`.
    Data(Bytes),
    /// Next rows of a stream, as `data` object, and the cursor of the last row.
    Batch(Bytes, String),
    /// The query failed with an error that is not transient.
    Error(Error),
    /// The metadata changed: plan the operation again and subscribe with the new plan. No further updates follow.
    SchemaChanged,
}

/// Running subscription; dropping it ends the subscription.
pub struct Subscription {
    pub(super) id: u64,
    pub(super) key: CohortKey,
    pub(super) poller: Arc<Poller>,
    pub(super) updates: watch::Receiver<Option<Update>>,
    /// The poller has been told that all sent updates were received.
    pub(super) acknowledged: bool,
}

/// Variable values of one subscriber, as in [`engine_plan::SubscriptionPlan`].
pub(super) type Params = Arc<[Option<String>]>;

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
