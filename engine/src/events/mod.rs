//! Event triggers: changes of tracked tables are recorded in the same transaction ([`capture`]) and delivered to webhooks
//! at least once. `dispatch` contains the main loop, `waking` decides when it polls the queue, `share` limits the slots
//! per trigger, `store` contains the statements of the queue, and `deliver` performs one delivery.

pub mod capture;
mod deliver;
mod dispatch;
mod horizon;
mod lease;
mod look;
mod settler;
mod share;
mod store;
mod waking;

use crate::state::Engine;
use engine_error::Result;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// SQL that creates or updates the event queue in `hdb_catalog`. Executed with `batch_execute` at start-up, before any
/// other function of this module.
pub const CATALOG_SQL: &str = include_str!("catalog.sql");

/// Delivers events until `stop` is cancelled. The task ends when the calls in flight have completed, or after the configured
/// shutdown timeout, and the remaining held events have been released. Returns an error if the configuration is invalid;
/// an unreachable database is retried.
pub fn start(engine: Arc<Engine>, stop: CancellationToken) -> Result<JoinHandle<()>> {
    // reqwest uses the default provider of the process; keep one that is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dispatcher = dispatch::Dispatcher::new(engine)?;
    Ok(tokio::spawn(dispatcher.run(stop)))
}
