//! Registry of running pollers.

use super::context::Context;
use super::poller::{JoinResult, Poller, PollerKey};
use super::subscriber::Subscription;
use engine_plan::SubscriptionPlan;
use engine_plan::schema_cache::SchemaCache;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Pollers of all subscriptions.
pub struct Registry {
    context: Arc<Context>,
    pollers: Mutex<HashMap<PollerKey, Arc<Poller>>>,
    next_id: AtomicU64,
}

impl Registry {
    /// Creates an empty registry.
    pub fn new(context: Context) -> Self {
        Self {
            context: Arc::new(context),
            pollers: Mutex::default(),
            next_id: AtomicU64::new(0),
        }
    }

    /// Starts a subscription. `schema` is the one that `plan` was made with; when another becomes current, the subscriber is
    /// told to plan again. Must be called inside a Tokio runtime.
    pub fn subscribe(self: &Arc<Self>, plan: &SubscriptionPlan, schema: &Arc<SchemaCache>) -> Subscription {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let key = PollerKey {
            sql: Arc::clone(&plan.multiplexed_sql),
            time_limit: plan.time_limit,
        };
        let mut pollers = self.lock();
        loop {
            let poller = pollers.entry(key.clone()).or_insert_with_key(|key| {
                let poller = Arc::new(Poller::new(key.clone(), Arc::clone(schema), plan.tables.clone()));
                let (registry, running) = (Arc::clone(self), Arc::clone(&poller));
                tokio::spawn(async move {
                    running.run(&registry.context).await;
                    registry.forget(&running);
                });
                poller
            });
            if !poller.has_schema(schema) {
                // Plans of another version of the schema must not share a poller: it would not learn that its own became
                // outdated. The replaced poller continues for its subscribers until it closes.
                pollers.remove(&key);
                continue;
            }
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
                JoinResult::Closed => pollers.remove(&key),
            };
        }
    }

    /// Returns the number of running pollers.
    pub fn pollers(&self) -> usize {
        self.lock().len()
    }

    /// Removes a closed poller, unless it has already been replaced.
    fn forget(&self, poller: &Arc<Poller>) {
        let mut pollers = self.lock();
        if pollers
            .get(&poller.key)
            .is_some_and(|known| Arc::ptr_eq(known, poller))
        {
            pollers.remove(&poller.key);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PollerKey, Arc<Poller>>> {
        // The map is consistent after each statement, so a poisoned lock can be used.
        self.pollers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
