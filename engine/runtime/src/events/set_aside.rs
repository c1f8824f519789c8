//! When a poll sets aside the events of paused and unknown triggers, and returns those of resumed ones. A state machine over instants
//! without I/O; `dispatcher` drives it.

use super::queue::Moved;
use std::time::{Duration, Instant};

/// Interval between two polls that do so.
const INTERVAL: Duration = Duration::from_secs(10);

/// The same while there are more of them, and other events to deliver meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct SetAside {
    /// Time from which a poll does so.
    at: Instant,
    /// Triggers whose events were delivered at the last poll.
    delivered: Vec<String>,
}

impl SetAside {
    /// The first poll does so: a trigger may have been resumed while no engine ran.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            at: now,
            delivered: Vec::new(),
        }
    }

    /// Returns the triggers whose events are delivered, if the poll that starts now sets aside those of others: also at once if a
    /// trigger was paused or resumed.
    pub(super) fn begin<'t>(
        &mut self,
        now: Instant,
        delivered: impl Iterator<Item = &'t String> + Clone,
    ) -> Option<Vec<String>> {
        if !self.delivered.iter().eq(delivered.clone()) {
            self.delivered = delivered.cloned().collect();
        } else if now < self.at {
            return None;
        }
        self.at = now + INTERVAL;
        Some(self.delivered.clone())
    }

    /// Records the result. `more`: the poll reached its limit: there are events to deliver.
    pub(super) fn moved(&mut self, now: Instant, moved: &Moved, more: bool) {
        if moved.is_cut() {
            self.at = now + if more { PAUSE } else { Duration::ZERO };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn it_is_due_at_first_after_the_interval_and_when_the_triggers_change() {
        let now = Instant::now();
        let mut set_aside = SetAside::new(now);
        let (one, both) = (names(&["a"]), names(&["a", "b"]));
        assert_eq!(set_aside.begin(now, one.iter()), Some(one.clone()));
        assert_eq!(set_aside.begin(now, one.iter()), None);
        assert_eq!(set_aside.begin(now, both.iter()), Some(both.clone()));
        assert_eq!(set_aside.begin(now + INTERVAL / 2, both.iter()), None);
        assert_eq!(set_aside.begin(now + INTERVAL, both.iter()), Some(both));
        assert_eq!(set_aside.begin(now + INTERVAL, one.iter()), Some(one));
    }

    #[test]
    fn what_is_left_is_moved_at_once_unless_there_are_events_to_deliver() {
        let now = Instant::now();
        let mut set_aside = SetAside::new(now);
        let triggers = names(&["a"]);
        let begin = |set_aside: &mut SetAside, at| set_aside.begin(at, triggers.iter()).is_some();
        assert!(begin(&mut set_aside, now));
        set_aside.moved(now, &Moved::default(), false);
        assert!(!begin(&mut set_aside, now));
        let cut = Moved {
            set_aside: vec![("b".to_owned(), 1_000_000)],
            returned: 0,
        };
        set_aside.moved(now, &cut, false);
        assert!(begin(&mut set_aside, now));
        set_aside.moved(now, &cut, true);
        assert!(!begin(&mut set_aside, now));
        assert!(begin(&mut set_aside, now + PAUSE));
    }
}
