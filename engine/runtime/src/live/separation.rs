//! Separation of costly cohorts from others. A cohort whose statement takes long, because it reads much or waits for a lock, must not
//! delay the cohorts in the same batch. Postgres does not tell which cohort of a batch is the costly one: the next batches of all of
//! them are smaller, until the costly one runs alone, and they stay so for a while. A state machine over instants without I/O, one
//! for each cohort; `cohort` drives it.

use std::time::Duration;
use tokio::time::Instant;

/// Time for which a poller waits for its batches, and from which on a run is costly: its cohorts run in smaller batches.
pub(super) const MOMENT: Duration = Duration::from_millis(250);

/// Time after which the statement of several cohorts is cancelled, so that each gets its result from a smaller batch.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// Number of cohorts in a divided batch. A batch of a hundred cohorts needs two divisions to find those that are costly.
const FEW: usize = 10;

/// Time after the last costly run for which a cohort stays separated.
const SEPARATION_TIME: Duration = Duration::from_secs(20);

/// Work of one cohort in a batch that is accounted to it without knowledge of the costly ones.
const SHARED_COST: Duration = Duration::from_millis(25);

/// Kind of batches in which a cohort runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Size {
    /// With all others.
    #[default]
    Full,
    /// With a few others: one of them may be costly.
    Few,
    /// Alone: it may be the costly one.
    Alone,
    /// Alone, on a connection for slow statements: it is costly.
    Slow,
}

impl Size {
    /// Returns the number of cohorts in a batch; `full` is that of batches of cohorts that are not separated.
    pub(super) fn cohorts(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Few => full.min(FEW),
            Self::Alone | Self::Slow => 1,
        }
    }
}

/// End of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Answered,
    /// The statement failed: a value of one cohort may be the reason.
    Failed,
    /// The statement was cancelled after [`PATIENCE`].
    Cancelled,
    /// The database or a connection was not available.
    Unavailable,
}

/// Separation of one cohort from others.
#[derive(Debug, Default)]
pub(super) struct Separation {
    size: Size,
    /// Time until which it lasts.
    until: Option<Instant>,
    /// Work of costly batches with this cohort, which is that of the cohort if it is the costly one.
    suspected: Duration,
}

impl Separation {
    /// Returns the kind of batches in which the cohort runs.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// Records the end of a run with this number of cohorts, which used the database for `spent`; `unknown` is the part of it that
    /// is the work of its costly cohorts. Returns the work of earlier runs that this cohort has caused.
    pub(super) fn ran(
        &mut self,
        now: Instant,
        end: End,
        cohorts: usize,
        spent: Duration,
        unknown: Duration,
    ) -> Duration {
        if end == End::Answered && spent <= MOMENT {
            self.suspected = Duration::ZERO;
            if self.until.is_none_or(|until| until <= now) {
                *self = Self::default();
            } else if self.size == Size::Slow {
                self.size = Size::Alone;
            }
            return Duration::ZERO;
        }
        self.until = Some(now + SEPARATION_TIME);
        if cohorts > 1 {
            self.size = if cohorts > FEW { Size::Few } else { Size::Alone };
            self.suspected += unknown;
            return Duration::ZERO;
        }
        let suspected = std::mem::take(&mut self.suspected);
        if spent > MOMENT {
            self.size = Size::Slow;
            suspected
        } else {
            self.size = Size::Alone;
            Duration::ZERO
        }
    }
}

/// Returns the part of the work of a batch that is accounted to all of its cohorts. The rest is that of costly cohorts, which are found
/// when they run alone.
pub(super) fn known_cost(cohorts: usize, spent: Duration) -> Duration {
    if cohorts <= 1 {
        return spent;
    }
    let cohorts = u32::try_from(cohorts).unwrap_or(u32::MAX);
    spent.min(SHARED_COST.saturating_mul(cohorts))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(1);
    const COSTLY: Duration = Duration::from_millis(251);
    const SECOND: Duration = Duration::from_secs(1);

    /// Records runs at the same time, and returns the size after each.
    fn sizes(separation: &mut Separation, now: Instant, runs: &[(End, usize, Duration)]) -> Vec<Size> {
        let sizes = runs.iter().map(|&(end, cohorts, spent)| {
            separation.ran(now, end, cohorts, spent, Duration::ZERO);
            separation.size()
        });
        sizes.collect()
    }

    #[test]
    fn slow_cohort_runs_in_smaller_batches_until_it_runs_alone() {
        let cancelled = |cohorts| (End::Cancelled, cohorts, PATIENCE);
        let runs = [
            cancelled(100),
            cancelled(10),
            cancelled(1),
            (End::Answered, 1, 5 * SECOND),
        ];
        assert_eq!(
            sizes(&mut Separation::default(), Instant::now(), &runs),
            [Size::Few, Size::Alone, Size::Slow, Size::Slow]
        );
    }

    #[test]
    fn costly_run_and_failed_one_separate_their_cohorts() {
        let size = |run| sizes(&mut Separation::default(), Instant::now(), &[run])[0];
        assert_eq!(size((End::Answered, 100, MOMENT)), Size::Full);
        assert_eq!(size((End::Answered, 100, COSTLY)), Size::Few);
        assert_eq!(size((End::Answered, 2, COSTLY)), Size::Alone);
        assert_eq!(size((End::Answered, 1, COSTLY)), Size::Slow);
        assert_eq!(size((End::Failed, 100, QUICK)), Size::Few);
        assert_eq!(size((End::Failed, 10, QUICK)), Size::Alone);
        assert_eq!(size((End::Failed, 1, QUICK)), Size::Alone);
    }

    #[test]
    fn separation_ends_a_while_after_the_last_costly_run() {
        let (mut separation, start) = (Separation::default(), Instant::now());
        let quick = [(End::Answered, 1, QUICK)];
        sizes(&mut separation, start, &[(End::Cancelled, 1, PATIENCE)]);
        assert_eq!(sizes(&mut separation, start + SECOND, &quick), [Size::Alone]);
        sizes(&mut separation, start + SECOND, &[(End::Failed, 1, QUICK)]);
        let end = start + SECOND + SEPARATION_TIME;
        assert_eq!(sizes(&mut separation, end - QUICK, &quick), [Size::Alone]);
        assert_eq!(sizes(&mut separation, end, &quick), [Size::Full]);
    }

    #[test]
    fn work_of_a_costly_batch_is_that_of_the_costly_cohort() {
        const NONE: Duration = Duration::ZERO;
        let now = Instant::now();
        let (mut costly, mut other) = (Separation::default(), Separation::default());
        for separation in [&mut costly, &mut other] {
            let caused = separation.ran(now, End::Cancelled, 10, SECOND, SECOND / 2);
            assert_eq!(caused, NONE);
        }
        assert_eq!(other.ran(now, End::Answered, 1, QUICK, NONE), NONE);
        assert_eq!(costly.ran(now, End::Cancelled, 1, SECOND, NONE), SECOND / 2);
        // Once.
        assert_eq!(costly.ran(now, End::Answered, 1, 2 * SECOND, NONE), NONE);
        assert_eq!(other.ran(now, End::Answered, 1, COSTLY, NONE), NONE);
    }

    #[test]
    fn work_of_cohorts_that_run_alone_or_quickly_is_known() {
        assert_eq!(known_cost(1, SECOND), SECOND);
        assert_eq!(known_cost(100, MOMENT), MOMENT);
        assert_eq!(known_cost(2, MOMENT), 2 * SHARED_COST);
    }
}
