//! Commands for permissions and inherited roles.

use super::lookup::{check_source, check_tracked, list_in, name_of, table_of};
use super::success;
use crate::args::parse;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::permissions::LISTS;
use engine_model::permission::{DeletePermission, InsertPermission, SelectPermission, UpdatePermission};
use engine_model::session::ADMIN;
use serde_json::{Map, Value, json};

/// Operation of a permission.
#[derive(Clone, Copy)]
struct Operation {
    /// Key of a table entry that holds the permissions for the operation.
    list: &'static str,
    /// `select`.
    name: &'static str,
}

impl Operation {
    fn of(name: &str) -> Option<Self> {
        let (list, name) = LISTS.iter().find(|(_, word)| *word == name)?;
        Some(Self { list, name })
    }

    /// Fails if the definition of a permission is malformed.
    fn check(self, definition: &Value) -> Result<()> {
        let definition = definition.clone();
        match self.name {
            "select" => parse::<SelectPermission>(definition).map(drop),
            "insert" => parse::<InsertPermission>(definition).map(drop),
            "update" => parse::<UpdatePermission>(definition).map(drop),
            _ => parse::<DeletePermission>(definition).map(drop),
        }
    }
}

/// Runs `create_…_permission`, `drop_…_permission` or `set_permission_comment`; `None` for other commands.
pub(super) async fn run(
    transaction: &mut MetadataTransaction<'_>,
    kind: &str,
    args: &Value,
) -> Option<Result<Value>> {
    match kind {
        "set_permission_comment" => return Some(set_comment(transaction, args).await),
        "add_inherited_role" => return Some(add_inherited_role(transaction, args).await),
        "drop_inherited_role" => return Some(drop_inherited_role(transaction, args).await),
        _ => {}
    }
    let (verb, operation) = kind.strip_suffix("_permission")?.split_once('_')?;
    let operation = Operation::of(operation)?;
    match verb {
        "create" => Some(create(transaction, args, operation).await),
        "drop" => Some(drop_permission(transaction, args, operation).await),
        _ => None,
    }
}

// The messages below have Hasura's wording.

async fn create(
    transaction: &mut MetadataTransaction<'_>,
    args: &Value,
    operation: Operation,
) -> Result<Value> {
    let Operation { list, name } = operation;
    let table = table_of(args)?;
    let role = name_of(args, "role")?;
    let Some(permission) = args.get("permission") else {
        return Err(Error::new(Code::ParseFailed, "key \"permission\" not found"));
    };
    operation
        .check(permission)
        .map_err(|error| error.at("permission"))?;
    check_source(transaction, args)?;
    let mut entry = Map::from_iter([
        ("role".to_owned(), Value::String(role.clone())),
        ("permission".to_owned(), permission.clone()),
    ]);
    if let Some(comment @ Value::String(_)) = args.get("comment") {
        entry.insert("comment".to_owned(), comment.clone());
    }
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    let id = MetadataObjectId::Permission(table.clone(), name, role.clone());
    let edited = working.edit_permissions(&table, Some(&id), |rest| {
        let permissions = list_in(rest, list)?;
        // The role admin has all permissions.
        if role == ADMIN || permissions.iter().any(|other| other["role"] == role) {
            let message =
                format!("{name} permission already defined on table \"{table}\" with role \"{role}\"");
            return Err(Error::new(Code::AlreadyExists, message));
        }
        permissions.push(Value::Object(entry));
        Ok(())
    });
    edited.map_err(|error| error.at("args"))?;
    Ok(success())
}

async fn set_comment(transaction: &mut MetadataTransaction<'_>, args: &Value) -> Result<Value> {
    let table = table_of(args)?;
    let role = name_of(args, "role")?;
    // Hasura's documentation and its sources have different names.
    let key = if args.get("type").is_some() {
        "type"
    } else {
        "permission"
    };
    let operation = name_of(args, key)?;
    let Some(Operation { list, name }) = Operation::of(&operation) else {
        let message = "expected one of \"select\", \"insert\", \"update\", \"delete\"";
        return Err(Error::new(Code::ParseFailed, message).at(key));
    };
    check_source(transaction, args)?;
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working.edit_permissions(&table, None, |rest| {
        let permissions = rest.get_mut(list).and_then(Value::as_array_mut);
        let permission = permissions
            .into_iter()
            .flatten()
            .find(|permission| permission["role"] == role)
            .and_then(Value::as_object_mut);
        let Some(permission) = permission else {
            return Err(missing(&format!("'{name}'"), &table, &role).at("args"));
        };
        match args.get("comment") {
            Some(comment @ Value::String(_)) => {
                permission.insert("comment".to_owned(), comment.clone());
            }
            _ => {
                permission.shift_remove("comment");
            }
        }
        Ok(())
    })?;
    Ok(success())
}

fn missing(operation: &str, table: &TableName, role: &str) -> Error {
    let message = format!("{operation} permission on \"{table}\" for role \"{role}\" does not exist");
    Error::new(Code::PermissionDenied, message)
}

async fn drop_permission(
    transaction: &mut MetadataTransaction<'_>,
    args: &Value,
    Operation { list, name }: Operation,
) -> Result<Value> {
    let table = table_of(args)?;
    let role = name_of(args, "role")?;
    check_source(transaction, args)?;
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working.edit_permissions(&table, None, |rest| {
        let permissions = rest.get_mut(list).and_then(Value::as_array_mut);
        let before = permissions.as_ref().map_or(0, |list| list.len());
        if let Some(permissions) = permissions {
            permissions.retain(|other| other["role"] != role);
        }
        let left = rest.get(list).and_then(Value::as_array).map_or(0, Vec::len);
        if left == before {
            return Err(missing(name, &table, &role).at("args"));
        }
        if left == 0 {
            rest.shift_remove(list);
        }
        Ok(())
    })?;
    Ok(success())
}

const INHERITED: &str = "inherited_roles";

/// Adds an inherited role, or replaces the one of the same name.
async fn add_inherited_role(transaction: &mut MetadataTransaction<'_>, args: &Value) -> Result<Value> {
    let role = name_of(args, "role_name")?;
    let parents = match args.get("role_set") {
        Some(Value::Array(parents)) if parents.iter().all(Value::is_string) => parents.clone(),
        Some(_) => {
            return Err(Error::new(Code::ParseFailed, "expected a list of roles").at("role_set"));
        }
        None => return Err(Error::new(Code::ParseFailed, "key \"role_set\" not found")),
    };
    let entry = json!({"role_name": role, "role_set": parents});
    let working = transaction.begin().await?;
    let metadata = &working.resolved().metadata;
    let stored = metadata.rest.get(INHERITED).and_then(Value::as_array);
    let others = stored
        .into_iter()
        .flatten()
        .filter(|other| other["role_name"] != role);
    if role == ADMIN || leads_to(&role, &entry, &others.collect::<Vec<_>>()) {
        let message = format!("found cycle(s) in roles: [\"{role}\"]");
        return Err(Error::new(Code::CyclicDependency, message).at("args"));
    }
    working.edit_inherited_roles(|rest| {
        let roles = list_in(rest, INHERITED)?;
        match roles.iter_mut().find(|other| other["role_name"] == role) {
            Some(stored) => *stored = entry,
            None => roles.push(entry),
        }
        Ok(())
    })?;
    Ok(success())
}

/// Whether the role is an ancestor of the entry.
fn leads_to(role: &str, entry: &Value, others: &[&Value]) -> bool {
    let mut pending = vec![entry];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(entry) = pending.pop() {
        for parent in entry["role_set"].as_array().into_iter().flatten() {
            let parent = parent.as_str().unwrap_or_default();
            if parent == role {
                return true;
            }
            if !seen.contains(&parent) {
                seen.push(parent);
                let entries = others.iter().filter(|other| other["role_name"] == parent);
                pending.extend(entries.copied());
            }
        }
    }
    false
}

async fn drop_inherited_role(transaction: &mut MetadataTransaction<'_>, args: &Value) -> Result<Value> {
    let role = name_of(args, "role_name")?;
    let working = transaction.begin().await?;
    working.edit_inherited_roles(|rest| {
        let missing = || {
            let message = format!("\"{role}\" inherited role doesn't exist");
            Error::new(Code::NotExists, message).at("args")
        };
        let Some(Value::Array(roles)) = rest.get_mut(INHERITED) else {
            return Err(missing());
        };
        let before = roles.len();
        roles.retain(|entry| entry["role_name"] != role);
        let left = roles.len();
        if left == before {
            return Err(missing());
        }
        if left == 0 {
            rest.shift_remove(INHERITED);
        }
        Ok(())
    })?;
    Ok(success())
}
