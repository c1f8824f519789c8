//! Lambda and API Gateway on one machine.
//!
//! [`gateway`] is the HTTP edge: it turns a request into a payload-2.0 event ([`event`]) and a function's answer into
//! a response ([`answer`]). [`queue`] hands events to processes. [`runtime_api`] is what a function process talks to:
//! the real Lambda Runtime API, so the very binaries run here that run on AWS. [`host`] starts the processes and
//! replaces the ones that end.

mod event;
mod gateway;
mod host;
mod queue;
mod response;
mod runtime_api;

pub use host::{Functions, Options};

use std::path::PathBuf;
use std::time::Duration;

use http::Method;

/// One function: a Lambda binary and the routes that lead to it.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Its name, on Lambda and in the logs.
    pub name: String,
    /// The binary.
    pub program: PathBuf,
    /// Method and path of each route.
    pub routes: Vec<(Method, String)>,
}

/// The limits, as AWS sets them or as `infra/` configures them.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Processes per function.
    pub concurrency: usize,
    /// Calls per function that may wait for a process; the next one is answered 429.
    pub queue: usize,
    /// How long a function may take for one call; then its process is killed and the caller is answered 503.
    pub function_timeout: Duration,
    /// How long a caller may wait, the queue included; then it is answered 503.
    pub gateway_timeout: Duration,
    /// How long a process may take from its start to its first operation for work.
    pub init_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 8,
            queue: 1_000,
            function_timeout: Duration::from_secs(10),
            gateway_timeout: Duration::from_secs(29),
            init_timeout: Duration::from_secs(10),
        }
    }
}
