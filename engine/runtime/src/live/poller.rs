//! All subscribers of one SQL text, and the task that runs the multiplexed statement for them.

use super::cohort::Cohorts;
use super::context::{CONNECTIONS, Context};
use super::multiplexed_query;
use super::pacing::Pacing;
use super::types::{BatchEntry, CohortKey, Update};
use engine_error::Code;
use engine_plan::schema_cache::SchemaCache;
use engine_plan::{SubscriptionPlan, TableSet};
use engine_postgres::share::Client;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

/// Maximum time limit of a batch of several cohorts, unless that of one operation is higher.
const MAX_BATCH_TIME: Duration = Duration::from_secs(15);

/// Number of statements of a batch that may exceed their time limit before it is no longer divided. A batch of a hundred cohorts
/// with one slow cohort needs seven.
const MAX_TIMEOUTS: usize = 8;

/// Properties that the subscribers of a poller have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PollerKey {
    pub(super) sql: Arc<str>,
    /// Time limit of one operation. It depends on the role.
    pub(super) time_limit: Option<Duration>,
}

/// Subscribers with the same SQL text and time limit.
pub(super) struct Poller {
    pub(super) key: PollerKey,
    schema: Arc<SchemaCache>,
    /// Tables whose changes can change the results.
    tables: TableSet,
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
    pub(super) fn new(key: PollerKey, schema: Arc<SchemaCache>, tables: TableSet) -> Self {
        Self {
            key,
            schema,
            tables,
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
        let mut data = context.waker.subscribe_live(self.tables.clone());
        let mut pacing = Pacing::new(Instant::now(), context.options.refetch_interval);
        loop {
            let woken = async {
                // A timer takes up to a millisecond also for a time in the past.
                if pacing.ready_at() > Instant::now() {
                    sleep_until(pacing.ready_at()).await;
                }
                data.changed().await
            };
            let (due, changes) = tokio::select! {
                biased;
                () = context.shutdown.cancelled() => break,
                () = self.changed.notified() => (PollScope::NeedsResult, 0),
                changes = woken => (PollScope::All, changes),
                () = sleep_until(pacing.refetch_at()) => (PollScope::All, 0),
            };
            if self.closes(context) {
                break;
            }
            let spent = self.refresh(context, due).await;
            if due == PollScope::All {
                pacing.ran(Instant::now(), changes, spent);
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
        let limit = batch_time(self.key.time_limit, batch.len());
        self.run_batch(context, batch, limit, &mut 0).await
    }

    /// Runs the statement for a batch or a part of it. `timeouts` is the number of runs of the batch that exceeded their limit.
    async fn run_batch(
        &self,
        context: &Context,
        batch: &[BatchEntry],
        limit: Option<Duration>,
        timeouts: &mut usize,
    ) -> Duration {
        let mut spent = Duration::ZERO;
        let client = self.lock().cohorts.client(batch);
        let client = client.as_ref().map(|(role, id)| Client { role, id: *id });
        match multiplexed_query::run(context, &self.key, batch, limit, client, &mut spent).await {
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
            // Slow cohorts would occupy a connection for the time limit in each of the runs, so that their number is bounded.
            Err(error)
                if batch.len() > 1 && (error.code != Code::TimeLimitExceeded || *timeouts < MAX_TIMEOUTS) =>
            {
                *timeouts += usize::from(error.code == Code::TimeLimitExceeded);
                let limit = self.key.time_limit;
                let (left, right) = batch.split_at(batch.len() / 2);
                spent += Box::pin(self.run_batch(context, left, limit, timeouts)).await;
                spent += Box::pin(self.run_batch(context, right, limit, timeouts)).await;
            }
            Err(error) => {
                let mut state = self.lock();
                for (key, _) in batch {
                    state.cohorts.settle(key, Update::Error(error.clone()));
                }
            }
        }
        spent
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent after each statement, so a poisoned lock can be used.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the time limit of a batch: the time of one operation for each cohort, within [`MAX_BATCH_TIME`].
fn batch_time(time_limit: Option<Duration>, cohorts: usize) -> Option<Duration> {
    let cohorts = u32::try_from(cohorts).unwrap_or(u32::MAX);
    time_limit.map(|limit| limit.saturating_mul(cohorts).min(limit.max(MAX_BATCH_TIME)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_has_the_time_of_its_cohorts_within_a_limit() {
        let seconds = |limit, cohorts| {
            batch_time(Some(Duration::from_secs(limit)), cohorts).map(|limit| limit.as_secs())
        };
        assert_eq!(seconds(5, 1), Some(5));
        assert_eq!(seconds(5, 2), Some(10));
        assert_eq!(seconds(5, 100), Some(15));
        assert_eq!(seconds(60, 100), Some(60));
        assert_eq!(batch_time(None, 100), None);
    }
}
