//! Schedule of the polls. While few events pass, the instance has its row in `engine_asleep`: transactions that write events send a
//! NOTIFY, which is answered with a poll, and otherwise the queue is polled once per interval only. After the row was inserted, the
//! instance polls at once and a second time shortly afterwards, to find events of transactions that read the table before and
//! committed without a NOTIFY. A change that this engine made or called for and that began before the row was inserted causes a
//! poll when it ends, however long it took. A NOTIFY that is missed in another way costs at most the interval. Under load
//! the row is deleted, so that commits need no NOTIFY, and the queue is polled every few milliseconds.
//! A state machine over instants without I/O; `dispatcher` drives it.

use super::load::Load;
use crate::wake::EventSignal;
use std::time::{Duration, Instant};

/// Time for which the instance polls after load.
const POLLING_PERIOD: Duration = Duration::from_millis(150);
/// Bounds of the pause between two polls under load: short after activity, then increasing.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(2);
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(10);
/// Shortest pause while many calls are in flight: events found earlier would only wait for a free slot.
const BUSY_POLL_INTERVAL: Duration = Duration::from_millis(8);
/// Number of calls in flight from which this applies, unless the last poll reached its limit.
const BUSY_THRESHOLD: usize = 16;
/// Pauses that are shorter are left out: timers have this resolution.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
/// Maximum time between a transaction's read of `engine_asleep` and its commit for which the second poll finds its events.
const RECHECK_DELAY: Duration = Duration::from_millis(50);
/// Pause after a database error.
const ERROR_BACKOFF: Duration = Duration::from_millis(500);

/// Statements that accompany a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PollAction {
    /// Poll only.
    Plain,
    /// Insert the row into `engine_asleep` before the poll.
    RequestNotify,
    /// Delete the row from `engine_asleep` concurrently with the poll.
    EndNotify,
}

/// Events that a poll found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) events: usize,
    /// The poll reached its limit: there are more events.
    pub(super) more: bool,
    /// The poll was for all triggers. Otherwise there may be events of the others.
    pub(super) all: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Under load, and for some time afterwards.
    Polling { until: Instant },
    /// The row is written. `recheck`: time of the second poll after it, until that poll begins.
    Listening { recheck: Option<Instant> },
}

/// Reason to poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Time,
    /// A change that may have been accompanied by others.
    Signal,
    /// A signal while each commit with events sends one.
    Notify,
}

/// Signals that no poll has followed.
#[derive(Debug, Default)]
struct Signals {
    /// Transactions of required signals.
    transactions: usize,
    is_hinted: bool,
}

impl Signals {
    fn are_any(&self) -> bool {
        self.transactions > 0 || self.is_hinted
    }
}

/// Current state and time of the next poll.
#[derive(Debug)]
pub(super) struct PollSchedule {
    state: State,
    load: Load,
    /// Time of the next poll.
    next: Instant,
    /// Begin of the last poll.
    last: Instant,
    /// Next pause while polling without events.
    rest: Duration,
    /// Shortest pause while polling.
    shortest: Duration,
    interval: Duration,
    /// The row exists or may exist.
    marked: bool,
    /// Time when the row existed; a change that began later sends a NOTIFY while the state is [`State::Listening`].
    marked_since: Instant,
    /// Signals after the begin of the last poll.
    signals: Signals,
    /// Cause of the last poll.
    cause: Cause,
    /// Number of transactions that are known to have written events before the last poll.
    transactions: usize,
    /// The last poll may have left events in the queue that this instance could not claim.
    incomplete: bool,
}

impl PollSchedule {
    /// `interval`: longest pause (`HASURA_GRAPHQL_EVENTS_FETCH_INTERVAL`).
    pub(super) fn new(now: Instant, interval: Duration) -> Self {
        Self {
            state: State::Polling { until: now },
            load: Load::new(now),
            next: now,
            last: now,
            rest: MIN_POLL_INTERVAL,
            shortest: MIN_POLL_INTERVAL,
            interval,
            marked: false,
            marked_since: now,
            signals: Signals::default(),
            cause: Cause::Time,
            transactions: 0,
            incomplete: false,
        }
    }

    /// Returns the time of the next poll.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Whether a NOTIFY has reported the changes that wrote the events of the last poll.
    pub(super) fn announced(&self) -> bool {
        self.cause == Cause::Notify
    }

    /// Sets the number of calls in flight. `more`: the last poll reached its limit.
    pub(super) fn set_calls(&mut self, calls: usize, more: bool) {
        self.load.set_calls(calls);
        self.shortest = if calls >= BUSY_THRESHOLD && !more {
            BUSY_POLL_INTERVAL
        } else {
            MIN_POLL_INTERVAL
        };
    }

    /// Starts a poll and returns the statements that accompany it.
    pub(super) fn begin(&mut self, now: Instant) -> PollAction {
        self.last = now;
        let is_listening = self.state == State::Listening { recheck: None };
        let signals = std::mem::take(&mut self.signals);
        self.cause = if signals.transactions > 0 && is_listening {
            Cause::Notify
        } else if signals.are_any() {
            Cause::Signal
        } else {
            Cause::Time
        };
        self.transactions = signals.transactions.max(usize::from(signals.is_hinted));
        match &mut self.state {
            State::Polling { .. } if self.marked => PollAction::EndNotify,
            State::Polling { until } if now >= *until => PollAction::RequestNotify,
            State::Polling { .. } => PollAction::Plain,
            State::Listening { recheck } => {
                *recheck = recheck.filter(|&at| at > now);
                PollAction::Plain
            }
        }
    }

    /// Records that events may have been written. A hint has an effect only if no NOTIFY follows it.
    pub(super) fn signal(&mut self, now: Instant, signal: EventSignal) {
        match signal {
            EventSignal::Required { transactions } => {
                self.signals.transactions = self.signals.transactions.saturating_add(transactions);
            }
            EventSignal::Hint { began } => {
                let sends_notify = matches!(self.state, State::Listening { .. }) && began > self.marked_since;
                if sends_notify && !self.incomplete {
                    return;
                }
                self.signals.is_hinted = true;
            }
        }
        self.extend(now);
        self.rest = self.shortest;
        self.next = self.next.min(self.earliest(now));
    }

    /// Records that the row in `engine_asleep` may have been deleted by others.
    pub(super) fn restart(&mut self, now: Instant) {
        self.state = State::Polling { until: now };
        self.marked = false;
        self.signals.transactions += 1;
        self.next = now;
    }

    /// Records a completed poll.
    pub(super) fn polled(&mut self, now: Instant, action: PollAction, found: Found) {
        match action {
            PollAction::RequestNotify => {
                self.marked = true;
                self.marked_since = now;
            }
            PollAction::EndNotify => self.marked = false,
            PollAction::Plain => {}
        }
        self.incomplete = found.more || !found.all;
        // Another instance may have claimed the events of a signal; with many of them, NOTIFY costs as much.
        let passed = found.events.max(self.transactions);
        self.load.passed(now, passed);
        self.load.claimed(found.events);
        let is_high = passed > 0 && (found.more || self.load.is_high(now));
        match self.state {
            _ if is_high => {
                self.poll_until(now + POLLING_PERIOD);
                self.rest = self.shortest;
                self.next = self.earliest(now);
            }
            State::Polling { until } if action == PollAction::RequestNotify && now >= until => {
                let recheck = now + RECHECK_DELAY.min(self.interval);
                self.state = State::Listening {
                    recheck: Some(recheck),
                };
                self.next = recheck;
            }
            State::Listening { recheck } => self.next = recheck.unwrap_or(now + self.interval),
            State::Polling { .. } if found.events > 0 => {
                self.rest = self.shortest;
                self.next = self.earliest(now);
            }
            State::Polling { .. } => self.rest_polling(now),
        }
        if self.signals.are_any() {
            self.next = self.next.min(self.earliest(now));
        }
    }

    /// Records a failed poll: the row in `engine_asleep` may or may not exist.
    pub(super) fn failed(&mut self, now: Instant) {
        self.marked = true;
        self.state = State::Polling { until: now };
        self.next = now + ERROR_BACKOFF.min(self.interval);
    }

    /// Continues to poll, or begins to, if the load is high.
    fn extend(&mut self, now: Instant) {
        if self.load.is_high(now) {
            self.poll_until(now + POLLING_PERIOD);
        }
    }

    fn poll_until(&mut self, until: Instant) {
        self.state = State::Polling { until };
    }

    /// Returns the earliest time of the next poll. Polls keep a distance, so that a hundred signals within it cause one poll. Without
    /// load it grows with the rate of events.
    fn earliest(&self, now: Instant) -> Instant {
        match self.state {
            State::Polling { .. } => now.max(self.last + self.shortest),
            State::Listening { .. } => {
                let earliest = self.last + self.load.share(now, MIN_POLL_INTERVAL);
                if earliest < now + SHORTEST_PAUSE {
                    now
                } else {
                    earliest
                }
            }
        }
    }

    fn rest_polling(&mut self, now: Instant) {
        // A slow poll (a long queue of which no event may be claimed) is not repeated immediately.
        let took = now - self.last;
        self.next = now + self.rest.max(took * 2);
        self.rest = (self.rest * 3 / 2).min(MAX_POLL_INTERVAL);
    }
}

#[cfg(test)]
mod tests;
