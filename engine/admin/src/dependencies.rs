//! Dependencies between metadata objects: of relationships on the tables that they point to, and of permissions on
//! the relationships that they name.

use engine_error::{Code, Error};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::permissions::{self, Use};
use engine_model::metadata::relationship::remote_table;
use engine_model::metadata::tracked::TrackedObjects;
use engine_model::metadata::types::{DEFAULT_SOURCE, Metadata};
use engine_plan::schema_cache::ResolvedMetadata;

/// Returns the objects that depend on a table: relationships of other tables that point to it, and the permissions on
/// those relationships.
pub(super) fn on_table(now: &ResolvedMetadata, target: &TableName) -> Vec<MetadataObjectId> {
    let mut found = Vec::new();
    for entry in now
        .metadata
        .tables()
        .iter()
        .filter(|entry| entry.table != *target)
    {
        let resolved = now.tracked.tables.get(&entry.table);
        let relationships = entry
            .object_relationships
            .iter()
            .chain(entry.array_relationships.iter());
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
    let permissions = permissions_on(&now.metadata, &now.tracked, &found);
    found.extend(permissions.into_iter().filter(|place| {
        // The table's own permissions are removed with it.
        !matches!(place, MetadataObjectId::Permission(table, ..) if table == target)
    }));
    found
}

/// Returns the permissions that name one of these relationships.
pub(super) fn permissions_on(
    metadata: &Metadata,
    tracked: &TrackedObjects,
    relationships: &[MetadataObjectId],
) -> Vec<MetadataObjectId> {
    permissions::find(metadata, tracked, |table, name, used| {
        let is = |place: &MetadataObjectId| matches!(place, MetadataObjectId::Relationship(of, relationship) if of == table && relationship == name);
        used == Use::Relationship && relationships.iter().any(is)
    })
}

/// Returns the error for a command that would leave these dependents without their object.
pub(super) fn error(dependents: &[MetadataObjectId]) -> Error {
    let names: Vec<String> = dependents.iter().map(describe).collect();
    let message = format!(
        "cannot drop due to the following dependent objects : {}",
        names.join(", ")
    );
    Error::new(Code::DependencyError, message)
}

/// Describes an object in Hasura's wording.
pub(super) fn describe(place: &MetadataObjectId) -> String {
    let object = match place {
        MetadataObjectId::Relationship(table, name) => format!("relationship {table}.{name}"),
        MetadataObjectId::EventTrigger(table, name) => format!("event-trigger {table}.{name}"),
        MetadataObjectId::Permission(table, operation, role) => {
            format!("permission {table}.{role}.{operation}")
        }
        MetadataObjectId::Table(table) => format!("table {table}"),
        MetadataObjectId::Source(name) => format!("source {name}"),
        MetadataObjectId::Unreadable(value) => value.to_string(),
    };
    format!("{object} in source \"{DEFAULT_SOURCE}\"")
}
