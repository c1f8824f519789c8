//! Parts of the metadata that do not fit the database or each other.

use crate::catalog::TableName;
use serde::Serialize;
use serde_json::Value;

/// Something in the metadata that does not fit the database, left out until it does. As
/// `get_inconsistent_metadata` lists it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InconsistentObject {
    /// `source`, `table`, `object_relation`, `array_relation`, `event_trigger`, …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// In words, such as `table article in source default`.
    pub name: String,
    /// As the metadata has it.
    pub definition: Value,
    /// In words, beginning with `Inconsistent object: `.
    pub reason: String,
    /// Where it is, for `drop_inconsistent_metadata`.
    #[serde(skip)]
    pub place: Place,
}

/// Where in the metadata an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A source, by name.
    Source(String),
    /// A table of the served source.
    Table(TableName),
    /// A relationship of a table.
    Relationship(TableName, String),
    /// An event trigger of a table.
    EventTrigger(TableName, String),
    /// A permission of a table: operation and role.
    Permission(TableName, &'static str, String),
    /// An entry that could not be read, in the list at this path: `["sources", "default", "tables"]` and so on.
    Unreadable(Value),
}
