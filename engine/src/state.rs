//! Shared state of the engine, used by all edges and background tasks.

use crate::catalog::Catalog;
use crate::exec::pool::Connections;
use crate::live::Registry;
use crate::metadata::change::Now;
use crate::metadata::tracked::Tracked;
use crate::metadata::{InconsistentObject, Metadata};
use crate::plan::document::DocumentCache;
use crate::schema::RoleSchema;
use crate::server::config::Config;
use crate::wake::Waker;
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use tokio_util::sync::CancellationToken;

/// Running engine.
pub struct Engine {
    pub config: Config,
    /// Connections for requests.
    pub pool: Connections,
    /// Current metadata, replaced as a whole. A request or task loads it once and uses that snapshot throughout.
    pub snapshot: ArcSwap<Snapshot>,
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
    pub fn new(config: Config, pool: Connections, live: Registry, snapshot: Snapshot) -> Self {
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

/// Consistent state of metadata, catalog and the objects resolved from them.
pub struct Snapshot {
    /// `hdb_catalog.hdb_metadata.resource_version`.
    pub resource_version: i64,
    /// Metadata as stored.
    pub metadata: Arc<Metadata>,
    /// Catalog as read from the database.
    pub catalog: Arc<Catalog>,
    /// `metadata` resolved against `catalog`.
    pub tracked: Arc<Tracked>,
    /// Objects that did not resolve.
    pub inconsistent: Arc<Vec<InconsistentObject>>,
    /// Schemas by role, built at first use.
    roles: RwLock<HashMap<String, Arc<RoleSchema>>>,
}

impl Snapshot {
    /// Creates a snapshot; role schemas are built at first use.
    pub fn new(resource_version: i64, now: Now) -> Self {
        let Now {
            metadata,
            catalog,
            tracked,
            inconsistent,
        } = now;
        Self {
            resource_version,
            metadata,
            catalog,
            tracked,
            inconsistent,
            roles: RwLock::default(),
        }
    }

    /// Returns the schema of a role; builds it at first use.
    pub fn schema(&self, role: &str, config: &Config) -> Arc<RoleSchema> {
        if let Some(schema) = self.roles.read().ok().and_then(|roles| roles.get(role).cloned()) {
            return schema;
        }
        let schema = Arc::new(RoleSchema::build(
            &self.tracked,
            role,
            config.stringify_numeric_types,
        ));
        if let Ok(mut roles) = self.roles.write() {
            roles.insert(role.to_owned(), Arc::clone(&schema));
        }
        schema
    }
}
