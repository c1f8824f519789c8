//! Dependencies of pollers.

use super::lanes::{CONNECTIONS, Lanes};
use crate::wake::Waker;
use engine_error::Result;
use engine_plan::schema_cache::CurrentSchema;
use engine_postgres::limit::ResponseLimit;
use engine_postgres::pool::{self, Connections, PoolOptions};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The planner cannot estimate a LIMIT that comes from the subscribers' values: its estimate exceeds the thresholds of JIT
/// compilation, which then takes hundreds of times longer than the query.
const NO_JIT: &str = "SET jit = off";

/// Settings of subscriptions.
#[derive(Debug, Clone)]
pub struct LiveOptions {
    /// Interval at which a query is run again without a wake-up.
    pub refetch_interval: Duration,
    /// Maximum number of cohorts in one statement.
    pub batch_size: usize,
    /// Limit of the results of one statement. A batch that exceeds it is divided.
    pub batch_response: ResponseLimit,
}

/// Dependencies of pollers.
pub struct Context {
    pub(super) options: LiveOptions,
    pub(super) schema: CurrentSchema,
    pub(super) waker: Waker,
    /// Cancelled at shutdown.
    pub(super) shutdown: CancellationToken,
    pub(super) pool: Connections,
    pub(super) lanes: Lanes,
}

impl Context {
    /// Creates the context with its own small pool, not yet connected; its use is work of the same clients as that of `requests`.
    /// Returns an error if the connection string is invalid.
    pub fn new(
        pool: &PoolOptions,
        requests: &Connections,
        options: LiveOptions,
        schema: CurrentSchema,
        waker: Waker,
        shutdown: CancellationToken,
    ) -> Result<Self> {
        let setup = format!("{}; {NO_JIT}", pool::statement_timeout(pool));
        Ok(Self {
            options,
            schema,
            waker,
            shutdown,
            pool: pool::build_with(pool, CONNECTIONS, &setup)?.with_work(requests.work().clone()),
            lanes: Lanes::new(),
        })
    }
}
