//! Plans by document, operation, role, and presence of variables; all users of a role share them. A plan does not depend on the values of variables: an
//! operation whose structure does is not cached.

use crate::document::{Document, DocumentId};
use crate::plan::Plan;
use apollo_compiler::ast::OperationDefinition;
use engine_model::session::Session;
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Maximum number of cached plans.
const MAX_PLANS: usize = 1024;
/// Maximum number of bytes of all cached plans.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Whether a variable has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Presence {
    Absent,
    Null,
    Present,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    document: DocumentId,
    operation: usize,
    role: Box<str>,
    /// Whether the request may use mutations of backends.
    backend: bool,
    /// Presence of each declared variable.
    variables: Box<[Presence]>,
}

/// Key of the plan for a request. Its hash is that of the [`Key`] with the same fields.
#[derive(Debug, Hash)]
pub(crate) struct PlanKey<'a> {
    document: DocumentId,
    operation: usize,
    role: &'a str,
    backend: bool,
    variables: Vec<Presence>,
}

impl Equivalent<Key> for PlanKey<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.document == key.document
            && self.operation == key.operation
            && self.role == &*key.role
            && self.backend == key.backend
            && *self.variables == *key.variables
    }
}

impl<'a> PlanKey<'a> {
    /// Returns the key of a request; `None` if its document is too long to be cached, or if its variables are not those
    /// that the operation declares.
    pub(crate) fn new(
        document: &Document,
        operation: usize,
        session: &'a Session,
        values: Option<&Map<String, Value>>,
    ) -> Option<Self> {
        Some(Self {
            document: document.id()?,
            operation,
            role: &session.role,
            backend: session.backend_only,
            variables: presence(document.operations.get(operation)?, values)?,
        })
    }
}

/// Returns the presence of each declared variable; `None` if a value is missing, is null where null is not allowed, or is
/// not declared.
fn presence(operation: &OperationDefinition, values: Option<&Map<String, Value>>) -> Option<Vec<Presence>> {
    let mut variables = Vec::with_capacity(operation.variables.len());
    let mut given = 0;
    for definition in &operation.variables {
        let value = values.and_then(|values| values.get(definition.name.as_str()));
        given += usize::from(value.is_some());
        variables.push(match value {
            Some(Value::Null) if definition.ty.is_non_null() => return None,
            Some(Value::Null) => Presence::Null,
            Some(_) => Presence::Present,
            None if definition.ty.is_non_null() && definition.default_value.is_none() => return None,
            None => Presence::Absent,
        });
    }
    (given == values.map_or(0, Map::len)).then_some(variables)
}

/// Weighs a plan by its size. The minimum weight bounds the number of plans.
#[derive(Debug, Clone)]
struct PlanSize;

impl Weighter<Key, Arc<Plan>> for PlanSize {
    fn weight(&self, key: &Key, plan: &Arc<Plan>) -> u64 {
        let size = key.role.len() + key.variables.len() + plan.size();
        (size as u64).max(MAX_BYTES / MAX_PLANS as u64)
    }
}

/// Plans of one version of the schema, bounded in number and bytes.
#[derive(Debug)]
pub struct PlanCache {
    plans: Cache<Key, Arc<Plan>, PlanSize>,
    translations: AtomicU64,
}

impl Default for PlanCache {
    fn default() -> Self {
        Self {
            plans: Cache::with_weighter(MAX_PLANS, MAX_BYTES, PlanSize),
            translations: AtomicU64::new(0),
        }
    }
}

impl PlanCache {
    pub(crate) fn get(&self, key: &PlanKey<'_>) -> Option<Arc<Plan>> {
        self.plans.get(key)
    }

    /// Counts a translated plan, and adds it if other requests can use it.
    pub(crate) fn add(&self, key: Option<PlanKey<'_>>, plan: &Arc<Plan>) {
        self.translations.fetch_add(1, Ordering::Relaxed);
        if let Some(key) = key
            && plan.reusable
        {
            let key = Key {
                document: key.document,
                operation: key.operation,
                role: key.role.into(),
                backend: key.backend,
                variables: key.variables.into(),
            };
            self.plans.insert(key, Arc::clone(plan));
        }
    }

    /// Returns the number of operations translated since the cache was created.
    pub fn translations(&self) -> u64 {
        self.translations.load(Ordering::Relaxed)
    }

    /// Returns the number of cached plans.
    pub fn len(&self) -> usize {
        self.plans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Returns the total weight of the cached plans, at least their number of bytes.
    pub fn weight(&self) -> u64 {
        self.plans.weight()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Fields, QueryField};
    use crate::table_set::TableSet;
    use engine_sql::Statement;

    #[test]
    fn size_of_plan_includes_root_fields_and_constants() {
        let field = |key: &str| crate::ir::RootField {
            namespace: None,
            key: key.to_owned(),
            name: "__typename".to_owned(),
            path: vec![engine_error::Segment::Key(key.to_owned())],
            value: QueryField::Constant("\"query_root\"".to_owned()),
        };
        let plan = |fields: usize| Plan {
            fields: Fields::Query((0..fields).map(|n| field(&n.to_string())).collect()),
            values: Vec::new(),
            reusable: true,
            tables: TableSet::All,
        };
        let each = (plan(1000).size() - plan(0).size()) / 1000;
        assert!(
            each >= size_of::<crate::ir::RootField<QueryField>>() + 24,
            "{each}"
        );
    }

    #[test]
    fn plans_are_bounded_in_number_and_bytes() {
        let document = Document::parse("{ a }").unwrap();
        let fill = |sql: &str, count: usize| {
            let cache = PlanCache::default();
            let statement = Statement {
                queries: 1,
                reads: Vec::new(),
                writes: Vec::new(),
                calls_functions: false,
                sql: sql.into(),
                params: Vec::new(),
            };
            let field = crate::ir::RootField {
                namespace: None,
                key: "a".to_owned(),
                name: "a".to_owned(),
                path: Vec::new(),
                value: QueryField::Statement(statement),
            };
            let plan = Arc::new(Plan {
                fields: Fields::Query(vec![field]),
                values: Vec::new(),
                reusable: true,
                tables: TableSet::All,
            });
            for n in 0..count {
                let session = Session::of_role(&n.to_string());
                cache.add(PlanKey::new(&document, 0, &session, None), &plan);
            }
            cache
        };
        let small = fill("SELECT 1", 3 * MAX_PLANS);
        assert!(!small.is_empty() && small.len() <= MAX_PLANS, "{}", small.len());
        let large = fill(&" ".repeat(256 * 1024), 200);
        assert!(
            !large.is_empty() && large.weight() <= MAX_BYTES,
            "{}",
            large.weight()
        );
    }
}
