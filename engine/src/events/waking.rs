//! When to look at the queue. Awake, the engine looks every few milliseconds; before it sleeps it says so in the database
//! (its row in `engine_asleep`), looks once more, and again a little later, for transactions that began before the row was
//! visible and committed without a NOTIFY. Asleep, it is woken by its own rooms, by NOTIFY, or by the poll interval.
//! A plain state machine over instants; `dispatch` drives it.

use std::time::{Duration, Instant};

/// How long after the last sign of life the engine stays awake.
const AWAKE: Duration = Duration::from_millis(150);
/// The rests between two looks while awake: short after a sign of life, longer towards sleep.
const SHORTEST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_millis(10);
/// The short rest in a crowd: what would be found sooner queues up behind the others anyway.
const CROWDED: Duration = Duration::from_millis(8);
/// How long a transaction may take between its look at `engine_asleep` and its commit and still be seen at once.
const SECOND_LOOK: Duration = Duration::from_millis(50);
/// The rest after a failure of the database.
const TROUBLE: Duration = Duration::from_millis(500);

/// What to do at the next look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Just look.
    Plain,
    /// Say first that the engine is asleep.
    AfterFallingAsleep,
    /// Say afterwards that it is awake.
    BeforeWakingUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Awake {
        until: Instant,
    },
    /// The row is written and the queue was empty; one more look is due.
    Dozing,
    Asleep,
}

/// The state and the next look.
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
    /// Awake. `interval`: the longest rest (`HASURA_GRAPHQL_EVENTS_FETCH_INTERVAL`).
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

    /// When the next look is due.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Whether many calls are in flight.
    pub(super) fn crowded(&mut self, crowded: bool) {
        self.shortest = if crowded { CROWDED } else { SHORTEST };
    }

    /// What the look that begins now has to do.
    pub(super) fn begin(&mut self, now: Instant) -> Look {
        self.last = now;
        match self.state {
            State::Awake { until } if now >= until && !self.marked => Look::AfterFallingAsleep,
            State::Awake { .. } if self.marked => Look::BeforeWakingUp,
            _ => Look::Plain,
        }
    }

    /// Somebody changed data, or may have.
    pub(super) fn woken(&mut self, now: Instant) {
        self.state = State::Awake { until: now + AWAKE };
        self.rest = self.shortest;
        // Looks keep a distance, so that a hundred signs of life within it cost one look.
        self.next = self.next.min(now.max(self.last + self.shortest));
    }

    /// A look found events.
    pub(super) fn found(&mut self, now: Instant, look: Look) {
        self.note(look);
        self.woken(now);
        self.next = now.max(self.last + self.shortest);
    }

    /// A look found nothing.
    pub(super) fn found_nothing(&mut self, now: Instant, look: Look) {
        self.note(look);
        match (self.state, look) {
            // A sign of life came while the look was under way: stay awake.
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

    /// A look failed: what it was to write may or may not be there.
    pub(super) fn failed(&mut self, now: Instant) {
        self.marked = true;
        self.state = State::Awake {
            until: now + AWAKE + TROUBLE,
        };
        self.next = now + TROUBLE.min(self.interval);
    }

    fn rest_awake(&mut self, now: Instant) {
        // A look that takes long (a long queue of which nothing may be taken) is not repeated at once.
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

    /// Looks that find nothing until the state machine rests for the whole interval.
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
            assert!(looks.len() < 1000, "never sleeps");
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
