//! Applies catalog changes made by SQL to the metadata. Renamed tables and columns are recognised by oid and column
//! number and renamed in the metadata; dropped ones are removed. An object that depends on a dropped one is an error,
//! or is removed too (`cascade`).

mod catalog_diff;
mod renames;

use self::catalog_diff::{CatalogDiff, TableDiff};
use crate::context::TableResolutions;
use crate::dependencies;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Catalog, TableName};
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use engine_model::metadata::permissions::{self, ReferenceKind};
use engine_model::metadata::types::{Metadata, TableEntry};
use engine_plan::schema_cache::ResolvedMetadata;

/// Returns the metadata that matches `after`. Fails with `dependency-error` if a remaining object depends on
/// something that was dropped or changed its type, and with `already-exists` if a column takes the name of a
/// relationship.
pub(super) fn update_metadata(
    before: &ResolvedMetadata,
    after: &Catalog,
    replaced: &[MetadataObjectId],
    cascade: bool,
    resolutions: &TableResolutions,
) -> Result<Metadata> {
    let diff = CatalogDiff::new(&before.catalog, after);
    let mut metadata = Metadata::clone(&before.metadata);
    metadata
        .source_mut()
        .tables
        .retain(|entry| !diff.is_dropped(&entry.table));
    if cascade {
        for id in replaced {
            if let MetadataObjectId::ComputedField(table, name) = id
                && metadata.table(table).is_some()
            {
                let tables = metadata.tables();
                for permission in permissions::with_computed_field(tables, &before.tracked, table, name) {
                    metadata.remove(&permission);
                }
            }
            metadata.remove(id);
        }
    }
    diff.check_names(before, after)?;
    diff.check_types(&metadata, before)?;
    let permissions = diff.permissions_on_dropped(&metadata, before);
    if cascade {
        for id in &permissions {
            metadata.remove(id);
        }
    }
    diff.apply(&mut metadata, before);
    loop {
        resolutions.add(metadata.tables().len());
        let (_, inconsistent) = engine_model::metadata::resolve(&metadata, after);
        let mut broken: Vec<MetadataObjectId> = inconsistent
            .into_iter()
            .map(|object| object.id)
            .filter(|id| !diff.was_inconsistent(before, id) && !is_enum_table(&metadata, after, id))
            .collect();
        if !cascade {
            let kept = replaced
                .iter()
                .filter(|id| id.table().is_some_and(|table| !diff.is_dropped(table)));
            let kept: Vec<_> = kept.filter(|id| !broken.contains(id)).cloned().collect();
            broken.extend(kept);
        }
        let computed = broken.iter().filter_map(|id| match id {
            MetadataObjectId::ComputedField(table, name) => Some(permissions::with_computed_field(
                metadata.tables(),
                &before.tracked,
                table,
                name,
            )),
            _ => None,
        });
        let computed: Vec<MetadataObjectId> = computed.flatten().collect();
        broken.extend(computed);
        for id in diff.permissions_on_broken(before, &broken) {
            if !broken.contains(&id) && !permissions.contains(&id) {
                broken.push(id);
            }
        }
        if cascade {
            if broken.is_empty() {
                return Ok(metadata);
            }
            for id in &broken {
                metadata.remove(id);
            }
        } else {
            broken.extend(permissions);
            return if broken.is_empty() {
                Ok(metadata)
            } else {
                Err(dependencies::error(before.metadata.source_name(), &broken))
            };
        }
    }
}

/// Whether the object is an enum table that exists. It may no longer have the form of one: it does not depend on a dropped object, so
/// that it is not removed with it.
fn is_enum_table(metadata: &Metadata, after: &Catalog, id: &MetadataObjectId) -> bool {
    let MetadataObjectId::Table(table) = id else {
        return false;
    };
    after.tables.contains_key(table) && metadata.table(table).is_some_and(TableEntry::is_enum)
}

/// Returns the objects that became inconsistent, comparing each under the name that its table had before.
pub(super) fn newly_inconsistent<'n>(
    before: &ResolvedMetadata,
    now: &'n ResolvedMetadata,
) -> Vec<&'n InconsistentObject> {
    let diff = CatalogDiff::new(&before.catalog, &now.catalog);
    now.inconsistent
        .iter()
        .filter(|object| !diff.was_inconsistent(before, &object.id))
        .collect()
}

impl CatalogDiff {
    /// Fails if a renamed or added column has the name of a relationship of its table.
    fn check_names(&self, before: &ResolvedMetadata, after: &Catalog) -> Result<()> {
        for (name, old) in &before.tracked.tables {
            let Some(changed) = self.tables.get(name) else {
                continue;
            };
            let Some(new) = changed.name.as_ref().and_then(|new| after.tables.get(new)) else {
                continue;
            };
            for relationship in old.relationships.keys() {
                if new.column(relationship).is_none() || old.table.column(relationship).is_some() {
                    continue;
                }
                let renamed = changed.columns.iter().find(|(_, new)| *new == relationship);
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
        let dependents = permissions::find(metadata.tables(), &before.tracked, |table, name, kind| {
            let retyped = |changed: &TableDiff| changed.retyped.iter().any(|column| column == name);
            if kind != ReferenceKind::ColumnWithValue || !self.tables.get(table).is_some_and(retyped) {
                return false;
            }
            // The error names one column.
            let (first_table, first_column) = found.get_or_insert_with(|| (table.clone(), name.to_owned()));
            first_table == table && first_column == name
        });
        let Some((table, column)) = found else {
            return Ok(());
        };
        let mut names: Vec<String> = dependents
            .iter()
            .map(|id| dependencies::describe(before.metadata.source_name(), id))
            .collect();
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
        let found = permissions::find(before.metadata.tables(), &before.tracked, |table, name, kind| {
            let is = |id: &MetadataObjectId| matches!(id, MetadataObjectId::Relationship(of, relationship) if relationship == name && self.leads(table, of));
            kind == ReferenceKind::Relationship && broken.iter().any(is)
        });
        let changed = found.into_iter().filter_map(|id| match id {
            MetadataObjectId::Permission(mut table, operation, role) => {
                (!self.is_dropped(&table)).then(|| {
                    self.table(&mut table);
                    MetadataObjectId::Permission(table, operation, role)
                })
            }
            other => Some(other),
        });
        changed.collect()
    }

    /// Whether the object was inconsistent before, under the name that its table had then.
    fn was_inconsistent(&self, before: &ResolvedMetadata, id: &MetadataObjectId) -> bool {
        before.inconsistent.iter().any(|old| match (&old.id, id) {
            (MetadataObjectId::Table(old), MetadataObjectId::Table(new)) => self.leads(old, new),
            (MetadataObjectId::Relationship(old, a), MetadataObjectId::Relationship(new, b))
            | (MetadataObjectId::ComputedField(old, a), MetadataObjectId::ComputedField(new, b))
            | (MetadataObjectId::EventTrigger(old, a), MetadataObjectId::EventTrigger(new, b)) => {
                a == b && self.leads(old, new)
            }
            (MetadataObjectId::Permission(old, a, role), MetadataObjectId::Permission(new, b, other)) => {
                a == b && role == other && self.leads(old, new)
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
        let mut found = permissions::find(metadata.tables(), &before.tracked, |table, name, kind| {
            self.is_dropped(table) || kind != ReferenceKind::Relationship && self.dropped(table, name)
        });
        let tables = before.tracked.tables.keys();
        for dropped in tables.filter(|table| self.is_dropped(table)) {
            let exists = metadata
                .tables()
                .iter()
                .flat_map(|entry| permissions::with_exists(entry, dropped));
            for id in exists {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        found
    }
}
