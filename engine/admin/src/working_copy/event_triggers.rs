//! Edits of event triggers. An event trigger depends on its table and on the names of the others.

use super::WorkingCopy;
use super::inconsistencies::refused;
use engine_error::Result;
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use engine_model::metadata::resolve;
use engine_model::metadata::types::Metadata;
use engine_model::trigger::{self, EventTrigger};
use std::sync::Arc;

impl WorkingCopy {
    /// Adds an event trigger with a new name to a table of the document.
    pub(crate) fn add_event_trigger(&mut self, table: &TableName, trigger: EventTrigger) -> Result<()> {
        let tracked = &self.now.tracked;
        if !tracked.tables.contains_key(table) {
            // The event triggers of an inconsistent table are not resolved.
            let id = MetadataObjectId::EventTrigger(table.clone(), trigger.name.clone());
            return self.apply(Some(&id), |metadata| {
                if let Some(entry) = metadata.table_mut(table) {
                    entry.event_triggers.push(trigger);
                }
            });
        }
        let resolved = resolve::event_trigger(table, &trigger, &tracked.tables, &tracked.event_triggers)
            .map_err(|reason| {
                refused(&[&InconsistentObject::event_trigger(
                    self.now.metadata.source_name(),
                    table,
                    &trigger,
                    &reason,
                )])
            })?;
        Arc::make_mut(&mut self.now.tracked)
            .event_triggers
            .insert(trigger.name.clone(), Arc::new(resolved));
        if let Some(entry) = Arc::make_mut(&mut self.now.metadata).table_mut(table) {
            entry.event_triggers.push(trigger);
        }
        self.revision += 1;
        Ok(())
    }

    /// Replaces the event trigger of the same name of a table.
    pub(crate) fn replace_event_trigger(&mut self, table: &TableName, trigger: EventTrigger) -> Result<()> {
        let known = self.now.tracked.tables.get(table);
        let resolved = known
            .filter(|_| self.is_consistent(table))
            .and_then(|known| trigger::resolve(&trigger, &known.table).ok());
        let name = trigger.name.clone();
        let put = |metadata: &mut Metadata| {
            let entry = metadata.table_mut(table);
            let stored = entry.and_then(|entry| {
                let mut triggers = entry.event_triggers.iter_mut();
                triggers.find(|stored| stored.name == trigger.name)
            });
            if let Some(stored) = stored {
                *stored = trigger;
            }
        };
        let Some(resolved) = resolved else {
            let id = MetadataObjectId::EventTrigger(table.clone(), name);
            return self.apply(Some(&id), put);
        };
        put(Arc::make_mut(&mut self.now.metadata));
        Arc::make_mut(&mut self.now.tracked)
            .event_triggers
            .insert(name, Arc::new(resolved));
        self.revision += 1;
        Ok(())
    }

    /// Removes an event trigger from everything but the document. Returns false if everything has to be resolved after
    /// it was removed from the document.
    pub(super) fn remove_tracked_trigger(&mut self, table: &TableName, name: &str) -> bool {
        let is_waiting = |id: &MetadataObjectId| matches!(id, MetadataObjectId::EventTrigger(of, other) if of != table && other == name);
        let mut ids = self.now.inconsistent.iter().map(|object| &object.id);
        if ids.any(is_waiting) || self.has_duplicates(table) {
            return false;
        }
        let tracked = self.now.tracked.event_triggers.get(name);
        if tracked.is_some_and(|trigger| trigger.table_name() == table) {
            Arc::make_mut(&mut self.now.tracked)
                .event_triggers
                .shift_remove(name);
        }
        self.forget_inconsistent(
            |id| matches!(id, MetadataObjectId::EventTrigger(of, other) if of == table && other == name),
        );
        true
    }
}
