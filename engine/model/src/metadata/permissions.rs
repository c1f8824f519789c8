//! Column and relationship names in stored permissions. Used to apply renames and to find permissions that depend on
//! a dropped column; the permissions themselves are not evaluated here.

use super::computed_field::ComputedField;
use super::inconsistent::MetadataObjectId;
use super::tracked::TrackedObjects;
use super::types::{Metadata, TableEntry};
use crate::catalog::TableName;
use crate::permission::{COLUMN_OPERATORS, session_variable};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Keys of a table entry that hold permissions, with their operations.
pub const LISTS: [(&str, &str); 4] = [
    ("select_permissions", "select"),
    ("insert_permissions", "insert"),
    ("update_permissions", "update"),
    ("delete_permissions", "delete"),
];

/// Calls `visit` with each column and relationship that the table's permissions name, the role of the permission, and
/// the kind of reference. `visit` may change the name. `tracked` supplies the targets of relationships.
pub fn visit(entry: &mut TableEntry, tracked: &TrackedObjects, visit: &mut VisitFn<'_>) {
    let table = entry.table.clone();
    for (key, operation) in LISTS {
        let Some(Value::Array(permissions)) = entry.rest.get_mut(key) else {
            continue;
        };
        for permission in permissions {
            let role = permission["role"].as_str().unwrap_or_default().to_owned();
            let Some(Value::Object(permission)) = permission.get_mut("permission") else {
                continue;
            };
            let mut visitor = PermissionVisitor {
                tracked,
                root: &table,
                owner: Owner {
                    role: &role,
                    operation,
                },
                visit,
            };
            visitor.permission(&table, permission);
        }
    }
}

/// Calls `visit` with each table that `_exists` names in the table's permissions, and with the owner of the permission.
/// `visit` may change the name.
pub fn visit_exists(entry: &mut TableEntry, mut visit: impl FnMut(Owner<'_>, &mut TableName)) {
    fn tables(value: &mut Value, visit: &mut dyn FnMut(&mut TableName)) {
        match value {
            Value::Array(parts) => parts.iter_mut().for_each(|part| tables(part, visit)),
            Value::Object(object) => {
                for (key, value) in object {
                    if matches!(key.as_str(), "_table" | "$table")
                        && let Ok(mut table) = TableName::deserialize(&*value)
                    {
                        let before = table.clone();
                        visit(&mut table);
                        if table != before {
                            *value = json!(table);
                        }
                    } else {
                        tables(value, visit);
                    }
                }
            }
            _ => {}
        }
    }
    for (key, operation) in LISTS {
        let Some(Value::Array(permissions)) = entry.rest.get_mut(key) else {
            continue;
        };
        for permission in permissions {
            let role = permission["role"].as_str().unwrap_or_default().to_owned();
            let owner = Owner {
                role: &role,
                operation,
            };
            for key in ["filter", "check"] {
                if let Some(condition) = permission.pointer_mut(&format!("/permission/{key}")) {
                    tables(condition, &mut |table| visit(owner, table));
                }
            }
        }
    }
}

/// Returns the permissions of a table that name another one in `_exists`.
pub fn with_exists(entry: &TableEntry, target: &TableName) -> Vec<MetadataObjectId> {
    let mut found = Vec::new();
    if LISTS.iter().all(|(list, _)| !entry.rest.contains_key(*list)) {
        return found;
    }
    visit_exists(&mut entry.clone(), |owner, table| {
        let id = MetadataObjectId::Permission(entry.table.clone(), owner.operation, owner.role.to_owned());
        if table == target && !found.contains(&id) {
            found.push(id);
        }
    });
    found
}

/// Returns the permissions that name a computed field: those of its table that list it, and those whose conditions contain it.
pub fn with_computed_field(
    entries: &[TableEntry],
    tracked: &TrackedObjects,
    table: &TableName,
    name: &str,
) -> Vec<MetadataObjectId> {
    let own = entries.iter().filter(|entry| entry.table == *table);
    let mut found: Vec<MetadataObjectId> = own
        .flat_map(|entry| listing_computed_field(entry, name))
        .collect();
    let in_conditions = find(entries, tracked, |owner, field, kind| {
        owner == table && field == name && kind != ReferenceKind::Relationship
    });
    found.extend(in_conditions);
    let mut seen = Vec::new();
    found.retain(|id| {
        let is_new = !seen.contains(id);
        seen.push(id.clone());
        is_new
    });
    found
}

fn listing_computed_field(entry: &TableEntry, name: &str) -> Vec<MetadataObjectId> {
    let list = entry.rest.get(LISTS[0].0).and_then(Value::as_array);
    let permissions = list.into_iter().flatten().filter(|permission| {
        let listed = permission.pointer("/permission/computed_fields");
        let mut listed = listed.and_then(Value::as_array).into_iter().flatten();
        listed.any(|other| other == name)
    });
    permissions
        .map(|permission| {
            let role = permission["role"].as_str().unwrap_or_default();
            MetadataObjectId::Permission(entry.table.clone(), LISTS[0].1, role.to_owned())
        })
        .collect()
}

/// Removes the permission of a role for an operation.
pub fn remove(entry: &mut TableEntry, operation: &str, role: &str) {
    let Some((list, _)) = LISTS.iter().find(|(_, other)| *other == operation) else {
        return;
    };
    if let Some(Value::Array(permissions)) = entry.rest.get_mut(*list) {
        permissions.retain(|permission| permission["role"] != role);
        if permissions.is_empty() {
            entry.rest.shift_remove(*list);
        }
    }
}

/// Calls `found` with every key of the conditions in the table's permissions. The names of relationships are among
/// them.
pub fn condition_keys<'e>(entry: &'e TableEntry, mut found: impl FnMut(&'e str)) {
    fn keys<'v>(value: &'v Value, found: &mut impl FnMut(&'v str)) {
        match value {
            Value::Array(parts) => parts.iter().for_each(|part| keys(part, found)),
            Value::Object(object) => {
                for (key, value) in object {
                    found(key);
                    keys(value, found);
                }
            }
            _ => {}
        }
    }
    for list in LISTS.iter().filter_map(|(list, _)| entry.rest.get(*list)) {
        keys(list, &mut found);
    }
}

/// Returns the roles that have a permission for a table or function, and the inherited roles.
pub fn roles(metadata: &Metadata) -> BTreeSet<&str> {
    let tables = metadata.tables().iter().flat_map(|entry| {
        LISTS
            .iter()
            .flat_map(|(key, _)| names(entry.rest.get(*key), "role"))
    });
    let functions = metadata.source().into_iter().flat_map(|source| {
        entries(source.rest.get("functions")).flat_map(|function| names(function.get("permissions"), "role"))
    });
    let inherited = names(metadata.rest.get("inherited_roles"), "role_name");
    tables.chain(functions).chain(inherited).collect()
}

/// Returns the string `key` of each entry of a list.
fn names<'a>(list: Option<&'a Value>, key: &'static str) -> impl Iterator<Item = &'a str> {
    entries(list).filter_map(move |entry| entry.get(key)?.as_str())
}

fn entries(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

/// Returns the permissions of these tables that use something `wanted`: a column or relationship of a table.
pub fn find<'e>(
    entries: impl IntoIterator<Item = &'e TableEntry>,
    tracked: &TrackedObjects,
    mut wanted: impl FnMut(&TableName, &str, ReferenceKind) -> bool,
) -> Vec<MetadataObjectId> {
    let mut found = Vec::new();
    for entry in entries {
        if LISTS.iter().all(|(list, _)| !entry.rest.contains_key(*list)) {
            continue;
        }
        visit(&mut entry.clone(), tracked, &mut |owner, table, name, kind| {
            let id =
                MetadataObjectId::Permission(entry.table.clone(), owner.operation, owner.role.to_owned());
            if wanted(table, name, kind) && !found.contains(&id) {
                found.push(id);
            }
        });
    }
    found
}

/// Operation and role of a permission.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    pub role: &'a str,
    pub operation: &'static str,
}

/// Kind of reference in a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceKind {
    /// Column without a value.
    Column,
    /// Column compared with a literal value, which has to match the column's type.
    ColumnWithValue,
    /// Relationship, used to reach another table.
    Relationship,
}

/// Callback for each name: owner of the permission, table that contains the named object, name, kind of reference.
pub type VisitFn<'v> = dyn FnMut(Owner<'_>, &TableName, &mut String, ReferenceKind) + 'v;

struct PermissionVisitor<'a, 'v> {
    tracked: &'a TrackedObjects,
    root: &'a TableName,
    owner: Owner<'a>,
    visit: &'a mut VisitFn<'v>,
}

impl PermissionVisitor<'_, '_> {
    fn column(&mut self, table: &TableName, name: &mut String) {
        (self.visit)(self.owner, table, name, ReferenceKind::Column);
    }

    fn permission(&mut self, table: &TableName, permission: &mut Map<String, Value>) {
        if let Some(Value::Array(columns)) = permission.get_mut("columns") {
            for column in columns {
                if let Value::String(name) = column {
                    self.column(table, name);
                }
            }
        }
        for key in ["set", "presets"] {
            if let Some(Value::Object(set)) = permission.get_mut(key) {
                rename_keys(set, |name, value| {
                    let kind = if has_value(value) {
                        ReferenceKind::ColumnWithValue
                    } else {
                        ReferenceKind::Column
                    };
                    (self.visit)(self.owner, table, name, kind);
                });
            }
        }
        for key in ["filter", "check"] {
            if let Some(condition) = permission.get_mut(key) {
                self.condition(table, condition);
            }
        }
    }

    fn condition(&mut self, table: &TableName, condition: &mut Value) {
        match condition {
            Value::Array(parts) => {
                for part in parts {
                    self.condition(table, part);
                }
            }
            Value::Object(object) => rename_keys(object, |key, value| self.key(table, key, value)),
            _ => {}
        }
    }

    fn key(&mut self, table: &TableName, key: &mut String, value: &mut Value) {
        match key.trim_start_matches(['_', '$']) {
            "and" | "or" | "not" if key.starts_with(['_', '$']) => self.condition(table, value),
            "exists" if key.starts_with(['_', '$']) => self.exists(value),
            _ => {
                let tracked = self.tracked.tables.get(table);
                let target = tracked
                    .and_then(|t| t.relationships.get(key))
                    .map(|r| r.target.clone());
                let computed = tracked.and_then(|t| t.computed_fields.get(key));
                if let Some(rows) = computed.and_then(ComputedField::rows).cloned() {
                    (self.visit)(self.owner, table, key, ReferenceKind::Column);
                    self.condition(&rows, value);
                } else if let Some(target) = target {
                    (self.visit)(self.owner, table, key, ReferenceKind::Relationship);
                    self.condition(&target, value);
                } else {
                    self.operators(table, value);
                    let kind = if has_value(value) {
                        ReferenceKind::ColumnWithValue
                    } else {
                        ReferenceKind::Column
                    };
                    (self.visit)(self.owner, table, key, kind);
                }
            }
        }
    }

    /// Visits `_ceq` and the other operators that compare with another column: of the same table, or `["$", column]`
    /// of the root table.
    fn operators(&mut self, table: &TableName, operators: &mut Value) {
        let Value::Object(operators) = operators else {
            return;
        };
        for (operator, operand) in operators {
            if !COLUMN_OPERATORS.contains(&operator.trim_start_matches(['_', '$'])) {
                continue;
            }
            match operand {
                Value::String(name) => self.column(table, name),
                Value::Array(path) => {
                    let of_root = path.first().is_some_and(|first| first == "$");
                    let owner = if of_root { self.root.clone() } else { table.clone() };
                    if let Some(Value::String(name)) = path.last_mut() {
                        self.column(&owner, name);
                    }
                }
                _ => {}
            }
        }
    }

    fn exists(&mut self, value: &mut Value) {
        let table = value
            .get("_table")
            .and_then(|table| TableName::deserialize(table).ok());
        if let (Some(table), Some(condition)) = (table, value.get_mut("_where")) {
            self.condition(&table, condition);
        }
    }
}

/// Whether a column is compared with a literal value instead of a session variable or a column.
fn has_value(operators: &Value) -> bool {
    let written = |operand: &Value| match operand {
        Value::String(text) => session_variable(text).is_none(),
        Value::Null => false,
        _ => true,
    };
    match operators {
        Value::Object(operators) => operators.iter().any(|(operator, operand)| {
            let name = operator.trim_start_matches(['_', '$']);
            !COLUMN_OPERATORS.contains(&name) && name != "is_null" && written(operand)
        }),
        value => written(value),
    }
}

/// Lets `change` change keys and values of an object; their order is preserved.
fn rename_keys(object: &mut Map<String, Value>, mut change: impl FnMut(&mut String, &mut Value)) {
    let old = std::mem::take(object);
    object.extend(old.into_iter().map(|(mut key, mut value)| {
        change(&mut key, &mut value);
        (key, value)
    }));
}
