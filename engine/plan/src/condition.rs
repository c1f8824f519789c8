//! Conditions as JSON: those of permissions, and `where` of the data commands of `/v1/query`. Both have the same
//! language: `{"column": {"_operator": value}}`, `{"column": value}`, `{"relationship": {…}}`, `_and`, `_or`, `_not`,
//! `_exists`, each also with `$` for `_`. Columns have their Postgres names.
//!
//! - `comparison`: the comparisons of a column
//! - `operators`: the operators of a type
//! - `computed`: computed fields

mod comparison;
mod computed;
mod operators;

use crate::ir::{BoolExp, Select, Unfiltered};
use crate::limits::ConditionCount;
use crate::schema::RoleSchema;
use crate::schema::table::TableSchema;
use computed::Compared;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, TableName};
use engine_model::metadata::tracked::{TrackedObjects, TrackedTable};
use engine_model::permission::JsonObject;
use serde::Deserialize;
use serde_json::Value;

/// Origin of a condition, which decides what it can refer to.
#[derive(Clone, Copy)]
enum Origin<'s> {
    /// Permission: strings can be session variables, and related rows are not filtered by the permissions on them.
    Permission(&'s TrackedObjects),
    /// Data command: it sees what the role can read.
    Command(&'s RoleSchema, &'s str),
}

/// A condition's scope: its origin, the table of its outermost rows, and the number of its conditions.
#[derive(Clone, Copy)]
struct Scope<'s, 'c> {
    origin: Origin<'s>,
    root: Level<'s>,
    conditions: &'c ConditionCount,
}

/// Table at one level of a condition.
#[derive(Clone, Copy)]
enum Level<'s> {
    Permission(&'s TrackedTable),
    Command(&'s TableSchema),
}

impl<'s> Level<'s> {
    fn tracked(self) -> &'s TrackedTable {
        match self {
            Self::Permission(table) => table,
            Self::Command(table) => table.tracked(),
        }
    }
}

/// Binds the filter or check of a permission on `table`.
pub fn of_permission<'s>(
    tracked: &'s TrackedObjects,
    table: &'s TrackedTable,
    condition: &JsonObject,
) -> Result<BoolExp<'s>> {
    let scope = Scope {
        origin: Origin::Permission(tracked),
        root: Level::Permission(table),
        conditions: &ConditionCount::of_admin(),
    };
    scope.object(scope.root, condition)
}

/// Binds `where` of a data command; absent and null match all rows.
pub fn of_command<'s>(
    schema: &'s RoleSchema,
    role: &'s str,
    table: &'s TableSchema,
    condition: Option<&Value>,
) -> Result<BoolExp<'s>> {
    let scope = Scope {
        origin: Origin::Command(schema, role),
        root: Level::Command(table),
        conditions: &schema.condition_count(),
    };
    match condition {
        None | Some(Value::Null) => Ok(BoolExp::ALL),
        Some(condition) => scope.condition(scope.root, condition),
    }
}

/// Returns a column by its Postgres name.
pub fn column<'s>(table: &'s TrackedTable, name: &str) -> Result<&'s Column> {
    table.table.column(name).ok_or_else(|| {
        if table.relationships.contains_key(name) {
            let message = format!("expecting a Postgres column; but, \"{name}\" is a relationship");
            return Error::new(Code::UnexpectedPayload, message);
        }
        Error::new(Code::NotExists, format!("column \"{name}\" does not exist"))
    })
}

/// Returns the error for a column that the role cannot use.
// Hasura's wording
pub fn column_denied(role: &str, operation: &str, name: &str) -> Error {
    let message = format!("role \"{role}\" does not have permission to {operation} column \"{name}\"");
    Error::new(Code::PermissionDenied, message)
}

/// Returns the error for a relationship to a table that the role cannot read.
// Hasura's wording
pub fn relationship_denied(role: &str, name: &str, target: &TableName) -> Error {
    let message = format!(
        "role \"{role}\" does not have permission to read relationship \"{name}\"; no permission on table \"{target}\""
    );
    Error::new(Code::PermissionDenied, message)
}

impl<'s> Scope<'s, '_> {
    fn condition(self, level: Level<'s>, condition: &Value) -> Result<BoolExp<'s>> {
        match condition {
            Value::Object(object) => self.object(level, object),
            _ => Err(Error::new(Code::ParseFailed, "condition is not an object")),
        }
    }

    fn object(self, level: Level<'s>, object: &JsonObject) -> Result<BoolExp<'s>> {
        self.conditions.add(object.len())?;
        let parts = object
            .iter()
            .map(|(key, value)| self.part(level, key, value).map_err(|e| e.at(key.as_str())));
        Ok(conjunction(parts.collect::<Result<_>>()?))
    }

    fn part(self, level: Level<'s>, key: &str, value: &Value) -> Result<BoolExp<'s>> {
        let list = || -> Result<Vec<BoolExp<'s>>> {
            let Value::Array(items) = value else {
                return Err(Error::new(Code::ParseFailed, "expected a list of conditions"));
            };
            let parts = items.iter().enumerate();
            parts
                .map(|(i, item)| self.condition(level, item).map_err(|e| e.at(i)))
                .collect()
        };
        match key {
            "$and" | "_and" => list().map(BoolExp::And),
            "$or" | "_or" => list().map(BoolExp::Or),
            "$not" | "_not" => Ok(BoolExp::Not(Box::new(self.condition(level, value)?))),
            "$exists" | "_exists" => self.exists(value),
            _ => {
                let table = level.tracked();
                match table.relationships.get(key) {
                    Some(relationship) => {
                        self.conditions.add_subquery()?;
                        match self.origin {
                            Origin::Permission(tracked) => {
                                let target = tracked.tables.get(&relationship.target).ok_or_else(|| {
                                    let message = format!("table \"{}\" does not exist", relationship.target);
                                    Error::new(Code::NotExists, message)
                                })?;
                                let condition = self.condition(Level::Permission(target), value)?;
                                let rows = Unfiltered::new(target, condition);
                                Ok(BoolExp::RelatedUnfiltered(relationship, Box::new(rows)))
                            }
                            Origin::Command(schema, role) => {
                                let target = schema
                                    .readable(&relationship.target)
                                    .ok_or_else(|| relationship_denied(role, key, &relationship.target))?;
                                let condition = self.condition(Level::Command(target), value)?;
                                let rows = Select::visible(target).filter(condition);
                                Ok(BoolExp::Related(relationship, Box::new(rows)))
                            }
                        }
                    }
                    None => match table.computed_fields.get(key) {
                        Some(computed) => self.computed(level, computed, value),
                        None => self.comparisons(level, &Compared::Column(self.column(level, key)?), value),
                    },
                }
            }
        }
    }

    /// Returns a column that the condition may compare, whether on the left or on the right of an operator. A data command
    /// may compare only columns that the role can read, because the selected rows reveal the result.
    fn column(self, level: Level<'s>, name: &str) -> Result<&'s Column> {
        let column = column(level.tracked(), name)?;
        if let (Level::Command(table), Origin::Command(_, role)) = (level, self.origin)
            && !table.can_read(column)
        {
            return Err(column_denied(role, "select", name));
        }
        Ok(column)
    }

    fn exists(self, value: &Value) -> Result<BoolExp<'s>> {
        let key = |name: &str| {
            let found = value.get(format!("_{name}"));
            found.or_else(|| value.get(format!("${name}")))
        };
        let (Some(Ok(name)), Some(condition)) = (key("table").map(TableName::deserialize), key("where"))
        else {
            return Err(Error::new(
                Code::ParseFailed,
                "expected {\"_table\": …, \"_where\": …}",
            ));
        };
        let missing = || {
            let message = format!("table \"{name}\" does not exist");
            Error::new(Code::NotExists, message).at("_table")
        };
        self.conditions.add_subquery()?;
        match self.origin {
            Origin::Permission(tracked) => {
                let table = &**tracked.tables.get(&name).ok_or_else(missing)?;
                let condition = self.condition(Level::Permission(table), condition);
                let rows = Unfiltered::new(table, condition.map_err(|e| e.at("_where"))?);
                Ok(BoolExp::ExistsUnfiltered(Box::new(rows)))
            }
            Origin::Command(schema, _) => {
                // Without relation to another row, the condition reads the table as a list of its own does.
                let table = schema.readable(&name).filter(|table| table.can_list());
                let table = table.ok_or_else(missing)?;
                let condition = self.condition(Level::Command(table), condition);
                let rows = Select::visible(table).filter(condition.map_err(|e| e.at("_where"))?);
                Ok(BoolExp::Exists(Box::new(rows)))
            }
        }
    }
}

fn conjunction(mut parts: Vec<BoolExp<'_>>) -> BoolExp<'_> {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        BoolExp::And(parts)
    }
}
