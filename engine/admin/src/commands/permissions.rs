//! Commands for permissions. Permissions are stored, exported, replaced and updated after renames.

use super::lookup::{check_source, check_tracked, name_of, table_of};
use super::success;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::permissions::LISTS;
use serde_json::{Map, Value};

/// Returns the key of a table entry that holds the permissions for an operation.
fn list_of(operation: &str) -> Option<&'static str> {
    let (list, _) = LISTS.iter().find(|(_, word)| *word == operation)?;
    Some(list)
}

/// Runs `create_…_permission`, `drop_…_permission` or `set_permission_comment`; `None` for other commands.
pub(super) async fn run(
    transaction: &mut MetadataTransaction<'_>,
    kind: &str,
    args: &Value,
) -> Option<Result<Value>> {
    if kind == "set_permission_comment" {
        return Some(set_comment(transaction, args).await);
    }
    let (verb, operation) = kind.strip_suffix("_permission")?.split_once('_')?;
    let list = list_of(operation)?;
    match verb {
        "create" => Some(create(transaction, args, list).await),
        "drop" => Some(drop(transaction, args, list).await),
        _ => None,
    }
}

async fn create(
    transaction: &mut MetadataTransaction<'_>,
    args: &Value,
    list: &'static str,
) -> Result<Value> {
    check_source(transaction, args)?;
    let table = table_of(args)?;
    let role = name_of(args, "role")?;
    if role == engine_model::session::ADMIN {
        let message = format!(
            "Inconsistent object: in table \"{table}\": in permission for role \"admin\": cannot define permission for admin role"
        );
        return Err(Error::new(Code::ConstraintViolation, message).at("args"));
    }
    let Some(permission @ Value::Object(_)) = args.get("permission") else {
        return Err(Error::new(Code::ParseFailed, "key \"permission\" not found"));
    };
    let mut entry = Map::from_iter([
        ("role".to_owned(), Value::String(role.clone())),
        ("permission".to_owned(), permission.clone()),
    ]);
    if let Some(comment @ Value::String(_)) = args.get("comment") {
        entry.insert("comment".to_owned(), comment.clone());
    }
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working.edit_table_rest(&table, |rest| {
        let permissions = rest.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(permissions) = permissions else {
            return Err(Error::new(
                Code::Unexpected,
                format!("metadata key \"{list}\" of table \"{table}\" is not a list"),
            ));
        };
        if permissions.iter().any(|other| other["role"] == role) {
            let message = format!("permission already defined on table \"{table}\" with role \"{role}\"");
            return Err(Error::new(Code::AlreadyExists, message).at("args"));
        }
        permissions.push(Value::Object(entry));
        Ok(())
    })?;
    Ok(success())
}

async fn set_comment(transaction: &mut MetadataTransaction<'_>, args: &Value) -> Result<Value> {
    check_source(transaction, args)?;
    let table = table_of(args)?;
    let role = name_of(args, "role")?;
    let operation = name_of(args, "type")?;
    let Some(list) = list_of(&operation) else {
        let message = "expected one of \"select\", \"insert\", \"update\", \"delete\"";
        return Err(Error::new(Code::ParseFailed, message).at("type"));
    };
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working.edit_table_rest(&table, |rest| {
        let permissions = rest.get_mut(list).and_then(Value::as_array_mut);
        let permission = permissions
            .into_iter()
            .flatten()
            .find(|permission| permission["role"] == role)
            .and_then(Value::as_object_mut);
        let Some(permission) = permission else {
            return Err(missing(&table, &role).at("args"));
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

fn missing(table: &TableName, role: &str) -> Error {
    let message = format!("permission on table \"{table}\" for role \"{role}\" does not exist");
    Error::new(Code::PermissionDenied, message)
}

async fn drop(transaction: &mut MetadataTransaction<'_>, args: &Value, list: &'static str) -> Result<Value> {
    check_source(transaction, args)?;
    let table = table_of(args)?;
    let role = name_of(args, "role")?;
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working.edit_table_rest(&table, |rest| {
        let permissions = rest.get_mut(list).and_then(Value::as_array_mut);
        let before = permissions.as_ref().map_or(0, |list| list.len());
        if let Some(permissions) = permissions {
            permissions.retain(|other| other["role"] != role);
        }
        let left = rest.get(list).and_then(Value::as_array).map_or(0, Vec::len);
        if left == before {
            return Err(missing(&table, &role).at("args"));
        }
        if left == 0 {
            rest.shift_remove(list);
        }
        Ok(())
    })?;
    Ok(success())
}
