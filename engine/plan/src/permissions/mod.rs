//! Permissions of all roles, checked against the catalog. An invalid permission is left out and listed as inconsistent.
//!
//! - [`check`]: one permission against its table
//! - [`preset`]: values that a permission gives to columns
//! - [`inherited`]: permissions of inherited roles

mod check;
mod inherited;
mod preset;

use check::{delete, insert, select, update};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::InconsistentObject;
use engine_model::metadata::permissions::LISTS;
use engine_model::metadata::tracked::{TrackedObjects, TrackedTable};
use engine_model::metadata::types::{Metadata, TableEntry};
use engine_model::permission::{DeletePermission, InsertPermission, SelectPermission, UpdatePermission};
use engine_model::session::ADMIN;
use indexmap::{IndexMap, IndexSet};
use inherited::InheritedRoles;
pub(crate) use preset::Presets;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Permissions of all roles on all tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Permissions {
    tables: IndexMap<TableName, Arc<TablePermissions>>,
    inherited: InheritedRoles,
}

/// Permissions on one table.
#[derive(Debug, Clone, Default, PartialEq)]
struct TablePermissions {
    roles: IndexMap<String, RolePermissions>,
    /// Roles and operations with an entry that is left out. An inherited role does not get the permission of its parents
    /// instead, which could permit more.
    left_out: BTreeSet<(String, &'static str)>,
    inconsistent: Vec<InconsistentObject>,
}

/// Permissions of a role on a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RolePermissions {
    pub select: Option<Arc<SelectPermission>>,
    pub insert: Option<Arc<InsertPermission>>,
    pub update: Option<Arc<UpdatePermission>>,
    pub delete: Option<Arc<DeletePermission>>,
}

impl RolePermissions {
    pub fn is_empty(&self) -> bool {
        self.select.is_none() && self.insert.is_none() && self.update.is_none() && self.delete.is_none()
    }
}

impl Permissions {
    /// Checks the permissions of a document.
    pub fn resolve(metadata: &Metadata, tracked: &TrackedObjects) -> Self {
        let mut permissions = Self::default();
        let names = metadata.tables().iter().map(|entry| &entry.table);
        permissions.resolve_tables(metadata, tracked, names);
        permissions
    }

    /// Checks the permissions of some tables again, and the inherited roles.
    pub fn resolve_tables<'t>(
        &mut self,
        metadata: &Metadata,
        tracked: &TrackedObjects,
        names: impl IntoIterator<Item = &'t TableName>,
    ) {
        for name in names {
            let entry = metadata.table(name).filter(|entry| has_permissions(entry));
            let (Some(entry), Some(table)) = (entry, tracked.tables.get(name)) else {
                self.tables.shift_remove(name);
                continue;
            };
            let resolved = resolve_table(metadata.source_name(), entry, table, tracked);
            self.tables.insert(name.clone(), Arc::new(resolved));
        }
        self.inherited = InheritedRoles::resolve(metadata, tracked, &self.tables);
    }

    /// Whether a permission or inherited role is inconsistent.
    pub fn has_inconsistent(&self) -> bool {
        self.inherited.has_inconsistent() || self.tables.values().any(|table| !table.inconsistent.is_empty())
    }

    /// Returns the inconsistent permissions in the order of the document, then the inherited roles.
    pub fn inconsistent(&self, metadata: &Metadata) -> Vec<InconsistentObject> {
        if !self.has_inconsistent() {
            return Vec::new();
        }
        // A document may contain a table twice.
        let names: IndexSet<&TableName> = metadata.tables().iter().map(|entry| &entry.table).collect();
        let tables = names.into_iter().filter_map(|name| self.tables.get(name));
        let permissions = tables.flat_map(|table| &table.inconsistent);
        permissions
            .chain(self.inherited.inconsistent())
            .cloned()
            .collect()
    }

    /// Returns the tables with permissions.
    pub fn tables(&self) -> impl Iterator<Item = &TableName> {
        self.tables.keys()
    }

    /// Whether permissions can depend on other objects.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Returns a role and the roles that it inherits from.
    pub fn lineage<'p>(&'p self, role: &'p str) -> Vec<&'p str> {
        self.inherited.lineage(role)
    }

    /// Returns the permissions of a role on a table, its own or inherited ones.
    pub fn of_role(&self, role: &str, table: &TrackedTable) -> RolePermissions {
        match self.tables.get(&table.table.name) {
            Some(permissions) => self.inherited.permissions(role, permissions, table),
            None => RolePermissions::default(),
        }
    }
}

/// Whether a table entry has a list of permissions.
pub fn has_permissions(entry: &TableEntry) -> bool {
    LISTS.iter().any(|(list, _)| entry.rest.contains_key(*list))
}

fn resolve_table(
    source: &str,
    entry: &TableEntry,
    table: &TrackedTable,
    tracked: &TrackedObjects,
) -> TablePermissions {
    let mut resolved = TablePermissions::default();
    for (list, operation) in LISTS {
        let Some(Value::Array(permissions)) = entry.rest.get(list) else {
            continue;
        };
        for permission in permissions {
            if let Err(reason) = resolved.add(source, operation, permission, table, tracked) {
                if let Some(role) = permission["role"].as_str() {
                    resolved.left_out.insert((role.to_owned(), operation));
                }
                resolved.inconsistent.push(InconsistentObject::permission(
                    source,
                    &entry.table,
                    operation,
                    permission,
                    &reason,
                ));
            }
        }
    }
    resolved
}

impl TablePermissions {
    fn add(
        &mut self,
        source: &str,
        operation: &str,
        entry: &Value,
        table: &TrackedTable,
        tracked: &TrackedObjects,
    ) -> Result<(), String> {
        let Some(role) = entry["role"].as_str().filter(|role| !role.is_empty()) else {
            return Err("a permission needs the name of a role".to_owned());
        };
        if role == ADMIN {
            // Hasura's wording
            return Err("cannot define permission for admin role".to_owned());
        }
        let duplicate = || format!("duplicate {operation} permission for role \"{role}\"");
        let definition = &entry["permission"];
        let known = self.roles.get(role);
        match operation {
            "select" => {
                let permission = select(parse(definition)?, table, tracked, (source, role))?;
                if known.is_some_and(|role| role.select.is_some()) {
                    return Err(duplicate());
                }
                self.role(role).select = Some(Arc::new(permission));
            }
            "insert" => {
                let permission = insert(parse(definition)?, table, tracked)?;
                if known.is_some_and(|role| role.insert.is_some()) {
                    return Err(duplicate());
                }
                self.role(role).insert = Some(Arc::new(permission));
            }
            "update" => {
                let permission = update(parse(definition)?, table, tracked)?;
                if known.is_some_and(|role| role.update.is_some()) {
                    return Err(duplicate());
                }
                self.role(role).update = Some(Arc::new(permission));
            }
            _ => {
                let permission = delete(parse(definition)?, table, tracked)?;
                if known.is_some_and(|role| role.delete.is_some()) {
                    return Err(duplicate());
                }
                self.role(role).delete = Some(Arc::new(permission));
            }
        }
        Ok(())
    }

    fn role(&mut self, role: &str) -> &mut RolePermissions {
        self.roles.entry(role.to_owned()).or_default()
    }
}

fn parse<P: DeserializeOwned>(definition: &Value) -> Result<P, String> {
    P::deserialize(definition).map_err(|error| error.to_string())
}
