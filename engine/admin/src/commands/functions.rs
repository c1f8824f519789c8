//! Functions and computed fields: stored for compatibility with Hasura, exported and replaced like other metadata,
//! but without effect. Each of these commands logs a warning.

use super::success;
use super::tables::{check_source, check_tracked, table_of};
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::Metadata;
use engine_postgres::pool;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

const EXISTS: &str = "SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
                      WHERE n.nspname = $1 AND p.proname = $2";

/// Returns the function, accepting each form that Hasura accepts. Names have the same form as table names.
fn function_of(args: &Value) -> Result<TableName> {
    let value = args.get("function").unwrap_or(args);
    TableName::deserialize(value).map_err(|_| {
        Error::new(
            Code::ParseFailed,
            "expected a function: its name, or {\"schema\": …, \"name\": …}",
        )
    })
}

pub(super) async fn track_function(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let function = function_of(&args)?;
    change.begin().await?;
    let now = change.now();
    if now.tracked.tables.contains_key(&function) {
        let message = format!("table with name \"{function}\" already exists");
        return Err(Error::new(Code::NotSupported, message).at("args"));
    }
    let client = pool::get(&change.admin.pool).await?;
    let params = [
        (&function.schema as _, Type::TEXT),
        (&function.name as _, Type::TEXT),
    ];
    let rows = client
        .query_typed(EXISTS, &params)
        .await
        .map_err(|e| pool::driver_error(&e))?;
    if rows.is_empty() {
        let message = format!("no such function exists in postgres : \"{function}\"");
        return Err(Error::new(Code::NotExists, message).at("args"));
    }
    let mut entry = Map::from_iter([("function".to_owned(), json!(function))]);
    if let Some(configuration @ Value::Object(_)) = args.get("configuration") {
        entry.insert("configuration".to_owned(), configuration.clone());
    }
    change
        .apply(None, |metadata| {
            let list = list_in(&mut metadata.source_mut().rest, "functions")?;
            if list.iter().any(|other| is(other, &function)) {
                let message = format!("function already tracked : \"{function}\"");
                return Err(Error::new(Code::AlreadyTracked, message).at("args"));
            }
            list.push(Value::Object(entry));
            Ok(())
        })
        .await?;
    not_served("function", &function.to_string());
    Ok(success())
}

pub(super) async fn untrack_function(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let function = function_of(&args)?;
    change
        .apply_allowing_inconsistency(|metadata| {
            let list = list_in(&mut metadata.source_mut().rest, "functions")?;
            let before = list.len();
            list.retain(|other| !is(other, &function));
            if list.len() < before {
                return Ok(());
            }
            let message = format!("function \"{function}\" is not tracked");
            Err(Error::new(Code::NotExists, message).at("args"))
        })
        .await?;
    Ok(success())
}

fn is(entry: &Value, function: &TableName) -> bool {
    entry
        .get("function")
        .is_some_and(|name| TableName::deserialize(name).is_ok_and(|name| name == *function))
}

/// Whether the metadata contains a function of this name.
pub(super) fn is_tracked(metadata: &Metadata, function: &TableName) -> bool {
    let list = metadata.source().and_then(|source| source.rest.get("functions"));
    let mut list = list.and_then(Value::as_array).into_iter().flatten();
    list.any(|entry| is(entry, function))
}

/// Returns the tracked functions that no longer exist in the database.
pub(super) async fn dropped(client: &impl GenericClient, metadata: &Metadata) -> Result<Vec<TableName>> {
    let list = metadata
        .source()
        .and_then(|source| source.rest.get("functions"))
        .and_then(Value::as_array);
    let mut dropped = Vec::new();
    for function in list
        .into_iter()
        .flatten()
        .filter_map(|entry| function_of(entry).ok())
    {
        let params = [
            (&function.schema as _, Type::TEXT),
            (&function.name as _, Type::TEXT),
        ];
        let rows = client
            .query_typed(EXISTS, &params)
            .await
            .map_err(|e| pool::driver_error(&e))?;
        if rows.is_empty() {
            dropped.push(function);
        }
    }
    Ok(dropped)
}

pub(super) fn forget(metadata: &mut Metadata, functions: &[TableName]) {
    let rest = &mut metadata.source_mut().rest;
    if let Some(Value::Array(list)) = rest.get_mut("functions") {
        list.retain(|entry| !functions.iter().any(|function| is(entry, function)));
        if list.is_empty() {
            rest.shift_remove("functions");
        }
    }
}

#[derive(Deserialize)]
struct ComputedField {
    name: String,
    definition: Value,
    #[serde(default)]
    comment: Option<String>,
}

pub(super) async fn add_computed_field(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let table = table_of(&args)?;
    let ComputedField {
        name,
        definition,
        comment,
    } = super::parse_args(args)?;
    change.begin().await?;
    check_tracked(&change.now().metadata, &table)?;
    change
        .edit_rest(&table, |rest| {
            let list = list_in(rest, "computed_fields")?;
            if list.iter().any(|other| other["name"] == name) {
                let message = format!("computed field \"{name}\" of table \"{table}\" already exists");
                return Err(Error::new(Code::AlreadyExists, message).at("args"));
            }
            list.push(json!({"name": name, "definition": definition, "comment": comment}));
            Ok(())
        })
        .await?;
    not_served("computed field", &name);
    Ok(success())
}

pub(super) async fn drop_computed_field(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let table = table_of(&args)?;
    let name = args
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    change.begin().await?;
    check_tracked(&change.now().metadata, &table)?;
    change
        .edit_rest(&table, |rest| {
            let list = list_in(rest, "computed_fields")?;
            let before = list.len();
            list.retain(|other| other["name"] != name);
            let (now, empty) = (list.len(), list.is_empty());
            if empty {
                rest.shift_remove("computed_fields");
            }
            if now < before {
                return Ok(());
            }
            let message = format!("computed field \"{name}\" does not exist");
            Err(Error::new(Code::NotExists, message).at("args"))
        })
        .await?;
    Ok(success())
}

/// Returns the list under a key; adds it if it is missing.
pub(super) fn list_in<'a>(object: &'a mut Map<String, Value>, key: &str) -> Result<&'a mut Vec<Value>> {
    let list = object.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut()
        .ok_or_else(|| Error::new(Code::Unexpected, format!("metadata key \"{key}\" is not a list")))
}

pub(super) fn not_served(what: &str, name: &str) {
    tracing::warn!(
        name,
        "{what} is stored but has no effect in this version (see SUPPORT.md)"
    );
}
