//! Load generators: a fixed number of clients (closed), or a fixed rate (open).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::figures::count;

/// Maximum duration of a call; then it has failed.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Results of a load.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Duration of each successful call.
    pub(crate) times: Vec<Duration>,
    /// Calls that failed or exceeded 30 s.
    pub(crate) errors: u64,
    /// From the first call to the last response.
    pub(crate) took: Duration,
}

impl Load {
    /// Successful calls per second.
    pub(crate) fn rate(&self) -> f64 {
        count(self.times.len() as u64) / self.took.as_secs_f64()
    }

    pub(crate) fn error_percent(&self) -> f64 {
        let good = self.times.len() as u64;
        100.0 * count(self.errors) / count((self.errors + good).max(1))
    }

    /// Adds a later load of the same kind.
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

/// Closed load: `clients` concurrent clients, each sending its next call after the response to the previous one,
/// until `calls` are made or `limit` has passed. `call` receives the numbers of client and call and returns whether
/// it succeeded.
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

/// Open load: `rate` calls per second for `length`, independent of outstanding responses.
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
    async fn closed_load_makes_each_call_once() {
        let load = closed(4, 100, None, |_, number| async move { number % 10 != 0 }).await;
        assert_eq!((load.times.len(), load.errors), (90, 10));
        assert!((load.error_percent() - 10.0).abs() < 0.001);
    }

    #[tokio::test]
    async fn open_load_does_not_wait_for_responses() {
        let third = Arc::new(tokio::sync::Notify::new());
        let load = open(1_000.0, Duration::from_millis(10), move |number| {
            let third = third.clone();
            async move {
                match number {
                    // If the second call waited for the first, this notification would never arrive.
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
