//! Work of the clients as a state machine over instants.

use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// Work by which a client may exceed its part before it is busy.
const ALLOWED: Duration = Duration::from_millis(500);

/// Longest pause of a client. Work that would lead to a longer one does not count.
const MAX_PAUSE: Duration = Duration::from_secs(3);

/// Time after its last pause for which a client stays busy, and does not count as other activity: clients that all need more than their
/// part must not delay each other.
const BUSY_TIME: Duration = Duration::from_secs(5);

/// Time after the last request of a client for which it counts as active.
const ACTIVE_TIME: Duration = Duration::from_secs(1);

/// Number of known clients from which on those without recent work are forgotten.
const MIN_FORGET: usize = 1024;

/// Work of the clients as a state machine over instants.
#[derive(Debug)]
pub(super) struct State {
    /// Work per second that a client may do in the long term.
    part: f64,
    clients: HashMap<u64, Usage>,
    /// Last requests of the two clients that were active last, without those of busy clients.
    active: [Option<(u64, Instant)>; 2],
    /// Number of clients from which on those without recent work are forgotten.
    forget_at: usize,
}

/// Work of one client.
#[derive(Debug)]
struct Usage {
    /// Work beyond its part at the time of the last change, in seconds.
    excess: f64,
    at: Instant,
    /// Number of steps in progress.
    running: u32,
    paused_at: Option<Instant>,
}

/// Present permission of a client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Admitted,
    Pause(Duration),
    /// Wait for a step of another busy client.
    Lane,
}

impl Usage {
    fn new(now: Instant) -> Self {
        Self {
            excess: 0.0,
            at: now,
            running: 0,
            paused_at: None,
        }
    }

    /// Counts the work since the last change.
    fn settle(&mut self, part: f64, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.add((f64::from(self.running) - part) * passed, part);
    }

    fn add(&mut self, seconds: f64, part: f64) {
        let most = ALLOWED.as_secs_f64() + MAX_PAUSE.as_secs_f64() * part;
        self.excess = (self.excess + seconds).clamp(0.0, most);
    }

    /// Returns the time in which the client keeps its part again.
    fn pause(&self, part: f64) -> Duration {
        let seconds = (self.excess - ALLOWED.as_secs_f64()) / part;
        Duration::from_secs_f64(seconds.max(0.0))
    }

    fn is_busy(&self, part: f64, now: Instant) -> bool {
        let was_paused = |at| now.saturating_duration_since(at) < BUSY_TIME;
        !self.pause(part).is_zero() || self.paused_at.is_some_and(was_paused)
    }
}

impl State {
    pub(super) fn new(processors: usize, percent: u32) -> Self {
        let processors = u32::try_from(processors).unwrap_or(u32::MAX);
        Self {
            part: f64::from(processors) * f64::from(percent) / 100.0,
            clients: HashMap::new(),
            active: [None; 2],
            forget_at: MIN_FORGET,
        }
    }

    /// Returns the work of a client until now.
    fn usage(&mut self, client: u64, now: Instant) -> &mut Usage {
        if self.clients.len() >= self.forget_at && !self.clients.contains_key(&client) {
            self.forget(now);
        }
        let part = self.part;
        let usage = self.clients.entry(client).or_insert_with(|| Usage::new(now));
        usage.settle(part, now);
        usage
    }

    fn forget(&mut self, now: Instant) {
        let part = self.part;
        self.clients.retain(|_, usage| {
            usage.settle(part, now);
            usage.running > 0 || usage.excess > 0.0 || usage.is_busy(part, now)
        });
        self.forget_at = MIN_FORGET.max(2 * self.clients.len());
    }

    pub(super) fn count(&mut self, client: u64, cost: Duration, now: Instant) {
        let part = self.part;
        self.usage(client, now).add(cost.as_secs_f64(), part);
    }

    /// Counts a request and returns the pause before it.
    pub(super) fn request(&mut self, client: u64, cost: Duration, now: Instant) -> Duration {
        self.count(client, cost, now);
        let part = self.part;
        if !self.usage(client, now).is_busy(part, now) {
            self.is_active(client, now);
            return Duration::ZERO;
        }
        self.pause(client, now)
    }

    /// Counts a request without a client, and returns the pause before its response.
    pub(super) fn refusal(&mut self, address: u64, cost: Duration, now: Instant) -> Duration {
        self.count(address, cost, now);
        self.pause(address, now)
    }

    /// Returns whether a client may start a step, which has waited since `began`.
    pub(super) fn step(&mut self, client: u64, in_lane: bool, began: Instant, now: Instant) -> Step {
        let part = self.part;
        if !self.usage(client, now).is_busy(part, now) {
            self.is_active(client, now);
        } else if self.others_are_active(client, now) {
            // Other work of the client may extend its pause meanwhile.
            let longest = MAX_PAUSE.saturating_sub(now.saturating_duration_since(began));
            let pause = self.pause(client, now).min(longest);
            if !pause.is_zero() {
                return Step::Pause(pause);
            }
            if !in_lane {
                return Step::Lane;
            }
        }
        Step::Admitted
    }

    /// Whether a client has to wait before its next step.
    pub(super) fn must_wait(&mut self, client: u64, now: Instant) -> bool {
        let (part, others_are_active) = (self.part, self.others_are_active(client, now));
        self.clients.get_mut(&client).is_some_and(|usage| {
            usage.settle(part, now);
            others_are_active && usage.is_busy(part, now)
        })
    }

    pub(super) fn started(&mut self, client: u64, now: Instant) {
        self.usage(client, now).running += 1;
    }

    pub(super) fn ended(&mut self, client: u64, now: Instant) {
        let usage = self.usage(client, now);
        usage.running = usage.running.saturating_sub(1);
    }

    /// Returns the pause that a client must make, and records it.
    fn pause(&mut self, client: u64, now: Instant) -> Duration {
        if !self.others_are_active(client, now) {
            return Duration::ZERO;
        }
        let part = self.part;
        let usage = self.usage(client, now);
        let pause = usage.pause(part);
        if !pause.is_zero() {
            usage.paused_at = Some(now);
        }
        pause
    }

    pub(super) fn is_active(&mut self, client: u64, now: Instant) {
        let [last, before] = &mut self.active;
        if last.is_none_or(|(other, _)| other != client) {
            *before = *last;
        }
        *last = Some((client, now));
    }

    fn others_are_active(&self, client: u64, now: Instant) -> bool {
        let is_recent = |at| now.saturating_duration_since(at) < ACTIVE_TIME;
        let mut active = self.active.iter().flatten();
        active.any(|&(other, at)| other != client && is_recent(at))
    }
}

#[cfg(test)]
impl State {
    /// Makes a client busy, as if its last pause had begun then.
    pub(super) fn set_paused(&mut self, client: u64, at: Instant) {
        self.usage(client, at).paused_at = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABUSIVE: u64 = 1;
    const HONEST: u64 = 2;
    const COST: Duration = Duration::from_millis(1);

    /// Each client may use one processor of four.
    fn state() -> State {
        State::new(4, 25)
    }

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// Result for a step that has not waited yet.
    fn step(state: &mut State, client: u64, in_lane: bool, now: Instant) -> Step {
        state.step(client, in_lane, now, now)
    }

    /// Runs steps at the same time for this long.
    fn work(state: &mut State, client: u64, steps: usize, from: Instant, length: Duration) {
        for _ in 0..steps {
            assert_eq!(step(state, client, false, from), Step::Admitted);
            state.started(client, from);
        }
        for _ in 0..steps {
            state.ended(client, from + length);
        }
    }

    #[test]
    fn client_that_exceeds_its_part_pauses_while_others_are_active() {
        let (mut state, start) = (state(), Instant::now());
        // Two processors for a second: one second more than its part.
        work(&mut state, ABUSIVE, 2, start, seconds(1.0));
        let now = start + seconds(1.0);
        assert_eq!(state.request(HONEST, COST, now), Duration::ZERO);
        let Step::Pause(pause) = step(&mut state, ABUSIVE, false, now) else {
            panic!("the client must pause");
        };
        assert!((pause.as_secs_f64() - 0.5).abs() < 0.001, "{pause:?}");
        assert!(state.must_wait(ABUSIVE, now) && !state.must_wait(HONEST, now));
        // After it, one step of busy clients at a time.
        let now = now + pause + COST;
        state.request(HONEST, COST, now);
        assert!(state.must_wait(ABUSIVE, now));
        assert_eq!(step(&mut state, ABUSIVE, false, now), Step::Lane);
        assert_eq!(step(&mut state, ABUSIVE, true, now), Step::Admitted);
        assert_eq!(step(&mut state, HONEST, false, now), Step::Admitted);
    }

    #[test]
    fn client_that_is_alone_never_pauses() {
        let (mut state, mut now) = (state(), Instant::now());
        for _ in 0..100 {
            work(&mut state, ABUSIVE, 10, now, seconds(1.0));
            now += seconds(1.0);
            assert_eq!(state.request(ABUSIVE, COST, now), Duration::ZERO);
            assert_eq!(state.refusal(ABUSIVE, COST, now), Duration::ZERO);
        }
        // Neither does it after the others.
        state.request(HONEST, COST, now);
        assert_ne!(state.request(ABUSIVE, COST, now), Duration::ZERO);
        assert_eq!(state.request(ABUSIVE, COST, now + ACTIVE_TIME), Duration::ZERO);
    }

    #[test]
    fn client_within_its_part_is_never_busy() {
        let (mut state, mut now) = (state(), Instant::now());
        for _ in 0..100 {
            work(&mut state, HONEST, 1, now, seconds(0.9));
            now += seconds(1.0);
            state.request(3, COST, now);
            assert_eq!(state.request(HONEST, COST, now), Duration::ZERO);
        }
    }

    #[test]
    fn running_steps_count() {
        let (mut state, start) = (state(), Instant::now());
        for _ in 0..4 {
            state.started(ABUSIVE, start);
        }
        let now = start + seconds(0.5);
        state.request(HONEST, COST, now);
        assert!(matches!(step(&mut state, ABUSIVE, false, now), Step::Pause(_)));
    }

    #[test]
    fn pauses_are_bounded() {
        let (mut state, start) = (state(), Instant::now());
        work(&mut state, ABUSIVE, 100, start, seconds(100.0));
        let now = start + seconds(100.0);
        state.request(HONEST, COST, now);
        let pause = state.request(ABUSIVE, seconds(1000.0), now);
        assert!(pause <= MAX_PAUSE && pause + COST > MAX_PAUSE, "{pause:?}");
    }

    #[test]
    fn pause_of_a_step_is_bounded_if_other_work_extends_it() {
        let (mut state, began) = (state(), Instant::now());
        let mut now = began;
        while now < began + MAX_PAUSE {
            state.request(HONEST, COST, now);
            state.count(ABUSIVE, seconds(1.0), now);
            let step = state.step(ABUSIVE, false, began, now);
            assert!(matches!(step, Step::Pause(pause) if now + pause <= began + MAX_PAUSE));
            now += seconds(0.1);
        }
        state.request(HONEST, COST, now);
        assert_eq!(state.step(ABUSIVE, false, began, now), Step::Lane);
        assert_eq!(state.step(ABUSIVE, true, began, now), Step::Admitted);
    }

    #[test]
    fn busy_clients_do_not_delay_each_other() {
        let (mut state, start) = (state(), Instant::now());
        let clients = [10, 11];
        for client in clients {
            work(&mut state, client, 10, start, seconds(1.0));
        }
        let now = start + seconds(1.0);
        state.request(HONEST, COST, now);
        for client in clients {
            assert_ne!(state.request(client, COST, now), Duration::ZERO);
        }
        // One of them keeps its part again.
        let now = now + MAX_PAUSE + seconds(0.1);
        assert_eq!(state.request(10, COST, now), Duration::ZERO);
        state.count(11, MAX_PAUSE, now);
        assert_eq!(state.request(11, COST, now), Duration::ZERO);
        assert_eq!(step(&mut state, 11, false, now), Step::Admitted);
    }

    #[test]
    fn refusals_count_by_address_and_are_no_activity() {
        let (mut state, now) = (state(), Instant::now());
        for _ in 0..1000 {
            assert_eq!(state.refusal(ABUSIVE, COST, now), Duration::ZERO);
        }
        work(&mut state, HONEST, 10, now, seconds(1.0));
        assert_eq!(state.request(HONEST, COST, now + seconds(1.0)), Duration::ZERO);
        let mut state = super::State::new(4, 25);
        state.request(HONEST, COST, now);
        let pauses = (0..1000).map(|_| state.refusal(ABUSIVE, COST, now));
        let delayed = pauses.filter(|pause| !pause.is_zero()).count();
        assert!((499..=501).contains(&delayed), "{delayed}");
    }

    #[test]
    fn clients_without_recent_work_are_forgotten() {
        let (mut state, mut now) = (state(), Instant::now());
        for client in 0..100_000 {
            state.request(client, COST, now);
            now += Duration::from_micros(100);
        }
        assert!(state.clients.len() <= 2 * MIN_FORGET, "{}", state.clients.len());
    }
}
