//! Commands that track, untrack and customize tables and views.

use super::lookup::{check_source, check_tracked, is_tracked_function, table_of};
use super::success;
use crate::args::parse;
use crate::dependencies;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::types::{TableConfiguration, TableEntry};
use serde_json::{Value, json};

pub(super) async fn track_table(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(transaction, &args)?;
    let table = table_of(&args)?;
    let configuration: Option<TableConfiguration> = match args.get("configuration") {
        None | Some(Value::Null) => None,
        Some(value) => Some(parse::<TableConfiguration>(value.clone())?),
    };
    let is_enum = args.get("is_enum").and_then(Value::as_bool).unwrap_or(false);
    let working = transaction.begin().await?;
    let now = working.resolved();
    if now.metadata.table(&table).is_some() {
        let message = format!("view/table already tracked : \"{table}\"");
        return Err(Error::new(Code::AlreadyTracked, message).at("args"));
    }
    if !now.catalog.tables.contains_key(&table) {
        let message = format!("no such table/view exists in source: \"{table}\"");
        return Err(Error::new(Code::NotExists, message).at("args"));
    }
    if is_tracked_function(&now.metadata, &table) {
        let message = format!("function with name \"{table}\" already exists");
        return Err(Error::new(Code::NotSupported, message).at("args"));
    }
    let mut entry = TableEntry::new(table.clone());
    entry.configuration = configuration;
    if is_enum {
        entry.rest.insert("is_enum".to_owned(), json!(true));
    }
    working.add_table(entry).map_err(|e| e.at("args"))?;
    Ok(success())
}

pub(super) async fn untrack_table(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(transaction, &args)?;
    let table = table_of(&args)?;
    let cascade = args.get("cascade").and_then(Value::as_bool).unwrap_or(false);
    let working = transaction.begin().await?;
    if working.resolved().metadata.table(&table).is_none() {
        let message = format!("view/table already untracked : \"{table}\"");
        return Err(Error::new(Code::AlreadyUntracked, message).at("args"));
    }
    let mut objects = dependencies::on_table(working, &table);
    if !objects.is_empty() && !cascade {
        let source = working.resolved().metadata.source_name();
        return Err(dependencies::error(source, &objects).at("args"));
    }
    objects.push(MetadataObjectId::Table(table));
    working.remove(&objects);
    Ok(success())
}

pub(super) async fn set_customization(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    check_source(transaction, &args)?;
    let table = table_of(&args)?;
    // v1 had the two parts as separate arguments (set_table_custom_fields).
    let configuration = match args.get("configuration") {
        Some(Value::Null) => None,
        Some(value) => Some(parse::<TableConfiguration>(value.clone())?),
        None if args.get("custom_root_fields").is_some() || args.get("custom_column_names").is_some() => {
            let of = |key| args.get(key).cloned().unwrap_or_else(|| json!({}));
            Some(parse(json!({
                "custom_root_fields": of("custom_root_fields"),
                "custom_column_names": of("custom_column_names"),
            }))?)
        }
        None => None,
    };
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working
        .set_configuration(&table, configuration)
        .map_err(|e| e.at("args"))?;
    Ok(success())
}

pub(super) async fn set_is_enum(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(transaction, &args)?;
    let table = table_of(&args)?;
    let Some(is_enum) = args.get("is_enum").and_then(Value::as_bool) else {
        return Err(Error::new(Code::ParseFailed, "key \"is_enum\" not found"));
    };
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    working.edit_table_rest(&table, |rest| {
        if is_enum {
            rest.insert("is_enum".to_owned(), json!(true));
        } else {
            rest.shift_remove("is_enum");
        }
        Ok(())
    })?;
    Ok(success())
}
