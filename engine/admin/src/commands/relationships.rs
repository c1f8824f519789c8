//! Commands for relationships.

use super::tables::{check_source, check_tracked};
use super::{parse_args, success};
use crate::args::non_empty;
use crate::ddl_sync::remove;
use crate::dependencies;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::permissions::{self, Use};
use engine_model::metadata::tracked::RelationshipKind;
use engine_model::metadata::types::{RelationshipEntry, TableEntry, Using};
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

pub(super) async fn create_object(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    create(change, args, RelationshipKind::Object).await
}

pub(super) async fn create_array(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    create(change, args, RelationshipKind::Array).await
}

async fn create(change: &mut MetadataTransaction<'_>, args: Value, kind: RelationshipKind) -> Result<Value> {
    check_source(&args)?;
    let Create {
        table,
        name,
        using,
        comment,
    } = parse_args(args)?;
    change.begin().await?;
    check_tracked(&change.now().metadata, &table)?;
    if is_taken(&change.now(), &table, &name) {
        let message = format!("field with name \"{name}\" already exists in table \"{table}\"");
        return Err(Error::new(Code::AlreadyExists, message).at("args"));
    }
    let entry = RelationshipEntry {
        name,
        using,
        comment,
        rest: Map::new(),
    };
    change
        .add_relationship(&table, kind, entry)
        .await
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

pub(super) async fn drop(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let Drop {
        table,
        relationship,
        cascade,
    } = parse_args(args)?;
    change.begin().await?;
    let now = change.now();
    check_tracked(&now.metadata, &table)?;
    let entry = now.metadata.table(&table);
    if entry.and_then(|entry| find(entry, &relationship)).is_none() {
        return Err(unknown(&table, &relationship).at("relationship").at("args"));
    }
    let place = [MetadataObjectId::Relationship(table, relationship)];
    let dependents = dependencies::permissions_on(&now.metadata, &now.tracked, &place);
    if !dependents.is_empty() && !cascade {
        return Err(dependencies::error(&dependents).at("args"));
    }
    change
        .apply_allowing_inconsistency(|metadata| {
            for place in place.iter().chain(&dependents) {
                remove(metadata, place);
            }
            Ok(())
        })
        .await?;
    Ok(success())
}

#[derive(Deserialize)]
struct Rename {
    table: TableName,
    name: String,
    #[serde(deserialize_with = "non_empty")]
    new_name: String,
}

pub(super) async fn rename(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let Rename {
        table,
        name,
        new_name,
    } = parse_args(args)?;
    change.begin().await?;
    let now = change.now();
    check_tracked(&now.metadata, &table)?;
    if is_taken(&now, &table, &new_name) {
        let message = format!(
            "cannot rename relationship \"{name}\" to \"{new_name}\" in table \"{table}\" as a column/relationship with the name already exists"
        );
        return Err(Error::new(Code::AlreadyExists, message).at("args"));
    }
    let place = MetadataObjectId::Relationship(table.clone(), new_name.clone());
    change
        .apply(Some(&place), |metadata| {
            let entry = metadata
                .table_mut(&table)
                .and_then(|entry| find_mut(entry, &name));
            let Some(entry) = entry else {
                return Err(unknown(&table, &name).at("name"));
            };
            entry.name.clone_from(&new_name);
            for entry in metadata.source_mut().tables.iter_mut() {
                permissions::visit(entry, &now.tracked, &mut |_, of, named, used| {
                    if used == Use::Relationship && *of == table && *named == name {
                        named.clone_from(&new_name);
                    }
                });
            }
            Ok(())
        })
        .await
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

pub(super) async fn set_comment(change: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    check_source(&args)?;
    let SetComment { table, name, comment } = parse_args(args)?;
    change.begin().await?;
    check_tracked(&change.now().metadata, &table)?;
    change
        .apply(None, |metadata| {
            let entry = metadata
                .table_mut(&table)
                .and_then(|entry| find_mut(entry, &name));
            let Some(entry) = entry else {
                return Err(unknown(&table, &name).at("name"));
            };
            entry.comment = comment;
            Ok(())
        })
        .await
        .map_err(|e| e.at("args"))?;
    Ok(success())
}

fn is_taken(now: &ResolvedMetadata, table: &TableName, name: &str) -> bool {
    let (entry, tracked) = (now.metadata.table(table), now.tracked.tables.get(table));
    entry.is_some_and(|entry| find(entry, name).is_some())
        || tracked.is_some_and(|tracked| tracked.columns.contains_key(name))
}

fn find<'a>(entry: &'a TableEntry, name: &str) -> Option<&'a RelationshipEntry> {
    entry
        .object_relationships
        .iter()
        .chain(entry.array_relationships.iter())
        .find(|r| r.name == name)
}

fn find_mut<'a>(entry: &'a mut TableEntry, name: &str) -> Option<&'a mut RelationshipEntry> {
    entry
        .object_relationships
        .iter_mut()
        .chain(entry.array_relationships.iter_mut())
        .find(|r| r.name == name)
}

fn unknown(table: &TableName, name: &str) -> Error {
    Error::new(
        Code::NotExists,
        format!("relationship with name \"{name}\" does not exist in table \"{table}\""),
    )
}
