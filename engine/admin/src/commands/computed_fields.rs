//! Computed fields.

use super::lookup::{check_consistent, check_source, check_tracked, list_in, name_of, table_of};
use super::success;
use crate::args::parse;
use crate::catalog_loader::NamedObjects;
use crate::dependencies;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Catalog, Volatility};
use engine_model::metadata::computed_field::{self, COMPUTED_FIELDS, ComputedFieldEntry};
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_plan::schema_cache::ResolvedMetadata;
use serde_json::{Map, Value};

// The messages of this file have Hasura's wording.

pub(super) async fn add_computed_field(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    let table = table_of(&args)?;
    let name = name_of(&args, "name")?;
    let ComputedFieldEntry { definition, .. } = parse(args.clone())?;
    check_source(transaction, &args)?;
    let now = transaction.begin().await?.resolved();
    check_consistent(now, &table)?;
    if now
        .metadata
        .table(&table)
        .is_some_and(|entry| computed_field::exists(entry, &name))
    {
        let message = format!("computed field with name \"{name}\" already exists on table \"{table}\"");
        return Err(Error::new(Code::AlreadyExists, message).at("name").at("args"));
    }
    let working = transaction
        .begin_with(NamedObjects::function(definition.function))
        .await?;
    let mut entry = Map::new();
    for key in ["name", "definition", "comment"] {
        if let Some(value) = args.get(key).filter(|value| !value.is_null()) {
            entry.insert(key.to_owned(), value.clone());
        }
    }
    let id = MetadataObjectId::ComputedField(table.clone(), name);
    let edited = working.edit_computed_fields(&table, &id, |rest| {
        list_in(rest, COMPUTED_FIELDS)?.push(Value::Object(entry));
        Ok(())
    });
    edited.map_err(|error| error.at("args"))?;
    Ok(success())
}

pub(super) async fn drop_computed_field(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    let table = table_of(&args)?;
    let name = name_of(&args, "name")?;
    let cascade = args.get("cascade").and_then(Value::as_bool).unwrap_or(false);
    check_source(transaction, &args)?;
    let working = transaction.begin().await?;
    let metadata = &working.resolved().metadata;
    check_tracked(metadata, &table)?;
    if !metadata
        .table(&table)
        .is_some_and(|entry| computed_field::exists(entry, &name))
    {
        let message = format!("computed field \"{name}\" does not exist");
        return Err(Error::new(Code::NotExists, message).at("name").at("args"));
    }
    let mut objects = dependencies::on_computed_field(working, &table, &name);
    if !objects.is_empty() && !cascade {
        let source = working.resolved().metadata.source_name();
        return Err(dependencies::error(source, &objects).at("args"));
    }
    objects.push(MetadataObjectId::ComputedField(table, name));
    working.remove(&objects).map_err(|error| error.at("args"))?;
    Ok(success())
}

/// Fails if SQL overloaded the function of a computed field, made it VOLATILE, or created it again.
pub(super) fn check_sql(before: &ResolvedMetadata, after: &Catalog) -> Result<Vec<MetadataObjectId>> {
    let mut replaced = Vec::new();
    for (table, tracked) in &before.tracked.tables {
        for field in tracked.computed_fields.values() {
            let (name, function) = (&field.name, &field.function);
            let overloads = |catalog: &Catalog| catalog.functions.get(function).cloned().unwrap_or_default();
            let (old, new) = (overloads(&before.catalog), overloads(after));
            let refuse = |message: String| Err(Error::new(Code::NotSupported, message).at("args"));
            let is_kept = old.iter().all(|old| new.iter().any(|new| new.oid == old.oid));
            if !is_kept {
                replaced.push(MetadataObjectId::ComputedField(table.clone(), name.clone()));
            } else if new.len() > 1 {
                return refuse(format!(
                    "The function \"{function}\" associated with computed field\"{name}\" of table \"{table}\" is being overloaded"
                ));
            } else if new.iter().any(|new| new.volatility == Volatility::Volatile) {
                return refuse(format!(
                    "The type of function \"{function}\" associated with computed field \"{name}\" of table \"{table}\" is being altered to \"VOLATILE\""
                ));
            }
        }
    }
    Ok(replaced)
}
