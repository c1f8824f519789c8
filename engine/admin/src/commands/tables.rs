//! Commands that track, untrack and customize tables and views.

use super::lookup::{check_tracked, is_tracked_function, not_tracked, parse_in_source, table_of};
use super::success;
use crate::catalog_loader::NamedObjects;
use crate::dependencies;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::types::{TableConfiguration, TableEntry};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Returns the arguments without the table, which may be their only content, as a string.
fn without_table(args: Value) -> Value {
    match args {
        Value::Object(mut args) => {
            args.shift_remove("table");
            Value::Object(args)
        }
        _ => Value::Object(Map::new()),
    }
}

#[derive(Deserialize)]
struct Track {
    configuration: Option<TableConfiguration>,
    is_enum: Option<bool>,
}

pub(super) async fn track_table(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let table = table_of(&args)?;
    let Track {
        configuration,
        is_enum,
    } = parse_in_source(transaction, without_table(args))?;
    let named = match is_enum {
        Some(true) => NamedObjects::enum_table(table.clone()),
        _ => NamedObjects::default(),
    };
    let working = transaction.begin_with(named).await?;
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
    entry.is_enum = is_enum.filter(|is_enum| *is_enum);
    working.add_table(entry).map_err(|e| e.at("args"))?;
    Ok(success())
}

#[derive(Deserialize)]
struct Untrack {
    cascade: Option<bool>,
}

pub(super) async fn untrack_table(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let table = table_of(&args)?;
    let Untrack { cascade } = parse_in_source(transaction, without_table(args))?;
    let working = transaction.begin().await?;
    if working.resolved().metadata.table(&table).is_none() {
        let message = format!("view/table already untracked : \"{table}\"");
        return Err(Error::new(Code::AlreadyUntracked, message).at("args"));
    }
    let mut objects = dependencies::on_table(working, &table);
    if !objects.is_empty() && !cascade.unwrap_or(false) {
        let source = working.resolved().metadata.source_name();
        return Err(dependencies::error(source, &objects).at("args"));
    }
    objects.push(MetadataObjectId::Table(table));
    working.remove(&objects).map_err(|e| e.at("args"))?;
    Ok(success())
}

/// v1 had two parts of the configuration as separate arguments (`set_table_custom_fields`).
#[derive(Deserialize)]
struct Customization {
    configuration: Option<TableConfiguration>,
    custom_root_fields: Option<IndexMap<String, Option<Value>>>,
    custom_column_names: Option<IndexMap<String, String>>,
}

pub(super) async fn set_customization(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    let table = table_of(&args)?;
    let Customization {
        configuration,
        custom_root_fields,
        custom_column_names,
    } = parse_in_source(transaction, without_table(args))?;
    let older = (custom_root_fields.is_some() || custom_column_names.is_some()).then(|| TableConfiguration {
        custom_root_fields: custom_root_fields.unwrap_or_default(),
        custom_column_names: custom_column_names.unwrap_or_default(),
        ..TableConfiguration::default()
    });
    let configuration = configuration.or(older);
    let working = transaction.begin().await?;
    let metadata = &working.resolved().metadata;
    if metadata.table(&table).is_none() {
        // As in Hasura, the path does not contain the table.
        return Err(not_tracked(metadata, &table).at("args"));
    }
    working
        .set_configuration(&table, configuration)
        .map_err(|e| e.at("args"))?;
    Ok(success())
}

#[derive(Deserialize)]
struct SetIsEnum {
    is_enum: bool,
}

pub(super) async fn set_is_enum(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let table = table_of(&args)?;
    let SetIsEnum { is_enum } = parse_in_source(transaction, without_table(args))?;
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    let named = if is_enum {
        NamedObjects::enum_table(table.clone())
    } else {
        NamedObjects::default()
    };
    let working = transaction.begin_with(named).await?;
    working.set_is_enum(&table, is_enum).map_err(|e| e.at("args"))?;
    Ok(success())
}
