//! Dependencies between metadata objects: of relationships on the tables that they point to, of permissions on
//! the relationships that they name, and of functions on the tables whose rows they return.

use crate::working_copy::WorkingCopy;
use engine_error::{Code, Error};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::permissions::{self, ReferenceKind};
use engine_model::metadata::relationship::remote_table;

/// Returns the objects that depend on a table: relationships of other tables that point to it, the permissions on
/// those relationships, and functions that return its rows.
pub(super) fn on_table(working: &mut WorkingCopy, target: &TableName) -> Vec<MetadataObjectId> {
    let mut found = Vec::new();
    let referring = working.tables_referring_to(target);
    let now = working.resolved();
    let others = referring.iter().filter(|table| *table != target);
    for entry in others.filter_map(|table| now.metadata.table(table)) {
        let resolved = now.tracked.tables.get(&entry.table);
        let relationships = entry.relationships();
        for relationship in relationships {
            let leads_there = remote_table(&relationship.using) == Some(target)
                || resolved
                    .and_then(|table| table.relationships.get(&relationship.name))
                    .is_some_and(|resolved| resolved.target == *target);
            if leads_there {
                found.push(MetadataObjectId::Relationship(
                    entry.table.clone(),
                    relationship.name.clone(),
                ));
            }
        }
    }
    let mut permissions = permissions_on(working, &found);
    for table in working.resolved().permissions.tables() {
        let entry = working.resolved().metadata.table(table);
        for id in entry
            .into_iter()
            .flat_map(|entry| permissions::with_exists(entry, target))
        {
            if !permissions.contains(&id) {
                permissions.push(id);
            }
        }
    }
    found.extend(permissions.into_iter().filter(|id| {
        // The table's own permissions are removed with it.
        !matches!(id, MetadataObjectId::Permission(table, ..) if table == target)
    }));
    let now = working.resolved();
    let computed: Vec<MetadataObjectId> = now
        .tracked
        .tables
        .iter()
        .filter(|(owner, _)| *owner != target)
        .flat_map(|(owner, table)| {
            let fields = table.computed_fields.values();
            let containing = fields.filter(|field| field.rows() == Some(target));
            containing.map(|field| MetadataObjectId::ComputedField(owner.clone(), field.name.clone()))
        })
        .collect();
    found.extend(computed);
    let functions = working.resolved().tracked.functions.values();
    let returning = functions.filter(|function| function.table == *target);
    found.extend(returning.map(|function| MetadataObjectId::Function(function.name.clone())));
    found
}

/// Returns the permissions that name a computed field.
pub(super) fn on_computed_field(
    working: &WorkingCopy,
    table: &TableName,
    name: &str,
) -> Vec<MetadataObjectId> {
    let now = working.resolved();
    permissions::with_computed_field(now.metadata.tables(), &now.tracked, table, name)
}

/// Returns the permissions that name one of these relationships.
pub(super) fn permissions_on(
    working: &mut WorkingCopy,
    relationships: &[MetadataObjectId],
) -> Vec<MetadataObjectId> {
    let names = relationships.iter().filter_map(|object| match object {
        MetadataObjectId::Relationship(_, name) => Some(name.as_str()),
        _ => None,
    });
    let tables = working.tables_with_permissions_on(names);
    let now = working.resolved();
    let entries = tables.iter().filter_map(|table| now.metadata.table(table));
    permissions::find(entries, &now.tracked, |table, name, kind| {
        let is = |id: &MetadataObjectId| matches!(id, MetadataObjectId::Relationship(of, relationship) if of == table && relationship == name);
        kind == ReferenceKind::Relationship && relationships.iter().any(is)
    })
}

/// Returns the error for a command that would leave these dependents without their object.
pub(super) fn error(source: &str, dependents: &[MetadataObjectId]) -> Error {
    let names: Vec<String> = dependents.iter().map(|id| describe(source, id)).collect();
    let message = format!(
        "cannot drop due to the following dependent objects : {}",
        names.join(", ")
    );
    Error::new(Code::DependencyError, message)
}

/// Describes an object in Hasura's wording.
pub(super) fn describe(source: &str, id: &MetadataObjectId) -> String {
    let object = match id {
        MetadataObjectId::Relationship(table, name) => format!("relationship {table}.{name}"),
        MetadataObjectId::ComputedField(table, name) => format!("computed field {table}.{name}"),
        MetadataObjectId::EventTrigger(table, name) => format!("event-trigger {table}.{name}"),
        MetadataObjectId::Permission(table, operation, role)
        | MetadataObjectId::InheritedPermission(table, operation, role) => {
            format!("permission {table}.{role}.{operation}")
        }
        MetadataObjectId::Table(table) => format!("table {table}"),
        MetadataObjectId::Function(name) => format!("function {name}"),
        MetadataObjectId::InheritedRole(name) => format!("inherited role {name}"),
        MetadataObjectId::RestEndpoint(name) => format!("endpoint {name}"),
        MetadataObjectId::CronTrigger(name) => format!("cron trigger {name}"),
        MetadataObjectId::Source(name) => format!("source {name}"),
        MetadataObjectId::Unreadable(value) => value.to_string(),
    };
    format!("{object} in source \"{source}\"")
}
