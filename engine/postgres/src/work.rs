//! Work of the clients of roles other than admin, and the pauses of those that use much of the processors while others are active.
//!
//! The work of a client is the time for which its requests use a connection of the database, or parse and plan large texts, and a
//! fixed cost for each request. A client that exceeds its part is busy: while others are active, its next step waits until the
//! part is kept in the long term, and the steps of all busy clients together use at most half of the processors, half of the time.
//! The rest is left to the others, so that they find a processor that is idle. A client that is alone never waits.
//!
//! Waiting for a lock is work too: if it were none, a client could wait for its own locks to do more work than others. Waiting for a
//! turn is none.

mod state;

use crate::groups::Groups;
use crate::pool::{WAIT_TIMEOUT, transient};
use engine_error::Result;
use state::{State, Step};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};

/// Longest time for which half of the processors rest after a step of a busy client.
const MAX_REST: Duration = Duration::from_millis(250);

/// Work of all clients of an engine.
#[derive(Debug, Clone)]
pub struct Work(Option<Arc<Limited>>);

#[derive(Debug)]
struct Limited {
    state: Mutex<State>,
    /// One permit for each step of busy clients that may run.
    lane: Arc<Semaphore>,
    /// One step of each client waits for the lane, so that the clients take turns, however many steps each has.
    next: Groups<u64>,
}

impl Work {
    /// Limits each client to a percentage of the processors of this machine, which those of the database usually resemble; 0 means no
    /// limit.
    pub fn limited(percent: u32) -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self((percent > 0).then(|| Arc::new(Limited::new(processors, percent))))
    }

    /// Counts a request of a client, whose fixed cost is this, and returns after the pause of the client.
    pub async fn request(&self, client: u64, cost: Duration) {
        let Some(limited) = &self.0 else { return };
        let pause = limited.lock().request(client, cost, Instant::now());
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }

    /// Counts work of a client that has been done.
    pub fn count(&self, client: u64, cost: Duration) {
        if let Some(limited) = &self.0 {
            limited.lock().count(client, cost, Instant::now());
        }
    }

    /// The same as [`Self::request`] for a client that is not authenticated, by its address. It does not count as activity.
    pub async fn refusal(&self, address: u64, cost: Duration) {
        let Some(limited) = &self.0 else { return };
        let pause = limited.lock().refusal(address, cost, Instant::now());
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }

    /// Whether the next step of a client has to wait.
    pub fn is_busy(&self, client: u64) -> bool {
        let Some(limited) = &self.0 else { return false };
        limited.lock().must_wait(client, Instant::now())
    }

    /// Waits until a client may take a step that costs more than a request, and starts it. Returns a transient error if that takes
    /// too long.
    pub async fn turn(&self, client: u64) -> Result<Turn> {
        Ok(self.admit(client).await?.start())
    }

    /// Waits until a client may take such a step. Returns a transient error if that takes too long.
    pub async fn admit(&self, client: u64) -> Result<Admission> {
        let Some(limited) = &self.0 else {
            return Ok(Admission(None));
        };
        let began = Instant::now();
        let mut permit = None;
        loop {
            let step = limited
                .lock()
                .step(client, permit.is_some(), began, Instant::now());
            match step {
                Step::Admitted => {
                    return Ok(Admission(Some(Admitted {
                        limited: Arc::clone(limited),
                        client,
                        permit,
                    })));
                }
                Step::Pause(pause) => {
                    permit = None;
                    sleep(pause).await;
                }
                Step::Lane => {
                    let entered = timeout_at(began + WAIT_TIMEOUT, limited.enter(client)).await;
                    permit = Some(entered.ok().flatten().ok_or_else(used_up)?);
                }
            }
        }
    }
}

fn used_up() -> engine_error::Error {
    transient(
        "the client has used its part of the processors while others are active; retry later \
         (HASURA_GRAPHQL_CLIENT_PROCESSORS_PERCENT)"
            .to_owned(),
    )
}

/// Permission for a step, which may wait for something else before it starts.
#[derive(Debug)]
pub struct Admission(Option<Admitted>);

#[derive(Debug)]
struct Admitted {
    limited: Arc<Limited>,
    client: u64,
    /// Permit of the step of a busy client.
    permit: Option<OwnedSemaphorePermit>,
}

impl Admission {
    /// Starts the step.
    pub fn start(self) -> Turn {
        let running = self.0.map(|admitted| {
            let started = Instant::now();
            admitted.limited.lock().started(admitted.client, started);
            Running { admitted, started }
        });
        Turn { _running: running }
    }
}

/// Step in progress until it is dropped.
#[derive(Debug)]
#[must_use = "the step ends when this is dropped"]
pub struct Turn {
    _running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    admitted: Admitted,
    started: Instant,
}

impl Drop for Running {
    fn drop(&mut self) {
        let now = Instant::now();
        self.admitted.limited.lock().ended(self.admitted.client, now);
        if let Some(permit) = self.admitted.permit.take()
            && let Ok(runtime) = Handle::try_current()
        {
            // The next step starts after a rest of the same length.
            let rest = (now - self.started).min(MAX_REST);
            runtime.spawn(async move {
                sleep(rest).await;
                drop(permit);
            });
        }
    }
}

impl Limited {
    fn new(processors: usize, percent: u32) -> Self {
        Self {
            state: Mutex::new(State::new(processors, percent)),
            lane: Arc::new(Semaphore::new((processors / 2).max(1))),
            next: Groups::default(),
        }
    }

    /// Waits for a permit of the lane.
    async fn enter(&self, client: u64) -> Option<OwnedSemaphorePermit> {
        let _next = self.next.join(client, 1).await?;
        Arc::clone(&self.lane).acquire_owned().await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    const ABUSIVE: u64 = 1;
    const HONEST: u64 = 2;
    const COST: Duration = Duration::from_millis(1);

    /// Two busy clients, beside an active one. Independent of the duration of the test: all of that is in the future.
    fn busy(clients: [u64; 2]) -> Work {
        let limited = Limited::new(2, 25);
        {
            let mut state = limited.lock();
            let later = Instant::now() + Duration::from_hours(1);
            state.is_active(HONEST, later);
            for client in clients {
                state.set_paused(client, later);
            }
        }
        Work(Some(Arc::new(limited)))
    }

    #[tokio::test]
    async fn steps_of_busy_clients_run_one_after_another() {
        let work = busy([ABUSIVE, 3]);
        let first = work.turn(ABUSIVE).await.unwrap();
        let mut second = Box::pin(work.turn(3));
        assert!(second.as_mut().now_or_never().is_none());
        // Others do not wait.
        assert!(work.turn(HONEST).now_or_never().is_some());
        drop(first);
        drop(second.await.unwrap());
    }

    #[tokio::test]
    async fn busy_clients_take_turns() {
        let work = busy([ABUSIVE, 3]);
        let first = work.turn(ABUSIVE).await.unwrap();
        let mut steps: Vec<_> = (0..3).map(|_| Box::pin(work.turn(ABUSIVE))).collect();
        let mut other = Box::pin(work.turn(3));
        for step in &mut steps {
            assert!(step.as_mut().now_or_never().is_none());
        }
        assert!(other.as_mut().now_or_never().is_none());
        drop(first);
        let second = steps.remove(0).await.unwrap();
        assert!(steps[0].as_mut().now_or_never().is_none());
        drop(second);
        // Before the other steps, which came earlier.
        let turn = other.await.unwrap();
        for step in &mut steps {
            assert!(step.as_mut().now_or_never().is_none());
        }
        drop(turn);
        for step in steps {
            drop(step.await.unwrap());
        }
        assert!(work.0.unwrap().next.is_empty());
    }

    #[tokio::test]
    async fn no_limit() {
        let work = Work::limited(0);
        work.request(ABUSIVE, Duration::from_secs(1000)).await;
        work.request(HONEST, COST).await;
        assert!(work.turn(ABUSIVE).now_or_never().is_some());
    }
}
