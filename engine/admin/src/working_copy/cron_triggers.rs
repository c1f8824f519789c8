//! Edits of cron triggers. A cron trigger depends on the names of the others only.

use super::WorkingCopy;
use engine_error::{Code, Error, Result};
use engine_model::scheduled::{ResolvedCronTrigger, document};
use std::sync::Arc;

impl WorkingCopy {
    /// Adds a cron trigger, or replaces the one of its name.
    pub(crate) fn put_cron_trigger(&mut self, trigger: ResolvedCronTrigger) -> Result<()> {
        let name = trigger.stored.name.clone();
        let entry = serde_json::to_value(&trigger.stored).map_err(|error| {
            Error::new(Code::Unexpected, format!("cannot serialize the trigger: {error}"))
        })?;
        if self.has_inconsistent_cron_trigger() {
            self.apply_allowing_inconsistency(|metadata| document::put(metadata, &name, entry));
            return Ok(());
        }
        document::put(Arc::make_mut(&mut self.now.metadata), &name, entry);
        Arc::make_mut(&mut self.now.tracked)
            .cron_triggers
            .insert(name, Arc::new(trigger));
        self.revision += 1;
        Ok(())
    }

    /// Removes the cron trigger of this name.
    pub(crate) fn remove_cron_trigger(&mut self, name: &str) {
        if self.has_inconsistent_cron_trigger() {
            self.apply_allowing_inconsistency(|metadata| {
                document::remove(metadata, |entry| entry["name"] == name);
            });
            return;
        }
        document::remove(Arc::make_mut(&mut self.now.metadata), |entry| {
            entry["name"] == name
        });
        Arc::make_mut(&mut self.now.tracked)
            .cron_triggers
            .shift_remove(name);
        self.revision += 1;
    }

    /// Whether an entry of the list does not resolve. An edit may make it consistent.
    fn has_inconsistent_cron_trigger(&self) -> bool {
        let mut inconsistent = self.now.inconsistent.iter();
        inconsistent.any(|object| object.kind == "cron_trigger")
    }
}
