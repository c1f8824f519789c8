//! Restarts services of a running stack that exit.

use std::collections::VecDeque;
use std::future::Future;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Result;
use local_process::exit::cause;
use local_process::logs::Logs;
use local_services::pgbouncer::PgBouncer;
use local_services::postgres::Postgres;

use crate::engine::Engine;

/// Number of restarts within [`WINDOW`] after which an exit of the service is a failure of the stack.
const MAX_RESTARTS: usize = 5;
const WINDOW: Duration = Duration::from_mins(1);
/// Delay of the second restart within [`WINDOW`], doubled for each further one. The first is immediate.
const BACK_OFF: Duration = Duration::from_millis(200);

/// A service that can be restarted.
pub(super) trait Service {
    const NAME: &'static str;

    /// Waits until the process has exited.
    fn exited(&self) -> impl Future<Output = ExitStatus> + Send;

    /// Starts the process again after it has exited. Cancellation leaves a process that can be stopped, or none.
    fn start_again(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// Last report of the process, with its log file if it has one.
    fn last_report(&self, logs: &Logs) -> String;
}

impl Service for Engine {
    const NAME: &'static str = "the engine";

    async fn exited(&self) -> ExitStatus {
        self.running().exited().await
    }

    async fn start_again(&mut self) -> Result<()> {
        self.launch_again()
    }

    fn last_report(&self, logs: &Logs) -> String {
        let said = logs.last_output("engine");
        format!("its last output: {}", said.as_deref().unwrap_or("none"))
    }
}

impl Service for PgBouncer {
    const NAME: &'static str = "pgBouncer";

    async fn exited(&self) -> ExitStatus {
        self.running().exited().await
    }

    async fn start_again(&mut self) -> Result<()> {
        Self::start_again(self)
    }

    fn last_report(&self, _: &Logs) -> String {
        format!("{}: {}", self.log_file().display(), self.last_output())
    }
}

impl Service for Postgres {
    const NAME: &'static str = "Postgres";

    async fn exited(&self) -> ExitStatus {
        Self::exited(self).await
    }

    async fn start_again(&mut self) -> Result<()> {
        Self::start_again(self).await
    }

    fn last_report(&self, _: &Logs) -> String {
        format!("{}: {}", self.log_file().display(), self.last_output())
    }
}

/// Restarts the service whenever it exits, with one line that names the cause. Returns when it exits too often.
pub(super) async fn keep<S: Service>(service: &mut S, logs: &Logs) -> String {
    let mut restarts = Restarts::default();
    loop {
        let cause = cause(service.exited().await);
        let Some(delay) = restarts.delay(Instant::now()) else {
            return format!(
                "{} {cause} after {MAX_RESTARTS} restarts within a minute; {}",
                S::NAME,
                service.last_report(logs)
            );
        };
        logs.log_line(&format!("{} {cause}; restarting it", S::NAME));
        tokio::time::sleep(delay).await;
        if let Err(error) = service.start_again().await {
            // The process has exited again, or the program could not be run: the next turn of the loop reports and counts it.
            logs.log_line(&format!("{} did not start: {error:#}", S::NAME));
        }
    }
}

/// [`keep`] for a service that the stack may not have.
pub(super) async fn keep_if_any<S: Service>(service: Option<&mut S>, logs: &Logs) -> String {
    match service {
        Some(service) => keep(service, logs).await,
        None => std::future::pending().await,
    }
}

/// Times of the restarts within [`WINDOW`].
#[derive(Debug, Default)]
struct Restarts(VecDeque<Instant>);

impl Restarts {
    /// Counts a restart and returns its delay; `None` if there were too many.
    fn delay(&mut self, now: Instant) -> Option<Duration> {
        while self.0.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            self.0.pop_front();
        }
        if self.0.len() >= MAX_RESTARTS {
            return None;
        }
        let before = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push_back(now);
        Some(before.checked_sub(1).map_or(Duration::ZERO, |doubled| {
            BACK_OFF.saturating_mul(2_u32.saturating_pow(doubled))
        }))
    }
}

#[cfg(test)]
mod tests {
    use local_process::logs::{Destination, OWN};
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn restarts_are_delayed_and_limited_within_a_minute() {
        let mut restarts = Restarts::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let delays: Vec<_> = (0..6).map(|second| restarts.delay(at(second))).collect();
        assert_eq!(
            delays,
            [Some(0), Some(200), Some(400), Some(800), Some(1_600), None]
                .map(|ms| ms.map(Duration::from_millis))
        );
        assert_eq!(restarts.delay(at(60)), Some(Duration::from_millis(1_600)));
        assert_eq!(restarts.delay(at(200)), Some(Duration::ZERO));
    }

    /// Exits at once each time.
    struct Broken(usize);

    impl Service for Broken {
        const NAME: &'static str = "the service";

        async fn exited(&self) -> ExitStatus {
            ExitStatus::from_raw(4 << 8)
        }

        async fn start_again(&mut self) -> Result<()> {
            self.0 += 1;
            Ok(())
        }

        fn last_report(&self, _: &Logs) -> String {
            "its log: no configuration".to_owned()
        }
    }

    #[tokio::test]
    async fn service_that_exits_at_once_fails_the_stack() {
        let logs = Logs::new(Destination::Kept);
        let mut service = Broken(0);
        let failure = keep(&mut service, &logs).await;
        assert_eq!(
            failure,
            "the service exited with status 4 after 5 restarts within a minute; its log: no configuration"
        );
        assert_eq!(service.0, MAX_RESTARTS);
        let line = "the service exited with status 4; restarting it";
        assert_eq!(logs.tail(OWN), [line; MAX_RESTARTS]);
    }
}
