//! One subscriber's end: holds the newest result until it is taken.

use super::cohort::Cohort;
use crate::error::Error;
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::watch;

/// What a subscriber is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// The newest `data` object: `{"orders":[…]}`.
    Data(Bytes),
    /// The query fails and will go on failing until something changes.
    Error(Error),
    /// The metadata changed: plan the operation again and subscribe with the new plan. Nothing follows.
    Replan,
}

/// A running subscription; dropping it ends it.
pub struct Subscription {
    pub(super) id: u64,
    pub(super) params: Params,
    pub(super) cohort: Arc<Cohort>,
    pub(super) updates: watch::Receiver<Option<Update>>,
}

/// The values of one subscriber, as [`crate::plan::SubscriptionPlan`] has them.
pub(super) type Params = Arc<[Option<String>]>;

impl Subscription {
    /// The next update: the first result as soon as there is one, then each that differs from the one before. Where
    /// several came since the last call, only the newest. Cancel safe.
    pub async fn next(&mut self) -> Update {
        loop {
            // The sender lives in the cohort until we are dropped, or until it has sent `Replan`.
            if self.updates.changed().await.is_err() {
                return Update::Replan;
            }
            if let Some(update) = self.updates.borrow_and_update().clone() {
                return update;
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.cohort.leave(self.id, &self.params);
    }
}
