//! Event triggers: changes of tracked tables are written down in the same transaction ([`capture`]) and delivered at
//! least once to webhooks. The loop is `dispatch`; when it looks at the queue is `waking`'s matter, how it shares its
//! places is `share`'s, what it says to the database is `store`'s, and one delivery is `deliver`'s.

pub mod capture;
mod check;
mod deliver;
mod dispatch;
mod horizon;
mod lease;
mod look;
pub mod resolve;
mod settler;
mod share;
mod store;
pub mod types;
mod waking;

pub use check::check;
pub use resolve::{ResolvedTrigger, resolve};
pub use types::EventTrigger;

use crate::error::Result;
use crate::state::Engine;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Creates or updates the event queue in `hdb_catalog`. For `batch_execute` at start-up, before anything else of this room.
pub const CATALOG_SQL: &str = include_str!("catalog.sql");

/// Starts to deliver events, until `stop`. The task ends when calls in flight have ended, or after the configured
/// shutdown time-out, and everything that was still held has been handed back. Fails where the configuration is wrong; a
/// database that is away is waited for.
pub fn start(engine: Arc<Engine>, stop: CancellationToken) -> Result<JoinHandle<()>> {
    // reqwest asks for the process's default; whoever installed one before keeps it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dispatcher = dispatch::Dispatcher::new(engine)?;
    Ok(tokio::spawn(dispatcher.run(stop)))
}
