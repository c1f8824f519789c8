//! Edits of computed fields. A computed field depends on its table, on its function, on the table whose rows it contains, and on names
//! of all tables and functions, and permissions depend on it. So documents with computed fields are resolved as a whole.

use super::WorkingCopy;
use super::inconsistencies::refuse_new;
use engine_error::Result;
use engine_model::catalog::TableName;
use engine_model::metadata::computed_field;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::types::Metadata;
use serde_json::{Map, Value};
use std::sync::Arc;

impl WorkingCopy {
    /// Changes the keys of a table. Fails if the computed field `id` is inconsistent afterwards, or another object that was not before.
    pub(crate) fn edit_computed_fields(
        &mut self,
        table: &TableName,
        id: &MetadataObjectId,
        edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        self.try_apply(Some(id), |metadata| match metadata.table_mut(table) {
            Some(entry) => edit(&mut entry.rest),
            None => Ok(()),
        })
    }

    /// As [`Self::apply`], for an edit that can fail.
    pub(super) fn try_apply(
        &mut self,
        id: Option<&MetadataObjectId>,
        edit: impl FnOnce(&mut Metadata) -> Result<()>,
    ) -> Result<()> {
        let mut metadata = Metadata::clone(&self.now.metadata);
        edit(&mut metadata)?;
        let now = self.resolve(metadata, Arc::clone(&self.now.catalog));
        refuse_new(&self.now.inconsistent, &now.inconsistent, id)?;
        self.replace(now);
        Ok(())
    }

    /// Whether each edit of tables, relationships and functions has to resolve everything.
    pub(super) fn has_computed_fields(&self) -> bool {
        computed_field::any(&self.now.metadata)
    }
}
