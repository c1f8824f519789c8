//! Schedule of the polls. While awake, the instance polls every few milliseconds. Before it falls asleep it inserts its row
//! into `engine_asleep`, polls, and polls a second time shortly afterwards, to find events of transactions that began
//! before the row was visible and committed without a NOTIFY. While asleep, it is woken by other modules of the engine, by
//! NOTIFY, or by the poll interval. A state machine over instants without I/O; `dispatch` drives it.

use std::time::{Duration, Instant};

/// Time that the instance stays awake after the last activity.
const AWAKE: Duration = Duration::from_millis(150);
/// Bounds of the pause between two polls while awake: short after activity, then increasing.
const SHORTEST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_millis(10);
/// Shortest pause while many calls are in flight: events found earlier would only wait for a free slot.
const CROWDED: Duration = Duration::from_millis(8);
/// Maximum time between a transaction's read of `engine_asleep` and its commit for which the second poll finds its events.
const SECOND_LOOK: Duration = Duration::from_millis(50);
/// Pause after a database error.
const TROUBLE: Duration = Duration::from_millis(500);

/// Statements that accompany a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
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
pub(super) struct Waking {
    state: State,
    next: Instant,
    last: Instant,
    rest: Duration,
    shortest: Duration,
    interval: Duration,
    marked: bool,
}

impl Waking {
    /// Creates the state machine in the state awake. `interval`: longest pause (`HASURA_GRAPHQL_EVENTS_FETCH_INTERVAL`).
    pub(super) fn new(now: Instant, interval: Duration) -> Self {
        let state = State::Awake { until: now + AWAKE };
        Self {
            state,
            next: now,
            last: now,
            rest: SHORTEST,
            shortest: SHORTEST,
            interval,
            marked: false,
        }
    }

    /// Returns the time of the next poll.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Sets whether many calls are in flight.
    pub(super) fn crowded(&mut self, crowded: bool) {
        self.shortest = if crowded { CROWDED } else { SHORTEST };
    }

    /// Starts a poll and returns the statements that accompany it.
    pub(super) fn begin(&mut self, now: Instant) -> Look {
        self.last = now;
        match self.state {
            State::Awake { until } if now >= until && !self.marked => Look::AfterFallingAsleep,
            State::Awake { .. } if self.marked => Look::BeforeWakingUp,
            _ => Look::Plain,
        }
    }

    /// Records activity: data changed or may have changed.
    pub(super) fn woken(&mut self, now: Instant) {
        self.state = State::Awake { until: now + AWAKE };
        self.rest = self.shortest;
        // Polls keep a minimum distance, so that a hundred wake-ups within it cause one poll.
        self.next = self.next.min(now.max(self.last + self.shortest));
    }

    /// Records a poll that found events.
    pub(super) fn found(&mut self, now: Instant, look: Look) {
        self.note(look);
        self.woken(now);
        self.next = now.max(self.last + self.shortest);
    }

    /// Records a poll that found no events.
    pub(super) fn found_nothing(&mut self, now: Instant, look: Look) {
        self.note(look);
        match (self.state, look) {
            // Woken during the poll: stay awake.
            (State::Awake { until }, Look::AfterFallingAsleep) if now < until => self.rest_awake(now),
            (State::Awake { .. }, Look::AfterFallingAsleep) => {
                self.state = State::Dozing;
                self.next = now + SECOND_LOOK.min(self.interval);
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
            until: now + AWAKE + TROUBLE,
        };
        self.next = now + TROUBLE.min(self.interval);
    }

    fn rest_awake(&mut self, now: Instant) {
        // A slow poll (a long queue of which no event may be claimed) is not repeated immediately.
        let took = now - self.last;
        self.next = now + self.rest.max(took * 2);
        self.rest = (self.rest * 3 / 2).min(LONGEST);
    }

    fn note(&mut self, look: Look) {
        match look {
            Look::AfterFallingAsleep => self.marked = true,
            Look::BeforeWakingUp => self.marked = false,
            Look::Plain => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(1);

    /// Polls without events until the state machine pauses for the whole interval.
    fn fall_asleep(waking: &mut Waking) -> (Vec<Look>, Instant) {
        let mut looks = Vec::new();
        loop {
            let now = waking.next();
            let look = waking.begin(now);
            looks.push(look);
            waking.found_nothing(now, look);
            if waking.next() == now + INTERVAL {
                return (looks, now);
            }
            assert!(looks.len() < 1000, "never falls asleep");
        }
    }

    #[test]
    fn it_says_that_it_sleeps_and_looks_twice_more() {
        let mut waking = Waking::new(Instant::now(), INTERVAL);
        let (looks, _) = fall_asleep(&mut waking);
        let count = |wanted| looks.iter().filter(|&&look| look == wanted).count();
        assert_eq!(count(Look::AfterFallingAsleep), 1);
        assert_eq!(looks[looks.len() - 2..], [Look::AfterFallingAsleep, Look::Plain]);
    }

    #[test]
    fn asleep_it_only_looks_at_the_interval() {
        let mut waking = Waking::new(Instant::now(), INTERVAL);
        let (_, asleep) = fall_asleep(&mut waking);
        let look = waking.begin(waking.next());
        assert_eq!(look, Look::Plain);
        waking.found_nothing(asleep + INTERVAL, look);
        assert_eq!(waking.next(), asleep + INTERVAL * 2);
    }

    #[test]
    fn a_sign_of_life_wakes_it_at_once_and_takes_the_mark_away() {
        let mut waking = Waking::new(Instant::now(), INTERVAL);
        let (_, asleep) = fall_asleep(&mut waking);
        let now = asleep + Duration::from_millis(300);
        waking.woken(now);
        assert_eq!(waking.next(), now);
        assert_eq!(waking.begin(now), Look::BeforeWakingUp);
        waking.found_nothing(now, Look::BeforeWakingUp);
        assert_eq!(waking.begin(waking.next()), Look::Plain);
    }

    #[test]
    fn many_signs_of_life_cost_one_look() {
        let start = Instant::now();
        let mut waking = Waking::new(start, INTERVAL);
        let look = waking.begin(start);
        waking.found_nothing(start, look);
        for _ in 0..100 {
            waking.woken(start);
        }
        assert_eq!(waking.next(), start + SHORTEST);
    }

    #[test]
    fn in_a_crowd_looks_keep_more_distance() {
        let start = Instant::now();
        let mut waking = Waking::new(start, INTERVAL);
        waking.crowded(true);
        let look = waking.begin(start);
        waking.found(start, look);
        assert_eq!(waking.next(), start + CROWDED);
        waking.crowded(false);
        waking.woken(start);
        assert_eq!(waking.next(), start + SHORTEST);
    }

    #[test]
    fn a_sign_of_life_while_falling_asleep_is_not_lost() {
        let start = Instant::now();
        let mut waking = Waking::new(start, INTERVAL);
        let late = start + AWAKE;
        let look = waking.begin(late);
        assert_eq!(look, Look::AfterFallingAsleep);
        waking.woken(late);
        waking.found_nothing(late, look);
        assert!(waking.next() <= late + SHORTEST);
        assert_eq!(waking.begin(waking.next()), Look::BeforeWakingUp);
    }
}
