//! Commands for relationships.

use super::lookup::{check_consistent, check_tracked, parse_in_source};
use super::success;
use crate::args::non_empty;
use crate::dependencies;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::tracked::RelationshipKind;
use engine_model::metadata::types::{Metadata, RelationshipEntry, TableEntry, Using};
use engine_plan::schema_cache::ResolvedMetadata;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Create {
    table: TableName,
    #[serde(deserialize_with = "non_empty")]
    name: String,
    using: Using,
    #[serde(default)]
    comment: Option<String>,
}

pub(super) async fn create_object(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    create(transaction, args, RelationshipKind::Object).await
}

pub(super) async fn create_array(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    create(transaction, args, RelationshipKind::Array).await
}

async fn create(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
    kind: RelationshipKind,
) -> Result<Value> {
    let Create {
        table,
        name,
        using,
        comment,
    } = match kind {
        RelationshipKind::Object => parse_in_source(transaction, args)?,
        RelationshipKind::Array => {
            check_array_key(&args)?;
            parse_in_source(transaction, args)?
        }
    };
    let working = transaction.begin().await?;
    check_consistent(working.resolved(), &table)?;
    if is_taken(working.resolved(), &table, &name) {
        let message = format!("field with name \"{name}\" already exists in table \"{table}\"");
        return Err(Error::new(Code::AlreadyExists, message).at("args"));
    }
    let entry = RelationshipEntry {
        name,
        using,
        comment,
        rest: Map::new(),
    };
    working
        .add_relationship(&table, kind, &entry)
        .map_err(|e| e.at("args"))?;
    Ok(success())
}

#[derive(Deserialize)]
struct Drop {
    table: TableName,
    relationship: String,
    #[serde(default)]
    cascade: bool,
}

pub(super) async fn drop(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Drop {
        table,
        relationship,
        cascade,
    } = parse_in_source(transaction, args)?;
    let working = transaction.begin().await?;
    check_exists(
        &working.resolved().metadata,
        &table,
        &relationship,
        "relationship",
    )?;
    let mut objects = vec![MetadataObjectId::Relationship(table, relationship)];
    let dependents = dependencies::permissions_on(working, &objects);
    if !dependents.is_empty() && !cascade {
        let source = working.resolved().metadata.source_name();
        return Err(dependencies::error(source, &dependents).at("args"));
    }
    objects.extend(dependents);
    working.remove(&objects).map_err(|e| e.at("args"))?;
    Ok(success())
}

#[derive(Deserialize)]
struct Rename {
    table: TableName,
    name: String,
    #[serde(deserialize_with = "non_empty")]
    new_name: String,
}

pub(super) async fn rename(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Rename {
        table,
        name,
        new_name,
    } = parse_in_source(transaction, args)?;
    let working = transaction.begin().await?;
    check_tracked(&working.resolved().metadata, &table)?;
    if is_taken(working.resolved(), &table, &new_name) {
        let message = format!(
            "cannot rename relationship \"{name}\" to \"{new_name}\" in table \"{table}\" as a column/relationship with the name already exists"
        );
        return Err(Error::new(Code::AlreadyExists, message).at("args"));
    }
    check_exists(&working.resolved().metadata, &table, &name, "name")?;
    working
        .rename_relationship(&table, &name, &new_name)
        .map_err(|e| e.at("args"))?;
    Ok(success())
}

#[derive(Deserialize)]
struct SetComment {
    table: TableName,
    name: String,
    #[serde(default)]
    comment: Option<String>,
}

pub(super) async fn set_comment(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let SetComment { table, name, comment } = parse_in_source(transaction, args)?;
    let working = transaction.begin().await?;
    check_exists(&working.resolved().metadata, &table, &name, "name")?;
    working
        .set_relationship_comment(&table, &name, comment)
        .map_err(|e| e.at("args"))?;
    Ok(success())
}

/// Fails for an array relationship by a column of its own table. Metadata of older engines may contain one, and is
/// inconsistent then.
fn check_array_key(args: &Value) -> Result<()> {
    let key = args
        .get("using")
        .and_then(|using| using.get("foreign_key_constraint_on"));
    if key.is_none_or(Value::is_object) {
        return Ok(());
    }
    // Hasura's wording
    let error = Error::new(Code::ParseFailed, "Expecting object { table, columns }.");
    Err(error.at("foreign_key_constraint_on").at("using"))
}

/// Whether a column, by its name in Postgres, or a relationship has this name. A conflict with a custom column name is
/// an inconsistency, which the working copy reports.
fn is_taken(now: &ResolvedMetadata, table: &TableName, name: &str) -> bool {
    let (entry, tracked) = (now.metadata.table(table), now.tracked.tables.get(table));
    entry.is_some_and(|entry| find(entry, name).is_some())
        || tracked.is_some_and(|tracked| tracked.table.column(name).is_some())
}

fn find<'a>(entry: &'a TableEntry, name: &str) -> Option<&'a RelationshipEntry> {
    entry
        .relationships()
        .find(|relationship| relationship.name == name)
}

/// Fails if the table or the relationship does not exist; `key` is the argument with the relationship's name.
fn check_exists(metadata: &Metadata, table: &TableName, name: &str, key: &str) -> Result<()> {
    check_tracked(metadata, table)?;
    if metadata
        .table(table)
        .is_some_and(|entry| find(entry, name).is_some())
    {
        return Ok(());
    }
    let message = format!("relationship with name \"{name}\" does not exist in table \"{table}\"");
    Err(Error::new(Code::NotExists, message).at(key).at("args"))
}
