//! Registry of running cohorts.

use super::cohort::{Cohort, Joined};
use super::subscription::Subscription;
use crate::server::config::Config;
use crate::state::Engine;
use engine_error::Result;
use engine_plan::SubscriptionPlan;
use engine_plan::schema_cache::SchemaCache;
use engine_postgres::pool::{self, Connections};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Usual number of connections for live queries. They are separate from those of requests, so that neither can starve the
/// other, and few, so that many cohorts queue here instead of overloading the database.
pub(super) const CONNECTIONS: usize = 4;

/// Maximum number of connections, including those opened when runs on the usual ones take long (a locked table, a slow view).
const MOST_CONNECTIONS: usize = 12;

pub struct Registry {
    cohorts: Mutex<HashMap<Arc<str>, Arc<Cohort>>>,
    next_id: AtomicU64,
    pub(super) pool: Connections,
    /// One permit per usual connection.
    pub(super) turns: Semaphore,
}

impl Registry {
    /// Creates an empty registry with its own small pool, not yet connected.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self {
            cohorts: Mutex::default(),
            next_id: AtomicU64::new(0),
            pool: pool::build(&config.pool(), MOST_CONNECTIONS)?,
            turns: Semaphore::new(CONNECTIONS),
        })
    }

    /// Starts a subscription. `snapshot` is the snapshot that was current *before* `plan` was made; when another becomes
    /// current, the subscriber is told to plan again. Must be called inside a Tokio runtime.
    pub fn subscribe(
        engine: &Arc<Engine>,
        plan: &SubscriptionPlan,
        snapshot: &Arc<SchemaCache>,
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
                // The cohort was closed after its last subscriber left: replace it by a new one.
                Joined::Closed => cohorts.remove(plan.multiplexed_sql.as_str()),
            };
        }
    }

    /// Returns the number of running cohorts.
    pub fn cohorts(&self) -> usize {
        self.lock().len()
    }

    /// Removes a closed cohort, unless it has already been replaced.
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
        // The map is consistent after each statement, so a poisoned lock can be used.
        self.cohorts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
