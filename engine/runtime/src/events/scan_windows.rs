//! Part of the queue that a poll has to read. Delivered events leave dead entries at the front of the index until vacuum
//! removes them, so a poll that always starts at the front becomes slower with each delivery. Most polls therefore start at
//! the position up to which an earlier poll claimed all events. One poll per second reads the whole queue and finds events
//! that became visible out of order (long transactions, events released by another instance, retries).

use super::claimed::Claimed;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Interval between two polls of the whole queue.
const FULL_SCAN_INTERVAL: Duration = Duration::from_secs(1);

/// Maximum time between the start of a transaction (the `created_at` of its events) and its commit for which the next poll
/// still finds its events.
const MAX_COMMIT_DELAY: Duration = Duration::from_secs(1);

/// Part of the queue that one poll reads.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Window {
    /// Lower bound of `created_at` for fresh events.
    pub(super) from: Option<String>,
    /// Whether fresh events before `from` are skipped, because the last poll of each trigger reached its limit there or later.
    /// Otherwise `seconds` also applies to fresh events.
    pub(super) only_from: bool,
    /// Age limit in seconds for fresh events and for due retries; `None` reads the whole queue.
    pub(super) seconds: Option<f64>,
}

/// Positions reached by earlier polls.
#[derive(Debug, Default)]
pub(super) struct ScanWindows {
    /// Start of the last poll of the whole queue.
    read_all: Option<Instant>,
    /// Triggers included in that poll.
    triggers: Vec<String>,
    /// Position of each trigger whose last poll reached its limit. Kept per trigger: a poll may omit triggers that have used
    /// their share, and then says nothing about their remaining events.
    cut_at: HashMap<String, String>,
}

impl ScanWindows {
    /// Returns the window for a poll that starts now.
    pub(super) fn window(&self, now: Instant, triggers: &[String]) -> Window {
        match self.read_all {
            Some(at)
                if now < at + FULL_SCAN_INTERVAL
                    && triggers.iter().all(|trigger| self.triggers.contains(trigger)) =>
            {
                let cut_at = |trigger| self.cut_at.get(trigger);
                Window {
                    from: triggers.iter().filter_map(cut_at).min().cloned(),
                    only_from: triggers.iter().all(|trigger| cut_at(trigger).is_some()),
                    seconds: Some((now - at + MAX_COMMIT_DELAY).as_secs_f64()),
                }
            }
            _ => Window::default(),
        }
    }

    /// Records a completed poll of `window` that started at `began`. `cut`: the poll returned as many events as its limit.
    pub(super) fn polled(
        &mut self,
        began: Instant,
        window: &Window,
        triggers: Vec<String>,
        events: &[Claimed],
        cut: bool,
    ) {
        // Without the `Z`, text order equals time order.
        let times = events.iter().map(|event| event.created_at.trim_end_matches('Z'));
        let last = if cut { times.max() } else { None };
        for trigger in &triggers {
            match last {
                Some(last) => self.cut_at.insert(trigger.clone(), last.to_owned()),
                None => self.cut_at.remove(trigger),
            };
        }
        if window.seconds.is_none() {
            self.read_all = Some(began);
            self.triggers = triggers;
        }
        // Retries are returned last: if the result contains one, all fresh events were claimed, but possibly not all retries.
        if cut && events.iter().any(|event| !event.fresh) {
            self.read_all = None;
        }
    }

    /// Makes the next poll read the whole queue: a poll failed, or claimed events were released.
    pub(super) fn forget(&mut self) {
        self.read_all = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(created_at: &str, fresh: bool) -> Claimed {
        Claimed {
            created_at: created_at.to_owned(),
            fresh,
            ..Claimed::default()
        }
    }

    fn triggers(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn after(events: &[Claimed], cut: bool) -> (ScanWindows, Instant) {
        let (mut windows, now) = (ScanWindows::default(), Instant::now());
        assert_eq!(windows.window(now, &triggers(&["a"])), Window::default());
        windows.polled(now, &Window::default(), triggers(&["a"]), events, cut);
        (windows, now)
    }

    #[test]
    fn after_a_look_at_everything_the_next_reads_what_is_new() {
        let (windows, now) = after(&[], false);
        let window = windows.window(now + FULL_SCAN_INTERVAL / 2, &triggers(&["a"]));
        assert_eq!(
            window,
            Window {
                seconds: Some(1.5),
                ..Window::default()
            }
        );
        assert_eq!(
            windows.window(now + FULL_SCAN_INTERVAL, &triggers(&["a"])),
            Window::default()
        );
    }

    #[test]
    fn a_look_that_was_cut_short_is_continued() {
        let events = [
            event("2026-01-01T00:00:00.4197Z", true),
            event("2026-01-01T00:00:00.41974Z", true),
        ];
        let (windows, now) = after(&events, true);
        assert_eq!(
            windows.window(now, &triggers(&["a"])).from.as_deref(),
            Some("2026-01-01T00:00:00.41974")
        );
    }

    #[test]
    fn a_look_says_nothing_about_the_triggers_that_it_left_out() {
        let first = event("2026-01-01T00:00:00.1Z", true);
        let (mut windows, now) = (ScanWindows::default(), Instant::now());
        windows.polled(now, &Window::default(), triggers(&["a", "b"]), &[first], true);
        let window = windows.window(now, &triggers(&["b"]));
        windows.polled(now, &window, triggers(&["b"]), &[], false);
        let window = windows.window(now, &triggers(&["a", "b"]));
        assert_eq!(window.from.as_deref(), Some("2026-01-01T00:00:00.1"));
        // All events of b were read: only new ones are requested, and they may be older than the position of a.
        assert!(!window.only_from);
        // The limit was reached again at a later time: the position of a does not change.
        let later = event("2026-01-01T00:00:00.7Z", true);
        windows.polled(now, &window, triggers(&["b"]), &[later], true);
        let window = windows.window(now, &triggers(&["a", "b"]));
        assert_eq!(window.from.as_deref(), Some("2026-01-01T00:00:00.1"));
        assert!(window.only_from);
    }

    #[test]
    fn retries_that_were_cut_short_are_looked_for_from_the_front() {
        let (windows, now) = after(&[event("2026-01-01T00:00:00Z", false)], true);
        assert_eq!(windows.window(now, &triggers(&["a"])), Window::default());
    }

    #[test]
    fn a_trigger_that_was_left_out_is_looked_for_from_the_front() {
        let (windows, now) = after(&[], false);
        assert_eq!(windows.window(now, &triggers(&["a", "b"])), Window::default());
        assert_ne!(windows.window(now, &[]), Window::default());
    }
}
