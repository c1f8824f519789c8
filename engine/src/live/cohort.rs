//! All subscribers of one SQL text, and the task that runs the multiplexed statement for them.

use super::group::{Groups, Key, Run};
use super::query;
use super::registry::CONNECTIONS;
use super::subscription::Update;
use crate::state::Engine;
use engine_plan::SubscriptionPlan;
use engine_plan::schema_cache::SchemaCache;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

/// Minimum pause after a run, as a multiple of the time for which the run occupied a connection: a cohort uses at most a
/// sixth of one connection, regardless of the number of wake-ups.
const REST_FACTOR: u32 = 5;

/// Maximum pause, in refetch intervals: the duration of a run that waited for a lock does not predict the next one.
const LONGEST_REST: u32 = 5;

/// Minimum pause, so that a run of a fraction of a millisecond is not repeated for each single change.
const MIN_REST: Duration = Duration::from_millis(5);

/// Subscribers with the same SQL text.
pub(super) struct Cohort {
    pub(super) sql: Arc<str>,
    snapshot: Arc<SchemaCache>,
    state: Mutex<State>,
    /// Notified when a subscriber waits for a result, or when the last subscriber has left.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    groups: Groups,
    closed: bool,
}

/// Result of joining a cohort.
pub(super) enum Joined {
    /// The subscriber was added.
    Yes {
        key: Key,
        updates: watch::Receiver<Option<Update>>,
    },
    /// The cohort is closed.
    Closed,
}

/// Groups included in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// Groups with a subscriber that waits for a result.
    Fresh,
    All,
}

impl Cohort {
    pub(super) fn new(sql: Arc<str>, snapshot: Arc<SchemaCache>) -> Self {
        Self {
            sql,
            snapshot,
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub(super) fn join(&self, id: u64, plan: &SubscriptionPlan) -> Joined {
        let (key, updates) = {
            let mut state = self.lock();
            if state.closed {
                return Joined::Closed;
            }
            state.groups.join(id, plan)
        };
        self.changed.notify_one();
        Joined::Yes { key, updates }
    }

    pub(super) fn leave(&self, id: u64, key: &Key) {
        let empty = {
            let mut state = self.lock();
            state.groups.leave(id, key);
            state.groups.is_empty()
        };
        if empty {
            self.changed.notify_one();
        }
    }

    /// Records that the subscriber of a stream has received its last update.
    pub(super) fn taken(&self, key: &Key) {
        if self.lock().groups.taken(key) {
            self.changed.notify_one();
        }
    }

    /// Runs until the last subscriber has left, the metadata has changed or the engine stops.
    pub(super) async fn run(self: Arc<Self>, engine: Arc<Engine>) {
        let refetch = Duration::from_millis(engine.config.live_queries_multiplexed_refetch_interval);
        let mut wake = engine.waker.subscribe_live();
        let mut rested = Instant::now();
        let mut next_refetch = rested + refetch;
        loop {
            let woken = async {
                sleep_until(rested).await;
                wake.woken().await;
            };
            let due = tokio::select! {
                biased;
                () = engine.shutdown.cancelled() => break,
                () = self.changed.notified() => Due::Fresh,
                () = woken => Due::All,
                () = sleep_until(next_refetch.max(rested)) => Due::All,
            };
            if self.closes(&engine) {
                break;
            }
            let spent = self.refresh(&engine, due).await;
            if due == Due::All {
                let now = Instant::now();
                let longest = (LONGEST_REST * refetch).max(MIN_REST);
                rested = now + (REST_FACTOR * spent).clamp(MIN_REST, longest);
                next_refetch = now + refetch;
            }
        }
        self.close();
        engine.live.forget(&self);
    }

    /// Closes the cohort if the metadata has changed or no subscriber is left. Returns whether it is closed; a closed cohort
    /// accepts no subscribers.
    fn closes(&self, engine: &Engine) -> bool {
        let outdated = !Arc::ptr_eq(&self.snapshot, &engine.snapshot.load());
        let mut state = self.lock();
        state.closed = outdated || state.groups.is_empty();
        state.closed
    }

    /// Closes the cohort and tells the remaining subscribers to subscribe again.
    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.groups.dismiss();
    }

    /// Runs the statement for the due groups in batches, and sends changed results to the subscribers. Returns the time that
    /// the database worked on it; concurrent batches count once.
    async fn refresh(&self, engine: &Engine, due: Due) -> Duration {
        let batch_size = engine.config.live_queries_multiplexed_batch_size as usize;
        let due = self.lock().groups.due(due == Due::All);
        // The pool limits the number of concurrent batches to the number of connections.
        let mut running: FuturesUnordered<_> = due
            .chunks(batch_size.max(1))
            .map(|batch| self.refresh_batch(engine, batch))
            .collect();
        let beside_each_other = running.len().clamp(1, CONNECTIONS);
        let mut spent = Duration::ZERO;
        while let Some(more) = running.next().await {
            spent += more;
        }
        spent / u32::try_from(beside_each_other).unwrap_or(1)
    }

    async fn refresh_batch(&self, engine: &Engine, batch: &[Run]) -> Duration {
        let mut spent = Duration::ZERO;
        match query::run(engine, &self.sql, batch, &mut spent).await {
            Ok(answers) => {
                let mut state = self.lock();
                for (index, answer) in answers {
                    if let Some((key, _)) = batch.get(index) {
                        state.groups.answer(key, answer);
                    }
                }
            }
            Err(error) if error.retry_after.is_some() => {
                // Keep the last result until the database is reachable again. Subscribers without a result get one from
                // the next run, which is for all groups.
                tracing::warn!(%error, subscribers = batch.len(), "live query failed; retrying");
            }
            // One invalid value fails the whole statement: bisect the batch, so that only its own group receives the error.
            Err(_) if batch.len() > 1 => {
                let (left, right) = batch.split_at(batch.len() / 2);
                spent += Box::pin(self.refresh_batch(engine, left)).await;
                spent += Box::pin(self.refresh_batch(engine, right)).await;
            }
            Err(error) => self.lock().groups.settle(&batch[0].0, Update::Error(error)),
        }
        spent
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent after each statement, so a poisoned lock can be used.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
