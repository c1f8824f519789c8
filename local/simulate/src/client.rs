//! HTTP client of simulated people. While the stack does not respond, requests are repeated with increasing delays, and one line
//! in the log says so, however many people wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use local_process::logs::Logs;

/// Longer than the time limits of the engine and of the gateway.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(35);
/// Delay before a request is repeated: first value, doubled each time up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// Longest delay that a response may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// A request was not successful.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A repetition may succeed.
    #[error("{problem}")]
    Unavailable {
        problem: String,
        retry_after: Option<Duration>,
    },
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// A request that a repetition would not make valid.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn unavailable(problem: impl std::fmt::Display) -> Self {
        Self::Unavailable {
            problem: problem.to_string(),
            retry_after: None,
        }
    }
}

/// Public interfaces of a stack, and the tasks that use them.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) graphql: String,
    pub(crate) login: String,
    pub(crate) payment: String,
    http: reqwest::Client,
    logs: Logs,
    /// A request failed, and none has succeeded since.
    unavailable: AtomicBool,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Api {
    /// `engine` and `functions` are base URLs.
    pub(crate) fn new(engine: &str, functions: &str, logs: &Logs) -> Result<Self> {
        let functions = functions.trim_end_matches('/');
        Ok(Self {
            graphql: format!("{}/v1/graphql", engine.trim_end_matches('/')),
            login: format!("{functions}/login"),
            payment: format!("{functions}/payment"),
            http: local_process::http_client()?,
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

    /// Sends a POST once; returns the status and the JSON body.
    pub(crate) async fn post(
        &self,
        url: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<(StatusCode, Value), Failure> {
        let mut request = self.http.post(url).timeout(REQUEST_TIMEOUT).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let unreachable =
            |error: reqwest::Error| Failure::unavailable(anyhow::Error::from(error).root_cause());
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(|seconds| Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
        let text = response.text().await.map_err(unreachable)?;
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        let code = body["error"]["code"].as_str().unwrap_or_default();
        // The limit of attempts to pay is not one of the stack's load.
        let is_busy = status == StatusCode::TOO_MANY_REQUESTS && code != "too_many_attempts";
        if status.is_server_error() || is_busy || code == "payment_in_progress" {
            return Err(Failure::Unavailable {
                problem: format!("{url} responded {status}"),
                retry_after,
            });
        }
        Ok((status, body))
    }

    /// Handles the result of an attempt. After a failure that a repetition may solve it waits, each time longer, and returns `None`:
    /// the caller repeats the request.
    pub(crate) async fn settle<T>(
        &self,
        attempt: Result<T, Failure>,
        delay: &mut Duration,
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
                self.back_off(&failure, delay).await;
                None
            }
        }
    }

    /// Waits after a failure, each time longer.
    pub(crate) async fn back_off(&self, failure: &Failure, delay: &mut Duration) {
        if !self.unavailable.swap(true, Ordering::Relaxed) {
            self.logs
                .log_line(&format!("simulated people wait for the stack: {failure}"));
        }
        let asked = match failure {
            Failure::Unavailable { retry_after, .. } => *retry_after,
            Failure::Refused(_) => None,
        };
        // At random, so that they do not all return at the same moment.
        let wait = asked.unwrap_or(*delay).mul_f64(0.5 + fastrand::f64());
        tokio::time::sleep(wait).await;
        *delay = (*delay * 2).min(BACK_OFF.1);
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

    /// First delay of [`Self::back_off`].
    pub(crate) fn first_delay() -> Duration {
        BACK_OFF.0
    }
}
