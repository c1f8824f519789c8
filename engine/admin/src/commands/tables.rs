//! Commands that track, untrack and customize tables and views.

use super::{functions, parse_args, success};
use crate::ddl_sync::remove;
use crate::dependencies;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::types::{DEFAULT_SOURCE, Metadata, TableConfiguration, TableEntry};
use serde::Deserialize;
use serde_json::{Value, json};

/// Returns the table, accepting each form that Hasura accepts: the arguments themselves or the key `table`.
pub(super) fn table_of(args: &Value) -> Result<TableName> {
    let parse = |value: &Value| {
        TableName::deserialize(value).map_err(|e| Error::new(Code::ParseFailed, e.to_string()))
    };
    match args.get("table") {
        Some(table) => parse(table).map_err(|e| e.at("table")),
        None if args.get("name").is_some() || args.is_string() => parse(args),
        None => Err(Error::new(Code::ParseFailed, "key \"table\" not found")),
    }
}

/// Fails for a source other than the default one.
pub(super) fn check_source(args: &Value) -> Result<()> {
    match args.get("source") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(name)) if name == DEFAULT_SOURCE => Ok(()),
        Some(other) => {
            let message = format!("source with name {other} does not exist");
            Err(Error::new(Code::NotExists, message).at("source").at("args"))
        }
    }
}

pub(super) async fn track_table(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let table = table_of(&args)?;
    let configuration: Option<TableConfiguration> = match args.get("configuration") {
        None | Some(Value::Null) => None,
        Some(value) => Some(parse_args::<TableConfiguration>(value.clone())?),
    };
    let is_enum = args.get("is_enum").and_then(Value::as_bool).unwrap_or(false);
    change.begin().await?;
    let now = change.now();
    if now.metadata.table(&table).is_some() {
        let message = format!("view/table already tracked : \"{table}\"");
        return Err(Error::new(Code::AlreadyTracked, message).at("args"));
    }
    if !now.catalog.tables.contains_key(&table) {
        let message = format!("no such table/view exists in source: \"{table}\"");
        return Err(Error::new(Code::NotExists, message).at("args"));
    }
    if functions::is_tracked(&now.metadata, &table) {
        let message = format!("function with name \"{table}\" already exists");
        return Err(Error::new(Code::NotSupported, message).at("args"));
    }
    let mut entry = TableEntry::new(table.clone());
    entry.configuration = configuration;
    if is_enum {
        entry.rest.insert("is_enum".to_owned(), json!(true));
    }
    // The working copy is changed in place unless it is shared.
    drop(now);
    change.add_table(entry).await.map_err(|e| e.at("args"))?;
    Ok(success())
}

pub(super) async fn untrack_table(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let table = table_of(&args)?;
    let cascade = args.get("cascade").and_then(Value::as_bool).unwrap_or(false);
    change.begin().await?;
    let now = change.now();
    if now.metadata.table(&table).is_none() {
        let message = format!("view/table already untracked : \"{table}\"");
        return Err(Error::new(Code::AlreadyUntracked, message).at("args"));
    }
    let dependents = dependencies::on_table(&now, &table);
    if !dependents.is_empty() && !cascade {
        return Err(dependencies::error(&dependents).at("args"));
    }
    change
        .apply_allowing_inconsistency(|metadata| {
            remove(metadata, &MetadataObjectId::Table(table));
            for place in &dependents {
                remove(metadata, place);
            }
            Ok(())
        })
        .await?;
    Ok(success())
}

pub(super) async fn set_customization(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let table = table_of(&args)?;
    // v1 had the two parts as separate arguments (set_table_custom_fields).
    let configuration = match args.get("configuration") {
        Some(Value::Null) => None,
        Some(value) => Some(parse_args::<TableConfiguration>(value.clone())?),
        None if args.get("custom_root_fields").is_some() || args.get("custom_column_names").is_some() => {
            let of = |key| args.get(key).cloned().unwrap_or_else(|| json!({}));
            Some(parse_args(json!({
                "custom_root_fields": of("custom_root_fields"),
                "custom_column_names": of("custom_column_names"),
            }))?)
        }
        None => None,
    };
    change.begin().await?;
    check_tracked(&change.now().metadata, &table)?;
    change
        .apply(Some(&MetadataObjectId::Table(table.clone())), |metadata| {
            if let Some(entry) = metadata.table_mut(&table) {
                entry.configuration = configuration;
            }
            Ok(())
        })
        .await
        .map_err(|e| e.at("args"))?;
    Ok(success())
}

pub(super) async fn set_is_enum(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let table = table_of(&args)?;
    let Some(is_enum) = args.get("is_enum").and_then(Value::as_bool) else {
        return Err(Error::new(Code::ParseFailed, "key \"is_enum\" not found"));
    };
    change.begin().await?;
    check_tracked(&change.now().metadata, &table)?;
    change
        .edit_rest(&table, |rest| {
            if is_enum {
                rest.insert("is_enum".to_owned(), json!(true));
            } else {
                rest.shift_remove("is_enum");
            }
            Ok(())
        })
        .await?;
    Ok(success())
}

/// Fails with Hasura's wording if the table is not tracked.
pub(super) fn check_tracked(metadata: &Metadata, table: &TableName) -> Result<()> {
    if metadata.table(table).is_some() {
        return Ok(());
    }
    let message = format!("table \"{table}\" does not exist in source: {DEFAULT_SOURCE}");
    Err(Error::new(Code::NotExists, message).at("table").at("args"))
}
