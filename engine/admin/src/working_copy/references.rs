//! Index of a document: which tables may refer to a table or a relationship.

use engine_model::catalog::TableName;
use engine_model::metadata::permissions;
use engine_model::metadata::relationship::remote_table;
use engine_model::metadata::types::TableEntry;
use engine_plan::schema_cache::ResolvedMetadata;
use std::collections::{HashMap, HashSet};

/// References are added and never removed, so that the tables returned are candidates: the caller checks whether each
/// still refers to the object.
pub(super) struct References {
    /// Tables with relationships, by the target of the relationship.
    relationships: HashMap<TableName, HashSet<TableName>>,
    /// Tables with permissions, by the keys of their conditions.
    permissions: HashMap<String, HashSet<TableName>>,
}

impl References {
    pub(super) fn new(now: &ResolvedMetadata) -> Self {
        let mut references = Self {
            relationships: HashMap::new(),
            permissions: HashMap::new(),
        };
        for entry in now.metadata.tables() {
            for target in entry
                .relationships()
                .filter_map(|relationship| remote_table(&relationship.using))
            {
                references.add_relationship(&entry.table, target);
            }
            references.add_permissions(entry);
        }
        for (owner, table) in &now.tracked.tables {
            for relationship in table.relationships.values() {
                references.add_relationship(owner, &relationship.target);
            }
        }
        references
    }

    /// Adds a relationship of `owner` to `target`.
    pub(super) fn add_relationship(&mut self, owner: &TableName, target: &TableName) {
        insert(&mut self.relationships, target, owner);
    }

    /// Adds the permissions of a table.
    pub(super) fn add_permissions(&mut self, entry: &TableEntry) {
        permissions::condition_keys(entry, |key| insert(&mut self.permissions, key, &entry.table));
    }

    #[cfg(test)]
    pub(super) fn is_subset_of(&self, other: &Self) -> bool {
        self.relationships.iter().all(|(key, tables)| {
            other
                .relationships
                .get(key)
                .is_some_and(|all| tables.is_subset(all))
        }) && self.permissions.iter().all(|(key, tables)| {
            other
                .permissions
                .get(key)
                .is_some_and(|all| tables.is_subset(all))
        })
    }

    pub(super) fn to_table(&self, target: &TableName) -> impl Iterator<Item = &TableName> {
        self.relationships.get(target).into_iter().flatten()
    }

    /// Returns the tables with permissions that may name a relationship of this name, of any table.
    pub(super) fn to_relationship(&self, name: &str) -> impl Iterator<Item = &TableName> {
        self.permissions.get(name).into_iter().flatten()
    }
}

fn insert<K, Q>(map: &mut HashMap<K, HashSet<TableName>>, key: &Q, table: &TableName)
where
    K: std::borrow::Borrow<Q> + std::hash::Hash + Eq,
    Q: std::hash::Hash + Eq + ToOwned<Owned = K> + ?Sized,
{
    match map.get_mut(key) {
        Some(tables) if tables.contains(table) => {}
        Some(tables) => {
            tables.insert(table.clone());
        }
        None => {
            map.insert(key.to_owned(), HashSet::from([table.clone()]));
        }
    }
}
