//! Schedule of the polls. While awake, the instance polls every few milliseconds. Before it falls asleep it inserts its row
//! into `engine_asleep`, polls, and polls a second time shortly afterwards, to find events of transactions that began
//! before the row was visible and committed without a NOTIFY. While asleep, it is woken by other modules of the engine, by
//! NOTIFY, or by the poll interval. A state machine over instants without I/O; `dispatcher` drives it.

use std::time::{Duration, Instant};

/// Time that the instance stays awake after the last activity.
const AWAKE_PERIOD: Duration = Duration::from_millis(150);
/// Bounds of the pause between two polls while awake: short after activity, then increasing.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(2);
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(10);
/// Shortest pause while many calls are in flight: events found earlier would only wait for a free slot.
const BUSY_POLL_INTERVAL: Duration = Duration::from_millis(8);
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
    AfterFallingAsleep,
    /// Delete the row from `engine_asleep` concurrently with the poll.
    BeforeWakingUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Awake {
        until: Instant,
    },
    /// The row is written and the queue was empty; the second poll is due.
    Dozing,
    Asleep,
}

/// Current state and time of the next poll.
#[derive(Debug)]
pub(super) struct PollSchedule {
    state: State,
    next: Instant,
    last: Instant,
    rest: Duration,
    shortest: Duration,
    interval: Duration,
    marked: bool,
}

impl PollSchedule {
    /// Creates the state machine in the state awake. `interval`: longest pause (`HASURA_GRAPHQL_EVENTS_FETCH_INTERVAL`).
    pub(super) fn new(now: Instant, interval: Duration) -> Self {
        let state = State::Awake {
            until: now + AWAKE_PERIOD,
        };
        Self {
            state,
            next: now,
            last: now,
            rest: MIN_POLL_INTERVAL,
            shortest: MIN_POLL_INTERVAL,
            interval,
            marked: false,
        }
    }

    /// Returns the time of the next poll.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Sets whether many calls are in flight.
    pub(super) fn set_busy(&mut self, set_busy: bool) {
        self.shortest = if set_busy {
            BUSY_POLL_INTERVAL
        } else {
            MIN_POLL_INTERVAL
        };
    }

    /// Starts a poll and returns the statements that accompany it.
    pub(super) fn begin(&mut self, now: Instant) -> PollAction {
        self.last = now;
        match self.state {
            State::Awake { until } if now >= until && !self.marked => PollAction::AfterFallingAsleep,
            State::Awake { .. } if self.marked => PollAction::BeforeWakingUp,
            _ => PollAction::Plain,
        }
    }

    /// Records activity: data changed or may have changed.
    pub(super) fn woken(&mut self, now: Instant) {
        self.state = State::Awake {
            until: now + AWAKE_PERIOD,
        };
        self.rest = self.shortest;
        // Polls keep a minimum distance, so that a hundred wake-ups within it cause one poll.
        self.next = self.next.min(now.max(self.last + self.shortest));
    }

    /// Records a poll that found events.
    pub(super) fn found(&mut self, now: Instant, look: PollAction) {
        self.note(look);
        self.woken(now);
        self.next = now.max(self.last + self.shortest);
    }

    /// Records a poll that found no events.
    pub(super) fn found_nothing(&mut self, now: Instant, look: PollAction) {
        self.note(look);
        match (self.state, look) {
            // Woken during the poll: stay awake.
            (State::Awake { until }, PollAction::AfterFallingAsleep) if now < until => self.rest_awake(now),
            (State::Awake { .. }, PollAction::AfterFallingAsleep) => {
                self.state = State::Dozing;
                self.next = now + RECHECK_DELAY.min(self.interval);
            }
            (State::Awake { .. }, _) => self.rest_awake(now),
            (State::Dozing | State::Asleep, _) => {
                self.state = State::Asleep;
                self.next = now + self.interval;
            }
        }
    }

    /// Records a failed poll: the row in `engine_asleep` may or may not exist.
    pub(super) fn failed(&mut self, now: Instant) {
        self.marked = true;
        self.state = State::Awake {
            until: now + AWAKE_PERIOD + ERROR_BACKOFF,
        };
        self.next = now + ERROR_BACKOFF.min(self.interval);
    }

    fn rest_awake(&mut self, now: Instant) {
        // A slow poll (a long queue of which no event may be claimed) is not repeated immediately.
        let took = now - self.last;
        self.next = now + self.rest.max(took * 2);
        self.rest = (self.rest * 3 / 2).min(MAX_POLL_INTERVAL);
    }

    fn note(&mut self, look: PollAction) {
        match look {
            PollAction::AfterFallingAsleep => self.marked = true,
            PollAction::BeforeWakingUp => self.marked = false,
            PollAction::Plain => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(1);

    /// Polls without events until the state machine pauses for the whole interval.
    fn fall_asleep(schedule: &mut PollSchedule) -> (Vec<PollAction>, Instant) {
        let mut looks = Vec::new();
        loop {
            let now = schedule.next();
            let look = schedule.begin(now);
            looks.push(look);
            schedule.found_nothing(now, look);
            if schedule.next() == now + INTERVAL {
                return (looks, now);
            }
            assert!(looks.len() < 1000, "never falls asleep");
        }
    }

    #[test]
    fn it_says_that_it_sleeps_and_looks_twice_more() {
        let mut schedule = PollSchedule::new(Instant::now(), INTERVAL);
        let (looks, _) = fall_asleep(&mut schedule);
        let count = |wanted| looks.iter().filter(|&&look| look == wanted).count();
        assert_eq!(count(PollAction::AfterFallingAsleep), 1);
        assert_eq!(
            looks[looks.len() - 2..],
            [PollAction::AfterFallingAsleep, PollAction::Plain]
        );
    }

    #[test]
    fn asleep_it_only_looks_at_the_interval() {
        let mut schedule = PollSchedule::new(Instant::now(), INTERVAL);
        let (_, asleep) = fall_asleep(&mut schedule);
        let look = schedule.begin(schedule.next());
        assert_eq!(look, PollAction::Plain);
        schedule.found_nothing(asleep + INTERVAL, look);
        assert_eq!(schedule.next(), asleep + INTERVAL * 2);
    }

    #[test]
    fn a_sign_of_life_wakes_it_at_once_and_takes_the_mark_away() {
        let mut schedule = PollSchedule::new(Instant::now(), INTERVAL);
        let (_, asleep) = fall_asleep(&mut schedule);
        let now = asleep + Duration::from_millis(300);
        schedule.woken(now);
        assert_eq!(schedule.next(), now);
        assert_eq!(schedule.begin(now), PollAction::BeforeWakingUp);
        schedule.found_nothing(now, PollAction::BeforeWakingUp);
        assert_eq!(schedule.begin(schedule.next()), PollAction::Plain);
    }

    #[test]
    fn many_signs_of_life_cost_one_look() {
        let start = Instant::now();
        let mut schedule = PollSchedule::new(start, INTERVAL);
        let look = schedule.begin(start);
        schedule.found_nothing(start, look);
        for _ in 0..100 {
            schedule.woken(start);
        }
        assert_eq!(schedule.next(), start + MIN_POLL_INTERVAL);
    }

    #[test]
    fn in_a_crowd_looks_keep_more_distance() {
        let start = Instant::now();
        let mut schedule = PollSchedule::new(start, INTERVAL);
        schedule.set_busy(true);
        let look = schedule.begin(start);
        schedule.found(start, look);
        assert_eq!(schedule.next(), start + BUSY_POLL_INTERVAL);
        schedule.set_busy(false);
        schedule.woken(start);
        assert_eq!(schedule.next(), start + MIN_POLL_INTERVAL);
    }

    #[test]
    fn a_sign_of_life_while_falling_asleep_is_not_lost() {
        let start = Instant::now();
        let mut schedule = PollSchedule::new(start, INTERVAL);
        let late = start + AWAKE_PERIOD;
        let look = schedule.begin(late);
        assert_eq!(look, PollAction::AfterFallingAsleep);
        schedule.woken(late);
        schedule.found_nothing(late, look);
        assert!(schedule.next() <= late + MIN_POLL_INTERVAL);
        assert_eq!(schedule.begin(schedule.next()), PollAction::BeforeWakingUp);
    }
}
