//! Registry of running pollers.

use super::poller::{JoinResult, Poller};
use super::subscriber::Subscription;
use crate::wake::Waker;
use engine_error::Result;
use engine_plan::SubscriptionPlan;
use engine_plan::schema_cache::{CurrentSchema, SchemaCache};
use engine_postgres::pool::{self, Connections, PoolOptions};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Usual number of connections for live queries. They are separate from those of requests, so that neither can starve the
/// other, and few, so that many pollers queue here instead of overloading the database.
pub(super) const CONNECTIONS: usize = 4;

/// Maximum number of connections, including those opened when runs on the usual ones take long (a locked table, a slow view).
const MAX_CONNECTIONS: usize = 12;

/// Settings of subscriptions.
#[derive(Debug, Clone)]
pub struct LiveOptions {
    /// Interval at which a query is run again without a wake-up.
    pub refetch_interval: Duration,
    /// Maximum number of cohorts in one statement.
    pub batch_size: usize,
}

/// Pollers of all subscriptions, and what they use.
pub struct Registry {
    pub(super) options: LiveOptions,
    pub(super) schema: CurrentSchema,
    pub(super) waker: Waker,
    /// Cancelled at shutdown.
    pub(super) shutdown: CancellationToken,
    pollers: Mutex<HashMap<Arc<str>, Arc<Poller>>>,
    next_id: AtomicU64,
    pub(super) pool: Connections,
    /// One permit per usual connection.
    pub(super) slots: Semaphore,
}

impl Registry {
    /// Creates an empty registry with its own small pool, not yet connected.
    pub fn new(
        pool: &PoolOptions,
        options: LiveOptions,
        schema: CurrentSchema,
        waker: Waker,
        shutdown: CancellationToken,
    ) -> Result<Self> {
        Ok(Self {
            options,
            schema,
            waker,
            shutdown,
            pollers: Mutex::default(),
            next_id: AtomicU64::new(0),
            pool: pool::build(pool, MAX_CONNECTIONS)?,
            slots: Semaphore::new(CONNECTIONS),
        })
    }

    /// Starts a subscription. `snapshot` is the snapshot that was current *before* `plan` was made; when another becomes
    /// current, the subscriber is told to plan again. Must be called inside a Tokio runtime.
    pub fn subscribe(self: &Arc<Self>, plan: &SubscriptionPlan, snapshot: &Arc<SchemaCache>) -> Subscription {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut pollers = self.lock();
        loop {
            let poller = pollers
                .entry(plan.multiplexed_sql.as_str().into())
                .or_insert_with_key(|sql| {
                    let poller = Arc::new(Poller::new(Arc::clone(sql), Arc::clone(snapshot)));
                    tokio::spawn(Arc::clone(&poller).run(Arc::clone(self)));
                    poller
                });
            match poller.join(id, plan) {
                JoinResult::Yes { key, updates } => {
                    return Subscription {
                        id,
                        key,
                        poller: Arc::clone(poller),
                        updates,
                        acknowledged: true,
                    };
                }
                // The poller was closed after its last subscriber left: replace it by a new one.
                JoinResult::Closed => pollers.remove(plan.multiplexed_sql.as_str()),
            };
        }
    }

    /// Returns the number of running pollers.
    pub fn pollers(&self) -> usize {
        self.lock().len()
    }

    /// Removes a closed poller, unless it has already been replaced.
    pub(super) fn forget(&self, poller: &Arc<Poller>) {
        let mut pollers = self.lock();
        if pollers
            .get(&poller.sql)
            .is_some_and(|known| Arc::ptr_eq(known, poller))
        {
            pollers.remove(&poller.sql);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, Arc<Poller>>> {
        // The map is consistent after each statement, so a poisoned lock can be used.
        self.pollers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
