//! One permission against its table. Errors are the reasons of inconsistent objects.

use super::preset::Presets;
use crate::condition;
use engine_model::metadata::tracked::{TrackedObjects, TrackedTable};
use engine_model::permission::{
    DeletePermission, InsertPermission, JsonObject, PermittedColumns, QueryRootField, SelectPermission,
    SubscriptionRootField, UpdatePermission,
};
use serde_json::Value;

// The messages have Hasura's wording.

pub(super) fn select(
    permission: SelectPermission,
    table: &TrackedTable,
    tracked: &TrackedObjects,
    (source, role): (&str, &str),
) -> Result<SelectPermission, String> {
    columns(
        Some(&permission.columns),
        table,
        "permissions for relationships are automatically inferred",
    )?;
    if permission.limit.is_some_and(|limit| limit < 0) {
        return Err("unexpected negative value".to_owned());
    }
    computed_fields(&permission.computed_fields, table)?;
    root_fields(&permission, table, source, role)?;
    condition(&permission.filter, table, tracked)?;
    Ok(permission)
}

fn computed_fields(names: &[String], table: &TrackedTable) -> Result<(), String> {
    for name in names {
        match table.computed_fields.get(name) {
            None => return Err(format!("computed field \"{name}\" does not exist")),
            Some(field) => {
                if let Some(rows) = field.rows() {
                    return Err(format!(
                        "select permissions on computed field \"{name}\" are auto-derived from the permissions on its returning table \"{rows}\" and cannot be specified manually"
                    ));
                }
            }
        }
    }
    Ok(())
}

fn root_fields(
    permission: &SelectPermission,
    table: &TrackedTable,
    source: &str,
    role: &str,
) -> Result<(), String> {
    let query = permission.query_root_fields.as_deref().unwrap_or_default();
    let subscription = permission.subscription_root_fields.as_deref().unwrap_or_default();
    let lists =
        |in_query, in_subscription| query.contains(&in_query) || subscription.contains(&in_subscription);
    if lists(QueryRootField::SelectByPk, SubscriptionRootField::SelectByPk) {
        let has_key = table.table.primary_key.as_ref().is_some_and(|key| {
            let mut columns = key.columns.iter();
            columns.all(|column| permission.columns.contains(column))
        });
        if !has_key {
            return Err(format!(
                "The \"select_by_pk\" field cannot be included in the query_root_fields or subscription_root_fields because the role \"{role}\" does not have access to the primary key of the table \"{}\" in the source \"{source}\"",
                table.table.name
            ));
        }
    }
    let aggregate = lists(
        QueryRootField::SelectAggregate,
        SubscriptionRootField::SelectAggregate,
    );
    if aggregate && !permission.allow_aggregations {
        return Err(
            "The \"select_aggregate\" root field can only be enabled in the query_root_fields or  the subscription_root_fields when \"allow_aggregations\" is set to true".to_owned(),
        );
    }
    Ok(())
}

pub(super) fn insert(
    permission: InsertPermission,
    table: &TrackedTable,
    tracked: &TrackedObjects,
) -> Result<InsertPermission, String> {
    without_validation(permission.validate_input.as_ref())?;
    columns(
        permission.columns.as_ref(),
        table,
        "relationships can't be used in insert",
    )?;
    Presets::read(permission.set.as_ref(), table)?;
    condition(&permission.check, table, tracked)?;
    Ok(permission)
}

pub(super) fn update(
    permission: UpdatePermission,
    table: &TrackedTable,
    tracked: &TrackedObjects,
) -> Result<UpdatePermission, String> {
    without_validation(permission.validate_input.as_ref())?;
    columns(
        Some(&permission.columns),
        table,
        "relationships can't be used in update",
    )?;
    Presets::read(permission.set.as_ref(), table)?;
    condition(&permission.filter, table, tracked)?;
    if let Some(check) = &permission.check {
        condition(check, table, tracked)?;
    }
    Ok(permission)
}

pub(super) fn delete(
    permission: DeletePermission,
    table: &TrackedTable,
    tracked: &TrackedObjects,
) -> Result<DeletePermission, String> {
    without_validation(permission.validate_input.as_ref())?;
    condition(&permission.filter, table, tracked)?;
    Ok(permission)
}

fn columns(columns: Option<&PermittedColumns>, table: &TrackedTable, hint: &str) -> Result<(), String> {
    let Some(PermittedColumns::Named(names)) = columns else {
        return Ok(());
    };
    for name in names {
        if table.table.column(name).is_some() {
            continue;
        }
        return Err(if table.relationships.contains_key(name) {
            format!("expecting a postgres column; but, \"{name}\" is a relationship; {hint}")
        } else {
            format!("column \"{name}\" does not exist")
        });
    }
    Ok(())
}

fn condition(condition: &JsonObject, table: &TrackedTable, tracked: &TrackedObjects) -> Result<(), String> {
    match condition::of_permission(tracked, table, condition) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.message),
    }
}

/// A permission that relies on a validation that does not take place must not be granted.
fn without_validation(validate_input: Option<&Value>) -> Result<(), String> {
    match validate_input {
        None | Some(Value::Null) => Ok(()),
        Some(_) => Err("\"validate_input\" is not supported; use \"check\"".to_owned()),
    }
}
