//! All subscribers of one SQL text, and the task that runs the multiplexed statement for them.

use super::cohort::{Cohorts, Due, Ended, Owner};
use super::context::Context;
use super::lanes::{LanePermit, USUAL};
use super::multiplexed_query::{self, Admission};
use super::pacing::Pacing;
use super::rounds::Rounds;
use super::separation::{End, MOMENT, PATIENCE, Size};
use super::types::{BatchEntry, CohortKey, CohortResult, Update};
use engine_error::Result;
use engine_plan::schema_cache::SchemaCache;
use engine_plan::{SubscriptionPlan, TableSet};
use engine_postgres::share::{Client, Permits};
use futures_util::FutureExt as _;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};

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

/// Share of the client of a batch.
enum Share {
    /// `None` if the batch needs none.
    Held(Option<Permits>),
    Awaited,
}

/// Batch in a run.
struct Batch {
    poller: Arc<Poller>,
    size: Size,
    cohorts: Vec<BatchEntry>,
    run: u64,
}

/// Ends the run, also if it was abandoned or panicked.
impl Drop for Batch {
    fn drop(&mut self) {
        if self.poller.lock().cohorts.stop(&self.cohorts, self.run) {
            self.poller.changed.notify_one();
        }
    }
}

/// Cohorts included in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PollScope {
    /// Cohorts with a subscriber that waits for a result, and those that earlier runs of all have left out.
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
        let mut rounds = Rounds::default();
        // Time at which cohorts that rest become due.
        let mut rested = None;
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
            let rest = async {
                match rested {
                    Some(until) => sleep_until(until).await,
                    None => pending().await,
                }
            };
            let (scope, changes) = tokio::select! {
                biased;
                () = context.shutdown.cancelled() => break,
                () = self.changed.notified() => (PollScope::NeedsResult, 0),
                changes = woken => (PollScope::All, changes),
                () = sleep_until(pacing.refetch_at()) => (PollScope::All, 0),
                () = rest => (PollScope::NeedsResult, 0),
            };
            if self.closes(context) {
                break;
            }
            rested = self.start(context, scope == PollScope::All, &mut rounds);
            let spent = rounds.end(sleep(MOMENT), USUAL).await;
            if scope == PollScope::All {
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

    /// Starts the runs of the due cohorts. The poller does not wait for those that are separated from others, for those of busy clients,
    /// and for those of clients whose connections are in use. Returns the time at which cohorts that rest become due.
    fn start(self: &Arc<Self>, context: &Arc<Context>, all: bool, rounds: &mut Rounds) -> Option<Instant> {
        let work = context.pool.work();
        let Due { cohorts, next } = self.lock().cohorts.due(all, Instant::now());
        for (size, mut due) in cohorts {
            let busy = self
                .lock()
                .cohorts
                .take_busy(&mut due, |client| work.is_busy(client));
            let longest = size.cohorts(context.options.batch_size);
            for batch in multiplexed_query::batches(&due, longest) {
                let client = self.lock().cohorts.client(batch);
                let held = if size == Size::Full {
                    share(context, client.as_ref()).now_or_never()
                } else {
                    None
                };
                let share = match held {
                    Some(Ok(permits)) => Share::Held(permits),
                    Some(Err(_)) | None => Share::Awaited,
                };
                self.start_batch(context, size, batch, share, rounds);
            }
            for due in busy.into_values() {
                for batch in multiplexed_query::batches(&due, longest) {
                    self.start_batch(context, size, batch, Share::Awaited, rounds);
                }
            }
        }
        next
    }

    /// Starts the run of a batch. The poller waits for it in this round if it has its share.
    fn start_batch(
        self: &Arc<Self>,
        context: &Arc<Context>,
        size: Size,
        batch: &[BatchEntry],
        share: Share,
        rounds: &mut Rounds,
    ) {
        let run = self.lock().cohorts.start(batch);
        let batch = Batch {
            poller: Arc::clone(self),
            size,
            cohorts: batch.to_vec(),
            run: run.id,
        };
        let context = Arc::clone(context);
        let is_ready = matches!(share, Share::Held(_));
        rounds.start(is_ready, async move {
            tokio::select! {
                spent = batch.run(&context, share) => spent,
                () = run.cohorts.closed() => Duration::ZERO,
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent after each statement, so a poisoned lock can be used.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    /// Runs the statement and sends changed results to the subscribers. Returns the time in the database that the pauses of the poller
    /// depend on; the cohorts of other runs rest themselves, or run in smaller batches.
    async fn run(&self, context: &Context, share: Share) -> Duration {
        let client = self.poller.lock().cohorts.client(&self.cohorts);
        let mut spent = Duration::ZERO;
        let result = match self.admission(context, client.as_ref(), share).await {
            Ok(admission) => {
                multiplexed_query::run(context, &self.poller.key, &self.cohorts, admission, &mut spent).await
            }
            Err(error) => Err(error),
        };
        let end = match &result {
            Ok(Some(_)) => End::Answered,
            Ok(None) => End::Cancelled,
            Err(error) if error.retry_after.is_some() => {
                // Keep the last result until the database is reachable again. Subscribers without a result get one from
                // the next run, which is for all cohorts.
                tracing::warn!(%error, subscribers = self.cohorts.len(), "live query failed; retrying");
                End::Unavailable
            }
            Err(_) => End::Failed,
        };
        let ended = Ended {
            end,
            spent,
            of_one_client: client.is_some(),
        };
        for (client, work) in self.finish(result, &ended, context.options.refetch_interval) {
            context.pool.work().count(client, work);
        }
        if self.size == Size::Full && spent <= MOMENT {
            spent
        } else {
            Duration::ZERO
        }
    }

    /// Waits until the statement may run.
    async fn admission<'c>(
        &self,
        context: &'c Context,
        client: Option<&Owner>,
        share: Share,
    ) -> Result<Admission<'c>> {
        let turn = match self.cohorts.as_slice() {
            [(cohort, _)] => self.poller.lock().cohorts.some_client(cohort),
            _ => client.map(|(_, id)| *id),
        };
        let mut lane = context.lanes.enter(self.size, turn).await;
        let permits = match share {
            Share::Held(permits) => permits,
            Share::Awaited => {
                if let Some(permits) = self::share(context, client).now_or_never() {
                    permits?
                } else {
                    // Others in the lane do not wait for the share of a client, which limits its statements, too.
                    lane = LanePermit::default();
                    self::share(context, client).await?
                }
            }
        };
        // The limit is that of one operation; several have less time together.
        let limit = self.poller.key.time_limit.filter(|_| self.cohorts.len() == 1);
        let is_short = limit.is_some_and(|limit| limit <= PATIENCE);
        Ok(Admission {
            lane,
            permits,
            patience: (self.size != Size::Slow && !is_short).then_some(PATIENCE),
            limit,
        })
    }

    /// Sends the results, and returns the work of clients that the run shows. After an error of several cohorts, each gets its own from
    /// a smaller batch.
    fn finish(
        &self,
        result: Result<Option<Vec<(usize, CohortResult)>>>,
        ended: &Ended,
        refetch: Duration,
    ) -> Vec<(u64, Duration)> {
        let mut state = self.poller.lock();
        match result {
            Ok(answers) => {
                for (index, answer) in answers.into_iter().flatten() {
                    if let Some((key, _)) = self.cohorts.get(index) {
                        state.cohorts.answer(key, self.run, answer);
                    }
                }
            }
            Err(error) if ended.end == End::Failed => {
                if let [(key, _)] = self.cohorts.as_slice() {
                    state.cohorts.fail(key, self.run, error);
                }
            }
            Err(_) => {}
        }
        state
            .cohorts
            .ran(&self.cohorts, self.run, ended, Instant::now(), refetch)
    }
}

/// Waits for a connection of the share of a client.
async fn share(context: &Context, client: Option<&Owner>) -> Result<Option<Permits>> {
    let client = client.map(|(role, id)| Client { role, id: *id });
    context.pool.share(client).await
}
