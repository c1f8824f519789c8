//! Resolves the definition of a relationship to a column mapping: from foreign keys of this or the other table, or
//! from the given columns.

use super::tracked::{Relationship, RelationshipKind, TrackedTable};
use super::types::{ForeignKeyOn, InsertionOrder, Manual, RelationshipEntry, Using};
use crate::catalog::{Column, ForeignKey, Table, TableName};
use indexmap::IndexMap;
use std::sync::Arc;

type Tables = IndexMap<TableName, Arc<TrackedTable>>;

/// Object type in Hasura's lists of inconsistent objects.
pub fn object_type_name(kind: RelationshipKind) -> &'static str {
    match kind {
        RelationshipKind::Object => "object_relation",
        RelationshipKind::Array => "array_relation",
    }
}

/// Resolves a relationship of `table`; fails with a human-readable reason.
pub fn resolve(
    definition: &RelationshipEntry,
    kind: RelationshipKind,
    table: &TrackedTable,
    tables: &Tables,
) -> Result<Relationship, String> {
    if !super::names::is_valid(&definition.name) {
        return Err(format!("\"{}\" is not a valid GraphQL name", definition.name));
    }
    let here = &table.table;
    let link = match (&definition.using, kind) {
        (Using::ManualConfiguration(manual), _) => ColumnMapping::manual(manual, kind, here, tables)?,
        (Using::ForeignKeyConstraintOn(on), kind) => match (on, kind) {
            (ForeignKeyOn::Remote { table, column }, _) => {
                ColumnMapping::to_here(table, std::slice::from_ref(column), here, tables)?
            }
            (ForeignKeyOn::RemoteColumns { table, columns }, _) => {
                ColumnMapping::to_here(table, columns, here, tables)?
            }
            (ForeignKeyOn::Column(column), RelationshipKind::Object) => {
                ColumnMapping::from_here(std::slice::from_ref(column), here)?
            }
            (ForeignKeyOn::Columns(columns), RelationshipKind::Object) => {
                ColumnMapping::from_here(columns, here)?
            }
            (_, RelationshipKind::Array) => {
                return Err("an array relationship requires {\"table\": …, \"column\": …}".to_owned());
            }
        },
    };
    let there = tracked(&link.target, tables)?;
    let equality_schemas = link
        .mapping
        .iter()
        .map(|(own, remote)| equality_schema(here.column(own)?, there.table.column(remote)?))
        .collect();
    Ok(Relationship {
        name: definition.name.clone(),
        aggregates: table.names.naming.aggregates(&definition.name),
        kind,
        target: link.target,
        mapping: link.mapping,
        equality_schemas,
        nullable: link.nullable,
        insert_before_parent: link.insert_before_parent,
    })
}

/// Returns the schema of the operator `=` of two columns that have the same type of an extension.
fn equality_schema(own: &Column, remote: &Column) -> Option<String> {
    let extension = own.ty.extension.as_deref()?;
    let same = own.ty == remote.ty && extension.operators.contains("=");
    same.then(|| extension.schema.clone())
}

/// Returns the other table that a definition names; it has to be renamed with the table.
pub fn remote_table(using: &Using) -> Option<&TableName> {
    match using {
        Using::ManualConfiguration(manual) => Some(&manual.remote_table),
        Using::ForeignKeyConstraintOn(
            ForeignKeyOn::Remote { table, .. } | ForeignKeyOn::RemoteColumns { table, .. },
        ) => Some(table),
        Using::ForeignKeyConstraintOn(_) => None,
    }
}

struct ColumnMapping {
    target: TableName,
    mapping: Vec<(String, String)>,
    nullable: bool,
    insert_before_parent: bool,
}

impl ColumnMapping {
    fn from_here(columns: &[String], here: &Table) -> Result<Self, String> {
        let key = one_key(&here.foreign_keys, columns, |_| true)?;
        let nullable = |name: &String| here.column(name).is_none_or(|column| column.nullable);
        Ok(Self {
            target: key.target.clone(),
            mapping: key.mapping.clone(),
            nullable: columns.iter().any(nullable),
            insert_before_parent: true,
        })
    }

    fn to_here(
        target: &TableName,
        columns: &[String],
        here: &Table,
        tables: &Tables,
    ) -> Result<Self, String> {
        // Hasura's wording
        let there = tables
            .get(target)
            .ok_or_else(|| format!("table \"{target}\" does not exist"))?;
        let key = one_key(&there.table.foreign_keys, columns, |key| key.target == here.name)?;
        Ok(Self {
            target: target.clone(),
            mapping: key
                .mapping
                .iter()
                .map(|(there, here)| (here.clone(), there.clone()))
                .collect(),
            nullable: true,
            insert_before_parent: false,
        })
    }

    fn manual(
        manual: &Manual,
        kind: RelationshipKind,
        here: &Table,
        tables: &Tables,
    ) -> Result<Self, String> {
        let there = tracked(&manual.remote_table, tables)?;
        for (own, remote) in &manual.column_mapping {
            for (table, column) in [(here, own), (&*there.table, remote)] {
                if table.column(column).is_none() {
                    return Err(format!("table \"{}\" has no column \"{column}\"", table.name));
                }
            }
        }
        if manual.column_mapping.is_empty() {
            return Err("column_mapping is empty".to_owned());
        }
        Ok(Self {
            target: manual.remote_table.clone(),
            mapping: manual
                .column_mapping
                .iter()
                .map(|(own, remote)| (own.clone(), remote.clone()))
                .collect(),
            nullable: true,
            insert_before_parent: kind == RelationshipKind::Object
                && manual.insertion_order != Some(InsertionOrder::AfterParent),
        })
    }
}

fn tracked<'a>(name: &TableName, tables: &'a Tables) -> Result<&'a TrackedTable, String> {
    tables
        .get(name)
        .map(|table| &**table)
        .ok_or_else(|| format!("table \"{name}\" is not tracked"))
}

fn same_columns(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|column| b.contains(column))
}

/// Returns the only foreign key on exactly these columns.
fn one_key<'a>(
    keys: &'a [ForeignKey],
    columns: &[String],
    leads_there: impl Fn(&ForeignKey) -> bool,
) -> Result<&'a ForeignKey, String> {
    let mut matching = keys.iter().filter(|key| {
        let own: Vec<String> = key.mapping.iter().map(|(own, _)| own.clone()).collect();
        same_columns(&own, columns) && leads_there(key)
    });
    match (matching.next(), matching.next()) {
        (Some(key), None) => Ok(key),
        (Some(_), Some(_)) => {
            Err("more than one foreign key constraint exists on the given column".to_owned())
        }
        (None, _) => Err("no foreign constraint exists on the given column".to_owned()),
    }
}
