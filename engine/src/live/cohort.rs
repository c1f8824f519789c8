//! All subscribers of one statement, and the task that runs it for them.

use super::group::{Groups, Key, Run};
use super::query;
use super::registry::CONNECTIONS;
use super::subscription::Update;
use crate::plan::SubscriptionPlan;
use crate::state::{Engine, Snapshot};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

/// A cohort rests at least this many times as long as its last run kept a connection busy: at most a sixth of one, however
/// often it is woken.
const REST_FACTOR: u32 = 5;

/// But not more than so many refetch intervals: a run that a lock held up says little about the next.
const LONGEST_REST: u32 = 5;

/// And at least this long, so that a run of a fraction of a millisecond does not follow each single change.
const MIN_REST: Duration = Duration::from_millis(5);

/// Subscribers with the same SQL.
pub(super) struct Cohort {
    pub(super) sql: Arc<str>,
    snapshot: Arc<Snapshot>,
    state: Mutex<State>,
    /// A subscriber waits for a result, or the last one left.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    groups: Groups,
    closed: bool,
}

/// Whether a subscriber got in.
pub(super) enum Joined {
    /// Here are its group and the receiving end.
    Yes {
        /// The group.
        key: Key,
        /// Where updates arrive.
        updates: watch::Receiver<Option<Update>>,
    },
    /// The cohort has ended.
    Closed,
}

/// Which groups a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// Those with a subscriber who waits for a result.
    Fresh,
    /// All.
    All,
}

impl Cohort {
    pub(super) fn new(sql: Arc<str>, snapshot: Arc<Snapshot>) -> Self {
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

    /// A stream's subscriber has taken what it was told.
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

    /// Whether this cohort is over; then nobody can join any more.
    fn closes(&self, engine: &Engine) -> bool {
        let outdated = !Arc::ptr_eq(&self.snapshot, &engine.snapshot.load());
        let mut state = self.lock();
        state.closed = outdated || state.groups.is_empty();
        state.closed
    }

    /// Tells whoever is left to subscribe again.
    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.groups.dismiss();
    }

    /// Runs the statement for the groups that are due, a batch at a time, and tells the subscribers what changed. Answers how
    /// long the database worked on it, what ran beside each other counted once.
    async fn refresh(&self, engine: &Engine, due: Due) -> Duration {
        let batch_size = engine.config.live_queries_multiplexed_batch_size as usize;
        let due = self.lock().groups.due(due == Due::All);
        // As many at a time as there are connections; the pool does the limiting.
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
                // Nothing to tell: the last result stands until the database is back. Who has none yet stays fresh in
                // effect, because the next run is for all.
                tracing::warn!(%error, subscribers = batch.len(), "live query could not run; it is tried again");
            }
            // One bad value fails the whole statement: find whose it is, so that the others do not suffer.
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
        // The state is whole after each statement, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
