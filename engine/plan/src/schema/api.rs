//! The tables of the API, which the schemas of all roles share.

use super::type_names::TypeNames;
use engine_model::catalog::TableName;
use engine_model::metadata::tracked::{TrackedObjects, TrackedTable};
use indexmap::IndexMap;
use std::sync::Arc;

/// Tracked objects with the names of the types of the tables.
#[derive(Debug)]
pub struct ApiTables {
    tracked: Arc<TrackedObjects>,
    names: IndexMap<TableName, Arc<TypeNames>>,
}

impl ApiTables {
    pub fn new(tracked: Arc<TrackedObjects>) -> Arc<Self> {
        let names = tracked.tables.iter().map(|(name, table)| {
            let names = TypeNames::new(&table.names);
            (name.clone(), Arc::new(names))
        });
        let names = names.collect();
        Arc::new(Self { tracked, names })
    }

    /// All tracked objects, whether or not a role may use them.
    pub(super) fn tracked(&self) -> &TrackedObjects {
        &self.tracked
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&TableName, &Arc<TrackedTable>, &Arc<TypeNames>)> {
        let tables = self.tracked.tables.iter().zip(self.names.values());
        tables.map(|((name, table), names)| (name, table, names))
    }
}
