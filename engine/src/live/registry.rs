//! Which cohorts are running.

use super::cohort::{Cohort, Joined};
use super::subscription::Subscription;
use crate::error::Result;
use crate::exec::pool::{self, Connections};
use crate::plan::SubscriptionPlan;
use crate::server::config::Config;
use crate::state::{Engine, Snapshot};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Connections for live queries. They are apart from those of requests, so that neither can starve the other, and
/// few, so that many cohorts queue up here instead of crowding the database.
pub(super) const CONNECTIONS: usize = 4;

/// With those that are opened when runs of the first few take long, because a table is locked or a view is slow.
const MOST_CONNECTIONS: usize = 12;

/// All live queries of an engine.
pub struct Registry {
    cohorts: Mutex<HashMap<Arc<str>, Arc<Cohort>>>,
    next_id: AtomicU64,
    pub(super) pool: Connections,
    /// One for each of the usual connections.
    pub(super) turns: Semaphore,
}

impl Registry {
    /// An empty registry with its own small pool, not yet connected.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self {
            cohorts: Mutex::default(),
            next_id: AtomicU64::new(0),
            pool: pool::build(config, MOST_CONNECTIONS)?,
            turns: Semaphore::new(CONNECTIONS),
        })
    }

    /// Starts a subscription. `snapshot` is the one that was in force *before* `plan` was made; once another is, the
    /// subscriber is told to plan again. Must be called inside a runtime.
    pub fn subscribe(
        engine: &Arc<Engine>,
        plan: &SubscriptionPlan,
        snapshot: &Arc<Snapshot>,
    ) -> Subscription {
        let registry = &engine.live;
        let id = registry.next_id.fetch_add(1, Ordering::Relaxed);
        let mut cohorts = registry.lock();
        loop {
            let cohort = cohorts
                .entry(plan.multiplexed_sql.as_str().into())
                .or_insert_with_key(|sql| {
                    let cohort = Arc::new(Cohort::new(Arc::clone(sql), Arc::clone(snapshot)));
                    tokio::spawn(Arc::clone(&cohort).run(Arc::clone(engine)));
                    cohort
                });
            match cohort.join(id, plan) {
                Joined::Yes { key, updates } => {
                    return Subscription {
                        id,
                        key,
                        cohort: Arc::clone(cohort),
                        updates,
                        taken: true,
                    };
                }
                // It ended between its last subscriber and us: a new one takes its place.
                Joined::Closed => cohorts.remove(plan.multiplexed_sql.as_str()),
            };
        }
    }

    /// How many cohorts are running.
    pub fn cohorts(&self) -> usize {
        self.lock().len()
    }

    /// Forgets a cohort that has closed itself, unless another has taken its place.
    pub(super) fn forget(&self, cohort: &Arc<Cohort>) {
        let mut cohorts = self.lock();
        if cohorts
            .get(&cohort.sql)
            .is_some_and(|known| Arc::ptr_eq(known, cohort))
        {
            cohorts.remove(&cohort.sql);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, Arc<Cohort>>> {
        // The map is whole after each statement, so a panic elsewhere leaves nothing half done.
        self.cohorts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
