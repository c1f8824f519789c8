//! Permissions as the metadata stores them: where in them columns are named. Enough to follow renames and to know what
//! a dropped column takes with it; what they permit is decided elsewhere.

use super::inconsistent::Place;
use super::tracked::Tracked;
use super::types::{Metadata, TableEntry};
use crate::catalog::TableName;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The keys of a table's entry that hold permissions, with the word for the operation.
pub const LISTS: [(&str, &str); 4] = [
    ("select_permissions", "select"),
    ("insert_permissions", "insert"),
    ("update_permissions", "update"),
    ("delete_permissions", "delete"),
];

/// Operators that compare with another column.
const COLUMN_OPERATORS: [&str; 7] = ["ceq", "cne", "cneq", "cgt", "clt", "cgte", "clte"];

/// Calls `visit` with each column and relationship that the table's permissions name, the role whose permission it is, and
/// how it is used. The name may be changed. `tracked` tells where relationships lead.
pub(super) fn visit(entry: &mut TableEntry, tracked: &Tracked, visit: &mut Visit<'_>) {
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
            let mut walk = Walk {
                tracked,
                root: &table,
                owner: Owner {
                    role: &role,
                    operation,
                },
                visit,
            };
            walk.permission(&table, permission);
        }
    }
}

/// The permissions that use something `wanted`: a column or relationship of a table.
pub(super) fn find(
    metadata: &Metadata,
    tracked: &Tracked,
    mut wanted: impl FnMut(&TableName, &str, Use) -> bool,
) -> Vec<Place> {
    let mut found = Vec::new();
    for entry in metadata.tables() {
        visit(&mut entry.clone(), tracked, &mut |owner, table, name, used| {
            let place = Place::Permission(entry.table.clone(), owner.operation, owner.role.to_owned());
            if wanted(table, name, used) && !found.contains(&place) {
                found.push(place);
            }
        });
    }
    found
}

/// Whose permission it is.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) role: &'a str,
    pub(super) operation: &'static str,
}

/// What is named, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A column.
    Column,
    /// A column compared with a value written there, which fits its type.
    ColumnWithValue,
    /// A relationship, to what is beyond it.
    Relationship,
}

/// What is called with each name: whose permission, the table that has what is named, the name, its use.
pub(super) type Visit<'v> = dyn FnMut(Owner<'_>, &TableName, &mut String, Use) + 'v;

struct Walk<'a, 'v> {
    tracked: &'a Tracked,
    root: &'a TableName,
    owner: Owner<'a>,
    visit: &'a mut Visit<'v>,
}

impl Walk<'_, '_> {
    fn column(&mut self, table: &TableName, name: &mut String) {
        (self.visit)(self.owner, table, name, Use::Column);
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
                rename_keys(set, |name, _| self.column(table, name));
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
                if let Some(target) = target {
                    (self.visit)(self.owner, table, key, Use::Relationship);
                    self.condition(&target, value);
                } else {
                    self.operators(table, value);
                    let used = if has_value(value) {
                        Use::ColumnWithValue
                    } else {
                        Use::Column
                    };
                    (self.visit)(self.owner, table, key, used);
                }
            }
        }
    }

    /// `_ceq` and its like compare with another column: of the same table, or `["$", column]` of the outermost one.
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

/// Whether a column's operators compare it with a value that is written there: not a session variable, not a column.
fn has_value(operators: &Value) -> bool {
    let written = |operand: &Value| match operand {
        Value::String(text) => !is_session_variable(text),
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

fn is_session_variable(text: &str) -> bool {
    text.get(..9)
        .is_some_and(|start| start.eq_ignore_ascii_case("x-hasura-"))
}

/// Lets `change` change keys and values of an object, whose order stays.
fn rename_keys(object: &mut Map<String, Value>, mut change: impl FnMut(&mut String, &mut Value)) {
    let old = std::mem::take(object);
    object.extend(old.into_iter().map(|(mut key, mut value)| {
        change(&mut key, &mut value);
        (key, value)
    }));
}
