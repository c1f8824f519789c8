//! Wake-ups between the modules of the engine. A component that changes data, or learns of a change, reports it to the
//! [`Waker`]; `events` waits on an [`EventReceiver`], and each poller of `live` on a [`LiveReceiver`] for its own tables.

use engine_model::catalog::TableName;
use engine_plan::TableSet;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// Reports changes to all receivers.
#[derive(Debug, Clone)]
pub struct Waker {
    events: watch::Sender<EventCounts>,
    live: watch::Sender<ChangeCounts>,
    /// Payload of the notifications that mutations of this engine cause.
    origin: Arc<str>,
}

/// Meaning of a wake-up for `events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventSignal {
    /// There may be events, and no NOTIFY reports them again.
    Required,
    /// Data changed. If the instance has requested NOTIFY, its events are also reported as [`Self::Required`].
    Hint,
}

/// Numbers of wake-ups of `events`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct EventCounts {
    required: u64,
    hints: u64,
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
            events: watch::Sender::default(),
            live: watch::Sender::default(),
            origin: uuid::Uuid::new_v4().to_string().into(),
        }
    }
}

impl Waker {
    /// Reports that data or metadata may have changed.
    pub fn wake(&self) {
        self.events.send_modify(|counts| counts.required += 1);
        self.wake_live();
    }

    /// Reports a change to `live` only; called by `events`, which has already seen the change.
    pub fn wake_live(&self) {
        self.live.send_modify(|counts| counts.unknown += 1);
    }

    /// Reports a mutation of these tables.
    pub fn mutated(&self, tables: &TableSet) {
        self.events.send_modify(|counts| counts.hints += 1);
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
    /// reported to `live` by [`Self::mutated`].
    pub fn notified(&self, payload: &str) {
        if payload == &*self.origin {
            self.events.send_modify(|counts| counts.required += 1);
        } else {
            self.wake();
        }
    }

    /// Returns the setting `hasura.origin` of mutations, which capture triggers send as payload of NOTIFY.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns a receiver for `events` that has seen all wake-ups so far.
    pub fn subscribe_events(&self) -> EventReceiver {
        let mut receiver = self.events.subscribe();
        let seen = *receiver.borrow_and_update();
        EventReceiver { receiver, seen }
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

/// Waits for wake-ups of `events`.
#[derive(Debug)]
pub struct EventReceiver {
    receiver: watch::Receiver<EventCounts>,
    seen: EventCounts,
}

impl EventReceiver {
    /// Returns immediately if there was a wake-up since the last call, otherwise at the next one. Several wake-ups count as one.
    /// Never returns after the engine was dropped. Cancel safe.
    pub async fn woken(&mut self) -> EventSignal {
        if self.receiver.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let counts = *self.receiver.borrow_and_update();
        let is_required = counts.required != self.seen.required;
        self.seen = counts;
        if is_required {
            EventSignal::Required
        } else {
            EventSignal::Hint
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

    fn tables(names: &[&str]) -> TableSet {
        TableSet::Only(names.iter().map(|name| TableName::new("public", *name)).collect())
    }

    #[test]
    fn mutation_wakes_only_receivers_of_its_tables() {
        let waker = Waker::default();
        let mut a = waker.subscribe_live(tables(&["a"]));
        let mut b = waker.subscribe_live(tables(&["b"]));
        let mut all = waker.subscribe_live(TableSet::All);
        waker.mutated(&tables(&["a", "c"]));
        assert_eq!(a.changed().now_or_never(), Some(1));
        assert_eq!(a.changed().now_or_never(), None);
        assert_eq!(b.changed().now_or_never(), None);
        assert_eq!(all.changed().now_or_never(), Some(1));
        waker.mutated(&TableSet::All);
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
        waker.mutated(&tables(&["a", "b"]));
        waker.mutated(&tables(&["a"]));
        assert_eq!(both.changed().now_or_never(), Some(2));
        waker.mutated(&tables(&["b"]));
        assert_eq!(both.changed().now_or_never(), Some(1));
    }

    #[test]
    fn receiver_has_seen_the_changes_before_it() {
        let waker = Waker::default();
        waker.wake();
        waker.mutated(&tables(&["a"]));
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
        assert_eq!(events.woken().now_or_never(), Some(EventSignal::Required));
        assert_eq!(live.changed().now_or_never(), None);
        waker.notified("");
        assert_eq!(events.woken().now_or_never(), Some(EventSignal::Required));
        assert_eq!(live.changed().now_or_never(), Some(1));
    }

    #[test]
    fn mutation_is_a_hint_unless_a_required_signal_came_with_it() {
        let waker = Waker::default();
        let mut events = waker.subscribe_events();
        waker.mutated(&TableSet::All);
        assert_eq!(events.woken().now_or_never(), Some(EventSignal::Hint));
        waker.wake();
        waker.mutated(&TableSet::All);
        assert_eq!(events.woken().now_or_never(), Some(EventSignal::Required));
        waker.wake_live();
        assert_eq!(events.woken().now_or_never(), None);
    }
}
