//! What is tracked, resolved against the catalog: names checked, foreign keys followed, templates filled in. Built by
//! `metadata::resolve` from the stored metadata; read by `schema`, `plan` and `events`. Nothing here can be broken:
//! what does not resolve is left out and listed as inconsistent.

use crate::catalog::{Column, Table, TableName};
use crate::events::ResolvedTrigger;
use indexmap::IndexMap;
use std::sync::Arc;

/// Everything that is tracked, immutable.
#[derive(Debug, Clone, Default)]
pub struct Tracked {
    /// By qualified name.
    pub tables: IndexMap<TableName, Arc<TrackedTable>>,
    /// Event triggers by name; `crate::events::resolve` makes them.
    pub event_triggers: IndexMap<String, Arc<ResolvedTrigger>>,
}

/// One tracked table or view.
#[derive(Debug, Clone)]
pub struct TrackedTable {
    /// What the catalog says of it.
    pub table: Arc<Table>,
    /// Its GraphQL type and base of its root fields: `orders`, or `schema_orders` outside `public`; or the custom name.
    pub graphql_name: String,
    /// Whether GraphQL can hold that name. If not, only the v1 commands serve the table until it gets a custom name.
    pub in_graphql: bool,
    /// Custom root field names by Hasura's keys (`select`, `select_by_pk`, `select_aggregate`, `insert`, …).
    pub custom_root_fields: IndexMap<String, String>,
    /// The exposed columns: GraphQL name → column, in the table's order.
    pub columns: IndexMap<String, Column>,
    /// Relationships by name.
    pub relationships: IndexMap<String, Relationship>,
}

impl TrackedTable {
    /// The GraphQL name of a Postgres column.
    pub fn graphql_column(&self, column: &str) -> Option<&str> {
        self.columns
            .iter()
            .find(|(_, c)| c.name == column)
            .map(|(name, _)| name.as_str())
    }
}

/// A resolved relationship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    /// Its field name.
    pub name: String,
    /// One row or many.
    pub kind: RelationshipKind,
    /// The table it leads to.
    pub target: TableName,
    /// (column here, column there).
    pub mapping: Vec<(String, String)>,
    /// For object relationships: whether it can be null.
    pub nullable: bool,
    /// For nested inserts: whether the row there must exist before the row here (its key is copied into ours).
    pub insert_before_parent: bool,
}

/// Object or array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationshipKind {
    /// At most one row.
    Object,
    /// A list.
    Array,
}
