//! Edits of relationships. A relationship depends on its own table and on the table it leads to, and nothing but
//! permissions depends on it.

use super::WorkingCopy;
use super::inconsistencies::refused;
use engine_error::Result;
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use engine_model::metadata::permissions::{self, ReferenceKind};
use engine_model::metadata::resolve;
use engine_model::metadata::tracked::{Relationship, RelationshipKind, TrackedObjects};
use engine_model::metadata::types::{Metadata, RelationshipEntry, TableEntry};
use indexmap::IndexMap;
use std::sync::Arc;

impl WorkingCopy {
    /// Adds a relationship with a new name to a table of the document.
    pub(crate) fn add_relationship(
        &mut self,
        table: &TableName,
        kind: RelationshipKind,
        entry: &RelationshipEntry,
    ) -> Result<()> {
        let push = |metadata: &mut Metadata| {
            if let Some(stored) = metadata.table_mut(table) {
                stored.relationships_mut(kind).push(entry.clone());
            }
        };
        if self.has_duplicates(table)
            || self.has_computed_fields()
            || !self.now.tracked.tables.contains_key(table)
        {
            // The relationships of the other entries take names too. Those of an inconsistent table are not resolved.
            let id = MetadataObjectId::Relationship(table.clone(), entry.name.clone());
            return self.apply(Some(&id), push);
        }
        let tables = &self.now.tracked.tables;
        let known = tables.get(table).map(|known| &**known);
        let none = IndexMap::new();
        let present = known.map_or(&none, |known| &known.relationships);
        let resolved =
            resolve::relationship(table, known, present, kind, entry, tables).map_err(|reason| {
                refused(&[&InconsistentObject::relationship(
                    self.now.metadata.source_name(),
                    table,
                    kind,
                    entry,
                    &reason,
                )])
            })?;
        if let Some(references) = &mut self.references {
            references.add_relationship(table, &resolved.target);
        }
        if let Some(known) = Arc::make_mut(&mut self.now.tracked).tables.get_mut(table) {
            insert(&mut Arc::make_mut(known).relationships, resolved);
        }
        push(Arc::make_mut(&mut self.now.metadata));
        self.recover_permissions();
        self.revision += 1;
        Ok(())
    }

    /// Removes a relationship from everything but the document. Returns false if everything has to be resolved after it was removed from the document.
    pub(super) fn remove_relationship(&mut self, table: &TableName, name: &str) -> bool {
        // Without it, a relationship that was inconsistent because of its name may be valid.
        if self.has_duplicates(table) || !self.is_consistent(table) {
            return false;
        }
        if let Some(known) = Arc::make_mut(&mut self.now.tracked).tables.get_mut(table)
            && known.relationships.contains_key(name)
        {
            Arc::make_mut(known).relationships.shift_remove(name);
        }
        self.forget_inconsistent(
            |id| matches!(id, MetadataObjectId::Relationship(of, other) if of == table && other == name),
        );
        true
    }

    /// Renames a relationship, also in permissions.
    pub(crate) fn rename_relationship(
        &mut self,
        table: &TableName,
        name: &str,
        new_name: &str,
    ) -> Result<()> {
        let known = self.now.tracked.tables.get(table);
        let old = known.and_then(|known| known.relationships.get(name));
        let is_alone = self.is_consistent(table) && !self.has_computed_fields();
        let (Some(old), true) = (old, is_alone) else {
            return self.rename_resolving_all(table, name, new_name);
        };
        let kind = old.kind;
        let Some(entry) = self.now.metadata.table(table) else {
            return Ok(());
        };
        let Some(mut entry) = entry.relationships().find(|other| other.name == name).cloned() else {
            return Ok(());
        };
        new_name.clone_into(&mut entry.name);
        let tables = &self.now.tracked.tables;
        let mut others = known.map(|known| known.relationships.clone()).unwrap_or_default();
        others.shift_remove(name);
        let resolved =
            resolve::relationship(table, known.map(|known| &**known), &others, kind, &entry, tables)
                .map_err(|reason| {
                    refused(&[&InconsistentObject::relationship(
                        self.now.metadata.source_name(),
                        table,
                        kind,
                        &entry,
                        &reason,
                    )])
                })?;

        let mentioning = self.tables_with_permissions_on(std::iter::once(name));
        let metadata = Arc::make_mut(&mut self.now.metadata);
        // Before the relationship is renamed in `tracked`, by which the conditions of permissions are interpreted.
        for owner in &mentioning {
            if let Some(entry) = metadata.table_mut(owner) {
                rename_in_permissions(entry, &self.now.tracked, table, name, new_name);
                if let Some(references) = &mut self.references {
                    references.add_permissions(entry);
                }
            }
        }
        if let Some(entry) = metadata
            .table_mut(table)
            .and_then(|entry| entry.relationship_mut(name))
        {
            new_name.clone_into(&mut entry.name);
        }
        if let Some(known) = Arc::make_mut(&mut self.now.tracked).tables.get_mut(table) {
            let relationships = &mut Arc::make_mut(known).relationships;
            if let Some((index, ..)) = relationships.shift_remove_full(name) {
                relationships.shift_insert(index, new_name.to_owned(), resolved);
            }
        }
        if self.now.permissions.has_inconsistent() {
            self.resolve_permissions();
        } else {
            self.resolve_permissions_of(&mentioning);
        }
        self.revision += 1;
        Ok(())
    }

    pub(super) fn rename_resolving_all(
        &mut self,
        table: &TableName,
        name: &str,
        new_name: &str,
    ) -> Result<()> {
        let tracked = Arc::clone(&self.now.tracked);
        let id = MetadataObjectId::Relationship(table.clone(), new_name.to_owned());
        self.apply(Some(&id), |metadata: &mut Metadata| {
            let entry = metadata.table_mut(table);
            if let Some(entry) = entry.and_then(|entry| entry.relationship_mut(name)) {
                new_name.clone_into(&mut entry.name);
            }
            metadata.source_mut().tables.update(|entry| {
                rename_in_permissions(entry, &tracked, table, name, new_name);
            });
        })
    }

    /// Sets or removes the comment of a relationship.
    pub(crate) fn set_relationship_comment(
        &mut self,
        table: &TableName,
        name: &str,
        comment: Option<String>,
    ) -> Result<()> {
        let consistent = self.is_consistent(table);
        let set = |metadata: &mut Metadata| {
            let entry = metadata.table_mut(table);
            if let Some(entry) = entry.and_then(|entry| entry.relationship_mut(name)) {
                entry.comment = comment;
            }
        };
        if !consistent {
            // The comment is part of what is reported about an inconsistent relationship.
            return self.apply(None, set);
        }
        set(Arc::make_mut(&mut self.now.metadata));
        self.revision += 1;
        Ok(())
    }

    /// Resolves the relationships of a table again after another table was added. Returns false, without an effect,
    /// if one of them is inconsistent for a new reason.
    pub(super) fn resolve_relationships(&mut self, table: &TableName) -> bool {
        let (Some(entry), Some(known)) = (self.now.metadata.table(table), self.now.tracked.tables.get(table))
        else {
            return true;
        };
        if self.has_duplicates(table) {
            return false;
        }
        let mut present = IndexMap::new();
        let mut inconsistent = Vec::new();
        for kind in [RelationshipKind::Object, RelationshipKind::Array] {
            let tables = &self.now.tracked.tables;
            inconsistent.extend(resolve::relationships(
                self.now.metadata.source_name(),
                entry,
                kind,
                Some(known),
                &mut present,
                tables,
            ));
        }
        if !inconsistent
            .iter()
            .all(|object| self.now.inconsistent.contains(object))
        {
            return false;
        }
        if let Some(references) = &mut self.references {
            for relationship in present.values() {
                references.add_relationship(table, &relationship.target);
            }
        }
        Arc::make_mut(&mut self.now.inconsistent).retain(|object| {
            let own = matches!(&object.id, MetadataObjectId::Relationship(of, _) if of == table);
            !own || inconsistent.contains(object)
        });
        if let Some(known) = Arc::make_mut(&mut self.now.tracked).tables.get_mut(table) {
            Arc::make_mut(known).relationships = present;
        }
        true
    }
}

/// Inserts a relationship where `resolve` does: object relationships come before array relationships.
fn insert(relationships: &mut IndexMap<String, Relationship>, relationship: Relationship) {
    let index = match relationship.kind {
        RelationshipKind::Object => relationships
            .values()
            .filter(|other| other.kind == RelationshipKind::Object)
            .count(),
        RelationshipKind::Array => relationships.len(),
    };
    relationships.shift_insert(index, relationship.name.clone(), relationship);
}

fn rename_in_permissions(
    entry: &mut TableEntry,
    tracked: &TrackedObjects,
    table: &TableName,
    name: &str,
    new_name: &str,
) {
    permissions::visit(entry, tracked, &mut |_, owner, named, kind| {
        if kind == ReferenceKind::Relationship && owner == table && named == name {
            new_name.clone_into(named);
        }
    });
}
