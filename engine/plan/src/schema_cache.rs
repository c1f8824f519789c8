//! Current metadata and what is derived from it.

use crate::schema::RoleSchema;
use arc_swap::ArcSwap;
use engine_model::catalog::Catalog;
use engine_model::metadata::tracked::TrackedObjects;
use engine_model::metadata::{self, InconsistentObject, Metadata};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// Metadata resolved against a catalog.
#[derive(Debug, Clone)]
pub struct ResolvedMetadata {
    /// Metadata document.
    pub metadata: Arc<Metadata>,
    /// Catalog as last read from the database.
    pub catalog: Arc<Catalog>,
    /// `metadata` resolved against `catalog`.
    pub tracked: Arc<TrackedObjects>,
    /// Objects that did not resolve.
    pub inconsistent: Arc<Vec<InconsistentObject>>,
}

impl ResolvedMetadata {
    /// Resolves `metadata` against `catalog`.
    pub fn new(metadata: Metadata, catalog: Arc<Catalog>) -> Self {
        let (tracked, inconsistent) = metadata::resolve(&metadata, &catalog);
        let (tracked, inconsistent) = (Arc::new(tracked), Arc::new(inconsistent));
        Self {
            metadata: Arc::new(metadata),
            catalog,
            tracked,
            inconsistent,
        }
    }
}

/// Current [`SchemaCache`], replaced as a whole. A request or task loads it once and uses that version throughout.
pub type CurrentSchema = Arc<ArcSwap<SchemaCache>>;

/// Committed metadata with the role schemas derived from it.
#[derive(Debug)]
pub struct SchemaCache {
    /// `hdb_catalog.hdb_metadata.resource_version`.
    pub resource_version: i64,
    /// Metadata of that version.
    pub resolved: ResolvedMetadata,
    /// Schemas by role, built at first use.
    roles: RwLock<HashMap<String, Arc<RoleSchema>>>,
}

impl SchemaCache {
    /// Creates a cache; role schemas are built at first use.
    pub fn new(resource_version: i64, resolved: ResolvedMetadata) -> Self {
        Self {
            resource_version,
            resolved,
            roles: RwLock::default(),
        }
    }

    /// Returns the schema of a role; builds it at first use.
    pub fn schema(&self, role: &str, stringify_numeric_types: bool) -> Arc<RoleSchema> {
        if let Some(schema) = self.roles.read().ok().and_then(|roles| roles.get(role).cloned()) {
            return schema;
        }
        let schema = Arc::new(RoleSchema::build(
            &self.resolved.tracked,
            role,
            stringify_numeric_types,
        ));
        if let Ok(mut roles) = self.roles.write() {
            roles.insert(role.to_owned(), Arc::clone(&schema));
        }
        schema
    }
}
