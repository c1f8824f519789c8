//! Tracked functions and their permissions.

use super::lookup::{check_source, function_of, list_in, name_of};
use super::success;
use crate::args::parse;
use crate::catalog_loader::NamedObjects;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Catalog, TableName, Volatility};
use engine_model::metadata::function::{
    self, FUNCTIONS, FunctionConfiguration, TrackedFunction, is_entry_of,
};
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::session::ADMIN;
use engine_plan::schema_cache::ResolvedMetadata;
use serde_json::{Map, Value, json};
use std::sync::Arc;

// The messages of this file have Hasura's wording.

pub(super) async fn track_function(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let function = function_of(&args)?;
    let mut entry = Map::from_iter([("function".to_owned(), json!(function))]);
    if let Some(configuration) = configuration_of(&args)? {
        entry.insert("configuration".to_owned(), configuration);
    }
    if let Some(comment @ Value::String(_)) = args.get("comment") {
        entry.insert("comment".to_owned(), comment.clone());
    }
    check_source(transaction, &args)?;
    let now = transaction.begin().await?.resolved();
    if find(now, &function).is_some() {
        let message = format!("function already tracked : \"{function}\"");
        return Err(Error::new(Code::AlreadyTracked, message).at("args"));
    }
    if now.metadata.table(&function).is_some() {
        let message = format!("table with name \"{function}\" already exists");
        return Err(Error::new(Code::NotSupported, message).at("args"));
    }
    let working = transaction
        .begin_with(NamedObjects::function(function.clone()))
        .await?;
    let id = MetadataObjectId::Function(function);
    let edited = working.edit_functions(Some(&id), |rest| {
        list_in(rest, FUNCTIONS)?.push(Value::Object(entry));
        Ok(())
    });
    edited.map_err(|error| error.at("args"))?;
    Ok(success())
}

pub(super) async fn untrack_function(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    let function = function_of(&args)?;
    check_source(transaction, &args)?;
    let working = transaction.begin().await?;
    if find(working.resolved(), &function).is_none() {
        return Err(not_found(&function));
    }
    working.edit_functions(None, |rest| {
        let list = list_in(rest, FUNCTIONS)?;
        list.retain(|other| !is_entry_of(other, &function));
        if list.is_empty() {
            rest.shift_remove(FUNCTIONS);
        }
        Ok(())
    })?;
    Ok(success())
}

/// Sets or removes the configuration of a tracked function.
pub(super) async fn set_customization(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    let function = function_of(&args)?;
    let configuration = configuration_of(&args)?;
    edit_entry(transaction, &args, &function, |entry| {
        match configuration {
            Some(configuration) => {
                entry.insert("configuration".to_owned(), configuration);
            }
            None => {
                entry.shift_remove("configuration");
            }
        }
        Ok(())
    })
    .await
}

pub(super) async fn create_permission(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    let function = function_of(&args)?;
    let role = name_of(&args, "role")?;
    check_source(transaction, &args)?;
    let now = transaction.begin().await?.resolved();
    let source = now.metadata.source_name();
    let tracked = tracked(now, &function)?;
    if role == ADMIN || tracked.roles.contains(&role) {
        let message = format!(
            "permission of role \"{role}\" already exists for function \"{function}\" in source: \"{source}\""
        );
        return Err(Error::new(Code::AlreadyExists, message).at("args"));
    }
    let table = now.tracked.tables.get(&tracked.table);
    if table.is_none_or(|table| now.permissions.of_role(&role, table).select.is_none()) {
        let message = format!(
            "function permission can only be added when the function's return table \"{}\" has select permission configured for role: \"{role}\"",
            tracked.table
        );
        return Err(Error::new(Code::NotSupported, message).at("args"));
    }
    edit_entry(transaction, &args, &function, |entry| {
        list_in(entry, "permissions")?.push(json!({"role": role}));
        Ok(())
    })
    .await
}

pub(super) async fn drop_permission(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let function = function_of(&args)?;
    let role = name_of(&args, "role")?;
    check_source(transaction, &args)?;
    let source = transaction.now().metadata.source_name().to_owned();
    edit_entry(transaction, &args, &function, |entry| {
        let permissions = list_in(entry, "permissions")?;
        let before = permissions.len();
        permissions.retain(|other| other["role"] != role);
        let (left, is_empty) = (permissions.len(), permissions.is_empty());
        if is_empty {
            entry.shift_remove("permissions");
        }
        if left < before {
            return Ok(());
        }
        let message = format!(
            "permission of role \"{role}\" does not exist for function \"{function}\" in source: \"{source}\""
        );
        Err(Error::new(Code::NotExists, message).at("args"))
    })
    .await
}

/// Changes the entry of a function.
async fn edit_entry(
    transaction: &mut MetadataTransaction<'_>,
    args: &Value,
    function: &TableName,
    edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
) -> Result<Value> {
    check_source(transaction, args)?;
    let working = transaction.begin().await?;
    let Some(entry) = find(working.resolved(), function) else {
        return Err(not_found(function));
    };
    let mut entry = entry.clone();
    edit(&mut entry)?;
    let id = MetadataObjectId::Function(function.clone());
    let edited = working.edit_functions(Some(&id), |rest| {
        let list = list_in(rest, FUNCTIONS)?;
        if let Some(stored) = list.iter_mut().find(|other| is_entry_of(other, function)) {
            *stored = Value::Object(entry);
        }
        Ok(())
    });
    edited.map_err(|error| error.at("args"))?;
    Ok(success())
}

/// Returns the configuration of the arguments unless it is absent, null or empty.
fn configuration_of(args: &Value) -> Result<Option<Value>> {
    let Some(configuration) = args.get("configuration").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    parse::<FunctionConfiguration>(configuration.clone()).map_err(|error| error.at("configuration"))?;
    let is_empty = configuration.as_object().is_some_and(Map::is_empty);
    Ok((!is_empty).then(|| configuration.clone()))
}

fn find<'n>(now: &'n ResolvedMetadata, function: &TableName) -> Option<&'n Map<String, Value>> {
    let list = now.metadata.source()?.rest.get(FUNCTIONS)?.as_array()?;
    let entry = list.iter().find(|entry| is_entry_of(entry, function))?;
    entry.as_object()
}

fn tracked<'n>(now: &'n ResolvedMetadata, function: &TableName) -> Result<&'n Arc<TrackedFunction>> {
    now.tracked
        .functions
        .get(function)
        .ok_or_else(|| not_found(function))
}

fn not_found(function: &TableName) -> Error {
    let message = format!("function \"{function}\" not found in the cache");
    Error::new(Code::NotExists, message).at("args")
}

/// Fails if SQL overloaded a tracked function or made it VOLATILE. Returns the tracked functions that it dropped.
pub(super) fn follow_sql(before: &ResolvedMetadata, after: &Catalog) -> Result<Vec<TableName>> {
    let names = function::names(&before.metadata);
    let overloads = |catalog: &Catalog, name: &TableName| catalog.functions.get(name).map_or(0, Vec::len);
    let overloaded: Vec<String> = names
        .iter()
        .filter(|name| overloads(&before.catalog, name) <= 1 && overloads(after, name) > 1)
        .map(ToString::to_string)
        .collect();
    if !overloaded.is_empty() {
        let message = format!(
            "the following tracked function(s) cannot be overloaded: {}",
            overloaded.join(", ")
        );
        return Err(Error::new(Code::NotSupported, message).at("args"));
    }
    let is_volatile = |catalog: &Catalog, name: &TableName| {
        let overloads = catalog.functions.get(name).into_iter().flatten();
        overloads
            .last()
            .map(|function| function.volatility == Volatility::Volatile)
    };
    for name in &names {
        if is_volatile(&before.catalog, name) == Some(false) && is_volatile(after, name) == Some(true) {
            let message =
                format!("type of function \"{name}\" is altered to \"VOLATILE\" which is not supported now");
            return Err(Error::new(Code::NotSupported, message).at("args"));
        }
    }
    let dropped = names.into_iter().filter(|name| overloads(after, name) == 0);
    Ok(dropped
        .filter(|name| overloads(&before.catalog, name) > 0)
        .collect())
}
