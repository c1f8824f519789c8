//! Tracked objects, resolved against the catalog: validated names, column mappings of relationships, prepared webhook
//! templates. `metadata::resolve` builds them from the stored metadata; `schema`, `plan` and `events` read them. They
//! contain only valid objects; others are left out and listed as inconsistent.

use crate::catalog::{Column, Table, TableName};
use crate::trigger::ResolvedTrigger;
use indexmap::IndexMap;
use std::sync::Arc;

/// All tracked objects; immutable.
#[derive(Debug, Clone, Default)]
pub struct TrackedObjects {
    /// Tables by qualified name.
    pub tables: IndexMap<TableName, Arc<TrackedTable>>,
    /// Event triggers by name, resolved by `crate::trigger::resolve`.
    pub event_triggers: IndexMap<String, Arc<ResolvedTrigger>>,
}

/// Tracked table or view.
#[derive(Debug, Clone)]
pub struct TrackedTable {
    /// Table in the catalog.
    pub table: Arc<Table>,
    /// Name of the GraphQL type and base of the root fields: `orders`, or `schema_orders` outside `public`; or the
    /// custom name.
    pub graphql_name: String,
    /// Whether `graphql_name` is valid in GraphQL. If not, only the v1 commands support the table until it gets a
    /// custom name.
    pub in_graphql: bool,
    /// Custom root field names by Hasura's keys (`select`, `select_by_pk`, `select_aggregate`, `insert`, …).
    pub custom_root_fields: IndexMap<String, String>,
    /// Exposed columns: GraphQL name → column, in the table's order.
    pub columns: IndexMap<String, Column>,
    pub relationships: IndexMap<String, Relationship>,
}

impl TrackedTable {
    /// Returns the GraphQL name of a Postgres column.
    pub fn graphql_column(&self, column: &str) -> Option<&str> {
        self.columns
            .iter()
            .find(|(_, c)| c.name == column)
            .map(|(name, _)| name.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    pub name: String,
    pub kind: RelationshipKind,
    pub target: TableName,
    /// Pairs of (column of this table, column of the target).
    pub mapping: Vec<(String, String)>,
    /// Whether an object relationship can be null.
    pub nullable: bool,
    /// In nested inserts: whether the related row must be inserted before this one, because its key is copied into
    /// this row.
    pub insert_before_parent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationshipKind {
    /// At most one row.
    Object,
    /// Any number of rows.
    Array,
}
