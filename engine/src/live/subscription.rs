//! One subscriber's end: holds the newest result until it is taken.

use super::cohort::Cohort;
use super::group::Key;
use crate::error::Error;
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::watch;

/// What a subscriber is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// The newest `data` object: `{"orders":[…]}`.
    Data(Bytes),
    /// The next rows of a stream, as `data` object, and the cursor of the last of them.
    Batch(Bytes, String),
    /// The query fails and will go on failing until something changes.
    Error(Error),
    /// The metadata changed: plan the operation again and subscribe with the new plan. Nothing follows.
    Replan,
}

/// A running subscription; dropping it ends it.
pub struct Subscription {
    pub(super) id: u64,
    pub(super) key: Key,
    pub(super) cohort: Arc<Cohort>,
    pub(super) updates: watch::Receiver<Option<Update>>,
    /// The cohort knows that we have had all that was sent.
    pub(super) taken: bool,
}

/// The values of one subscriber, as [`crate::plan::SubscriptionPlan`] has them.
pub(super) type Params = Arc<[Option<String>]>;

impl Subscription {
    /// The next update: the first result as soon as there is one, then each that differs from the one before. Where
    /// several came since the last call, only the newest; but of a stream each, for calling this says that the one before
    /// has been dealt with. Cancel safe.
    pub async fn next(&mut self) -> Update {
        if !std::mem::replace(&mut self.taken, true) {
            self.cohort.taken(&self.key);
        }
        loop {
            // The sender lives in the cohort until we are dropped, or until it has sent `Replan`.
            if self.updates.changed().await.is_err() {
                return Update::Replan;
            }
            if let Some(update) = self.updates.borrow_and_update().clone() {
                self.taken = false;
                return update;
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.cohort.leave(self.id, &self.key);
    }
}
