//! Resolves stored metadata against the catalog to [`TrackedObjects`] and the list of inconsistent objects.

mod resolver;

use super::enums;
use super::inconsistent::InconsistentObject;
use super::names::{self, NameIndex};
use super::naming::{AggregateNames, Identifier, Naming, TableNames};
use super::relationship;
use super::rest_endpoints;
use super::tracked::{Relationship, RelationshipKind, TrackedObjects, TrackedTable};
use super::types::{Metadata, RelationshipEntry, TableConfiguration, TableEntry};
use crate::catalog::{Catalog, Table, TableEnum, TableName};
use crate::scheduled::{self, CronTrigger, ResolvedCronTrigger};
use crate::trigger::{EventTrigger, ResolvedTrigger};
use indexmap::IndexMap;
use resolver::Resolver;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Resolves everything. Never fails: the smallest invalid object is left out and listed as inconsistent.
pub fn resolve(metadata: &Metadata, catalog: &Catalog) -> (TrackedObjects, Vec<InconsistentObject>) {
    let mut resolver = Resolver::new(metadata, catalog);
    resolver.sources(metadata);
    let mut tables = resolver.tables(metadata.tables());
    resolver.relationships(metadata.tables(), &mut tables);
    let event_triggers = resolver.event_triggers(metadata.tables(), &tables);
    let cron_triggers = resolver.cron_triggers(metadata);
    let functions = resolver.functions(metadata, &mut tables);
    let (rest_endpoints, inconsistent) = rest_endpoints::resolve(metadata);
    resolver.inconsistent.extend(inconsistent);
    (
        TrackedObjects {
            naming: resolver.naming,
            tables,
            functions,
            event_triggers,
            cron_triggers,
            rest_endpoints,
        },
        resolver.inconsistent,
    )
}

/// Returns the names in use, as in [`resolve`] after the last table.
pub fn name_index(
    metadata: &Metadata,
    catalog: &Catalog,
    tables: &IndexMap<TableName, Arc<TrackedTable>>,
) -> NameIndex {
    let mut names = scalar_names(&Naming::of(metadata), metadata.tables(), catalog);
    for table in tables.values().filter(|table| table.in_graphql) {
        // `resolve` left out the tables whose names are taken.
        let claimed = names.claim(table);
        debug_assert_eq!(claimed, Ok(()));
    }
    names
}

/// Resolves a table without its relationships and event triggers; fails with a human-readable reason. `enum_of` returns the
/// enum of a table.
pub fn table(
    entry: &TableEntry,
    naming: &Arc<Naming>,
    catalog: &Catalog,
    enum_of: enums::Lookup<'_>,
) -> Result<TrackedTable, String> {
    let name = &entry.table;
    let Some(table) = catalog.tables.get(name) else {
        return Err(format!("no such table/view exists in source: \"{name}\""));
    };
    let configuration = entry.configuration.as_ref();
    let custom_name = configuration.and_then(|c| c.custom_name.as_deref());
    if let Some(name) = custom_name.filter(|name| !names::is_valid(name)) {
        return Err(format!("\"{name}\" is not a valid GraphQL name"));
    }
    let names = TableNames::new(naming, identifier(entry));
    let enumeration = entry.is_enum().then(|| enums::resolve(table, &names, catalog));
    let enumeration = enumeration.transpose()?.map(Arc::new);
    let table = &enums::typed(table, enum_of)?;
    let custom_root_fields = configuration
        .map(names::root_fields)
        .transpose()?
        .unwrap_or_default();
    let renamed = configuration
        .map(TableConfiguration::column_names)
        .unwrap_or_default();
    let mut columns = columns(table, &renamed, naming)?;
    for column in columns.values_mut() {
        let comment = configuration.and_then(|c| c.column_config.get(&column.name)?.rest.get("comment"));
        if let Some(comment) = comment.and_then(Value::as_str) {
            column.comment = Some(comment.to_owned());
        }
    }
    let comment = configuration
        .and_then(|c| c.rest.get("comment"))
        .and_then(Value::as_str);
    // A GraphQL object type needs at least one field, and the enum of columns at least one value.
    let in_graphql = names::is_valid(names.plain()) && columns.keys().any(|name| names::is_enum_value(name));
    let tracked = TrackedTable {
        table: Arc::clone(table),
        enumeration,
        names,
        in_graphql,
        custom_root_fields,
        comment: comment.map(ToOwned::to_owned),
        columns,
        relationships: IndexMap::new(),
        computed_fields: IndexMap::new(),
    };
    match names::conflict(&tracked) {
        Some(reason) if in_graphql => Err(reason),
        _ => Ok(tracked),
    }
}

fn identifier(entry: &TableEntry) -> Identifier {
    let configuration = entry.configuration.as_ref();
    match configuration.and_then(|configuration| configuration.custom_name.as_deref()) {
        Some(name) => Identifier::custom(name),
        None => Identifier::of(&entry.table),
    }
}

/// Returns the enums of the enum tables that qualify.
fn enums_of(
    entries: &[TableEntry],
    naming: &Arc<Naming>,
    catalog: &Catalog,
) -> BTreeMap<TableName, Arc<TableEnum>> {
    let resolved = entries
        .iter()
        .filter(|entry| entry.is_enum())
        .filter_map(|entry| {
            let table = catalog.tables.get(&entry.table)?;
            let names = TableNames::new(naming, identifier(entry));
            let resolved = enums::resolve(table, &names, catalog).ok()?;
            Some((entry.table.clone(), Arc::new(resolved)))
        });
    resolved.collect()
}

/// Resolves one relationship of `known`, the tracked table of the name `table`; fails with a human-readable reason.
/// `present` contains the other relationships of the table.
pub fn relationship(
    table: &TableName,
    known: Option<&TrackedTable>,
    present: &IndexMap<String, Relationship>,
    kind: RelationshipKind,
    definition: &RelationshipEntry,
    tables: &IndexMap<TableName, Arc<TrackedTable>>,
) -> Result<Relationship, String> {
    let name = &definition.name;
    match known {
        None => Err(format!("no such table/view exists in source: \"{table}\"")),
        Some(known) if known.columns.contains_key(name) || present.contains_key(name) => Err(format!(
            "field with name \"{name}\" already exists in table \"{table}\""
        )),
        Some(known) => {
            check_fields(known, present, kind, name)?;
            relationship::resolve(definition, kind, known, tables)
        }
    }
}

/// Returns the names of the fields that a relationship adds to the types of its table.
fn fields(naming: &Naming, name: &str, kind: RelationshipKind) -> Vec<String> {
    let mut fields = vec![name.to_owned()];
    if kind == RelationshipKind::Array {
        let AggregateNames {
            field,
            condition,
            order,
        } = naming.aggregates(name);
        fields.extend([field, condition, order]);
        fields.dedup();
    }
    fields
}

/// Rejects a relationship with a field of the name of another field.
fn check_fields(
    table: &TrackedTable,
    present: &IndexMap<String, Relationship>,
    kind: RelationshipKind,
    name: &str,
) -> Result<(), String> {
    if names::is_condition_operator(name) {
        return Err(format!(
            "\"{name}\" is an operator of conditions; give the relationship another name"
        ));
    }
    let naming = &table.names.naming;
    for field in fields(naming, name, kind) {
        let other = if let Some(column) = table.columns.get(&field) {
            format!("column \"{}\"", column.name)
        } else if let Some(other) = present
            .values()
            .find(|other| fields(naming, &other.name, other.kind).contains(&field))
        {
            format!("relationship \"{}\"", other.name)
        } else {
            continue;
        };
        return Err(format!(
            "the field \"{field}\" is already that of {other} of table \"{}\"; give one of them another name",
            table.table.name
        ));
    }
    Ok(())
}

/// Resolves the relationships of an entry of one kind, adds them to `present` and returns those that do not resolve.
pub fn relationships(
    source: &str,
    entry: &TableEntry,
    kind: RelationshipKind,
    known: Option<&TrackedTable>,
    present: &mut IndexMap<String, Relationship>,
    tables: &IndexMap<TableName, Arc<TrackedTable>>,
) -> Vec<InconsistentObject> {
    let mut inconsistent = Vec::new();
    for definition in entry.relationships_of(kind).iter() {
        match relationship(&entry.table, known, present, kind, definition, tables) {
            Ok(relationship) => {
                present.insert(definition.name.clone(), relationship);
            }
            Err(reason) => inconsistent.push(InconsistentObject::relationship(
                source,
                &entry.table,
                kind,
                definition,
                &reason,
            )),
        }
    }
    inconsistent
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

/// Resolves a cron trigger against the preceding ones; fails with a human-readable reason.
pub fn cron_trigger(
    trigger: &CronTrigger,
    triggers: &IndexMap<String, Arc<ResolvedCronTrigger>>,
) -> Result<ResolvedCronTrigger, String> {
    if triggers.contains_key(&trigger.name) {
        return Err(format!("cron trigger with name: {} already exists", trigger.name));
    }
    scheduled::resolve(trigger).map_err(|error| error.message)
}

fn scalar_names(naming: &Arc<Naming>, entries: &[TableEntry], catalog: &Catalog) -> NameIndex {
    let columns = entries
        .iter()
        .filter_map(|entry| catalog.tables.get(&entry.table))
        .flat_map(|table| &table.columns);
    NameIndex::new(naming, columns.map(names::scalar))
}

/// Returns the exposed columns. Columns whose names are not valid in GraphQL are left out unless they have a custom
/// name, and so are columns whose type names are not valid.
fn columns(
    table: &Table,
    renamed: &IndexMap<&str, &str>,
    naming: &Naming,
) -> Result<IndexMap<String, crate::catalog::Column>, String> {
    let mut columns: IndexMap<String, crate::catalog::Column> = IndexMap::with_capacity(table.columns.len());
    if let Some(missing) = renamed.keys().find(|name| table.column(name).is_none()) {
        return Err(format!(
            "custom column names: column \"{missing}\" does not exist"
        ));
    }
    for column in &table.columns {
        let custom = renamed.get(&*column.name).copied();
        let name = match custom {
            Some(custom) => custom.to_owned(),
            None => naming.convention.field(&column.name),
        };
        if !names::is_valid(&name) {
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
        if let Some(other) = columns.insert(name.clone(), column.clone()) {
            // Hasura's wording
            return Err(format!(
                "the definitions of columns \"{}\" and \"{}\" are in conflict: they are mapped to the same field name, \"{name}\"",
                other.name, column.name
            ));
        }
    }
    Ok(columns)
}
