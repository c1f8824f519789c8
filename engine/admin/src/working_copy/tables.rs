//! Edits of tables.

use super::WorkingCopy;
use super::inconsistencies::refused;
use engine_error::Result;
use engine_model::catalog::{Table, TableEnum, TableName};
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use engine_model::metadata::relationship::remote_table;
use engine_model::metadata::tracked::{RelationshipKind, TrackedTable};
use engine_model::metadata::types::{Metadata, TableConfiguration, TableEntry};
use engine_model::metadata::{function, names, resolve};
use engine_plan::schema_cache::ResolvedMetadata;
use indexmap::IndexSet;
use std::sync::Arc;

impl WorkingCopy {
    /// Adds a table that the document does not contain, without relationships and event triggers.
    pub(crate) fn add_table(&mut self, entry: TableEntry) -> Result<()> {
        if entry.is_enum() || self.has_computed_fields() {
            // Columns of other tables may get another type.
            return self.add_table_resolving_all(entry);
        }
        self.resolutions.add(1);
        let source = self.now.metadata.source_name().to_owned();
        let refuse = |reason: String| refused(&[&InconsistentObject::table(&source, &entry.table, &reason)]);
        let ResolvedMetadata { tracked, catalog, .. } = &self.now;
        let table = resolve::table(&entry, &tracked.naming, catalog, &enums_of(&self.now)).map_err(refuse)?;
        if function::clashes(&self.now.tracked.functions, &table) {
            return self.add_table_resolving_all(entry);
        }
        let types = self.types();
        if !types.add_scalars(scalars(&table.table)) {
            // A type of a column takes the name of another table's type.
            self.types = None;
            return self.add_table_resolving_all(entry);
        }
        if table.in_graphql
            && let Err(taken) = types.claim(&table)
        {
            types.remove_scalars(scalars(&table.table));
            return Err(refused(&[&InconsistentObject::taken(
                &source,
                &entry.table,
                taken,
            )]));
        }
        if !self.add_tracked(table) {
            self.types = None;
            return self.add_table_resolving_all(entry);
        }
        Arc::make_mut(&mut self.now.metadata)
            .source_mut()
            .tables
            .push(entry);
        self.recover_functions();
        self.recover_permissions();
        self.revision += 1;
        Ok(())
    }

    fn add_table_resolving_all(&mut self, entry: TableEntry) -> Result<()> {
        let id = MetadataObjectId::Table(entry.table.clone());
        self.apply(Some(&id), |metadata| metadata.source_mut().tables.push(entry))
    }

    /// Adds a resolved table and resolves the relationships that lacked it. Returns false, without an effect, if one
    /// of these is now inconsistent for another reason.
    fn add_tracked(&mut self, table: TrackedTable) -> bool {
        let name = table.table.name.clone();
        let waiting = self.tables_waiting_for(&name);
        let before = (!waiting.is_empty())
            .then(|| (Arc::clone(&self.now.tracked), Arc::clone(&self.now.inconsistent)));
        Arc::make_mut(&mut self.now.tracked)
            .tables
            .insert(name, Arc::new(table));
        if waiting.iter().all(|owner| self.resolve_relationships(owner)) {
            return true;
        }
        if let Some((tracked, inconsistent)) = before {
            (self.now.tracked, self.now.inconsistent) = (tracked, inconsistent);
        }
        false
    }

    /// Returns the tables with inconsistent relationships that may lead to `target`.
    fn tables_waiting_for(&self, target: &TableName) -> IndexSet<TableName> {
        let leads_there = |owner: &TableName, name: &str| {
            let by_key = self.now.catalog.tables.get(owner).is_some_and(|table| {
                let mut keys = table.foreign_keys.iter();
                keys.any(|key| key.target == *target)
            });
            let entry = self.now.metadata.table(owner);
            by_key
                || entry.is_some_and(|entry| {
                    let mut named = entry.relationships().filter(|other| other.name == name);
                    named.any(|relationship| remote_table(&relationship.using) == Some(target))
                })
        };
        let ids = self.now.inconsistent.iter().map(|object| &object.id);
        ids.filter_map(|id| match id {
            MetadataObjectId::Relationship(owner, name) if leads_there(owner, name) => Some(owner.clone()),
            _ => None,
        })
        .collect()
    }

    /// Makes a table an enum table, or an ordinary one again.
    pub(crate) fn set_is_enum(&mut self, table: &TableName, is_enum: bool) -> Result<()> {
        let id = MetadataObjectId::Table(table.clone());
        self.apply(Some(&id), |metadata| {
            if let Some(entry) = metadata.table_mut(table) {
                entry.is_enum = is_enum.then_some(true);
            }
        })
    }

    /// Sets or removes the configuration of a table.
    pub(crate) fn set_configuration(
        &mut self,
        table: &TableName,
        configuration: Option<TableConfiguration>,
    ) -> Result<()> {
        let resolved = self.with_configuration(table, configuration.as_ref())?;
        let set = |metadata: &mut Metadata| {
            if let Some(entry) = metadata.table_mut(table) {
                entry.configuration = configuration;
            }
        };
        let Some(resolved) = resolved else {
            return self.apply(Some(&MetadataObjectId::Table(table.clone())), set);
        };
        set(Arc::make_mut(&mut self.now.metadata));
        Arc::make_mut(&mut self.now.tracked)
            .tables
            .insert(table.clone(), Arc::new(resolved));
        self.revision += 1;
        Ok(())
    }

    /// Returns the table as resolved with another configuration, after claiming its type names. Returns `None`,
    /// without an effect, if this may change the validity of other objects.
    fn with_configuration(
        &mut self,
        table: &TableName,
        configuration: Option<&TableConfiguration>,
    ) -> Result<Option<TrackedTable>> {
        let (Some(entry), Some(old)) = (
            self.now.metadata.table(table),
            self.now.tracked.tables.get(table).cloned(),
        ) else {
            return Ok(None);
        };
        if !self.is_consistent(table) || entry.is_enum() || self.has_computed_fields() {
            return Ok(None);
        }
        let mut entry = entry.clone();
        entry.configuration = configuration.cloned();
        self.resolutions.add(1);
        let naming = &self.now.tracked.naming;
        let mut resolved =
            resolve::table(&entry, naming, &self.now.catalog, &enums_of(&self.now)).map_err(|reason| {
                refused(&[&InconsistentObject::table(
                    self.now.metadata.source_name(),
                    table,
                    &reason,
                )])
            })?;
        for kind in [RelationshipKind::Object, RelationshipKind::Array] {
            let mut present = std::mem::take(&mut resolved.relationships);
            let (source, tables) = (self.now.metadata.source_name(), &self.now.tracked.tables);
            let inconsistent =
                resolve::relationships(source, &entry, kind, Some(&resolved), &mut present, tables);
            resolved.relationships = present;
            if !inconsistent.is_empty() {
                return Ok(None);
            }
        }
        let claims = |table: &TrackedTable| {
            table
                .in_graphql
                .then(|| (table.names.clone(), table.root_fields()))
        };
        if claims(&old) == claims(&resolved) {
            return Ok(Some(resolved));
        }
        if function::any(&self.now.metadata) {
            // A function may take a name that is released, or have one that is claimed.
            return Ok(None);
        }
        let types = self.types();
        if old.in_graphql {
            types.release(&old);
        }
        if resolved.in_graphql && types.claim(&resolved).is_err() {
            // Whichever of the two tables comes later in the document is the inconsistent one.
            self.types = None;
            return Ok(None);
        }
        if self.a_table_clashes() {
            self.types = None;
            return Ok(None);
        }
        Ok(Some(resolved))
    }

    /// Removes a table with everything that belongs to it. Returns false if everything has to be resolved afterwards.
    pub(super) fn remove_table(&mut self, table: &TableName) -> bool {
        let duplicates = self.has_duplicates(table);
        let removed = Arc::make_mut(&mut self.now.metadata)
            .source_mut()
            .tables
            .remove(table);
        if duplicates || removed.iter().any(|entry| entry.has_broken() || entry.is_enum()) {
            return false;
        }
        let mut triggers = removed.iter().flat_map(|entry| entry.event_triggers.iter());
        if !triggers.all(|trigger| self.remove_tracked_trigger(table, &trigger.name)) {
            return false;
        }
        let targeted = self.tables_referring_to(table).into_iter().any(|owner| {
            let known = self.now.tracked.tables.get(&owner);
            owner != *table
                && known.is_some_and(|known| {
                    let mut relationships = known.relationships.values();
                    relationships.any(|relationship| relationship.target == *table)
                })
        });
        if targeted {
            return false;
        }
        if let Some(types) = &mut self.types {
            if let Some(known) = self.now.tracked.tables.get(table)
                && known.in_graphql
            {
                types.release(known);
            }
            if let Some(known) = self.now.catalog.tables.get(table) {
                types.remove_scalars(scalars(known));
            }
        }
        Arc::make_mut(&mut self.now.tracked).tables.shift_remove(table);
        self.forget_inconsistent(|id| id.table() == Some(table));
        !self.a_table_clashes()
    }

    /// Whether a table is inconsistent because of its names. It may take effect when another table releases names, and
    /// then take names of later tables, so that everything has to be resolved.
    fn a_table_clashes(&self) -> bool {
        let ResolvedMetadata {
            metadata,
            catalog,
            tracked,
            inconsistent,
            ..
        } = &self.now;
        let mut untracked = inconsistent.iter().filter_map(|object| match &object.id {
            MetadataObjectId::Table(table) if !tracked.tables.contains_key(table) => metadata.table(table),
            _ => None,
        });
        let naming = &tracked.naming;
        untracked.any(|entry| resolve::table(entry, naming, catalog, &enums_of(&self.now)).is_ok())
    }
}

/// Returns the enums of the tracked tables.
fn enums_of(now: &ResolvedMetadata) -> impl Fn(&TableName) -> Option<Arc<TableEnum>> {
    |name| now.tracked.tables.get(name)?.enumeration.clone()
}

fn scalars(table: &Table) -> impl Iterator<Item = &str> {
    table.columns.iter().map(names::scalar)
}
