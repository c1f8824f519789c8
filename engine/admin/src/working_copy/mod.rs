//! Metadata of a transaction before its commit.
//!
//! A working copy always equals what resolving its whole document gives. Editing one object resolves that object and
//! the objects that depend on it, so that a bulk of n commands does not resolve everything n times. Where an edit may
//! change the validity of objects that cannot be named cheaply, everything is resolved instead; see
//! `docs/decisions/0010-metadata-edits-resolve-one-object.md`.
//!
//! An edit that fails changes nothing.

mod computed_fields;
mod cron_triggers;
mod event_triggers;
mod functions;
mod inconsistencies;
mod permissions;
mod references;
mod relationships;
mod tables;
#[cfg(test)]
mod tests;

use self::references::References;
use crate::context::TableResolutions;
use engine_error::Result;
use engine_model::catalog::{Catalog, TableName};
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::names::NameIndex;
use engine_model::metadata::resolve;
use engine_model::metadata::rest_endpoints::{self, REST_ENDPOINTS};
use engine_model::metadata::types::{Metadata, TableEntry};
use engine_plan::schema_cache::ResolvedMetadata;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

pub(crate) struct WorkingCopy {
    now: ResolvedMetadata,
    /// Number of edits.
    revision: u64,
    /// Type names in use in `now`, built by the first edit that needs them.
    types: Option<NameIndex>,
    /// References in `now`, built by the first edit that needs them.
    references: Option<References>,
    resolutions: TableResolutions,
}

impl WorkingCopy {
    pub(crate) fn new(now: ResolvedMetadata, resolutions: TableResolutions) -> Self {
        Self {
            now,
            revision: 0,
            types: None,
            references: None,
            resolutions,
        }
    }

    pub(crate) fn resolved(&self) -> &ResolvedMetadata {
        &self.now
    }

    /// Returns the number of edits so far, which identifies the state.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Replaces the state by one built elsewhere, as in `run_sql`.
    pub(crate) fn replace(&mut self, now: ResolvedMetadata) {
        self.set(now);
        self.revision += 1;
    }

    /// Resolves the document against a catalog that was read again. Does not count as an edit.
    pub(crate) fn reload(&mut self, catalog: Catalog) {
        if catalog == *self.now.catalog {
            return;
        }
        let metadata = Metadata::clone(&self.now.metadata);
        let now = self.resolve(metadata, Arc::new(catalog));
        self.set(now);
    }

    /// Resolves a document as a whole without changing the working copy.
    pub(crate) fn resolve(&self, metadata: Metadata, catalog: Arc<Catalog>) -> ResolvedMetadata {
        self.resolutions.add(metadata.tables().len());
        ResolvedMetadata::new(metadata, catalog)
    }

    /// Applies any edit of the document and resolves everything. Fails if an object becomes inconsistent. `id` is
    /// the object of the command: it is also an error if that object was inconsistent before and still is.
    pub(crate) fn apply(
        &mut self,
        id: Option<&MetadataObjectId>,
        edit: impl FnOnce(&mut Metadata),
    ) -> Result<()> {
        self.try_apply(id, |metadata| {
            edit(metadata);
            Ok(())
        })
    }

    /// Applies any edit of the document and resolves everything, even if objects become inconsistent.
    pub(crate) fn apply_allowing_inconsistency(&mut self, edit: impl FnOnce(&mut Metadata)) {
        edit(Arc::make_mut(&mut self.now.metadata));
        self.resolve_all();
        self.revision += 1;
    }

    /// Removes objects. Fails if another one becomes inconsistent.
    pub(crate) fn remove(&mut self, objects: &[MetadataObjectId]) -> Result<()> {
        let inconsistent = Arc::clone(&self.now.inconsistent);
        // Copies of these tables only: a copy of the whole document for each command would make a bulk slow.
        let touched = self.entries_of(objects);
        let functions = self.stored_functions();
        let mut resolved = !self.has_computed_fields();
        for object in objects {
            resolved = resolved
                && match object {
                    MetadataObjectId::Table(table) => self.remove_table(table),
                    MetadataObjectId::Relationship(table, name) => self.remove_relationship(table, name),
                    MetadataObjectId::EventTrigger(table, name) => self.remove_tracked_trigger(table, name),
                    MetadataObjectId::Permission(..)
                    | MetadataObjectId::InheritedPermission(..)
                    | MetadataObjectId::InheritedRole(_)
                    | MetadataObjectId::Function(_) => true,
                    MetadataObjectId::CronTrigger(_)
                    | MetadataObjectId::RestEndpoint(_)
                    | MetadataObjectId::ComputedField(..)
                    | MetadataObjectId::Source(_)
                    | MetadataObjectId::Unreadable(_) => false,
                };
            Arc::make_mut(&mut self.now.metadata).remove(object);
        }
        if resolved {
            self.resolve_functions();
            self.resolve_permissions();
        } else {
            self.resolve_all();
        }
        if let Err(error) = inconsistencies::refuse_new_after_removal(&inconsistent, &self.now.inconsistent) {
            let metadata = Arc::make_mut(&mut self.now.metadata);
            metadata.source_mut().tables.restore(touched);
            self.restore_functions(functions);
            self.resolve_all();
            return Err(error);
        }
        self.revision += 1;
        Ok(())
    }

    /// Returns the tables that the objects are or belong to, with their positions in the document.
    fn entries_of(&self, objects: &[MetadataObjectId]) -> Vec<(usize, TableEntry)> {
        let tables: HashSet<&TableName> = objects.iter().filter_map(MetadataObjectId::table).collect();
        let entries = self.now.metadata.tables().iter().enumerate();
        entries
            .filter(|(_, entry)| tables.contains(&entry.table))
            .map(|(position, entry)| (position, entry.clone()))
            .collect()
    }

    /// Changes query collections, the allow list or REST endpoints. Fails if an endpoint becomes inconsistent, or if `id` is.
    pub(crate) fn edit_collections(
        &mut self,
        id: Option<&MetadataObjectId>,
        edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        let mut rest = self.now.metadata.rest.clone();
        edit(&mut rest)?;
        let has_endpoints = rest_endpoints::any(&self.now.metadata) || rest.contains_key(REST_ENDPOINTS);
        if has_endpoints {
            return self.apply(id, |metadata| metadata.rest = rest);
        }
        Arc::make_mut(&mut self.now.metadata).rest = rest;
        self.revision += 1;
        Ok(())
    }

    /// Changes keys of the document that resolution does not read. `edit` must change nothing if it fails.
    pub(crate) fn edit_document_rest(
        &mut self,
        edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        edit(&mut Arc::make_mut(&mut self.now.metadata).rest)?;
        self.revision += 1;
        Ok(())
    }

    /// Returns the tables, in the order of the document, that may have a relationship to `target`.
    pub(crate) fn tables_referring_to(&mut self, target: &TableName) -> Vec<TableName> {
        let references = self.references.get_or_insert_with(|| References::new(&self.now));
        in_order(&self.now.metadata, references.to_table(target))
    }

    /// Returns the tables, in the order of the document, whose permissions may name one of these relationships.
    pub(crate) fn tables_with_permissions_on<'n>(
        &mut self,
        relationships: impl Iterator<Item = &'n str>,
    ) -> Vec<TableName> {
        let references = self.references.get_or_insert_with(|| References::new(&self.now));
        let tables = relationships.flat_map(|name| references.to_relationship(name));
        in_order(&self.now.metadata, tables)
    }

    fn set(&mut self, now: ResolvedMetadata) {
        self.now = now;
        self.types = None;
        self.references = None;
    }

    fn resolve_all(&mut self) {
        let (metadata, catalog) = (Arc::clone(&self.now.metadata), Arc::clone(&self.now.catalog));
        self.resolutions.add(metadata.tables().len());
        self.set(ResolvedMetadata::new(metadata, catalog));
    }

    fn types(&mut self) -> &mut NameIndex {
        let ResolvedMetadata {
            metadata,
            catalog,
            tracked,
            ..
        } = &self.now;
        self.types
            .get_or_insert_with(|| resolve::name_index(metadata, catalog, &tracked.tables))
    }

    /// Whether the document has more than one entry of this name. The second and further ones are inconsistent.
    fn has_duplicates(&self, table: &TableName) -> bool {
        let inconsistent = self.now.inconsistent.iter();
        let entries = inconsistent
            .filter(|object| matches!(&object.id, MetadataObjectId::Table(other) if other == table))
            .count();
        entries + usize::from(self.now.tracked.tables.contains_key(table)) > 1
    }

    /// Whether the table and everything that belongs to it is consistent.
    fn is_consistent(&self, table: &TableName) -> bool {
        let mut inconsistent = self.now.inconsistent.iter();
        !inconsistent.any(|object| object.id.table() == Some(table))
    }

    /// Removes objects from the list of inconsistent ones.
    fn forget_inconsistent(&mut self, forget: impl Fn(&MetadataObjectId) -> bool) {
        if self.now.inconsistent.iter().any(|object| forget(&object.id)) {
            Arc::make_mut(&mut self.now.inconsistent).retain(|object| !forget(&object.id));
        }
    }
}

fn in_order<'t>(metadata: &Metadata, tables: impl Iterator<Item = &'t TableName>) -> Vec<TableName> {
    let Some(source) = metadata.source() else {
        return Vec::new();
    };
    let ordered: BTreeMap<usize, &TableName> = tables
        .filter_map(|table| Some((source.tables.position(table)?, table)))
        .collect();
    ordered.into_values().cloned().collect()
}
