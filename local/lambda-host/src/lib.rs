//! AWS Lambda and API Gateway on one machine, for any Lambda binary.
//!
//! `gateway` is the HTTP server: it converts a request to a payload-2.0 event (`event`) and the function's result to
//! a response (`response`), and refuses foreign web pages (`pages`). `queue` assigns events to processes. `runtime_api` implements
//! the Lambda Runtime API for the processes, so that the same binaries run here and on AWS. `host` starts the processes and
//! replaces exited ones.
//!
//! A process handles several calls at a time, as on Lambda Managed Instances, or one, as on Lambda: see [`Limits`].
//!
//! ```no_run
//! use lambda_host::{FunctionSpec, Functions, Limits, Options};
//! use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
//! use local_process::watchdog::Watchdog;
//!
//! # async fn run() -> anyhow::Result<()> {
//! let options = Options {
//!     functions: vec![FunctionSpec {
//!         name: "hello".to_owned(),
//!         program: "target/debug/hello".into(),
//!         routes: vec![(http::Method::POST, "/hello".to_owned())],
//!         env: Vec::new(),
//!     }],
//!     host: std::net::Ipv4Addr::LOCALHOST.into(),
//!     port: 8081,
//!     allowed_origins: vec!["http://localhost:3000".to_owned()],
//!     limits: Limits::default(),
//!     env: Vec::new(),
//!     inherited_env: Vec::new(),
//!     log_format: LogFormat::Text,
//!     log_level: LogLevel::Info,
//! };
//! let logs = Logs::new(Destination::Stderr);
//! let watchdog = Watchdog::start("target/debug".as_ref());
//! let functions = Functions::start(options, &logs, &watchdog).await?;
//! println!("{}/hello", functions.url());
//! # Ok(())
//! # }
//! ```
//!
//! The example `run` hosts one binary: `cargo run -p lambda-host --example run -- target/debug/hello`.

mod event;
mod gateway;
mod host;
mod pages;
mod queue;
mod response;
mod runtime_api;

pub use host::{Functions, Options};

use std::path::PathBuf;
use std::time::Duration;

use http::Method;

/// A Lambda binary and the routes that lead to it.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Name on Lambda and in the logs.
    pub name: String,
    /// Path of the binary.
    pub program: PathBuf,
    /// Method and path of each route.
    pub routes: Vec<(Method, String)>,
    /// Environment of its processes only, in addition to [`Options::env`].
    pub env: Vec<(String, String)>,
}

/// Limits of AWS, or those configured in `infra/`.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Processes per function.
    pub processes: usize,
    /// Maximum number of concurrent calls of a process. With one, as on Lambda, the process handles a call at a time; with more, as on
    /// Lambda Managed Instances, it learns the number from `AWS_LAMBDA_MAX_CONCURRENCY`.
    pub calls_per_process: usize,
    /// Maximum number of queued calls per function; further calls receive 429.
    pub queue: usize,
    /// Maximum duration of a call; then the caller receives 503 and its process is killed, which fails the other calls of the process.
    pub function_timeout: Duration,
    /// Maximum duration of a request, the queue included; then the caller receives 503.
    pub gateway_timeout: Duration,
    /// Maximum time from the start of a process to its first request for work.
    pub init_timeout: Duration,
}

impl Limits {
    /// Calls of a function that run concurrently.
    pub fn concurrency(&self) -> usize {
        self.processes * self.calls_per_process
    }

    /// The same limits with this many concurrent calls per function: in one process, or in a process for each.
    #[must_use]
    pub fn with_concurrency(self, calls: usize, one_call_per_process: bool) -> Self {
        let (processes, calls_per_process) = if one_call_per_process {
            (calls, 1)
        } else {
            (1, calls)
        };
        Self {
            processes,
            calls_per_process,
            ..self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            processes: 1,
            calls_per_process: 8,
            queue: 1_000,
            function_timeout: Duration::from_secs(10),
            gateway_timeout: Duration::from_secs(29),
            init_timeout: Duration::from_secs(10),
        }
    }
}
