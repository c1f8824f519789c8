//! Inherited roles: roles with the permissions of their parents, unless they have their own.

use super::{RolePermissions, TablePermissions};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::InconsistentObject;
use engine_model::metadata::tracked::{TrackedObjects, TrackedTable};
use engine_model::metadata::types::Metadata;
use engine_model::permission::combine::{self, Inheritable};
use indexmap::{IndexMap, IndexSet};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Parents of the inherited roles, without cycles.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct InheritedRoles {
    parents: IndexMap<String, Vec<String>>,
    inconsistent: Vec<InconsistentObject>,
}

impl InheritedRoles {
    pub(super) fn resolve(
        metadata: &Metadata,
        tracked: &TrackedObjects,
        tables: &IndexMap<TableName, Arc<TablePermissions>>,
    ) -> Self {
        let mut roles = Self::default();
        let Some(Value::Array(entries)) = metadata.rest.get("inherited_roles") else {
            return roles;
        };
        for entry in entries {
            match parents(entry) {
                Ok((role, _)) if roles.parents.contains_key(&role) => {
                    let reason = format!("duplicate entry for the role \"{role}\"");
                    roles
                        .inconsistent
                        .push(InconsistentObject::inherited_role(entry, &reason));
                }
                Ok((role, parents)) => {
                    roles.parents.insert(role, parents);
                }
                Err(reason) => {
                    roles
                        .inconsistent
                        .push(InconsistentObject::inherited_role(entry, &reason));
                }
            }
        }
        for role in cycle(&roles.parents) {
            let entry = entries.iter().find(|entry| entry["role_name"] == role);
            let reason = format!("found cycle(s) in roles: [\"{role}\"]");
            let object = InconsistentObject::inherited_role(entry.unwrap_or(&Value::Null), &reason);
            roles.inconsistent.push(object);
            roles.parents.shift_remove(&role);
        }
        if !roles.parents.is_empty() {
            roles.find_conflicts(metadata, tracked, tables);
        }
        roles
    }

    fn find_conflicts(
        &mut self,
        metadata: &Metadata,
        tracked: &TrackedObjects,
        tables: &IndexMap<TableName, Arc<TablePermissions>>,
    ) {
        let source = metadata.source_name();
        let mut found = Vec::new();
        for role in self.parents.keys() {
            for entry in metadata.tables() {
                let permissions = tables.get(&entry.table);
                let (Some(permissions), Some(table)) = (permissions, tracked.tables.get(&entry.table)) else {
                    continue;
                };
                let mut conflicts = BTreeSet::new();
                self.inherit(role, permissions, table, &mut conflicts);
                found.extend(conflicts.into_iter().map(|(role, operation)| {
                    InconsistentObject::inherited_permission(source, &entry.table, operation, &role)
                }));
            }
        }
        for object in found {
            // An ancestor's conflict is found once for each descendant.
            if !self.inconsistent.contains(&object) {
                self.inconsistent.push(object);
            }
        }
    }

    pub(super) fn has_inconsistent(&self) -> bool {
        !self.inconsistent.is_empty()
    }

    pub(super) fn inconsistent(&self) -> impl Iterator<Item = &InconsistentObject> {
        self.inconsistent.iter()
    }

    /// Returns a role and its ancestors.
    pub(super) fn lineage<'p>(&'p self, role: &'p str) -> Vec<&'p str> {
        let mut lineage = IndexSet::from([role]);
        let mut next = 0;
        while let Some(role) = lineage.get_index(next) {
            let parents = self.parents.get(*role).into_iter().flatten();
            lineage.extend(parents.map(String::as_str));
            next += 1;
        }
        lineage.into_iter().collect()
    }

    /// Returns the permissions of a role on a table.
    pub(super) fn permissions(
        &self,
        role: &str,
        table: &TablePermissions,
        tracked: &TrackedTable,
    ) -> RolePermissions {
        self.inherit(role, table, tracked, &mut BTreeSet::new())
    }

    /// Does the same, and records the roles and operations for which the permissions of the parents differ.
    fn inherit(
        &self,
        role: &str,
        table: &TablePermissions,
        tracked: &TrackedTable,
        conflicts: &mut BTreeSet<(String, &'static str)>,
    ) -> RolePermissions {
        let mut own = table.roles.get(role).cloned().unwrap_or_default();
        let Some(parents) = self.parents.get(role) else {
            return own;
        };
        let parents: Vec<RolePermissions> = parents
            .iter()
            .map(|parent| self.inherit(parent, table, tracked, conflicts))
            .collect();
        let has_entry = |operation| table.left_out.contains(&(role.to_owned(), operation));
        if own.select.is_none() && !has_entry("select") {
            let selects: Vec<_> = parents
                .iter()
                .filter_map(|parent| parent.select.as_deref())
                .collect();
            let columns: Vec<&str> = tracked.table.columns.iter().map(|c| c.name.as_str()).collect();
            own.select = combine::select(&selects, &columns).map(Arc::new);
        }
        let mut conflict = |operation| {
            conflicts.insert((role.to_owned(), operation));
        };
        if own.insert.is_none() && !has_entry("insert") {
            own.insert = equal(parents.iter().map(|parent| &parent.insert), || conflict("insert"));
        }
        if own.update.is_none() && !has_entry("update") {
            own.update = equal(parents.iter().map(|parent| &parent.update), || conflict("update"));
        }
        if own.delete.is_none() && !has_entry("delete") {
            own.delete = equal(parents.iter().map(|parent| &parent.delete), || conflict("delete"));
        }
        own
    }
}

/// Returns the permission that all parents with one have in common.
fn equal<'p, P: Inheritable + 'p>(
    parents: impl Iterator<Item = &'p Option<Arc<P>>>,
    conflict: impl FnOnce(),
) -> Option<Arc<P>> {
    let permissions: Vec<&P> = parents.filter_map(Option::as_deref).collect();
    if let Ok(permission) = combine::equal(&permissions) {
        permission.map(Arc::new)
    } else {
        conflict();
        None
    }
}

fn parents(entry: &Value) -> Result<(String, Vec<String>), String> {
    let role = entry["role_name"].as_str().filter(|role| !role.is_empty());
    let role = role.ok_or("an inherited role needs a name")?;
    let Value::Array(set) = &entry["role_set"] else {
        return Err("\"role_set\" is not a list of roles".to_owned());
    };
    let parents = set.iter().map(|parent| parent.as_str().map(ToOwned::to_owned));
    let parents: Option<IndexSet<String>> = parents.collect();
    let parents = parents.ok_or("\"role_set\" is not a list of roles")?;
    Ok((role.to_owned(), parents.into_iter().collect()))
}

/// Returns the roles that are their own ancestors.
pub(super) fn cycle(parents: &IndexMap<String, Vec<String>>) -> Vec<String> {
    let is_own_ancestor = |role: &&String| {
        let mut pending: Vec<&String> = parents[*role].iter().collect();
        let mut seen: BTreeSet<&String> = BTreeSet::new();
        while let Some(next) = pending.pop() {
            if next == *role {
                return true;
            }
            if seen.insert(next) {
                pending.extend(parents.get(next).into_iter().flatten());
            }
        }
        false
    };
    parents.keys().filter(is_own_ancestor).cloned().collect()
}
