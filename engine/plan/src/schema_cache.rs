//! Current metadata and what is derived from it.

use crate::bind::Request;
use crate::document::Document;
use crate::plan::Plan;
use crate::plan_cache::{PlanCache, PlanKey};
use crate::schema::{RoleSchema, SchemaOptions};
use crate::values::Values;
use arc_swap::ArcSwap;
use engine_error::RequestError;
use engine_model::catalog::Catalog;
use engine_model::metadata::tracked::TrackedObjects;
use engine_model::metadata::{self, InconsistentObject, Metadata, permissions};
use engine_model::session::{ADMIN, Session};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

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
    /// Schemas of `admin` and of the roles that occur in the metadata, built at first use. The keys are fixed, so that
    /// clients that send many role names do not increase the memory use.
    roles: HashMap<String, OnceLock<Arc<RoleSchema>>>,
    /// Empty schema of all other roles.
    unknown_role: OnceLock<Arc<RoleSchema>>,
    plans: PlanCache,
}

impl SchemaCache {
    /// Creates a cache; role schemas are built at first use.
    pub fn new(resource_version: i64, resolved: ResolvedMetadata) -> Self {
        let mut roles = permissions::roles(&resolved.metadata);
        roles.insert(ADMIN);
        let roles = roles
            .into_iter()
            .map(|role| (role.to_owned(), OnceLock::new()))
            .collect();
        Self {
            resource_version,
            resolved,
            roles,
            unknown_role: OnceLock::new(),
            plans: PlanCache::default(),
        }
    }

    /// Returns the schema of a role; builds it at first use. All roles that do not occur in the metadata share one schema.
    pub fn schema(&self, role: &str, options: SchemaOptions) -> Arc<RoleSchema> {
        let schema = self.roles.get(role).unwrap_or(&self.unknown_role);
        let build = || RoleSchema::build(&self.resolved.tracked, role, options);
        Arc::clone(schema.get_or_init(|| Arc::new(build())))
    }

    /// Returns the plan of a request and its values; plans the operation unless the plan is cached.
    pub fn plan(
        &self,
        session: &Session,
        document: &Document,
        request: &Request<'_>,
        options: SchemaOptions,
    ) -> Result<(Arc<Plan>, Values), RequestError> {
        let operation = document.operation_index(request.operation_name)?;
        let key = PlanKey::new(document, operation, &session.role, request.variables);
        if let Some(plan) = key.as_ref().and_then(|key| self.plans.get(key))
            && let Ok(values) = Values::new(&plan.values, request.variables, session)
        {
            return Ok((plan, values));
        }
        // A value that was refused above is refused again by the binder, whose errors have the path of the position.
        let schema = self.schema(&session.role, options);
        let plan = Arc::new(crate::plan(&schema, document, request)?);
        let values = Values::new(&plan.values, request.variables, session)?;
        self.plans.add(key, &plan);
        Ok((plan, values))
    }

    /// Returns the cached plans.
    pub fn plans(&self) -> &PlanCache {
        &self.plans
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn roles_outside_the_metadata_share_one_schema() {
        let metadata = serde_json::from_value(json!({
            "version": 3,
            "sources": [{
                "name": "default",
                "tables": [{
                    "table": "author",
                    "select_permissions": [{"role": "user", "permission": {"columns": "*", "filter": {}}}],
                }],
                "functions": [{"function": "search", "permissions": [{"role": "guest"}]}],
                "configuration": {},
            }],
            "inherited_roles": [{"role_name": "editor", "role_set": ["user"]}],
        }))
        .unwrap();
        let cache = SchemaCache::new(1, ResolvedMetadata::new(metadata, Arc::default()));
        let options = SchemaOptions::default();
        let unknown = cache.schema("unknown", options);
        for number in 0..1000 {
            assert!(Arc::ptr_eq(
                &cache.schema(&format!("role_{number}"), options),
                &unknown
            ));
        }
        for role in ["admin", "user", "guest", "editor"] {
            let schema = cache.schema(role, options);
            assert!(!Arc::ptr_eq(&schema, &unknown), "{role}");
            assert!(Arc::ptr_eq(&schema, &cache.schema(role, options)), "{role}");
        }
        assert_eq!(cache.roles.len(), 4);
    }
}
