//! Resolves whole metadata, one kind of objects after another.

use super::{cron_trigger, enums_of, event_trigger, name_index, relationships, scalar_names, table};
use crate::catalog::{Catalog, TableEnum, TableName};
use crate::metadata::computed_field;
use crate::metadata::function::{self, TrackedFunction};
use crate::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use crate::metadata::lenient::InvalidEntry;
use crate::metadata::names::Taken;
use crate::metadata::naming::Naming;
use crate::metadata::relationship;
use crate::metadata::tracked::{RelationshipKind, TrackedTable};
use crate::metadata::types::{Metadata, TableEntry};
use crate::scheduled::{self, ResolvedCronTrigger};
use crate::trigger::ResolvedTrigger;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

const ISOLATION_LEVELS: [&str; 3] = ["read-committed", "repeatable-read", "serializable"];

/// Resolves the objects of each kind, and collects those that are inconsistent.
pub(super) struct Resolver<'a> {
    /// Name of the served source.
    source: &'a str,
    pub(super) naming: Arc<Naming>,
    catalog: &'a Catalog,
    pub(super) inconsistent: Vec<InconsistentObject>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(metadata: &'a Metadata, catalog: &'a Catalog) -> Self {
        Self {
            source: metadata.source_name(),
            naming: Naming::of(metadata),
            catalog,
            inconsistent: Vec::new(),
        }
    }

    fn unreadable(&mut self, kind: &'static str, owner: &str, broken: &[InvalidEntry]) {
        for InvalidEntry { value, reason, .. } in broken {
            let named = ["name", "table"]
                .iter()
                .find_map(|key| value.get(key))
                .unwrap_or(&Value::Null);
            let name = format!("{kind} {named} in {owner}");
            let id = MetadataObjectId::Unreadable(value.clone());
            self.inconsistent
                .push(InconsistentObject::new(kind, name, value.clone(), reason, id));
        }
    }

    pub(super) fn sources(&mut self, metadata: &Metadata) {
        self.unreadable("source", "metadata", &metadata.sources.broken);
        for source in metadata.sources.iter().filter(|source| {
            !metadata
                .source()
                .is_some_and(|served| std::ptr::eq(served, *source))
        }) {
            let reason = format!(
                "unsupported source; the engine serves one Postgres database, as the source \"{}\"",
                self.source
            );
            self.inconsistent
                .push(InconsistentObject::source(source, &reason));
        }
        if let Some(source) = metadata.source() {
            if let Some(level) = source.isolation_level()
                && !level
                    .as_str()
                    .is_some_and(|level| ISOLATION_LEVELS.contains(&level))
            {
                let reason = format!(
                    "isolation_level {level} is not valid; expected {}",
                    ISOLATION_LEVELS.join(", ")
                );
                self.inconsistent
                    .push(InconsistentObject::source(source, &reason));
            }
            if let Err(reason) = Naming::of_source(source) {
                let reason = format!("the customization of the source is not valid: {reason}");
                self.inconsistent
                    .push(InconsistentObject::source(source, &reason));
            }
            let owner = format!("source {}", self.source);
            self.unreadable("table", &owner, source.tables.broken());
        }
    }

    pub(super) fn tables(&mut self, entries: &[TableEntry]) -> IndexMap<TableName, Arc<TrackedTable>> {
        let mut enums = enums_of(entries, &self.naming, self.catalog);
        loop {
            let (tables, inconsistent) = self.tables_with(entries, &enums);
            let known = enums.len();
            // An enum table can be inconsistent for another reason, such as its names; no column has its type then.
            enums.retain(|name, _| tables.contains_key(name));
            if enums.len() == known {
                self.inconsistent.extend(inconsistent);
                return tables;
            }
        }
    }

    fn tables_with(
        &self,
        entries: &[TableEntry],
        enums: &BTreeMap<TableName, Arc<TableEnum>>,
    ) -> (IndexMap<TableName, Arc<TrackedTable>>, Vec<InconsistentObject>) {
        let mut tables: IndexMap<TableName, Arc<TrackedTable>> = IndexMap::with_capacity(entries.len());
        let mut inconsistent = Vec::new();
        let mut index = scalar_names(&self.naming, entries, self.catalog);
        for entry in entries {
            let result = if tables.contains_key(&entry.table) {
                Err(format!("duplicate entry for table \"{}\"", entry.table))
            } else {
                table(entry, &self.naming, self.catalog, &|name| {
                    enums.get(name).cloned()
                })
            };
            let result = result.map_err(Taken::from).and_then(|tracked| {
                if tracked.in_graphql {
                    index.claim(&tracked)?;
                }
                Ok(tracked)
            });
            match result {
                Ok(tracked) => {
                    tables.insert(entry.table.clone(), Arc::new(tracked));
                }
                Err(taken) => {
                    inconsistent.push(InconsistentObject::taken(self.source, &entry.table, taken));
                }
            }
        }
        (tables, inconsistent)
    }

    /// Objects of a table that is inconsistent itself are not listed, as in Hasura: they follow from the table.
    pub(super) fn relationships(
        &mut self,
        entries: &[TableEntry],
        tables: &mut IndexMap<TableName, Arc<TrackedTable>>,
    ) {
        for entry in entries {
            let owner = format!("table {} in source {}", entry.table, self.source);
            for kind in [RelationshipKind::Object, RelationshipKind::Array] {
                let word = relationship::object_type_name(kind);
                self.unreadable(word, &owner, &entry.relationships_of(kind).broken);
            }
            let Some(known) = tables.get(&entry.table).cloned() else {
                continue;
            };
            // Empty, unless a table has more than one entry.
            let mut present = known.relationships.clone();
            for kind in [RelationshipKind::Object, RelationshipKind::Array] {
                self.inconsistent.extend(relationships(
                    self.source,
                    entry,
                    kind,
                    Some(&known),
                    &mut present,
                    tables,
                ));
            }
            drop(known);
            if let Some(table) = tables.get_mut(&entry.table)
                && !present.is_empty()
            {
                Arc::make_mut(table).relationships = present;
            }
        }
    }

    pub(super) fn event_triggers(
        &mut self,
        entries: &[TableEntry],
        tables: &IndexMap<TableName, Arc<TrackedTable>>,
    ) -> IndexMap<String, Arc<ResolvedTrigger>> {
        let mut triggers = IndexMap::new();
        for entry in entries {
            let owner = format!("table {} in source {}", entry.table, self.source);
            self.unreadable("event_trigger", &owner, &entry.event_triggers.broken);
            if !tables.contains_key(&entry.table) {
                continue;
            }
            for trigger in entry.event_triggers.iter() {
                match event_trigger(&entry.table, trigger, tables, &triggers) {
                    Ok(resolved) => {
                        triggers.insert(trigger.name.clone(), Arc::new(resolved));
                    }
                    Err(reason) => self.inconsistent.push(InconsistentObject::event_trigger(
                        self.source,
                        &entry.table,
                        trigger,
                        &reason,
                    )),
                }
            }
        }
        triggers
    }

    /// Resolves functions, and the computed fields of the tables, which call functions.
    pub(super) fn functions(
        &mut self,
        metadata: &Metadata,
        tables: &mut IndexMap<TableName, Arc<TrackedTable>>,
    ) -> IndexMap<TableName, Arc<TrackedFunction>> {
        let has_computed_fields = computed_field::any(metadata);
        if !has_computed_fields && !function::any(metadata) {
            return IndexMap::new();
        }
        let names = name_index(metadata, self.catalog, tables);
        let (functions, inconsistent) = function::resolve(metadata, self.catalog, tables, &names);
        self.inconsistent.extend(inconsistent);
        if has_computed_fields {
            let (source, entries) = (self.source, metadata.tables());
            let inconsistent =
                computed_field::resolve(source, entries, self.catalog, &functions, &names, tables);
            self.inconsistent.extend(inconsistent);
        }
        functions
    }

    pub(super) fn cron_triggers(
        &mut self,
        metadata: &Metadata,
    ) -> IndexMap<String, Arc<ResolvedCronTrigger>> {
        let mut triggers = IndexMap::new();
        let list = scheduled::document::cron_triggers(metadata).unwrap_or_default();
        self.unreadable("cron_trigger", "metadata", &list.broken);
        for trigger in list.iter() {
            match cron_trigger(trigger, &triggers) {
                Ok(resolved) => {
                    triggers.insert(trigger.name.clone(), Arc::new(resolved));
                }
                Err(reason) => self
                    .inconsistent
                    .push(InconsistentObject::cron_trigger(trigger, &reason)),
            }
        }
        triggers
    }
}
