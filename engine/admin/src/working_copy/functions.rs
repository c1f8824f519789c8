//! Edits of tracked functions. A function depends on the table that it returns and on the names of all tables; nothing depends on it.

use super::WorkingCopy;
use super::inconsistencies::refuse_new;
use engine_error::Result;
use engine_model::metadata::function::{self, FUNCTIONS};
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use serde_json::{Map, Value};
use std::sync::Arc;

impl WorkingCopy {
    /// Changes the list of functions. Fails if the function `id` is inconsistent afterwards, or another one that was not before; `edit`
    /// must change nothing if it fails.
    pub(crate) fn edit_functions(
        &mut self,
        id: Option<&MetadataObjectId>,
        edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        if self.has_computed_fields() {
            return self.try_apply(id, |metadata| edit(&mut metadata.source_mut().rest));
        }
        let stored = self.stored_functions();
        let (tracked, inconsistent) = (Arc::clone(&self.now.tracked), Arc::clone(&self.now.inconsistent));
        edit(&mut Arc::make_mut(&mut self.now.metadata).source_mut().rest)?;
        self.resolve_functions();
        if let Err(error) = refuse_new(&inconsistent, &self.now.inconsistent, id) {
            self.restore_functions(stored);
            (self.now.tracked, self.now.inconsistent) = (tracked, inconsistent);
            return Err(error);
        }
        self.revision += 1;
        Ok(())
    }

    pub(super) fn stored_functions(&self) -> Option<Value> {
        let source = self.now.metadata.source()?;
        source.rest.get(FUNCTIONS).cloned()
    }

    /// Replaces the list of functions without resolving it.
    pub(super) fn restore_functions(&mut self, stored: Option<Value>) {
        if self.stored_functions() == stored {
            return;
        }
        let rest = &mut Arc::make_mut(&mut self.now.metadata).source_mut().rest;
        match stored {
            Some(list) => {
                rest.insert(FUNCTIONS.to_owned(), list);
            }
            None => {
                rest.shift_remove(FUNCTIONS);
            }
        }
    }

    /// Resolves all functions again, after objects that they may depend on changed.
    pub(super) fn resolve_functions(&mut self) {
        if !function::any(&self.now.metadata) && self.now.tracked.functions.is_empty() {
            self.forget_functions();
            return;
        }
        let (metadata, catalog) = (Arc::clone(&self.now.metadata), Arc::clone(&self.now.catalog));
        let tracked = Arc::clone(&self.now.tracked);
        let (functions, inconsistent) = function::resolve(&metadata, &catalog, &tracked.tables, self.types());
        drop(tracked);
        Arc::make_mut(&mut self.now.tracked).functions = functions;
        self.forget_functions();
        if !inconsistent.is_empty() {
            Arc::make_mut(&mut self.now.inconsistent).extend(inconsistent);
        }
    }

    /// Resolves all functions again if one of them may have become valid because a table was added.
    pub(super) fn recover_functions(&mut self) {
        if self.now.inconsistent.iter().any(is_of_functions) {
            self.resolve_functions();
        }
    }

    fn forget_functions(&mut self) {
        if self.now.inconsistent.iter().any(is_of_functions) {
            Arc::make_mut(&mut self.now.inconsistent).retain(|object| !is_of_functions(object));
        }
    }
}

fn is_of_functions(object: &InconsistentObject) -> bool {
    object.kind == "function"
}
