//! Applies catalog changes made by SQL to the metadata. Renamed tables and columns are recognised by oid and column
//! number and renamed in the metadata; dropped ones are removed. An object that depends on a dropped one is an error,
//! or is removed too (`cascade`).

use crate::dependencies;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Catalog, Table, TableName};
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use engine_model::metadata::permissions::{self, Use};
use engine_model::metadata::types::{ForeignKeyOn, Metadata, RelationshipEntry, Using};
use engine_model::trigger::types::{Columns, OperationSpec};
use engine_plan::schema_cache::ResolvedMetadata;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Returns the metadata that matches `after`. Fails with `dependency-error` if a remaining object depends on
/// something that was dropped or changed its type, and with `already-exists` if a column takes the name of a
/// relationship.
pub(super) fn follow(before: &ResolvedMetadata, after: &Catalog, cascade: bool) -> Result<Metadata> {
    let moves = CatalogDiff::new(&before.catalog, after);
    let mut metadata = Metadata::clone(&before.metadata);
    metadata
        .source_mut()
        .tables
        .retain(|entry| !moves.is_dropped(&entry.table));
    moves.check_names(before, after)?;
    moves.check_types(&metadata, before)?;
    let permissions = moves.permissions_on_dropped(&metadata, before);
    if cascade {
        for place in &permissions {
            remove(&mut metadata, place);
        }
    }
    moves.apply(&mut metadata, before);
    loop {
        let (_, inconsistent) = engine_model::metadata::resolve(&metadata, after);
        let mut broken: Vec<MetadataObjectId> = inconsistent
            .into_iter()
            .map(|object| object.place)
            .filter(|place| !moves.was_inconsistent(before, place))
            .collect();
        for place in moves.permissions_on_broken(before, &broken) {
            if !broken.contains(&place) && !permissions.contains(&place) {
                broken.push(place);
            }
        }
        if cascade {
            if broken.is_empty() {
                return Ok(metadata);
            }
            for place in &broken {
                remove(&mut metadata, place);
            }
        } else {
            broken.extend(permissions);
            return if broken.is_empty() {
                Ok(metadata)
            } else {
                Err(dependencies::error(&broken))
            };
        }
    }
}

/// Returns the objects that became inconsistent, comparing each under the name that its table had before.
pub(super) fn newly_inconsistent<'n>(
    before: &ResolvedMetadata,
    now: &'n ResolvedMetadata,
) -> Vec<&'n InconsistentObject> {
    let moves = CatalogDiff::new(&before.catalog, &now.catalog);
    now.inconsistent
        .iter()
        .filter(|object| !moves.was_inconsistent(before, &object.place))
        .collect()
}

/// Difference between two catalogs: new names of tables and columns.
struct CatalogDiff {
    tables: HashMap<TableName, TableDiff>,
}

struct TableDiff {
    /// New name; `None` if the table was dropped.
    name: Option<TableName>,
    /// Old name → new name of renamed columns.
    columns: HashMap<String, String>,
    /// Dropped columns.
    dropped: Vec<String>,
    /// Columns whose type changed, by their old names.
    retyped: Vec<String>,
}

impl CatalogDiff {
    fn new(before: &Catalog, after: &Catalog) -> Self {
        let by_oid: HashMap<u32, &Table> = after.tables.values().map(|table| (table.oid, &**table)).collect();
        let known: HashSet<u32> = before.tables.values().map(|table| table.oid).collect();
        let tables = before.tables.values().map(|old| {
            // A table that was dropped and created again under its name, as views often are, counts as the same
            // table. Another table that was renamed to its name does not.
            let new = by_oid.get(&old.oid).copied().or_else(|| {
                let namesake = after.tables.get(&old.name).map(|table| &**table);
                namesake.filter(|table| !known.contains(&table.oid))
            });
            let same_table = new.is_some_and(|new| new.oid == old.oid);
            let mut columns = HashMap::new();
            let mut dropped = Vec::new();
            let mut retyped = Vec::new();
            for column in &old.columns {
                let now = new.and_then(|new| {
                    new.columns.iter().find(|c| {
                        if same_table {
                            c.number == column.number
                        } else {
                            c.name == column.name
                        }
                    })
                });
                // A column that was dropped and added again under its name in the same request counts as the same
                // column. Another column that was renamed to its name does not.
                let now = now.or_else(|| {
                    let namesake = new.and_then(|new| new.column(&column.name));
                    namesake.filter(|now| !same_table || old.columns.iter().all(|c| c.number != now.number))
                });
                if now.is_some_and(|now| now.ty.name != column.ty.name) {
                    retyped.push(column.name.clone());
                }
                match now {
                    Some(now) if now.name != column.name => {
                        columns.insert(column.name.clone(), now.name.clone());
                    }
                    Some(_) => {}
                    None => dropped.push(column.name.clone()),
                }
            }
            (
                old.name.clone(),
                TableDiff {
                    name: new.map(|new| new.name.clone()),
                    columns,
                    dropped,
                    retyped,
                },
            )
        });
        Self {
            tables: tables.collect(),
        }
    }

    fn is_dropped(&self, table: &TableName) -> bool {
        self.tables.get(table).is_some_and(|moved| moved.name.is_none())
    }

    fn table(&self, name: &mut TableName) {
        if let Some(new) = self.tables.get(name).and_then(|moved| moved.name.clone()) {
            *name = new;
        }
    }

    fn column(&self, table: &TableName, column: &mut String) {
        if let Some(new) = self.tables.get(table).and_then(|moved| moved.columns.get(column)) {
            new.clone_into(column);
        }
    }

    /// Updates a map keyed by column: removes dropped columns and renames the others.
    fn columns<T>(&self, table: &TableName, by_column: &mut IndexMap<String, T>) {
        *by_column = std::mem::take(by_column)
            .into_iter()
            .filter(|(column, _)| !self.dropped(table, column))
            .map(|(mut column, value)| {
                self.column(table, &mut column);
                (column, value)
            })
            .collect();
    }

    fn apply(&self, metadata: &mut Metadata, before: &ResolvedMetadata) {
        for entry in metadata.source_mut().tables.iter_mut() {
            let table = entry.table.clone();
            let relationships = entry
                .object_relationships
                .iter_mut()
                .chain(entry.array_relationships.iter_mut());
            for relationship in relationships {
                self.relationship(&table, relationship);
            }
            if let Some(configuration) = &mut entry.configuration {
                self.columns(&table, &mut configuration.custom_column_names);
                self.columns(&table, &mut configuration.column_config);
            }
            for trigger in entry.event_triggers.iter_mut() {
                let definition = &mut trigger.definition;
                for spec in [
                    &mut definition.insert,
                    &mut definition.update,
                    &mut definition.delete,
                ]
                .into_iter()
                .flatten()
                {
                    self.operation(&table, spec);
                }
            }
            permissions::visit(entry, &before.tracked, &mut |_, table, name, used| {
                if used != Use::Relationship {
                    self.column(table, name);
                }
            });
            self.table(&mut entry.table);
        }
    }

    /// Fails if a renamed or added column has the name of a relationship of its table.
    fn check_names(&self, before: &ResolvedMetadata, after: &Catalog) -> Result<()> {
        for (name, old) in &before.tracked.tables {
            let Some(moved) = self.tables.get(name) else {
                continue;
            };
            let Some(new) = moved.name.as_ref().and_then(|new| after.tables.get(new)) else {
                continue;
            };
            for relationship in old.relationships.keys() {
                if new.column(relationship).is_none() || old.table.column(relationship).is_some() {
                    continue;
                }
                let renamed = moved.columns.iter().find(|(_, new)| *new == relationship);
                let what = match renamed {
                    Some((column, _)) => format!("rename column \"{column}\" to \"{relationship}\""),
                    None => format!("add column \"{relationship}\""),
                };
                let message = format!(
                    "cannot {what} in table \"{name}\" as a relationship with the name already exists"
                );
                return Err(Error::new(Code::AlreadyExists, message));
            }
        }
        Ok(())
    }

    /// Fails if a permission compares a column with a value and the column's type changed: the value was written for
    /// the previous type.
    fn check_types(&self, metadata: &Metadata, before: &ResolvedMetadata) -> Result<()> {
        let mut found: Option<(TableName, String)> = None;
        let dependents = permissions::find(metadata, &before.tracked, |table, name, used| {
            let retyped = |moved: &TableDiff| moved.retyped.iter().any(|column| column == name);
            if used != Use::ColumnWithValue || !self.tables.get(table).is_some_and(retyped) {
                return false;
            }
            // The error names one column.
            let (first_table, first_column) = found.get_or_insert_with(|| (table.clone(), name.to_owned()));
            first_table == table && first_column == name
        });
        let Some((table, column)) = found else {
            return Ok(());
        };
        let mut names: Vec<String> = dependents.iter().map(dependencies::describe).collect();
        names.sort();
        Err(Error::new(
            Code::DependencyError,
            format!(
                "cannot change type of column \"{column}\" in table \"{table}\" because of the following dependencies : {}",
                names.join(", ")
            ),
        ))
    }

    /// Returns the permissions that name broken relationships, all by their new names. The permissions are
    /// interpreted with the names before the change, because a broken relationship has no target. Permissions of
    /// dropped tables are already gone.
    fn permissions_on_broken(
        &self,
        before: &ResolvedMetadata,
        broken: &[MetadataObjectId],
    ) -> Vec<MetadataObjectId> {
        let found = permissions::find(&before.metadata, &before.tracked, |table, name, used| {
            let is = |place: &MetadataObjectId| matches!(place, MetadataObjectId::Relationship(of, relationship) if relationship == name && self.leads(table, of));
            used == Use::Relationship && broken.iter().any(is)
        });
        let moved = found.into_iter().filter_map(|place| match place {
            MetadataObjectId::Permission(mut table, operation, role) => {
                (!self.is_dropped(&table)).then(|| {
                    self.table(&mut table);
                    MetadataObjectId::Permission(table, operation, role)
                })
            }
            other => Some(other),
        });
        moved.collect()
    }

    fn dropped(&self, table: &TableName, column: &str) -> bool {
        self.tables
            .get(table)
            .is_some_and(|moved| moved.dropped.iter().any(|name| name == column))
    }

    fn operation(&self, table: &TableName, spec: &mut OperationSpec) {
        for columns in std::iter::once(&mut spec.columns).chain(&mut spec.payload) {
            if let Columns::Named(names) = columns {
                for name in names {
                    self.column(table, name);
                }
            }
        }
    }

    fn relationship(&self, own: &TableName, relationship: &mut RelationshipEntry) {
        match &mut relationship.using {
            Using::ForeignKeyConstraintOn(on) => match on {
                ForeignKeyOn::Column(column) => self.column(own, column),
                ForeignKeyOn::Columns(columns) => {
                    for column in columns {
                        self.column(own, column);
                    }
                }
                ForeignKeyOn::Remote { table, column } => {
                    self.column(table, column);
                    self.table(table);
                }
                ForeignKeyOn::RemoteColumns { table, columns } => {
                    for column in columns {
                        self.column(table, column);
                    }
                    self.table(table);
                }
            },
            Using::ManualConfiguration(manual) => {
                let mapping = std::mem::take(&mut manual.column_mapping);
                manual.column_mapping = mapping
                    .into_iter()
                    .map(|(mut here, mut there)| {
                        self.column(own, &mut here);
                        self.column(&manual.remote_table, &mut there);
                        (here, there)
                    })
                    .collect();
                self.table(&mut manual.remote_table);
            }
        }
    }

    /// Whether the object was inconsistent before, under the name that its table had then.
    fn was_inconsistent(&self, before: &ResolvedMetadata, place: &MetadataObjectId) -> bool {
        before.inconsistent.iter().any(|old| match (&old.place, place) {
            (MetadataObjectId::Table(old), MetadataObjectId::Table(new)) => self.leads(old, new),
            (MetadataObjectId::Relationship(old, a), MetadataObjectId::Relationship(new, b))
            | (MetadataObjectId::EventTrigger(old, a), MetadataObjectId::EventTrigger(new, b)) => {
                a == b && self.leads(old, new)
            }
            (old, new) => old == new,
        })
    }

    /// Returns the permissions that name a dropped column, except those of dropped tables.
    fn permissions_on_dropped(
        &self,
        metadata: &Metadata,
        before: &ResolvedMetadata,
    ) -> Vec<MetadataObjectId> {
        permissions::find(metadata, &before.tracked, |table, name, used| {
            self.is_dropped(table) || used != Use::Relationship && self.dropped(table, name)
        })
    }

    fn leads(&self, old: &TableName, new: &TableName) -> bool {
        self.tables
            .get(old)
            .map_or(old == new, |moved| moved.name.as_ref() == Some(new))
    }
}

/// Removes an object from the metadata.
pub(super) fn remove(metadata: &mut Metadata, place: &MetadataObjectId) {
    match place {
        MetadataObjectId::Source(name) => metadata.sources.retain(|source| source.name != *name),
        MetadataObjectId::Table(table) => metadata.source_mut().tables.retain(|entry| entry.table != *table),
        MetadataObjectId::Relationship(table, name) => {
            if let Some(entry) = metadata.table_mut(table) {
                entry
                    .object_relationships
                    .retain(|relationship| relationship.name != *name);
                entry
                    .array_relationships
                    .retain(|relationship| relationship.name != *name);
            }
        }
        MetadataObjectId::EventTrigger(table, name) => {
            if let Some(entry) = metadata.table_mut(table) {
                entry.event_triggers.retain(|trigger| trigger.name != *name);
            }
        }
        MetadataObjectId::Permission(table, operation, role) => {
            let list = permissions::LISTS.iter().find(|(_, word)| word == operation);
            let (Some(entry), Some((list, _))) = (metadata.table_mut(table), list) else {
                return;
            };
            if let Some(Value::Array(permissions)) = entry.rest.get_mut(*list) {
                permissions.retain(|permission| permission["role"] != *role);
                if permissions.is_empty() {
                    entry.rest.shift_remove(*list);
                }
            }
        }
        MetadataObjectId::Unreadable(value) => {
            metadata.sources.broken.retain(|broken| broken.value != *value);
            for source in metadata.sources.iter_mut() {
                source.tables.broken.retain(|broken| broken.value != *value);
                for table in source.tables.iter_mut() {
                    table
                        .object_relationships
                        .broken
                        .retain(|broken| broken.value != *value);
                    table
                        .array_relationships
                        .broken
                        .retain(|broken| broken.value != *value);
                    table
                        .event_triggers
                        .broken
                        .retain(|broken| broken.value != *value);
                }
            }
        }
    }
}
