//! Edits of permissions and inherited roles. A permission depends on its own table, on the relationships that its conditions
//! name, and on the tables of `_exists`; nothing but inherited roles depends on it.

use super::WorkingCopy;
use super::inconsistencies::refused;
use engine_error::Result;
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use serde_json::{Map, Value};
use std::sync::Arc;

impl WorkingCopy {
    /// Changes the permissions of a table. Fails if the permission `id` is inconsistent afterwards; `edit` must change
    /// nothing if it fails.
    pub(crate) fn edit_permissions(
        &mut self,
        table: &TableName,
        id: Option<&MetadataObjectId>,
        edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        let Some(entry) = self.now.metadata.table(table) else {
            return Ok(());
        };
        let mut rest = entry.rest.clone();
        edit(&mut rest)?;
        let before = self.now.clone();
        if let Some(entry) = Arc::make_mut(&mut self.now.metadata).table_mut(table) {
            entry.rest = rest;
        }
        self.resolve_permissions_of([table]);
        let mut inconsistent = self.now.inconsistent.iter();
        if let Some(object) = inconsistent.find(|object| Some(&object.id) == id) {
            let error = refused(&[object]);
            self.now = before;
            return Err(error);
        }
        if let (Some(references), Some(entry)) = (&mut self.references, self.now.metadata.table(table)) {
            references.add_permissions(entry);
        }
        self.revision += 1;
        Ok(())
    }

    /// Changes the list of inherited roles. `edit` must change nothing if it fails.
    pub(crate) fn edit_inherited_roles(
        &mut self,
        edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        edit(&mut Arc::make_mut(&mut self.now.metadata).rest)?;
        self.resolve_permissions_of([]);
        self.revision += 1;
        Ok(())
    }

    /// Resolves all permissions again, after objects that they may depend on were removed.
    pub(super) fn resolve_permissions(&mut self) {
        let metadata = Arc::clone(&self.now.metadata);
        let known = Arc::clone(&self.now.permissions);
        if known.is_empty() && !known.has_inconsistent() {
            return;
        }
        let stored = metadata.tables().iter().map(|entry| &entry.table);
        self.resolve_permissions_of(stored.chain(known.tables()));
    }

    /// Resolves all permissions again if one of them may have become valid because an object was added.
    pub(super) fn recover_permissions(&mut self) {
        if self.now.permissions.has_inconsistent() {
            self.resolve_permissions();
        }
    }

    pub(super) fn resolve_permissions_of<'t>(&mut self, tables: impl IntoIterator<Item = &'t TableName>) {
        let had_inconsistent = self.now.permissions.has_inconsistent();
        let permissions = Arc::make_mut(&mut self.now.permissions);
        permissions.resolve_tables(&self.now.metadata, &self.now.tracked, tables);
        if had_inconsistent || permissions.has_inconsistent() {
            let inconsistent = permissions.inconsistent(&self.now.metadata);
            let all = Arc::make_mut(&mut self.now.inconsistent);
            all.retain(|object| !is_of_permissions(object));
            all.extend(inconsistent);
        }
    }
}

fn is_of_permissions(object: &InconsistentObject) -> bool {
    matches!(
        object.id,
        MetadataObjectId::Permission(..)
            | MetadataObjectId::InheritedPermission(..)
            | MetadataObjectId::InheritedRole(_)
    )
}
