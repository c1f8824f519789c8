//! Root fields and their operations on tables.

use super::RoleSchema;
use engine_model::metadata::tracked::RootField;

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

impl RoleSchema {
    /// Adds the root fields of all tables. Conflicting names make a table inconsistent, so that none of them exists twice.
    pub(super) fn add_root_fields(&mut self) {
        for (table, schema) in self.tables.values().enumerate() {
            for (field, name) in schema.tracked().root_fields() {
                let read = match field {
                    RootField::Select => Some(QueryRoot::Select),
                    RootField::SelectAggregate => Some(QueryRoot::SelectAggregate),
                    RootField::SelectByPk => Some(QueryRoot::SelectByPk),
                    _ => None,
                };
                if let Some(kind) = read {
                    if schema.has_query(field) {
                        self.queries.insert(name.clone(), Root { kind, table });
                    }
                    if schema.has_subscription(field) {
                        self.subscriptions.insert(name, Root { kind, table });
                    }
                    continue;
                }
                let kind = match field {
                    RootField::Insert => MutationRoot::Insert,
                    RootField::InsertOne => MutationRoot::InsertOne,
                    RootField::Update => MutationRoot::Update,
                    RootField::UpdateByPk => MutationRoot::UpdateByPk,
                    RootField::UpdateMany => MutationRoot::UpdateMany,
                    RootField::Delete => MutationRoot::Delete,
                    RootField::DeleteByPk => MutationRoot::DeleteByPk,
                    _ => {
                        if schema.has_subscription(field) {
                            self.streams.insert(name, table);
                        }
                        continue;
                    }
                };
                if schema.has_mutation(field) {
                    self.mutations.insert(name, Root { kind, table });
                }
            }
        }
    }
}
