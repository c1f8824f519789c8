//! Memory of large payloads, of captured and of scheduled events: the sizes of all loaded payloads are bounded.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// Unit of the budget in bytes.
const UNIT: usize = 1024;

/// Memory that loaded payloads may use.
#[derive(Clone)]
pub(super) struct PayloadBudget {
    units: Arc<Semaphore>,
    total: u32,
    lanes: Arc<std::sync::Mutex<HashMap<String, Arc<Lane>>>>,
    /// Held while one payload is loaded and its request is built. During this time several copies of it exist, and the
    /// deliveries that wait use no connections.
    loading: Arc<Mutex<()>>,
}

/// Loads of one trigger: one at a time, and at most half of the budget, so that a slow webhook does not delay other triggers.
struct Lane {
    turn: Arc<Mutex<()>>,
    units: Arc<Semaphore>,
    total: u32,
}

/// Turn of a trigger: its other payloads wait until this value is dropped.
pub(super) struct Turn<'b> {
    budget: &'b PayloadBudget,
    lane: Arc<Lane>,
    _of_trigger: OwnedMutexGuard<()>,
}

/// Permission to load one payload and to build its request.
pub(super) struct Loading<'b> {
    _of_trigger: Turn<'b>,
    _of_all: OwnedMutexGuard<()>,
    share: Share,
}

/// Memory of a loaded payload.
pub(super) struct Share {
    _of_trigger: Option<OwnedSemaphorePermit>,
    _of_all: Option<OwnedSemaphorePermit>,
}

impl PayloadBudget {
    pub(super) fn new(bytes: usize) -> Self {
        let total = units(bytes);
        Self {
            units: Arc::new(Semaphore::new(total as usize)),
            total,
            lanes: Arc::default(),
            loading: Arc::default(),
        }
    }

    /// Waits until no other payload of the trigger is being loaded. One-off events have the empty name.
    pub(super) async fn turn(&self, trigger: &str) -> Turn<'_> {
        let lane = self.lane(trigger);
        let turn = Arc::clone(&lane.turn).lock_owned().await;
        Turn {
            budget: self,
            lane,
            _of_trigger: turn,
        }
    }

    /// Returns the lane of a trigger. Lanes without loads and loaded payloads are forgotten.
    fn lane(&self, trigger: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|name, lane| {
            let is_unused =
                Arc::strong_count(lane) == 1 && lane.units.available_permits() == lane.total as usize;
            name == trigger || !is_unused
        });
        let total = self.total.div_ceil(2);
        let lane = lanes.entry(trigger.to_owned()).or_insert_with(|| {
            Arc::new(Lane {
                turn: Arc::default(),
                units: Arc::new(Semaphore::new(total as usize)),
                total,
            })
        });
        Arc::clone(lane)
    }
}

impl<'b> Turn<'b> {
    /// Waits for the memory of a payload. One that is larger than the budget waits until no other one is loaded.
    pub(super) async fn wait_for(self, bytes: usize) -> Loading<'b> {
        let units = units(bytes);
        // The semaphores are never closed.
        let of_trigger = Arc::clone(&self.lane.units)
            .acquire_many_owned(units.min(self.lane.total))
            .await
            .ok();
        let of_all = Arc::clone(&self.budget.units)
            .acquire_many_owned(units.min(self.budget.total))
            .await
            .ok();
        let loading = Arc::clone(&self.budget.loading).lock_owned().await;
        Loading {
            _of_trigger: self,
            _of_all: loading,
            share: Share {
                _of_trigger: of_trigger,
                _of_all: of_all,
            },
        }
    }
}

impl Loading<'_> {
    /// Ends the load: other payloads may be loaded. The share is to be kept until the request is dropped.
    pub(super) fn finish(self) -> Share {
        self.share
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn captured_and_scheduled_payloads_share_the_memory() {
        let budget = PayloadBudget::new(8 * UNIT);
        let first = budget.turn("one").await.wait_for(4 * UNIT).await.finish();
        let second = budget.turn("").await.wait_for(4 * UNIT).await.finish();
        let third = async { budget.turn("two").await.wait_for(1).await.finish() };
        let mut third = std::pin::pin!(third);
        assert!(third.as_mut().now_or_never().is_none(), "the memory is used");
        drop(second);
        let third = third.await;
        drop((first, third));
        assert_eq!(budget.units.available_permits(), 8);
    }

    #[tokio::test]
    async fn one_trigger_has_half_of_the_memory_and_one_load_at_a_time() {
        let budget = PayloadBudget::new(8 * UNIT);
        let turn = budget.turn("one").await;
        assert!(budget.turn("one").now_or_never().is_none(), "its turn is taken");
        let large = turn.wait_for(100 * UNIT).await.finish();
        assert_eq!(budget.units.available_permits(), 0, "larger than all of it");
        drop(large);
        let half = budget.turn("one").await.wait_for(4 * UNIT).await.finish();
        let more = async { budget.turn("one").await.wait_for(1).await };
        assert!(more.now_or_never().is_none(), "the trigger has its half");
        let other = budget.turn("two").await.wait_for(4 * UNIT).now_or_never();
        assert!(other.is_some(), "the other half is free");
        drop((half, other));
        assert_eq!(budget.lanes.lock().unwrap().len(), 2);
        drop(budget.turn("three").await);
        assert_eq!(
            budget.lanes.lock().unwrap().len(),
            1,
            "unused lanes are forgotten"
        );
    }
}
