//! All subscribers of one SQL text, and the task that runs the multiplexed statement for them.

use super::cohort::{Cohorts, Owner};
use super::context::{CONNECTIONS, Context};
use super::multiplexed_query;
use super::pacing::Pacing;
use super::types::{BatchEntry, CohortKey, Update};
use engine_error::{Code, Result};
use engine_plan::schema_cache::SchemaCache;
use engine_plan::{SubscriptionPlan, TableSet};
use engine_postgres::share::{Client, Permits};
use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
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

/// Batch that may run at once.
struct Ready {
    batch: Vec<BatchEntry>,
    /// Share of the client of all subscribers.
    permits: Option<Permits>,
}

/// Cohorts that run apart from the others until this is dropped, also by a panic.
struct Apart {
    poller: Arc<Poller>,
    batch: Vec<BatchEntry>,
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.poller.lock().cohorts.set_apart(&self.batch, false);
        // Changes and acknowledgements have arrived in the meantime.
        self.poller.changed.notify_one();
    }
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
    pub(super) async fn run(self: &Arc<Self>, context: &Arc<Context>) {
        // Their statements are cancelled with the poller.
        let mut apart = JoinSet::new();
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
            while apart.try_join_next().is_some() {}
            let ready = self.due(context, due == PollScope::All, &mut apart);
            let spent = self.refresh(context, ready).await;
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

    /// Returns the due cohorts in batches with their permits. Those of busy clients, and of clients whose connections are in use, start
    /// apart from these, so that the other subscribers do not wait for them.
    fn due(self: &Arc<Self>, context: &Arc<Context>, all: bool, apart: &mut JoinSet<()>) -> Vec<Ready> {
        let batches = |due: &[BatchEntry]| -> Vec<Vec<BatchEntry>> {
            let batches = multiplexed_query::batches(due, context.options.batch_size);
            batches.into_iter().map(<[_]>::to_vec).collect()
        };
        let (due, busy) = {
            let mut state = self.lock();
            let mut due = state.cohorts.due(all);
            let work = context.pool.work();
            let busy = state.cohorts.take_busy(&mut due, |client| work.is_busy(client));
            (due, busy)
        };
        let mut later: Vec<_> = busy.into_values().flat_map(|due| batches(&due)).collect();
        let mut ready = Vec::new();
        for batch in batches(&due) {
            let client = self.lock().cohorts.client(&batch);
            match share(context, client.as_ref()).now_or_never() {
                Some(Ok(permits)) => ready.push(Ready { batch, permits }),
                Some(Err(_)) | None => later.push(batch),
            }
        }
        for batch in later {
            self.lock().cohorts.set_apart(&batch, true);
            let (poller, context) = (Arc::clone(self), Arc::clone(context));
            apart.spawn(async move {
                let apart = Apart { poller, batch };
                let Apart { poller, batch } = &apart;
                let limit = poller.batch_time(batch.len());
                poller.run_batch(&context, batch, limit, None, &mut 0).await;
            });
        }
        ready
    }

    /// Runs the statement for batches, and sends changed results to the subscribers. Returns the time that the database worked on it;
    /// concurrent batches count once.
    async fn refresh(&self, context: &Context, ready: Vec<Ready>) -> Duration {
        let concurrent = ready.len().clamp(1, CONNECTIONS);
        // The pool limits the number of concurrent batches to the number of connections.
        let mut running: FuturesUnordered<_> = ready
            .into_iter()
            .map(|Ready { batch, permits }| async move {
                let limit = self.batch_time(batch.len());
                self.run_batch(context, &batch, limit, permits, &mut 0).await
            })
            .collect();
        let mut spent = Duration::ZERO;
        while let Some(more) = running.next().await {
            spent += more;
        }
        spent / u32::try_from(concurrent).unwrap_or(1)
    }

    fn batch_time(&self, cohorts: usize) -> Option<Duration> {
        batch_time(self.key.time_limit, cohorts)
    }

    /// Runs the statement for a batch or a part of it, after a wait for the share of its client unless there are `permits`. `timeouts` is
    /// the number of runs of the batch that exceeded their limit.
    async fn run_batch(
        &self,
        context: &Context,
        batch: &[BatchEntry],
        limit: Option<Duration>,
        permits: Option<Permits>,
        timeouts: &mut usize,
    ) -> Duration {
        let mut spent = Duration::ZERO;
        let (client, parts) = {
            let state = self.lock();
            let client = state.cohorts.client(batch);
            // The work of a batch of one client is that of its permits.
            let parts = if client.is_some() {
                Vec::new()
            } else {
                state.cohorts.parts(batch)
            };
            (client, parts)
        };
        let permits = match permits {
            Some(permits) => Ok(Some(permits)),
            None => share(context, client.as_ref()).await,
        };
        let answers = match permits {
            Ok(permits) => {
                multiplexed_query::run(context, &self.key, batch, limit, permits, &mut spent).await
            }
            Err(error) => Err(error),
        };
        for (client, part) in parts {
            context.pool.work().count(client, spent.mul_f64(part));
        }
        match answers {
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
                spent += Box::pin(self.run_batch(context, left, limit, None, timeouts)).await;
                spent += Box::pin(self.run_batch(context, right, limit, None, timeouts)).await;
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

/// Waits for a connection of the share of a client.
async fn share(context: &Context, client: Option<&Owner>) -> Result<Option<Permits>> {
    let client = client.map(|(role, id)| Client { role, id: *id });
    context.pool.share(client).await
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
