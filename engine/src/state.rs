//! Shared state of the engine, used by all edges and background tasks.

use crate::live::Registry;
use crate::server::config::Config;
use crate::wake::Waker;
use arc_swap::ArcSwap;
use engine_plan::document::DocumentCache;
use engine_plan::schema_cache::SchemaCache;
use engine_postgres::pool::Connections;
use tokio_util::sync::CancellationToken;

/// Running engine.
pub struct Engine {
    pub config: Config,
    /// Connections for requests.
    pub pool: Connections,
    /// Current metadata, replaced as a whole. A request or task loads it once and uses that snapshot throughout.
    pub snapshot: ArcSwap<SchemaCache>,
    pub documents: DocumentCache,
    /// Wakes events and live queries.
    pub waker: Waker,
    /// Running subscriptions.
    pub live: Registry,
    /// Cancelled at shutdown: background tasks and sockets end, requests in flight are completed.
    pub shutdown: CancellationToken,
    /// Held while metadata is changed: one request of this instance at a time.
    pub metadata_lock: tokio::sync::Mutex<()>,
}

impl Engine {
    pub fn new(config: Config, pool: Connections, live: Registry, snapshot: SchemaCache) -> Self {
        Self {
            config,
            pool,
            snapshot: ArcSwap::from_pointee(snapshot),
            documents: DocumentCache::default(),
            waker: Waker::default(),
            live,
            shutdown: CancellationToken::new(),
            metadata_lock: tokio::sync::Mutex::default(),
        }
    }
}
