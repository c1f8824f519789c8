//! Root fields of tracked functions.

use super::RoleSchema;
use super::table::TableSchema;
use engine_model::metadata::function::{Exposure, TrackedFunction};
use indexmap::IndexMap;
use std::sync::Arc;

/// Result of a root field of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionRootKind {
    /// Rows, or one row.
    Rows,
    /// Aggregates of the rows.
    Aggregate,
}

/// Root field of a function.
#[derive(Debug, Clone, Copy)]
pub struct FunctionRoot<'s> {
    pub kind: FunctionRootKind,
    pub function: &'s TrackedFunction,
    /// Table whose rows the function returns.
    pub table: &'s TableSchema,
}

/// Functions that a role may call.
#[derive(Debug, Default)]
pub(super) struct Functions {
    /// Those with their tables' places in the role's schema.
    all: Vec<(Arc<TrackedFunction>, usize)>,
    /// Fields of queries and subscriptions, with places in `all`.
    queries: IndexMap<String, (FunctionRootKind, usize)>,
    mutations: IndexMap<String, (FunctionRootKind, usize)>,
}

impl Functions {
    fn add(&mut self, function: &Arc<TrackedFunction>, table: usize, aggregates: bool) {
        let place = self.all.len();
        self.all.push((Arc::clone(function), table));
        let fields = match function.exposure {
            Exposure::Query => &mut self.queries,
            Exposure::Mutation => &mut self.mutations,
        };
        fields.insert(function.field.clone(), (FunctionRootKind::Rows, place));
        if let Some(field) = function.aggregate_field.as_ref().filter(|_| aggregates) {
            fields.insert(field.clone(), (FunctionRootKind::Aggregate, place));
        }
    }
}

impl RoleSchema {
    /// Adds the functions that the role has a permission for. `permitted` decides beyond the permission to read the table.
    pub(super) fn add_functions<'f>(
        &mut self,
        functions: impl Iterator<Item = &'f Arc<TrackedFunction>>,
        permitted: impl Fn(&TrackedFunction) -> bool,
    ) {
        for function in functions {
            if let Some((place, _, table)) = self.tables.get_full(&function.table)
                && table.can_select()
                && permitted(function)
            {
                self.functions.add(function, place, table.allows_aggregations());
            }
        }
    }

    fn function(&self, (kind, place): (FunctionRootKind, usize)) -> Option<FunctionRoot<'_>> {
        let (function, table) = self.functions.all.get(place)?;
        Some(FunctionRoot {
            kind,
            function,
            table: self.tables.get_index(*table)?.1,
        })
    }

    /// A function as a field of `query_root` and `subscription_root`.
    pub fn function_query(&self, field: &str) -> Option<FunctionRoot<'_>> {
        self.function(*self.functions.queries.get(field)?)
    }

    /// A function as a field of `mutation_root`.
    pub fn function_mutation(&self, field: &str) -> Option<FunctionRoot<'_>> {
        self.function(*self.functions.mutations.get(field)?)
    }

    /// All functions among the fields of `query_root` and `subscription_root`.
    pub fn function_queries(&self) -> impl Iterator<Item = (&str, FunctionRoot<'_>)> {
        self.roots_of(&self.functions.queries)
    }

    /// All functions among the fields of `mutation_root`.
    pub fn function_mutations(&self) -> impl Iterator<Item = (&str, FunctionRoot<'_>)> {
        self.roots_of(&self.functions.mutations)
    }

    fn roots_of<'s>(
        &'s self,
        fields: &'s IndexMap<String, (FunctionRootKind, usize)>,
    ) -> impl Iterator<Item = (&'s str, FunctionRoot<'s>)> {
        fields
            .iter()
            .filter_map(|(name, root)| Some((name.as_str(), self.function(*root)?)))
    }
}
