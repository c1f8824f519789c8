//! Resolves stored metadata against the catalog to [`TrackedObjects`] and the list of inconsistent objects.

use super::inconsistent::{InconsistentObject, MetadataObjectId};
use super::lenient::{InvalidEntry, LenientList};
use super::names::{self, TypeNameIndex};
use super::relationship;
use super::tracked::{Relationship, RelationshipKind, TrackedObjects, TrackedTable};
use super::types::{DEFAULT_SOURCE, Metadata, RelationshipEntry, TableConfiguration, TableEntry};
use crate::catalog::{Catalog, Table, TableName};
use crate::trigger::{EventTrigger, ResolvedTrigger};
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::sync::Arc;

/// Resolves everything. Never fails: the smallest invalid object is left out and listed as inconsistent.
pub fn resolve(metadata: &Metadata, catalog: &Catalog) -> (TrackedObjects, Vec<InconsistentObject>) {
    let mut resolver = Resolver::new(catalog);
    resolver.sources(metadata);
    let mut tables = resolver.tables(metadata.tables());
    resolver.relationships(metadata.tables(), &mut tables);
    let event_triggers = resolver.event_triggers(metadata.tables(), &tables);
    (
        TrackedObjects {
            tables,
            event_triggers,
        },
        resolver.inconsistent,
    )
}

/// Returns the type names in use, as in [`resolve`] after the last table.
pub fn type_names(
    metadata: &Metadata,
    catalog: &Catalog,
    tracked: &TrackedObjects,
) -> Result<TypeNameIndex, String> {
    let mut types = scalar_names(metadata.tables(), catalog);
    for (name, table) in tracked.tables.iter().filter(|(_, table)| table.in_graphql) {
        types.claim(&table.graphql_name, name)?;
    }
    Ok(types)
}

/// Resolves a table added after the tables of `tracked`, with the same result as [`resolve`]. An error means that
/// only [`resolve`] gives the result, and that `types` is no longer valid.
pub fn added_table(
    entry: &TableEntry,
    catalog: &Catalog,
    tracked: &TrackedObjects,
    types: &mut TypeNameIndex,
) -> Result<TrackedTable, String> {
    let table = Resolver::new(catalog).table(entry, &tracked.tables)?;
    if !types.add_scalars(table.table.columns.iter().map(|column| column.ty.name.as_str())) {
        return Err("a type of a column has the name of a table's type".to_owned());
    }
    if table.in_graphql {
        types.claim(&table.graphql_name, &entry.table)?;
    }
    Ok(table)
}

/// Resolves a relationship against tracked tables; fails with a human-readable reason.
pub fn relationship(
    table: &TableName,
    kind: RelationshipKind,
    definition: &RelationshipEntry,
    tables: &IndexMap<TableName, Arc<TrackedTable>>,
) -> Result<Relationship, String> {
    let name = &definition.name;
    match tables.get(table) {
        None => Err(format!("no such table/view exists in source: \"{table}\"")),
        Some(known) if known.columns.contains_key(name) || known.relationships.contains_key(name) => Err(
            format!("field with name \"{name}\" already exists in table \"{table}\""),
        ),
        Some(known) => relationship::resolve(definition, kind, known, tables),
    }
}

/// Resolves an event trigger against tracked tables and the preceding triggers; fails with a human-readable reason.
pub fn event_trigger(
    table: &TableName,
    trigger: &EventTrigger,
    tables: &IndexMap<TableName, Arc<TrackedTable>>,
    triggers: &IndexMap<String, Arc<ResolvedTrigger>>,
) -> Result<ResolvedTrigger, String> {
    match tables.get(table) {
        None => Err(format!("no such table/view exists in source: \"{table}\"")),
        Some(_) if triggers.contains_key(&trigger.name) => Err(format!(
            "event trigger with name \"{}\" already exists",
            trigger.name
        )),
        Some(known) if !known.table.kind.takes_triggers() => {
            Err(format!("\"{table}\" is a view; event triggers need a table"))
        }
        Some(known) => crate::trigger::resolve(trigger, &known.table).map_err(|error| error.message),
    }
}

fn scalar_names(entries: &[TableEntry], catalog: &Catalog) -> TypeNameIndex {
    let columns = entries
        .iter()
        .filter_map(|entry| catalog.tables.get(&entry.table))
        .flat_map(|table| &table.columns);
    TypeNameIndex::new(columns.map(|column| column.ty.name.as_str()))
}

struct Resolver<'a> {
    catalog: &'a Catalog,
    inconsistent: Vec<InconsistentObject>,
}

impl<'a> Resolver<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            inconsistent: Vec::new(),
        }
    }

    fn report(
        &mut self,
        kind: &'static str,
        name: String,
        definition: Value,
        reason: &str,
        place: MetadataObjectId,
    ) {
        let reason = format!("Inconsistent object: {reason}");
        self.inconsistent.push(InconsistentObject {
            kind,
            name,
            definition,
            reason,
            place,
        });
    }

    fn unreadable<T>(&mut self, kind: &'static str, owner: &str, list: &LenientList<T>) {
        for InvalidEntry { value, reason, .. } in &list.broken {
            let named = ["name", "table"]
                .iter()
                .find_map(|key| value.get(key))
                .unwrap_or(&Value::Null);
            let name = format!("{kind} {named} in {owner}");
            self.report(
                kind,
                name,
                value.clone(),
                reason,
                MetadataObjectId::Unreadable(value.clone()),
            );
        }
    }

    fn sources(&mut self, metadata: &Metadata) {
        self.unreadable("source", "metadata", &metadata.sources);
        for source in metadata
            .sources
            .iter()
            .filter(|source| source.name != DEFAULT_SOURCE)
        {
            let reason = format!("unsupported source; only \"{DEFAULT_SOURCE}\" is supported");
            let (name, place) = (
                format!("source {}", source.name),
                MetadataObjectId::Source(source.name.clone()),
            );
            self.report(
                "source",
                name,
                json!({"name": source.name, "kind": source.kind}),
                &reason,
                place,
            );
        }
        if let Some(source) = metadata.source() {
            self.unreadable("table", "source default", &source.tables);
        }
    }

    fn tables(&mut self, entries: &[TableEntry]) -> IndexMap<TableName, Arc<TrackedTable>> {
        let mut tables: IndexMap<TableName, Arc<TrackedTable>> = IndexMap::with_capacity(entries.len());
        let mut types = scalar_names(entries, self.catalog);
        for entry in entries {
            let result = self.table(entry, &tables).and_then(|tracked| {
                if tracked.in_graphql {
                    types.claim(&tracked.graphql_name, &entry.table)?;
                }
                Ok(tracked)
            });
            match result {
                Ok(tracked) => {
                    tables.insert(entry.table.clone(), Arc::new(tracked));
                }
                Err(reason) => self.report(
                    "table",
                    format!("table {} in source default", entry.table),
                    json!(entry.table),
                    &reason,
                    MetadataObjectId::Table(entry.table.clone()),
                ),
            }
        }
        tables
    }

    fn table(
        &self,
        entry: &TableEntry,
        tables: &IndexMap<TableName, Arc<TrackedTable>>,
    ) -> Result<TrackedTable, String> {
        let name = &entry.table;
        let Some(table) = self.catalog.tables.get(name) else {
            return Err(format!("no such table/view exists in source: \"{name}\""));
        };
        if tables.contains_key(name) {
            return Err(format!("duplicate entry for table \"{name}\""));
        }
        let configuration = entry.configuration.as_ref();
        let custom_name = configuration.and_then(|c| c.custom_name.as_deref());
        if let Some(name) = custom_name.filter(|name| !names::is_valid(name)) {
            return Err(format!("\"{name}\" is not a valid GraphQL name"));
        }
        let graphql_name = custom_name.map_or_else(|| names::of_table(name), ToOwned::to_owned);
        let custom_root_fields = configuration
            .map(names::root_fields)
            .transpose()?
            .unwrap_or_default();
        let renamed = configuration
            .map(TableConfiguration::column_names)
            .unwrap_or_default();
        let columns = columns(table, &renamed)?;
        // A GraphQL object type needs at least one field, and the enum of columns at least one value.
        let in_graphql =
            names::is_valid(&graphql_name) && columns.keys().any(|name| names::is_enum_value(name));
        Ok(TrackedTable {
            table: Arc::clone(table),
            graphql_name,
            in_graphql,
            custom_root_fields,
            columns,
            relationships: IndexMap::new(),
        })
    }

    fn relationships(&mut self, entries: &[TableEntry], tables: &mut IndexMap<TableName, Arc<TrackedTable>>) {
        for entry in entries {
            let lists = [
                (RelationshipKind::Object, &entry.object_relationships),
                (RelationshipKind::Array, &entry.array_relationships),
            ];
            for (kind, list) in lists {
                let word = relationship::object_type_name(kind);
                self.unreadable(word, &format!("table {} in source default", entry.table), list);
                for definition in list.iter() {
                    self.relationship(entry, kind, definition, tables);
                }
            }
        }
    }

    fn relationship(
        &mut self,
        entry: &TableEntry,
        kind: RelationshipKind,
        definition: &RelationshipEntry,
        tables: &mut IndexMap<TableName, Arc<TrackedTable>>,
    ) {
        let name = &definition.name;
        match relationship(&entry.table, kind, definition, tables) {
            Ok(relationship) => {
                if let Some(table) = tables.get_mut(&entry.table) {
                    Arc::make_mut(table)
                        .relationships
                        .insert(name.clone(), relationship);
                }
            }
            Err(reason) => {
                let word = relationship::object_type_name(kind);
                self.report(
                    word,
                    format!("{word} {name} in table {} in source default", entry.table),
                    json!({
                        "name": name,
                        "source": DEFAULT_SOURCE,
                        "table": entry.table,
                        "using": definition.using,
                        "comment": definition.comment,
                    }),
                    &format!(
                        "in table \"{}\": in relationship \"{name}\": {reason}",
                        entry.table
                    ),
                    MetadataObjectId::Relationship(entry.table.clone(), name.clone()),
                );
            }
        }
    }

    fn event_triggers(
        &mut self,
        entries: &[TableEntry],
        tables: &IndexMap<TableName, Arc<TrackedTable>>,
    ) -> IndexMap<String, Arc<ResolvedTrigger>> {
        let mut triggers = IndexMap::new();
        for entry in entries {
            let owner = format!("table {} in source default", entry.table);
            self.unreadable("event_trigger", &owner, &entry.event_triggers);
            for trigger in entry.event_triggers.iter() {
                match event_trigger(&entry.table, trigger, tables, &triggers) {
                    Ok(resolved) => {
                        triggers.insert(trigger.name.clone(), Arc::new(resolved));
                    }
                    Err(reason) => self.report(
                        "event_trigger",
                        format!("event_trigger {} in {owner}", trigger.name),
                        json!(trigger),
                        &format!(
                            "in table \"{}\": in event trigger \"{}\": {reason}",
                            entry.table, trigger.name
                        ),
                        MetadataObjectId::EventTrigger(entry.table.clone(), trigger.name.clone()),
                    ),
                }
            }
        }
        triggers
    }
}

/// Returns the exposed columns. Columns whose names are not valid in GraphQL are left out unless they have a custom
/// name, and so are columns whose type names are not valid.
fn columns(
    table: &Table,
    renamed: &IndexMap<&str, &str>,
) -> Result<IndexMap<String, crate::catalog::Column>, String> {
    let mut columns = IndexMap::with_capacity(table.columns.len());
    if let Some(missing) = renamed.keys().find(|name| table.column(name).is_none()) {
        return Err(format!(
            "custom column names: column \"{missing}\" does not exist"
        ));
    }
    for column in &table.columns {
        let custom = renamed.get(&*column.name).copied();
        let name = custom.unwrap_or(&column.name);
        if !names::is_valid(name) {
            if custom.is_some() {
                return Err(format!(
                    "custom column names: \"{name}\" is not a valid GraphQL name"
                ));
            }
            continue;
        }
        if !names::is_valid(&column.ty.name) {
            continue;
        }
        if columns.insert(name.to_owned(), column.clone()).is_some() {
            return Err(format!("custom column names: duplicate name \"{name}\""));
        }
    }
    Ok(columns)
}
