//! Wake-ups between the modules of the engine. A component that changes data, or learns of a change, reports it to the
//! [`Waker`]; `events` waits on an [`EventReceiver`], and each poller of `live` on a [`LiveReceiver`] for its own tables.

use engine_model::catalog::TableName;
use engine_plan::TableSet;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{Notify, watch};

/// Reports changes to all receivers.
#[derive(Debug, Clone)]
pub struct Waker {
    events: Arc<EventSignals>,
    live: watch::Sender<ChangeCounts>,
    /// Number of wake-ups of the scheduler.
    scheduled: watch::Sender<u64>,
    /// Payload of the notifications that mutations of this engine cause.
    origin: Arc<str>,
}

/// Meaning of a wake-up for `events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventSignal {
    /// There may be events, and no NOTIFY reports them again.
    Required {
        /// Number of transactions that have written events, as far as it is known; at least 1.
        transactions: usize,
    },
    /// Data changed. If the instance had requested NOTIFY when the change began, its events are also reported as
    /// [`Self::Required`].
    Hint {
        /// Time before the change began: the earliest of several changes.
        began: Instant,
    },
}

/// Signals that `events` has not seen.
#[derive(Debug, Default)]
struct EventSignals {
    pending: Mutex<PendingSignals>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct PendingSignals {
    required: usize,
    hint: Option<Instant>,
}

impl EventSignals {
    fn send(&self, signal: EventSignal) {
        let mut pending = self.lock();
        match signal {
            EventSignal::Required { transactions } => {
                pending.required = pending.required.saturating_add(transactions);
            }
            EventSignal::Hint { began } => {
                pending.hint = Some(pending.hint.map_or(began, |earliest| earliest.min(began)));
            }
        }
        drop(pending);
        self.changed.notify_one();
    }

    /// Returns the signal that was not taken; a required one first.
    fn take(&self) -> Option<EventSignal> {
        let mut pending = self.lock();
        match std::mem::take(&mut pending.required) {
            0 => pending.hint.take().map(|began| EventSignal::Hint { began }),
            transactions => Some(EventSignal::Required { transactions }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, PendingSignals> {
        // The signals are consistent after each statement, so a poisoned lock can be used.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Numbers of changes.
#[derive(Debug, Default)]
struct ChangeCounts {
    /// Changes of unknown tables.
    unknown: u64,
    /// Changes of known tables.
    known: u64,
    /// The latter by table. Its size is limited by the number of tracked tables.
    tables: HashMap<TableName, u64>,
}

impl Default for Waker {
    fn default() -> Self {
        Self {
            events: Arc::default(),
            live: watch::Sender::default(),
            scheduled: watch::Sender::default(),
            origin: uuid::Uuid::new_v4().to_string().into(),
        }
    }
}

impl Waker {
    /// Reports that data or metadata may have changed.
    pub fn wake(&self) {
        self.events.send(EventSignal::Required { transactions: 1 });
        self.wake_live();
    }

    /// Reports that the metadata changed.
    pub fn metadata_changed(&self) {
        self.wake();
        self.wake_scheduled();
    }

    /// Reports to the scheduler that there may be new cron triggers or scheduled events.
    pub fn wake_scheduled(&self) {
        self.scheduled.send_modify(|count| *count += 1);
    }

    /// Reports a change to `live` only; called by `events`, which has already seen the change.
    pub fn wake_live(&self) {
        self.live.send_modify(|counts| counts.unknown += 1);
    }

    /// Begins a mutation of these tables, which is reported when the returned value is dropped.
    pub fn mutation<'w>(&'w self, tables: &'w TableSet) -> Mutation<'w> {
        Mutation {
            waker: self,
            tables,
            began: Instant::now(),
        }
    }

    fn mutated(&self, tables: &TableSet, began: Instant) {
        self.events.send(EventSignal::Hint { began });
        match tables {
            TableSet::All => self.wake_live(),
            TableSet::Only(tables) => self.live.send_modify(|counts| {
                counts.known += 1;
                for table in tables.iter() {
                    match counts.tables.get_mut(table) {
                        Some(count) => *count += 1,
                        None => {
                            counts.tables.insert(table.clone(), 1);
                        }
                    }
                }
            }),
        }
    }

    /// Reports a NOTIFY of a transaction that wrote events. Mutations of this engine have the payload [`Self::origin`], and are
    /// reported to `live` by [`Self::mutation`].
    pub fn notified(&self, payload: &str) {
        if payload == &*self.origin {
            self.events.send(EventSignal::Required { transactions: 1 });
        } else {
            self.wake();
        }
    }

    /// Returns the setting `hasura.origin` of mutations, which capture triggers send as payload of NOTIFY.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the receiver for `events`, which has seen all wake-ups so far. A waker has one such receiver at a time.
    pub fn subscribe_events(&self) -> EventReceiver {
        *self.events.lock() = PendingSignals::default();
        EventReceiver(Arc::clone(&self.events))
    }

    /// Returns a receiver for the scheduler that has seen all wake-ups so far.
    pub fn subscribe_scheduled(&self) -> ScheduledReceiver {
        ScheduledReceiver(self.scheduled.subscribe())
    }

    /// Returns a receiver for changes of these tables that has seen all changes so far.
    pub fn subscribe_live(&self, tables: TableSet) -> LiveReceiver {
        let receiver = self.live.subscribe();
        let mut seen = Seen::default();
        seen.update(&receiver.borrow(), &tables);
        LiveReceiver {
            receiver,
            tables,
            seen,
        }
    }
}

/// Mutation in progress. It is reported when this is dropped: also after a failure, because the connection may have been lost
/// after the commit, and if the future of the mutation was dropped then.
#[derive(Debug)]
#[must_use]
pub struct Mutation<'w> {
    waker: &'w Waker,
    tables: &'w TableSet,
    began: Instant,
}

impl Drop for Mutation<'_> {
    fn drop(&mut self) {
        self.waker.mutated(self.tables, self.began);
    }
}

/// Waits for wake-ups of `events`.
#[derive(Debug)]
pub struct EventReceiver(Arc<EventSignals>);

impl EventReceiver {
    /// Returns a signal since the last call immediately, otherwise the next one. Several signals of a kind are returned as one. Cancel
    /// safe.
    pub async fn woken(&mut self) -> EventSignal {
        loop {
            if let Some(signal) = self.0.take() {
                return signal;
            }
            self.0.changed.notified().await;
        }
    }
}

/// Waits for wake-ups of the scheduler.
#[derive(Debug)]
pub struct ScheduledReceiver(watch::Receiver<u64>);

impl ScheduledReceiver {
    /// Returns immediately if there was a wake-up since the last call, otherwise at the next one. Several wake-ups count as one.
    /// Never returns after the engine was dropped. Cancel safe.
    pub async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Waits for changes of some tables.
#[derive(Debug)]
pub struct LiveReceiver {
    receiver: watch::Receiver<ChangeCounts>,
    tables: TableSet,
    seen: Seen,
}

/// Numbers of changes that a receiver has seen.
#[derive(Debug, Default)]
struct Seen {
    unknown: u64,
    /// By table, in the order of the receiver's tables; the number of all changes of known tables for [`TableSet::All`].
    known: Vec<u64>,
}

impl LiveReceiver {
    /// Waits until a change of the receiver's tables has not been seen, and returns the number of such changes. A change of several
    /// tables counts as one. Never returns after the engine was dropped. Cancel safe.
    pub async fn changed(&mut self) -> u64 {
        let Self {
            receiver,
            tables,
            seen,
        } = self;
        let Ok(counts) = receiver.wait_for(|counts| seen.changes(counts, tables) > 0).await else {
            return std::future::pending().await;
        };
        let changes = seen.changes(&counts, tables);
        seen.update(&counts, tables);
        changes
    }
}

impl Seen {
    /// Returns the number of changes that are not seen.
    fn changes(&self, counts: &ChangeCounts, tables: &TableSet) -> u64 {
        let known = match tables {
            TableSet::All => counts.known - self.known.first().copied().unwrap_or(0),
            TableSet::Only(tables) => {
                let seen = self.known.iter();
                let changes = tables
                    .iter()
                    .zip(seen)
                    .map(|(table, seen)| counts.of(table) - seen);
                changes.max().unwrap_or(0)
            }
        };
        counts.unknown - self.unknown + known
    }

    fn update(&mut self, counts: &ChangeCounts, tables: &TableSet) {
        self.unknown = counts.unknown;
        self.known.clear();
        match tables {
            TableSet::All => self.known.push(counts.known),
            TableSet::Only(tables) => self.known.extend(tables.iter().map(|table| counts.of(table))),
        }
    }
}

impl ChangeCounts {
    fn of(&self, table: &TableName) -> u64 {
        self.tables.get(table).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    const REQUIRED: EventSignal = EventSignal::Required { transactions: 1 };

    fn tables(names: &[&str]) -> TableSet {
        TableSet::Only(names.iter().map(|name| TableName::new("public", *name)).collect())
    }

    #[test]
    fn mutation_wakes_only_receivers_of_its_tables() {
        let waker = Waker::default();
        let mut a = waker.subscribe_live(tables(&["a"]));
        let mut b = waker.subscribe_live(tables(&["b"]));
        let mut all = waker.subscribe_live(TableSet::All);
        drop(waker.mutation(&tables(&["a", "c"])));
        assert_eq!(a.changed().now_or_never(), Some(1));
        assert_eq!(a.changed().now_or_never(), None);
        assert_eq!(b.changed().now_or_never(), None);
        assert_eq!(all.changed().now_or_never(), Some(1));
        drop(waker.mutation(&TableSet::All));
        waker.wake();
        for receiver in [&mut a, &mut b, &mut all] {
            assert_eq!(receiver.changed().now_or_never(), Some(2));
            assert_eq!(receiver.changed().now_or_never(), None);
        }
    }

    #[test]
    fn change_of_several_tables_counts_once() {
        let waker = Waker::default();
        let mut both = waker.subscribe_live(tables(&["a", "b"]));
        drop(waker.mutation(&tables(&["a", "b"])));
        drop(waker.mutation(&tables(&["a"])));
        assert_eq!(both.changed().now_or_never(), Some(2));
        drop(waker.mutation(&tables(&["b"])));
        assert_eq!(both.changed().now_or_never(), Some(1));
    }

    #[test]
    fn receiver_has_seen_the_changes_before_it() {
        let waker = Waker::default();
        waker.wake();
        drop(waker.mutation(&tables(&["a"])));
        assert_eq!(
            waker.subscribe_live(tables(&["a"])).changed().now_or_never(),
            None
        );
        assert_eq!(waker.subscribe_live(TableSet::All).changed().now_or_never(), None);
        assert_eq!(waker.subscribe_events().woken().now_or_never(), None);
    }

    #[test]
    fn notification_of_own_mutation_wakes_only_events() {
        let waker = Waker::default();
        let mut events = waker.subscribe_events();
        let mut live = waker.subscribe_live(TableSet::All);
        waker.notified(waker.origin());
        assert_eq!(events.woken().now_or_never(), Some(REQUIRED));
        assert_eq!(live.changed().now_or_never(), None);
        waker.notified("");
        assert_eq!(events.woken().now_or_never(), Some(REQUIRED));
        assert_eq!(live.changed().now_or_never(), Some(1));
    }

    #[test]
    fn mutation_is_a_hint_with_the_time_of_its_begin() {
        let waker = Waker::default();
        let mut events = waker.subscribe_events();
        let before = Instant::now();
        let first = waker.mutation(&TableSet::All);
        let between = Instant::now();
        let second = waker.mutation(&TableSet::All);
        assert_eq!(events.woken().now_or_never(), None);
        drop(second);
        drop(first);
        // The earlier of both, although it ended later.
        let Some(EventSignal::Hint { began }) = events.woken().now_or_never() else {
            panic!("not a hint");
        };
        assert!((before..=between).contains(&began));
        assert_eq!(events.woken().now_or_never(), None);
        waker.wake_live();
        assert_eq!(events.woken().now_or_never(), None);
    }

    #[test]
    fn notifications_are_counted_and_returned_before_hints() {
        let waker = Waker::default();
        let mut events = waker.subscribe_events();
        drop(waker.mutation(&TableSet::All));
        for _ in 0..3 {
            waker.notified("");
        }
        let transactions = EventSignal::Required { transactions: 3 };
        assert_eq!(events.woken().now_or_never(), Some(transactions));
        let hint = events.woken().now_or_never();
        assert!(matches!(hint, Some(EventSignal::Hint { .. })), "{hint:?}");
        assert_eq!(events.woken().now_or_never(), None);
    }

    #[tokio::test]
    async fn mutation_whose_future_is_dropped_is_reported() {
        let waker = Waker::default();
        let mut live = waker.subscribe_live(tables(&["a"]));
        let written = tables(&["a"]);
        let mut mutation = Box::pin(async {
            let _mutation = waker.mutation(&written);
            std::future::pending::<()>().await;
        });
        assert_eq!(mutation.as_mut().now_or_never(), None);
        assert_eq!(live.changed().now_or_never(), None);
        drop(mutation);
        assert_eq!(live.changed().now_or_never(), Some(1));
    }
}
