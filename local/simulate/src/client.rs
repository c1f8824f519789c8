//! The stack as simulated people use it. While it does not respond, requests are repeated with increasing delays, and one line in the log
//! says so, however many people wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use local_client::{BackOff, Client, Failure, Refused};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use local_process::logs::Logs;

/// Longer than the time limits of the engine and of the gateway.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(35);
/// First and longest delay before a request is repeated.
const DELAYS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// Public interfaces of a stack, and the tasks that use them.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) client: Client,
    logs: Logs,
    /// A request failed, and none has succeeded since.
    unavailable: AtomicBool,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Api {
    /// `engine` and `functions` are base URLs.
    pub(crate) fn new(engine: &str, functions: &str, logs: &Logs) -> Result<Self> {
        Ok(Self {
            client: Client::new(engine, functions, Some(REQUEST_TIMEOUT))?,
            logs: logs.clone(),
            unavailable: AtomicBool::new(false),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// Runs a task until it ends or the simulation stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            stopping.run_until_cancelled(task).await;
        });
    }

    pub(crate) fn cancel(&self) {
        self.stopping.cancel();
    }

    pub(crate) async fn stop(&self) {
        self.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Handles the result of an attempt. After a failure that a repetition may solve it waits, each time longer, and returns `None`:
    /// the caller repeats the request.
    pub(crate) async fn settle<T>(
        &self,
        attempt: Result<T, Failure>,
        back_off: &mut BackOff,
    ) -> Option<Result<T, Refused>> {
        match attempt {
            Ok(result) => {
                self.note_response();
                Some(Ok(result))
            }
            Err(Failure::Refused(refused)) => {
                self.note_response();
                Some(Err(refused))
            }
            Err(failure) => {
                self.wait(&failure, back_off).await;
                None
            }
        }
    }

    pub(crate) fn back_off() -> BackOff {
        BackOff::new(DELAYS.0, DELAYS.1)
    }

    /// Waits after a failure, each time longer.
    pub(crate) async fn wait(&self, failure: &Failure, back_off: &mut BackOff) {
        if !self.unavailable.swap(true, Ordering::Relaxed) {
            self.logs
                .log_line(&format!("simulated people wait for the stack: {failure}"));
        }
        tokio::time::sleep(back_off.after(failure)).await;
    }

    /// Records that the stack responds.
    pub(crate) fn note_response(&self) {
        if self.unavailable.swap(false, Ordering::Relaxed) {
            self.logs
                .log_line("simulated people continue: the stack responds");
        }
    }

    /// Reports a problem of a person that a repetition of the request does not solve.
    pub(crate) fn report(&self, person: &str, problem: &dyn std::fmt::Display) {
        self.logs.log_line(&format!("{person} (simulated): {problem}"));
    }
}
