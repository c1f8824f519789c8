//! Metadata objects that do not match the database or each other.

use super::names::Taken;
use super::relationship::object_type_name;
use super::tracked::RelationshipKind;
use super::types::{RelationshipEntry, Source};
use crate::catalog::TableName;
use crate::scheduled::CronTrigger;
use crate::trigger::EventTrigger;
use serde::Serialize;
use serde_json::{Value, json};

/// Metadata object that does not match the database and is ignored until it does; an entry of
/// `get_inconsistent_metadata`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InconsistentObject {
    /// `source`, `table`, `object_relation`, `array_relation`, `event_trigger`, …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Human-readable, for example `table article in source default`.
    pub name: String,
    /// Definition as in the metadata.
    pub definition: Value,
    /// Human-readable; begins with `Inconsistent object: `.
    pub reason: String,
    /// Identifies the object for `drop_inconsistent_metadata`.
    #[serde(skip)]
    pub id: MetadataObjectId,
    /// Root field of the table that another table has.
    #[serde(skip)]
    pub taken_field: Option<String>,
}

impl InconsistentObject {
    pub(super) fn new(
        kind: &'static str,
        name: String,
        definition: Value,
        reason: &str,
        id: MetadataObjectId,
    ) -> Self {
        Self {
            kind,
            name,
            definition,
            reason: format!("Inconsistent object: {reason}"),
            id,
            taken_field: None,
        }
    }

    pub fn source(source: &Source, reason: &str) -> Self {
        Self::new(
            "source",
            format!("source {}", source.name),
            json!({"name": source.name, "kind": source.kind}),
            reason,
            MetadataObjectId::Source(source.name.clone()),
        )
    }

    pub fn table(source: &str, table: &TableName, reason: &str) -> Self {
        Self::new(
            "table",
            format!("table {table} in source {source}"),
            json!(table),
            reason,
            MetadataObjectId::Table(table.clone()),
        )
    }

    /// A table whose names another table has.
    pub fn taken(source: &str, table: &TableName, taken: Taken) -> Self {
        Self {
            taken_field: taken.root_field,
            ..Self::table(source, table, &taken.reason)
        }
    }

    pub fn relationship(
        source: &str,
        table: &TableName,
        kind: RelationshipKind,
        entry: &RelationshipEntry,
        reason: &str,
    ) -> Self {
        let (word, name) = (object_type_name(kind), &entry.name);
        Self::new(
            word,
            format!("{word} {name} in table {table} in source {source}"),
            json!({
                "name": name,
                "source": source,
                "table": table,
                "using": entry.using,
                "comment": entry.comment,
            }),
            &format!("in table \"{table}\": in relationship \"{name}\": {reason}"),
            MetadataObjectId::Relationship(table.clone(), name.clone()),
        )
    }

    pub fn event_trigger(source: &str, table: &TableName, trigger: &EventTrigger, reason: &str) -> Self {
        let name = &trigger.name;
        Self::new(
            "event_trigger",
            format!("event_trigger {name} in table {table} in source {source}"),
            json!(trigger),
            &format!("in table \"{table}\": in event trigger \"{name}\": {reason}"),
            MetadataObjectId::EventTrigger(table.clone(), name.clone()),
        )
    }

    pub fn function(source: &str, function: &TableName, reason: &str) -> Self {
        Self::new(
            "function",
            format!("function {function} in source {source}"),
            json!(function),
            &format!("in function \"{function}\": {reason}"),
            MetadataObjectId::Function(function.clone()),
        )
    }

    /// `entry` is the computed field as stored.
    pub fn computed_field(source: &str, table: &TableName, entry: &Value, reason: &str) -> Self {
        let name = entry["name"].as_str().unwrap_or_default();
        Self::new(
            "computed_field",
            format!("computed_field {name} in table {table} in source {source}"),
            json!({
                "name": entry["name"],
                "source": source,
                "definition": entry["definition"],
                "comment": entry["comment"],
                "table": table,
            }),
            &format!("in table \"{table}\": in computed field \"{name}\": {reason}"),
            MetadataObjectId::ComputedField(table.clone(), name.to_owned()),
        )
    }

    /// `entry` is the entry of a function that could not be read.
    pub fn unreadable_function(source: &str, entry: &Value, reason: &str) -> Self {
        let named = &entry["function"];
        Self::new(
            "function",
            format!("function {named} in source {source}"),
            entry.clone(),
            reason,
            MetadataObjectId::Unreadable(entry.clone()),
        )
    }

    pub fn cron_trigger(trigger: &CronTrigger, reason: &str) -> Self {
        let name = &trigger.name;
        Self::new(
            "cron_trigger",
            format!("cron_trigger {name}"),
            json!(trigger),
            &format!("in cron trigger \"{name}\": {reason}"),
            MetadataObjectId::CronTrigger(name.clone()),
        )
    }
}

impl InconsistentObject {
    /// `entry` is the permission as stored.
    pub fn permission(
        source: &str,
        table: &TableName,
        operation: &'static str,
        entry: &Value,
        reason: &str,
    ) -> Self {
        let role = entry["role"].as_str().unwrap_or_default();
        let kind = match operation {
            "select" => "select_permission",
            "insert" => "insert_permission",
            "update" => "update_permission",
            _ => "delete_permission",
        };
        Self::new(
            kind,
            format!("{kind} {role} in table {table} in source {source}"),
            json!({
                "role": entry["role"],
                "source": source,
                "comment": entry["comment"],
                "permission": entry["permission"],
                "table": table,
            }),
            &format!("in table \"{table}\": in permission for role \"{role}\": {reason}"),
            MetadataObjectId::Permission(table.clone(), operation, role.to_owned()),
        )
    }

    /// A permission that an inherited role does not get, because those of its parents differ.
    pub fn inherited_permission(
        source: &str,
        table: &TableName,
        operation: &'static str,
        role: &str,
    ) -> Self {
        // Hasura's wording
        let reason = format!(
            "Could not inherit permission for the role '{role}' for the entity: '{operation} permission, table: {table}, source: '{source}''"
        );
        Self {
            kind: "inherited role permission inconsistency",
            name: role.to_owned(),
            definition: json!({"permission_type": operation, "source": source, "table": table}),
            reason,
            id: MetadataObjectId::InheritedPermission(table.clone(), operation, role.to_owned()),
            taken_field: None,
        }
    }

    /// An inherited role that cannot be resolved.
    pub fn inherited_role(entry: &Value, reason: &str) -> Self {
        let role = entry["role_name"].as_str().unwrap_or_default();
        Self::new(
            "inherited_role",
            format!("inherited role {role}"),
            entry.clone(),
            reason,
            MetadataObjectId::InheritedRole(role.to_owned()),
        )
    }
}

/// Identifies an object in the metadata.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MetadataObjectId {
    /// Source, by name.
    Source(String),
    /// Table of the served source.
    Table(TableName),
    /// Relationship of a table.
    Relationship(TableName, String),
    /// Computed field of a table.
    ComputedField(TableName, String),
    /// Event trigger of a table.
    EventTrigger(TableName, String),
    /// Function of the served source.
    Function(TableName),
    /// Cron trigger, by name.
    CronTrigger(String),
    /// REST endpoint, by name.
    RestEndpoint(String),
    /// Permission of a table: operation and role.
    Permission(TableName, &'static str, String),
    /// Permission that an inherited role does not get: operation and role.
    InheritedPermission(TableName, &'static str, String),
    /// Inherited role, by name.
    InheritedRole(String),
    /// Entry that could not be read, in the list at this path, such as `["sources", "default", "tables"]`.
    Unreadable(Value),
}

impl MetadataObjectId {
    /// Returns the table that the object is or belongs to.
    pub fn table(&self) -> Option<&TableName> {
        match self {
            Self::Table(table)
            | Self::Relationship(table, _)
            | Self::ComputedField(table, _)
            | Self::EventTrigger(table, _)
            | Self::Permission(table, ..) => Some(table),
            Self::InheritedPermission(..)
            | Self::InheritedRole(_)
            | Self::Function(_)
            | Self::CronTrigger(_)
            | Self::RestEndpoint(_)
            | Self::Source(_)
            | Self::Unreadable(_) => None,
        }
    }
}
