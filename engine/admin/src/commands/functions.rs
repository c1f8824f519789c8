//! Functions and computed fields: stored for compatibility with Hasura, exported and replaced like other metadata,
//! but without effect. Each of these commands logs a warning.

use super::lookup::{
    check_source, check_tracked, function_of, functions, is_function, is_tracked_function, list_in, table_of,
    warn_without_effect,
};
use super::success;
use crate::args::parse;
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

pub(super) async fn track_function(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(transaction, &args)?;
    let function = function_of(&args)?;
    let working = transaction.begin().await?;
    if working.resolved().tracked.tables.contains_key(&function) {
        let message = format!("table with name \"{function}\" already exists");
        return Err(Error::new(Code::NotSupported, message).at("args"));
    }
    let client = pool::get(&transaction.admin.pool).await?;
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
    transaction.begin().await?.edit_source_rest(|rest| {
        let list = list_in(rest, "functions")?;
        if list.iter().any(|other| is_function(other, &function)) {
            let message = format!("function already tracked : \"{function}\"");
            return Err(Error::new(Code::AlreadyTracked, message).at("args"));
        }
        list.push(Value::Object(entry));
        Ok(())
    })?;
    warn_without_effect("function", &function.to_string());
    Ok(success())
}

pub(super) async fn untrack_function(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    check_source(transaction, &args)?;
    let function = function_of(&args)?;
    let working = transaction.begin().await?;
    if !is_tracked_function(&working.resolved().metadata, &function) {
        let message = format!("function \"{function}\" is not tracked");
        return Err(Error::new(Code::NotExists, message).at("args"));
    }
    working.edit_source_rest(|rest| {
        list_in(rest, "functions")?.retain(|other| !is_function(other, &function));
        Ok(())
    })?;
    Ok(success())
}

/// Returns the tracked functions that no longer exist in the database.
pub(super) async fn dropped(client: &impl GenericClient, metadata: &Metadata) -> Result<Vec<TableName>> {
    let mut dropped = Vec::new();
    for function in functions(metadata).filter_map(|entry| function_of(entry).ok()) {
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
        list.retain(|entry| !functions.iter().any(|function| is_function(entry, function)));
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

pub(super) async fn add_computed_field(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    check_source(transaction, &args)?;
    let table = table_of(&args)?;
    let ComputedField {
        name,
        definition,
        comment,
    } = parse(args)?;
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working.edit_table_rest(&table, |rest| {
        let list = list_in(rest, "computed_fields")?;
        if list.iter().any(|other| other["name"] == name) {
            let message = format!("computed field \"{name}\" of table \"{table}\" already exists");
            return Err(Error::new(Code::AlreadyExists, message).at("args"));
        }
        list.push(json!({"name": name, "definition": definition, "comment": comment}));
        Ok(())
    })?;
    warn_without_effect("computed field", &name);
    Ok(success())
}

pub(super) async fn drop_computed_field(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    check_source(transaction, &args)?;
    let table = table_of(&args)?;
    let name = args
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working.edit_table_rest(&table, |rest| {
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
    })?;
    Ok(success())
}
