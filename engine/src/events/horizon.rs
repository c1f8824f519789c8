//! How far back a look at the queue has to read. What was delivered leaves dead entries at the front of the index until
//! vacuum comes; a look that read from the front each time would cost more the more was delivered. So most looks begin
//! where an earlier one left nothing behind, and one a second reads everything: it finds what came in out of order
//! (transactions that took long, events that another engine gave up, retries).

use super::store::Claimed;
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
    /// Else those of the last so many seconds, and those whose next try became due in them; none: everything.
    pub(super) seconds: Option<f64>,
}

/// What earlier looks left behind.
#[derive(Debug, Default)]
pub(super) struct Horizon {
    /// When everything was last read.
    read_all: Option<Instant>,
    /// For which triggers.
    triggers: Vec<String>,
    /// The look after that was cut short by its limit here.
    cut_at: Option<String>,
}

impl Horizon {
    /// The window of a look that begins now.
    pub(super) fn window(&self, now: Instant, triggers: &[String]) -> Window {
        match self.read_all {
            Some(at)
                if now < at + EVERYTHING
                    && triggers.iter().all(|trigger| self.triggers.contains(trigger)) =>
            {
                Window {
                    from: self.cut_at.clone(),
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
        if window.seconds.is_none() {
            self.read_all = Some(began);
            self.triggers = triggers;
        }
        self.cut_at = None;
        if cut {
            // Retries come last: with one among them, all fresh ones were taken, but maybe not all retries.
            if events.iter().any(|event| !event.fresh) {
                self.read_all = None;
            }
            // Without the `Z`, the order of the text is that of the time.
            self.cut_at = events
                .iter()
                .map(|event| event.created_at.trim_end_matches('Z').to_owned())
                .max();
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
                from: None,
                seconds: Some(1.5)
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
