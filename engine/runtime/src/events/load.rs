//! Load of event delivery: whether the rate of events is so high that polling costs less than a NOTIFY with each commit. A commit with a NOTIFY
//! holds a server-wide lock during its WAL flush, so that commits wait for each other. A structure without a clock.
//!
//! Several instances of a database decide separately. Each knows the rate of all commits with events: while it listens, every
//! such commit notifies it, whichever instance claims the events. The calls of others are not known, so that an instance with
//! few calls may listen while another one polls: commits then send a NOTIFY, at most one per millisecond, until the rate is load for
//! the listening instance too.

use std::time::{Duration, Instant};

/// Number of calls in flight from which the instance is under load.
const BUSY_CALLS: usize = 8;

/// Time in which one event is expected. More than one event per millisecond is load, also if their calls are short.
const EVENT_INTERVAL: Duration = Duration::from_millis(1);

/// Number of events that may come at once, of less than [`BUSY_CALLS`] at a time.
const BURST: u32 = 50;

/// Recent events and calls in flight.
#[derive(Debug)]
pub(super) struct Load {
    calls: usize,
    /// Time until which the events so far are expected.
    events_until: Instant,
}

impl Load {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            calls: 0,
            events_until: now,
        }
    }

    /// Sets the number of calls in flight.
    pub(super) fn set_calls(&mut self, calls: usize) {
        self.calls = calls;
    }

    /// Records events whose calls begin.
    pub(super) fn claimed(&mut self, events: usize) {
        self.calls = self.calls.saturating_add(events);
    }

    /// Records events, or commits with events, that this or another instance has claimed.
    pub(super) fn passed(&mut self, now: Instant, events: usize) {
        let events = u32::try_from(events).unwrap_or(u32::MAX).min(2 * BURST);
        let longest = now + 2 * BURST * EVENT_INTERVAL;
        self.events_until = (self.events_until.max(now) + events * EVENT_INTERVAL).min(longest);
    }

    /// Whether polling costs less than NOTIFY.
    pub(super) fn is_high(&self, now: Instant) -> bool {
        self.calls >= BUSY_CALLS || self.ahead(now) >= BURST * EVENT_INTERVAL
    }

    /// Returns the part of `longest` that the recent rate has of the rate of high load.
    pub(super) fn share(&self, now: Instant, longest: Duration) -> Duration {
        let ahead = self.ahead(now).as_secs_f64() / (BURST * EVENT_INTERVAL).as_secs_f64();
        longest.mul_f64(ahead.min(1.0))
    }

    /// Returns the time by which the events so far came earlier than expected.
    fn ahead(&self, now: Instant) -> Duration {
        self.events_until.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_calls_in_flight_are_load() {
        let now = Instant::now();
        let mut load = Load::new(now);
        load.set_calls(BUSY_CALLS - 1);
        assert!(!load.is_high(now));
        load.claimed(1);
        assert!(load.is_high(now));
        load.set_calls(0);
        assert!(!load.is_high(now));
    }

    #[test]
    fn events_of_one_client_at_a_time_are_not_load() {
        let mut now = Instant::now();
        let mut load = Load::new(now);
        for _ in 0..10_000 {
            load.set_calls(1);
            load.claimed(1);
            load.passed(now, 1);
            assert!(!load.is_high(now));
            assert!(load.share(now, Duration::from_millis(2)) < Duration::from_millis(1));
            now += 2 * EVENT_INTERVAL;
        }
    }

    #[test]
    fn high_rate_of_short_calls_is_load_until_it_falls() {
        let start = Instant::now();
        let mut load = Load::new(start);
        let mut now = start;
        while !load.is_high(now) {
            load.passed(now, 1);
            now += EVENT_INTERVAL / 2;
            assert!(now < start + Duration::from_secs(1), "never high");
        }
        load.passed(now, usize::MAX);
        assert!(load.is_high(now + BURST * EVENT_INTERVAL));
        assert!(!load.is_high(now + 2 * BURST * EVENT_INTERVAL));
        let longest = Duration::from_millis(2);
        assert_eq!(load.share(now, longest), longest);
        assert_eq!(
            load.share(now + 2 * BURST * EVENT_INTERVAL, longest),
            Duration::ZERO
        );
    }
}
