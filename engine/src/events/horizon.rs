//! How far back a look at the queue has to read. What was delivered leaves dead entries at the front of the index until
//! vacuum comes; a look that read from the front each time would cost more the more was delivered. So most looks begin
//! where an earlier one left nothing behind, and one a second reads everything: it finds what came in out of order
//! (transactions that took long, events that another engine gave up, retries).

use super::store::Claimed;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A look at everything is due after so long.
const EVERYTHING: Duration = Duration::from_secs(1);

/// How long a transaction may take between its start, which is its events' `created_at`, and its commit, and still be
/// seen by the next look.
const SLACK: Duration = Duration::from_secs(1);

/// The part of the queue that a look reads.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Window {
    /// Fresh events from this `created_at` on.
    pub(super) from: Option<String>,
    /// And nothing before it: each trigger was cut short there or later. Else also what `seconds` says.
    pub(super) only_from: bool,
    /// Those of the last so many seconds, and those whose next try became due in them; none: everything.
    pub(super) seconds: Option<f64>,
}

/// What earlier looks left behind.
#[derive(Debug, Default)]
pub(super) struct Horizon {
    /// When everything was last read.
    read_all: Option<Instant>,
    /// For which triggers.
    triggers: Vec<String>,
    /// The triggers whose last look was cut short by its limit, and where. Each has its own: a look may leave out triggers
    /// that have their share, and says nothing about what those left behind.
    cut_at: HashMap<String, String>,
}

impl Horizon {
    /// The window of a look that begins now.
    pub(super) fn window(&self, now: Instant, triggers: &[String]) -> Window {
        match self.read_all {
            Some(at)
                if now < at + EVERYTHING
                    && triggers.iter().all(|trigger| self.triggers.contains(trigger)) =>
            {
                let cut_at = |trigger| self.cut_at.get(trigger);
                Window {
                    from: triggers.iter().filter_map(cut_at).min().cloned(),
                    only_from: triggers.iter().all(|trigger| cut_at(trigger).is_some()),
                    seconds: Some((now - at + SLACK).as_secs_f64()),
                }
            }
            _ => Window::default(),
        }
    }

    /// A look through `window`, begun at `began`, ended. `cut`: it brought as many as were asked for.
    pub(super) fn looked(
        &mut self,
        began: Instant,
        window: &Window,
        triggers: Vec<String>,
        events: &[Claimed],
        cut: bool,
    ) {
        // Without the `Z`, the order of the text is that of the time.
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
        // Retries come last: with one among them, all fresh ones were taken, but maybe not all retries.
        if cut && events.iter().any(|event| !event.fresh) {
            self.read_all = None;
        }
    }

    /// A look failed, or what was claimed was handed back: read everything.
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

    fn after(events: &[Claimed], cut: bool) -> (Horizon, Instant) {
        let (mut horizon, now) = (Horizon::default(), Instant::now());
        assert_eq!(horizon.window(now, &triggers(&["a"])), Window::default());
        horizon.looked(now, &Window::default(), triggers(&["a"]), events, cut);
        (horizon, now)
    }

    #[test]
    fn after_a_look_at_everything_the_next_reads_what_is_new() {
        let (horizon, now) = after(&[], false);
        let window = horizon.window(now + EVERYTHING / 2, &triggers(&["a"]));
        assert_eq!(
            window,
            Window {
                seconds: Some(1.5),
                ..Window::default()
            }
        );
        assert_eq!(
            horizon.window(now + EVERYTHING, &triggers(&["a"])),
            Window::default()
        );
    }

    #[test]
    fn a_look_that_was_cut_short_is_continued() {
        let events = [
            event("2026-01-01T00:00:00.4197Z", true),
            event("2026-01-01T00:00:00.41974Z", true),
        ];
        let (horizon, now) = after(&events, true);
        assert_eq!(
            horizon.window(now, &triggers(&["a"])).from.as_deref(),
            Some("2026-01-01T00:00:00.41974")
        );
    }

    #[test]
    fn a_look_says_nothing_about_the_triggers_that_it_left_out() {
        let first = event("2026-01-01T00:00:00.1Z", true);
        let (mut horizon, now) = (Horizon::default(), Instant::now());
        horizon.looked(now, &Window::default(), triggers(&["a", "b"]), &[first], true);
        let window = horizon.window(now, &triggers(&["b"]));
        horizon.looked(now, &window, triggers(&["b"]), &[], false);
        let window = horizon.window(now, &triggers(&["a", "b"]));
        assert_eq!(window.from.as_deref(), Some("2026-01-01T00:00:00.1"));
        // Of b, everything was read: only what is new is wanted, and it may be older than where a was cut.
        assert!(!window.only_from);
        // Cut short again, later in time: what is left of a is still where it was.
        let later = event("2026-01-01T00:00:00.7Z", true);
        horizon.looked(now, &window, triggers(&["b"]), &[later], true);
        let window = horizon.window(now, &triggers(&["a", "b"]));
        assert_eq!(window.from.as_deref(), Some("2026-01-01T00:00:00.1"));
        assert!(window.only_from);
    }

    #[test]
    fn retries_that_were_cut_short_are_looked_for_from_the_front() {
        let (horizon, now) = after(&[event("2026-01-01T00:00:00Z", false)], true);
        assert_eq!(horizon.window(now, &triggers(&["a"])), Window::default());
    }

    #[test]
    fn a_trigger_that_was_left_out_is_looked_for_from_the_front() {
        let (horizon, now) = after(&[], false);
        assert_eq!(horizon.window(now, &triggers(&["a", "b"])), Window::default());
        assert_ne!(horizon.window(now, &[]), Window::default());
    }
}
