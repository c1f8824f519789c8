//! All subscribers of one SQL text, and the task that runs the multiplexed statement for them.

use super::cohort::Cohorts;
use super::context::{CONNECTIONS, Context};
use super::multiplexed_query;
use super::types::{BatchEntry, CohortKey, Update};
use engine_plan::SubscriptionPlan;
use engine_plan::schema_cache::SchemaCache;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

/// Minimum pause after a run, as a multiple of the time for which the run occupied a connection: a poller uses at most a
/// sixth of one connection, regardless of the number of wake-ups.
const BACKOFF_FACTOR: u32 = 5;

/// Maximum pause, in refetch intervals: the duration of a run that waited for a lock does not predict the next one.
const MAX_BACKOFF_INTERVALS: u32 = 5;

/// Minimum pause, so that a run of a fraction of a millisecond is not repeated for each single change.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Subscribers with the same SQL text.
pub(super) struct Poller {
    pub(super) sql: Arc<str>,
    schema: Arc<SchemaCache>,
    state: Mutex<State>,
    /// Notified when a subscriber waits for a result, or when the last subscriber has left.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    cohorts: Cohorts,
    closed: bool,
}

/// Result of joining a poller.
pub(super) enum JoinResult {
    /// The subscriber was added.
    Yes {
        key: CohortKey,
        updates: watch::Receiver<Option<Update>>,
    },
    /// The poller is closed.
    Closed,
}

/// Cohorts included in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PollScope {
    /// Cohorts with a subscriber that waits for a result.
    NeedsResult,
    All,
}

impl Poller {
    pub(super) fn new(sql: Arc<str>, schema: Arc<SchemaCache>) -> Self {
        Self {
            sql,
            schema,
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Whether the poller runs plans of this version of the schema.
    pub(super) fn has_schema(&self, schema: &Arc<SchemaCache>) -> bool {
        Arc::ptr_eq(&self.schema, schema)
    }

    pub(super) fn join(&self, id: u64, plan: &SubscriptionPlan) -> JoinResult {
        let (key, updates) = {
            let mut state = self.lock();
            if state.closed {
                return JoinResult::Closed;
            }
            state.cohorts.join(id, plan)
        };
        self.changed.notify_one();
        JoinResult::Yes { key, updates }
    }

    pub(super) fn leave(&self, id: u64, key: &CohortKey) {
        let empty = {
            let mut state = self.lock();
            state.cohorts.leave(id, key);
            state.cohorts.is_empty()
        };
        if empty {
            self.changed.notify_one();
        }
    }

    /// Records that the subscriber of a stream has received its last update.
    pub(super) fn acknowledge(&self, key: &CohortKey) {
        if self.lock().cohorts.acknowledge(key) {
            self.changed.notify_one();
        }
    }

    /// Runs until the last subscriber has left, the metadata has changed or the engine stops.
    pub(super) async fn run(&self, context: &Context) {
        let refetch = context.options.refetch_interval;
        let mut wake = context.waker.subscribe_live();
        let mut ready_at = Instant::now();
        let mut next_refetch = ready_at + refetch;
        loop {
            let woken = async {
                sleep_until(ready_at).await;
                wake.woken().await;
            };
            let due = tokio::select! {
                biased;
                () = context.shutdown.cancelled() => break,
                () = self.changed.notified() => PollScope::NeedsResult,
                () = woken => PollScope::All,
                () = sleep_until(next_refetch.max(ready_at)) => PollScope::All,
            };
            if self.closes(context) {
                break;
            }
            let spent = self.refresh(context, due).await;
            if due == PollScope::All {
                let now = Instant::now();
                let longest = (MAX_BACKOFF_INTERVALS * refetch).max(MIN_POLL_INTERVAL);
                ready_at = now + (BACKOFF_FACTOR * spent).clamp(MIN_POLL_INTERVAL, longest);
                next_refetch = now + refetch;
            }
        }
        self.close();
    }

    /// Closes the poller if the metadata has changed or no subscriber is left. Returns whether it is closed; a closed poller
    /// accepts no subscribers.
    fn closes(&self, context: &Context) -> bool {
        let outdated = !Arc::ptr_eq(&self.schema, &context.schema.load());
        let mut state = self.lock();
        state.closed = outdated || state.cohorts.is_empty();
        state.closed
    }

    /// Closes the poller and tells the remaining subscribers to subscribe again.
    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.cohorts.notify_schema_changed();
    }

    /// Runs the statement for the due cohorts in batches, and sends changed results to the subscribers. Returns the time that
    /// the database worked on it; concurrent batches count once.
    async fn refresh(&self, context: &Context, due: PollScope) -> Duration {
        let batch_size = context.options.batch_size;
        let due = self.lock().cohorts.due(due == PollScope::All);
        // The pool limits the number of concurrent batches to the number of connections.
        let mut running: FuturesUnordered<_> = multiplexed_query::batches(&due, batch_size)
            .into_iter()
            .map(|batch| self.refresh_batch(context, batch))
            .collect();
        let concurrent = running.len().clamp(1, CONNECTIONS);
        let mut spent = Duration::ZERO;
        while let Some(more) = running.next().await {
            spent += more;
        }
        spent / u32::try_from(concurrent).unwrap_or(1)
    }

    async fn refresh_batch(&self, context: &Context, batch: &[BatchEntry]) -> Duration {
        let mut spent = Duration::ZERO;
        match multiplexed_query::run(context, &self.sql, batch, &mut spent).await {
            Ok(answers) => {
                let mut state = self.lock();
                for (index, answer) in answers {
                    if let Some((key, _)) = batch.get(index) {
                        state.cohorts.answer(key, answer);
                    }
                }
            }
            Err(error) if error.retry_after.is_some() => {
                // Keep the last result until the database is reachable again. Subscribers without a result get one from
                // the next run, which is for all cohorts.
                tracing::warn!(%error, subscribers = batch.len(), "live query failed; retrying");
            }
            // One invalid value fails the whole statement: bisect the batch, so that only its own cohort receives the error.
            Err(_) if batch.len() > 1 => {
                let (left, right) = batch.split_at(batch.len() / 2);
                spent += Box::pin(self.refresh_batch(context, left)).await;
                spent += Box::pin(self.refresh_batch(context, right)).await;
            }
            Err(error) => self.lock().cohorts.settle(&batch[0].0, Update::Error(error)),
        }
        spent
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent after each statement, so a poisoned lock can be used.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
