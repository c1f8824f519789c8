//! The engine as every edge and background task sees it.

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

/// A running engine.
pub struct Engine {
    /// What it was started with.
    pub config: Config,
    /// Connections for requests.
    pub pool: Connections,
    /// The metadata in force; swapped whole. Whoever works with it loads it once and keeps that one.
    pub snapshot: ArcSwap<Snapshot>,
    /// Documents parsed before.
    pub documents: DocumentCache,
    /// Wakes events and live queries.
    pub waker: Waker,
    /// Running subscriptions.
    pub live: Registry,
    /// Cancelled when the engine is to stop: background tasks and sockets end, requests in flight are answered.
    pub shutdown: CancellationToken,
    /// Held by whoever changes metadata: one request of this engine at a time.
    pub metadata_lock: tokio::sync::Mutex<()>,
}

impl Engine {
    /// An engine that serves `snapshot`.
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

/// Metadata, catalog and what follows from them, at one moment.
pub struct Snapshot {
    /// `hdb_catalog.hdb_metadata.resource_version`.
    pub resource_version: i64,
    /// As stored.
    pub metadata: Arc<Metadata>,
    /// As read from the database.
    pub catalog: Arc<Catalog>,
    /// As resolved.
    pub tracked: Arc<Tracked>,
    /// What did not resolve.
    pub inconsistent: Arc<Vec<InconsistentObject>>,
    /// Schemas of roles, built when first asked for.
    roles: RwLock<HashMap<String, Arc<RoleSchema>>>,
}

impl Snapshot {
    /// A snapshot with no role's schema built yet.
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

    /// The schema of a role.
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
