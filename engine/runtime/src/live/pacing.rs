//! Pauses of a poller between two runs. A change after a quiet period, and changes that come one by one, are shown at once. Under load
//! several changes come during a run and its pause; the pause grows with their number, so that each run shows more of them and
//! the database has time for those who make them. Runs that take long are followed by a pause in any case. A state machine over
//! instants without I/O; `poller` drives it.

use std::time::Duration;
use tokio::time::Instant;

/// Longest pause under load, as a multiple of the cost of the run: a poller then uses at most a sixth of one connection.
const LOAD_FACTOR: u32 = 5;

/// Cost of a run besides the time in the database: the engine converts and sends the results, and the clients read them.
const RUN_OVERHEAD: Duration = Duration::from_micros(500);

/// Multiple of the time in the database that passes between two runs in the long term, regardless of the number of changes: a
/// poller uses at most a third of one connection.
const LONG_TERM_FACTOR: u32 = 3;

/// Time by which runs may be ahead of [`LONG_TERM_FACTOR`].
const CREDIT: Duration = Duration::from_millis(50);

/// Pauses that are shorter are left out: timers have this resolution.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);

/// Longest pause in refetch intervals: the duration of a run that waited for a lock does not predict the next one.
const MAX_PAUSE_INTERVALS: u32 = 5;

/// Returns the pause of cohorts after a run of their own: they use at most a third of a connection.
pub(super) fn rest(spent: Duration, refetch: Duration) -> Duration {
    ((LONG_TERM_FACTOR - 1) * spent).min(MAX_PAUSE_INTERVALS * refetch)
}

/// Times of the next run.
#[derive(Debug)]
pub(super) struct Pacing {
    refetch: Duration,
    ready_at: Instant,
    refetch_at: Instant,
    /// Time until which the runs so far use a connection in the long term.
    paid_until: Instant,
}

impl Pacing {
    /// `refetch`: maximum time between two runs.
    pub(super) fn new(now: Instant, refetch: Duration) -> Self {
        Self {
            refetch,
            ready_at: now,
            refetch_at: now + refetch,
            paid_until: now,
        }
    }

    /// Returns the time from which a change may cause a run.
    pub(super) fn ready_at(&self) -> Instant {
        self.ready_at
    }

    /// Returns the time of the run that no change has caused.
    pub(super) fn refetch_at(&self) -> Instant {
        self.refetch_at.max(self.ready_at)
    }

    /// Records a run that ended now. `changes`: changes since the previous run; `spent`: time in the database.
    pub(super) fn ran(&mut self, now: Instant, changes: u64, spent: Duration) {
        let longest = MAX_PAUSE_INTERVALS * self.refetch;
        let factor =
            u32::try_from(changes.saturating_sub(1)).map_or(LOAD_FACTOR, |more| more.min(LOAD_FACTOR));
        let of_load = factor * (spent + RUN_OVERHEAD);
        let began = now.checked_sub(spent).unwrap_or(now);
        let paid_until = self.paid_until.max(began) + LONG_TERM_FACTOR * spent;
        self.paid_until = paid_until.min(now + longest + CREDIT);
        let of_duration = self
            .paid_until
            .saturating_duration_since(now)
            .saturating_sub(CREDIT);
        let pause = of_load.max(of_duration).min(longest);
        self.ready_at = if pause < SHORTEST_PAUSE { now } else { now + pause };
        self.refetch_at = now + self.refetch;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFETCH: Duration = Duration::from_secs(1);
    const SHORT_RUN: Duration = Duration::from_micros(300);

    /// Runs at once for each of `changes`, and returns the pauses.
    fn pauses(changes: impl IntoIterator<Item = u64>, spent: Duration) -> Vec<Duration> {
        let mut now = Instant::now();
        let mut pacing = Pacing::new(now, REFETCH);
        let ran = changes.into_iter().map(|changes| {
            now += spent;
            pacing.ran(now, changes, spent);
            let pause = pacing.ready_at() - now;
            now = pacing.ready_at();
            pause
        });
        ran.collect()
    }

    #[test]
    fn first_run_is_due_at_once() {
        let now = Instant::now();
        let pacing = Pacing::new(now, REFETCH);
        assert_eq!(pacing.ready_at(), now);
        assert_eq!(pacing.refetch_at(), now + REFETCH);
    }

    #[test]
    fn changes_one_by_one_are_followed_by_no_pause() {
        let mut now = Instant::now();
        let mut pacing = Pacing::new(now, REFETCH);
        for _ in 0..10_000 {
            now += Duration::from_millis(1);
            pacing.ran(now, 1, SHORT_RUN);
            assert_eq!(pacing.ready_at(), now);
        }
    }

    #[test]
    fn pause_is_proportional_to_the_changes_since_the_previous_run() {
        let cost = SHORT_RUN + RUN_OVERHEAD;
        assert_eq!(
            pauses([3, 4, 6, 7, 1000, u64::MAX], SHORT_RUN),
            [2 * cost, 3 * cost, 5 * cost, 5 * cost, 5 * cost, 5 * cost]
        );
        // Shorter than a timer can measure.
        assert_eq!(pauses([0, 1, 2], SHORT_RUN), [Duration::ZERO; 3]);
    }

    #[test]
    fn change_after_quiet_period_is_due_at_once() {
        let start = Instant::now();
        let mut pacing = Pacing::new(start, REFETCH);
        pacing.ran(start, 1000, Duration::from_millis(100));
        let later = pacing.ready_at() + Duration::from_millis(500);
        pacing.ran(later, 1, SHORT_RUN);
        assert_eq!(pacing.ready_at(), later);
    }

    #[test]
    fn long_runs_use_a_third_of_a_connection() {
        const RUNS: u32 = 100;
        let spent = Duration::from_millis(100);
        let pauses = pauses((0..RUNS).map(|_| 1), spent);
        let total: Duration = pauses.iter().sum();
        assert_eq!(pauses[0] + CREDIT, 2 * spent);
        assert_eq!(total + CREDIT, 2 * RUNS * spent);
    }

    #[test]
    fn rest_after_a_long_run_is_bounded() {
        assert_eq!(rest(REFETCH, REFETCH), 2 * REFETCH);
        assert_eq!(rest(Duration::from_hours(1), REFETCH), 5 * REFETCH);
    }

    #[test]
    fn pause_is_bounded_by_the_refetch_interval() {
        let hour = Duration::from_hours(1);
        assert_eq!(pauses([1, 1000], hour), [5 * REFETCH; 2]);
        let start = Instant::now();
        let mut pacing = Pacing::new(start, REFETCH);
        pacing.ran(start, 1, hour);
        assert_eq!(pacing.refetch_at(), start + 5 * REFETCH);
        // The long run has no effect on later ones.
        let later = start + 6 * REFETCH;
        pacing.ran(later, 1, SHORT_RUN);
        assert_eq!(pacing.ready_at(), later);
    }
}
