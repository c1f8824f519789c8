//! Metadata objects that do not match the database or each other.

use crate::catalog::TableName;
use serde::Serialize;
use serde_json::Value;

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
    pub place: MetadataObjectId,
}

/// Identifies an object in the metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataObjectId {
    /// Source, by name.
    Source(String),
    /// Table of the default source.
    Table(TableName),
    /// Relationship of a table.
    Relationship(TableName, String),
    /// Event trigger of a table.
    EventTrigger(TableName, String),
    /// Permission of a table: operation and role.
    Permission(TableName, &'static str, String),
    /// Entry that could not be read, in the list at this path, such as `["sources", "default", "tables"]`.
    Unreadable(Value),
}
