//! Sending calls: as fast as so many clients can, or so many a second whatever becomes of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::figures::count;

/// A call without an answer by then has failed.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// What became of the calls.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// How long each good call took.
    pub(crate) times: Vec<Duration>,
    /// Calls that failed, or were not answered within 30 s.
    pub(crate) errors: u64,
    /// From the first call to the last answer.
    pub(crate) took: Duration,
}

impl Load {
    /// Good calls a second.
    pub(crate) fn rate(&self) -> f64 {
        count(self.times.len() as u64) / self.took.as_secs_f64()
    }

    /// Failed calls in a hundred.
    pub(crate) fn error_percent(&self) -> f64 {
        let good = self.times.len() as u64;
        100.0 * count(self.errors) / count((self.errors + good).max(1))
    }

    /// Adds what another load of the same kind did, at another time.
    pub(crate) fn merge(&mut self, other: Self) {
        self.times.extend(other.times);
        self.errors += other.errors;
        self.took += other.took;
    }

    fn add(&mut self, outcome: (Duration, bool)) {
        match outcome {
            (time, true) => self.times.push(time),
            (_, false) => self.errors += 1,
        }
    }
}

/// `clients` at once, each with its next call when its last is answered, until `calls` are made or the time is up. `call`
/// gets the client's number and the call's, and says whether it went well.
pub(crate) async fn closed<F, Fut>(clients: usize, calls: u64, limit: Option<Duration>, call: F) -> Load
where
    F: Fn(usize, u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = bool> + Send,
{
    let (next, call) = (Arc::new(AtomicU64::new(0)), Arc::new(call));
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let (next, call) = (next.clone(), call.clone());
        tasks.spawn(async move {
            let mut mine = Load::default();
            while limit.is_none_or(|limit| began.elapsed() < limit) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= calls {
                    break;
                }
                mine.add(timed(call(client, number)).await);
            }
            mine
        });
    }
    let mut all = Load::default();
    while let Some(Ok(mine)) = tasks.join_next().await {
        all.times.extend(mine.times);
        all.errors += mine.errors;
    }
    all.took = began.elapsed();
    all
}

/// `rate` calls a second for so long, each at its time, however many are still unanswered.
pub(crate) async fn open<F, Fut>(rate: f64, length: Duration, call: F) -> Load
where
    F: Fn(u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = bool> + Send + 'static,
{
    let began = Instant::now();
    let mut tick = interval(Duration::from_secs_f64(1.0 / rate));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut tasks = JoinSet::new();
    let mut number = 0;
    while began.elapsed() < length {
        tick.tick().await;
        tasks.spawn(timed(call(number)));
        number += 1;
    }
    let mut all = Load::default();
    while let Some(Ok(outcome)) = tasks.join_next().await {
        all.add(outcome);
    }
    all.took = began.elapsed();
    all
}

async fn timed(call: impl Future<Output = bool>) -> (Duration, bool) {
    let began = Instant::now();
    let well = timeout(CALL_TIMEOUT, call).await.unwrap_or(false);
    (began.elapsed(), well)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_load_makes_each_call_once() {
        let load = closed(4, 100, None, |_, number| async move { number % 10 != 0 }).await;
        assert_eq!((load.times.len(), load.errors), (90, 10));
        assert!((load.error_percent() - 10.0).abs() < 0.001);
    }

    #[tokio::test]
    async fn an_open_load_waits_for_nobody() {
        let third = Arc::new(tokio::sync::Notify::new());
        let load = open(1_000.0, Duration::from_millis(10), move |number| {
            let third = third.clone();
            async move {
                match number {
                    // Were the second call to wait for the first, this would never be told.
                    0 => third.notified().await,
                    2 => third.notify_one(),
                    _ => {}
                }
                number != 1
            }
        })
        .await;
        assert_eq!(load.errors, 1);
        assert!(load.times.len() >= 2, "{}", load.times.len());
    }
}
