//! Root fields and their operations on tables.

use super::table::TableSchema;
use engine_model::metadata::tracked::RootField;
use indexmap::IndexMap;

/// Operation of a field of `query_root`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryRoot {
    /// `orders`.
    Select,
    /// `orders_by_pk`.
    SelectByPk,
    /// `orders_aggregate`.
    SelectAggregate,
}

/// Operation of a field of `mutation_root`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MutationRoot {
    /// `insert_orders`.
    Insert,
    /// `insert_orders_one`.
    InsertOne,
    /// `update_orders`.
    Update,
    /// `update_orders_by_pk`.
    UpdateByPk,
    /// `update_orders_many`.
    UpdateMany,
    /// `delete_orders`.
    Delete,
    /// `delete_orders_by_pk`.
    DeleteByPk,
}

impl QueryRoot {
    /// Returns the root field of a table that this is.
    pub fn field(self) -> RootField {
        match self {
            Self::Select => RootField::Select,
            Self::SelectByPk => RootField::SelectByPk,
            Self::SelectAggregate => RootField::SelectAggregate,
        }
    }
}

impl MutationRoot {
    /// Returns the root field of a table that this is.
    pub fn field(self) -> RootField {
        match self {
            Self::Insert => RootField::Insert,
            Self::InsertOne => RootField::InsertOne,
            Self::Update => RootField::Update,
            Self::UpdateByPk => RootField::UpdateByPk,
            Self::UpdateMany => RootField::UpdateMany,
            Self::Delete => RootField::Delete,
            Self::DeleteByPk => RootField::DeleteByPk,
        }
    }
}

/// Root field.
#[derive(Debug, Clone, Copy)]
pub struct Root<K> {
    /// Operation of the field.
    pub kind: K,
    /// Index of the table in the role's schema.
    pub table: usize,
}

/// Adds a table's fields of `query_root`, of `subscription_root` alone, and of `mutation_root`. Conflicting names make a table
/// inconsistent, so that none of them exists twice.
pub(super) fn add(
    table: &TableSchema,
    index: usize,
    queries: &mut IndexMap<String, Root<QueryRoot>>,
    streams: &mut IndexMap<String, usize>,
    mutations: &mut IndexMap<String, Root<MutationRoot>>,
) {
    for (field, name) in table.tracked().root_fields() {
        let mut query = |name, kind| {
            queries.insert(name, Root { kind, table: index });
        };
        let mut mutation = |name, kind| {
            mutations.insert(name, Root { kind, table: index });
        };
        match field {
            RootField::Select => query(name, QueryRoot::Select),
            RootField::SelectAggregate => query(name, QueryRoot::SelectAggregate),
            RootField::SelectByPk => query(name, QueryRoot::SelectByPk),
            RootField::SelectStream => {
                streams.insert(name, index);
            }
            RootField::Insert => mutation(name, MutationRoot::Insert),
            RootField::InsertOne => mutation(name, MutationRoot::InsertOne),
            RootField::Update => mutation(name, MutationRoot::Update),
            RootField::UpdateByPk => mutation(name, MutationRoot::UpdateByPk),
            RootField::UpdateMany => mutation(name, MutationRoot::UpdateMany),
            RootField::Delete => mutation(name, MutationRoot::Delete),
            RootField::DeleteByPk => mutation(name, MutationRoot::DeleteByPk),
        }
    }
}
