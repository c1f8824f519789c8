//! Current metadata and what is derived from it.

use crate::allow_list::AllowList;
use crate::api_limits;
use crate::bind::Request;
use crate::document::Document;
use crate::limits;
use crate::permissions::Permissions;
use crate::plan::Plan;
use crate::plan_cache::{PlanCache, PlanKey};
use crate::schema::api::ApiTables;
use crate::schema::{RoleSchema, SchemaOptions};
use crate::values::Values;
use arc_swap::ArcSwap;
use engine_error::RequestError;
use engine_model::catalog::Catalog;
use engine_model::metadata::api_limits::{ApiLimits, RoleLimits};
use engine_model::metadata::introspection_options::IntrospectionOptions;
use engine_model::metadata::tracked::TrackedObjects;
use engine_model::metadata::{self, InconsistentObject, Metadata, permissions};
use engine_model::session::{ADMIN, Session};
use indexmap::IndexSet;
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
    /// Valid permissions of `metadata`.
    pub permissions: Arc<Permissions>,
    /// Objects that did not resolve.
    pub inconsistent: Arc<Vec<InconsistentObject>>,
}

impl ResolvedMetadata {
    /// Resolves `metadata` against `catalog`.
    pub fn new(metadata: impl Into<Arc<Metadata>>, catalog: Arc<Catalog>) -> Self {
        let metadata = metadata.into();
        let (tracked, mut inconsistent) = metadata::resolve(&metadata, &catalog);
        let permissions = Permissions::resolve(&metadata, &tracked);
        inconsistent.extend(permissions.inconsistent(&metadata));
        Self {
            metadata,
            catalog,
            tracked: Arc::new(tracked),
            permissions: Arc::new(permissions),
            inconsistent: Arc::new(inconsistent),
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
    /// API limits of that version. Invalid ones in the database have no effect; the engine logs them when it reads the document.
    api_limits: Option<ApiLimits>,
    /// Tables that the schemas of all roles refer to.
    tables: OnceLock<Arc<ApiTables>>,
    /// Schemas of `admin` and of the roles that occur in the metadata, built at first use. The keys are fixed, so that
    /// clients that send many role names do not increase the memory use.
    roles: HashMap<String, RoleSchemas>,
    /// Empty schema of all other roles.
    unknown_role: OnceLock<Arc<RoleSchema>>,
    /// Roles that have no introspection.
    without_introspection: IndexSet<String>,
    /// Read when it is first needed.
    allow_list: OnceLock<AllowList>,
    plans: PlanCache,
}

/// Schemas of one role.
#[derive(Debug, Default)]
struct RoleSchemas {
    frontend: OnceLock<Arc<RoleSchema>>,
    /// With the mutations that permissions restrict to backends.
    backend: OnceLock<Arc<RoleSchema>>,
}

impl SchemaCache {
    /// Creates a cache; role schemas are built at first use.
    pub fn new(resource_version: i64, resolved: ResolvedMetadata) -> Self {
        let mut roles = permissions::roles(&resolved.metadata);
        let without_introspection = IntrospectionOptions::of(&resolved.metadata).unwrap_or_default();
        let without_introspection = without_introspection.disabled_for_roles;
        roles.extend(without_introspection.iter().map(String::as_str));
        roles.insert(ADMIN);
        let roles = roles
            .into_iter()
            .map(|role| (role.to_owned(), RoleSchemas::default()))
            .collect();
        Self {
            resource_version,
            api_limits: ApiLimits::of(&resolved.metadata).unwrap_or_default(),
            resolved,
            tables: OnceLock::new(),
            roles,
            unknown_role: OnceLock::new(),
            without_introspection,
            allow_list: OnceLock::new(),
            plans: PlanCache::default(),
        }
    }

    /// Returns the schema of a session's role; builds it at first use. All roles that do not occur in the metadata share
    /// one schema.
    pub fn schema(&self, session: &Session, options: SchemaOptions) -> Arc<RoleSchema> {
        let (role, backend) = (session.role.as_str(), session.backend_only);
        let schema = match self.roles.get(role) {
            Some(schemas) if backend => &schemas.backend,
            Some(schemas) => &schemas.frontend,
            None => &self.unknown_role,
        };
        let build = || {
            let tables = self
                .tables
                .get_or_init(|| ApiTables::new(Arc::clone(&self.resolved.tracked)));
            let permissions = &self.resolved.permissions;
            if session.is_admin() {
                return Arc::new(RoleSchema::admin(tables, backend, options));
            }
            let schema = RoleSchema::of_role(tables, permissions, role, backend, options);
            Arc::new(if self.without_introspection.contains(role) {
                schema.without_introspection(role)
            } else {
                schema
            })
        };
        Arc::clone(schema.get_or_init(build))
    }

    /// Returns the API limits of a session; `None` if it has none.
    pub fn api_limits(&self, session: &Session) -> Option<RoleLimits<'_>> {
        self.api_limits.as_ref()?.of_session(session)
    }

    /// Returns the plan of a request and its values; plans the operation unless the plan is cached.
    pub fn plan(
        &self,
        session: &Session,
        document: &Document,
        request: &Request<'_>,
        options: SchemaOptions,
    ) -> Result<(Arc<Plan>, Values), RequestError> {
        if options.allow_list {
            let list = self
                .allow_list
                .get_or_init(|| AllowList::of(&self.resolved.metadata));
            list.check(session, document)?;
        }
        let operation = document.operation_index(request.operation_name)?;
        if let Some(limits) = self.api_limits(session) {
            api_limits::check(document, operation, session, &limits)?;
        }
        let key = PlanKey::new(document, operation, session, request.variables);
        if let Some(plan) = key.as_ref().and_then(|key| self.plans.get(key))
            && let Ok(values) = Values::new(&plan.values, request.variables, session)
        {
            limits::check_values(&|visit| plan.statements(visit), &values)?;
            return Ok((plan, values));
        }
        // A value that was refused above is refused again by the binder, whose errors have the path of the position.
        let schema = self.schema(session, options);
        let mut plan = crate::plan(&schema, document, request)?;
        plan.tables = plan.tables(&self.resolved.catalog);
        let plan = Arc::new(plan);
        let values = Values::new(&plan.values, request.variables, session)?;
        limits::check_values(&|visit| plan.statements(visit), &values)?;
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
        let metadata: Metadata = serde_json::from_value(json!({
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
        let schema = |role: &str| cache.schema(&Session::of_role(role), options);
        let unknown = schema("unknown");
        for number in 0..1000 {
            assert!(Arc::ptr_eq(&schema(&format!("role_{number}")), &unknown));
        }
        for role in ["admin", "user", "guest", "editor"] {
            let built = schema(role);
            assert!(!Arc::ptr_eq(&built, &unknown), "{role}");
            assert!(Arc::ptr_eq(&built, &schema(role)), "{role}");
        }
        assert_eq!(cache.roles.len(), 4);
    }
}
