//! Changes of one object that need no resolution of all others.

use super::{
    Arc, EventTrigger, InconsistentObject, Map, MetadataObjectId, MetadataTransaction, OpenTransaction,
    RelationshipEntry, RelationshipKind, ResolvedMetadata, Result, TableEntry, TableName, Value, resolve,
};

impl MetadataTransaction<'_> {
    /// Adds a table without relationships and event triggers to the working copy, as [`Self::apply`] does.
    ///
    /// This method and the others that add one object keep a bulk of n commands from resolving everything n times:
    /// only the new object is resolved, unless it is inconsistent or changes other objects. In that case `apply`
    /// resolves everything and finds the error.
    pub async fn add_table(&mut self, entry: TableEntry) -> Result<()> {
        self.begin().await?;
        if self.begun.as_mut().is_some_and(|begun| begun.add_table(&entry)) {
            return Ok(());
        }
        let place = MetadataObjectId::Table(entry.table.clone());
        self.apply(Some(&place), |metadata| {
            metadata.source_mut().tables.push(entry);
            Ok(())
        })
        .await
    }

    /// Adds a relationship with a new name to a table of the working copy, as [`Self::apply`] does.
    pub async fn add_relationship(
        &mut self,
        table: &TableName,
        kind: RelationshipKind,
        entry: RelationshipEntry,
    ) -> Result<()> {
        self.begin().await?;
        if let Some(begun) = &mut self.begun
            && begun.add_relationship(table, kind, &entry)
        {
            return Ok(());
        }
        let place = MetadataObjectId::Relationship(table.clone(), entry.name.clone());
        self.apply(Some(&place), |metadata| {
            if let Some(table) = metadata.table_mut(table) {
                table.relationships_mut(kind).push(entry);
            }
            Ok(())
        })
        .await
    }

    /// Adds an event trigger with a new name to a table of the working copy, as [`Self::apply`] does.
    pub async fn add_event_trigger(&mut self, table: &TableName, trigger: EventTrigger) -> Result<()> {
        self.begin().await?;
        if let Some(begun) = &mut self.begun
            && begun.add_event_trigger(table, &trigger)
        {
            return Ok(());
        }
        let place = MetadataObjectId::EventTrigger(table.clone(), trigger.name.clone());
        self.apply(Some(&place), |metadata| {
            if let Some(table) = metadata.table_mut(table) {
                table.event_triggers.push(trigger);
            }
            Ok(())
        })
        .await
    }

    /// Changes keys of a table that resolution does not read (permissions, computed fields, …), and rolls the change
    /// back if it fails.
    pub async fn edit_rest(
        &mut self,
        table: &TableName,
        edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        self.begin().await?;
        let Some(begun) = &mut self.begun else {
            return Ok(());
        };
        let Some(entry) = begun.now.metadata.table(table) else {
            return Ok(());
        };
        let mut rest = entry.rest.clone();
        edit(&mut rest)?;
        if let Some(entry) = Arc::make_mut(&mut begun.now.metadata).table_mut(table) {
            entry.rest = rest;
        }
        begun.changed();
        Ok(())
    }
}

impl OpenTransaction<'_> {
    fn add_table(&mut self, entry: &TableEntry) -> bool {
        let bare = entry.object_relationships.is_empty()
            && entry.array_relationships.is_empty()
            && entry.event_triggers.is_empty();
        // The new table may be one that the inconsistent objects lack, or may take a type name that they need.
        let others = |object: &InconsistentObject| {
            matches!(
                object.place,
                MetadataObjectId::Table(_) | MetadataObjectId::Relationship(..)
            )
        };
        if !bare || self.now.inconsistent.iter().any(others) {
            return false;
        }
        let ResolvedMetadata {
            metadata,
            catalog,
            tracked,
            ..
        } = &mut self.now;
        let types = match self.types.take() {
            Some(types) => Ok(types),
            None => resolve::type_names(metadata, catalog, tracked),
        };
        let added = types.and_then(|mut types| {
            let table = resolve::added_table(entry, catalog, tracked, &mut types)?;
            Ok((table, types))
        });
        let Ok((table, types)) = added else {
            return false;
        };
        Arc::make_mut(tracked)
            .tables
            .insert(entry.table.clone(), Arc::new(table));
        Arc::make_mut(metadata).source_mut().tables.push(entry.clone());
        self.types = Some(types);
        self.changed();
        true
    }

    fn add_relationship(
        &mut self,
        table: &TableName,
        kind: RelationshipKind,
        entry: &RelationshipEntry,
    ) -> bool {
        let ResolvedMetadata {
            metadata, tracked, ..
        } = &mut self.now;
        let Ok(relationship) = resolve::relationship(table, kind, entry, &tracked.tables) else {
            return false;
        };
        let stored = Arc::make_mut(metadata).table_mut(table);
        let resolved = Arc::make_mut(tracked).tables.get_mut(table);
        let (Some(stored), Some(resolved)) = (stored, resolved) else {
            return false;
        };
        stored.relationships_mut(kind).push(entry.clone());
        // Object relationships come before array relationships, as in `resolve`.
        let relationships = &mut Arc::make_mut(resolved).relationships;
        let index = match kind {
            RelationshipKind::Object => relationships
                .values()
                .filter(|other| other.kind == RelationshipKind::Object)
                .count(),
            RelationshipKind::Array => relationships.len(),
        };
        relationships.shift_insert(index, entry.name.clone(), relationship);
        self.changed();
        true
    }

    fn add_event_trigger(&mut self, table: &TableName, trigger: &EventTrigger) -> bool {
        let ResolvedMetadata {
            metadata, tracked, ..
        } = &mut self.now;
        let resolved = resolve::event_trigger(table, trigger, &tracked.tables, &tracked.event_triggers);
        let (Ok(resolved), Some(stored)) = (resolved, Arc::make_mut(metadata).table_mut(table)) else {
            return false;
        };
        stored.event_triggers.push(trigger.clone());
        Arc::make_mut(tracked)
            .event_triggers
            .insert(trigger.name.clone(), Arc::new(resolved));
        self.changed();
        true
    }
}
