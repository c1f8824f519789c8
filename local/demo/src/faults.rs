//! Faults of a demo: processes of its stack are killed, at intervals or at random moments, and restarted.

use std::time::Duration;

use anyhow::{Context as _, Error, Result};
use clap::Args;
use fastrand::Rng;
use tokio::time::{Instant, Interval, interval_at, sleep_until};

use crate::parse::duration;
use local_process::logs::Logs;
use local_stack::Stack;

/// Shortest and longest time between two faults at random moments, in milliseconds.
const RANDOM_MS: std::ops::Range<u64> = 2_000..8_000;

#[derive(Debug, Clone, Args)]
pub(crate) struct FaultArgs {
    /// Mixed faults: kill the engine, a process of each function or pgBouncer at random moments, 2 to 8 s apart. With the shares
    /// --cancel 0.1 --reject 0.05 --expire 0.05, unless other ones are passed
    #[arg(long, conflicts_with = "url")]
    faults: bool,
    /// Kill a process of each function at this interval, e.g. 1s
    #[arg(long, value_name = "DUR", value_parser = duration, conflicts_with = "url")]
    kill_functions: Option<Duration>,
    /// Kill and restart the engine at this interval, e.g. 3s
    #[arg(long, value_name = "DUR", value_parser = duration, conflicts_with = "url")]
    kill_engine: Option<Duration>,
    /// Kill and restart pgBouncer at this interval, e.g. 3s
    #[arg(long, value_name = "DUR", value_parser = duration, conflicts_with = "url")]
    kill_pool: Option<Duration>,
}

/// A process to kill.
#[derive(Debug, Clone, Copy)]
enum Victim {
    Functions,
    Engine,
    Pool,
}

impl FaultArgs {
    /// Whether faults at random moments are requested.
    pub(crate) fn are_mixed(&self) -> bool {
        self.faults
    }

    /// Kills processes for as long as the future is polled. Returns only with an error: a service exited on its own, or did not
    /// restart.
    pub(crate) async fn inject(&self, seed: u64, stack: &mut Stack, logs: &Logs) -> Error {
        let mut functions = self.kill_functions.map(every);
        let mut engine = self.kill_engine.map(every);
        let mut pool = self.kill_pool.map(every);
        let mut random = self.faults.then(|| RandomFaults::new(seed));
        loop {
            let victim = tokio::select! {
                () = tick(&mut functions) => Victim::Functions,
                () = tick(&mut engine) => Victim::Engine,
                () = tick(&mut pool) => Victim::Pool,
                victim = next(&mut random) => victim,
                failure = stack.failed(logs) => return Error::msg(failure),
            };
            if let Err(error) = kill(victim, stack, logs).await {
                return error;
            }
        }
    }
}

async fn kill(victim: Victim, stack: &mut Stack, logs: &Logs) -> Result<()> {
    match victim {
        Victim::Functions => {
            stack.functions().kill_one_of_each();
        }
        Victim::Engine => {
            logs.log_line("killing the engine");
            stack.engine().kill().await;
            let restarted = stack.engine_mut().start_again().await;
            restarted.context("the engine did not restart")?;
        }
        Victim::Pool => {
            if let Some(pool) = stack.pgbouncer_mut() {
                logs.log_line("killing pgBouncer");
                pool.running().kill().await;
                pool.restart().await.context("pgBouncer did not restart")?;
            }
        }
    }
    Ok(())
}

/// Faults at random moments.
struct RandomFaults {
    rng: Rng,
    at: Instant,
}

impl RandomFaults {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let at = later(&mut rng);
        Self { rng, at }
    }

    /// Waits for the next one. Cancellation loses none.
    async fn next(&mut self) -> Victim {
        sleep_until(self.at).await;
        self.at = later(&mut self.rng);
        match self.rng.u8(0..3) {
            0 => Victim::Functions,
            1 => Victim::Engine,
            _ => Victim::Pool,
        }
    }
}

fn later(rng: &mut Rng) -> Instant {
    Instant::now() + Duration::from_millis(rng.u64(RANDOM_MS))
}

async fn next(random: &mut Option<RandomFaults>) -> Victim {
    match random {
        Some(random) => random.next().await,
        None => std::future::pending().await,
    }
}

fn every(period: Duration) -> Interval {
    interval_at(Instant::now() + period, period)
}

async fn tick(interval: &mut Option<Interval>) {
    match interval {
        Some(interval) => {
            interval.tick().await;
        }
        None => std::future::pending().await,
    }
}
