//! Computed fields: their entries in the metadata, and what [`resolve`] makes of them.
//!
//! The entries stay in the document as they are (key `computed_fields` of a table) and are parsed where they are needed.

mod resolve;

use super::function::{self, TrackedArgument};
use super::lenient::LenientList;
use super::types::{Metadata, TableEntry};
use crate::catalog::{PgType, TableName};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) use resolve::resolve;

/// Key of the list in a table entry.
pub const COMPUTED_FIELDS: &str = "computed_fields";

/// Entry of a computed field.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ComputedFieldEntry {
    pub name: String,
    pub definition: ComputedFieldDefinition,
    #[serde(default)]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ComputedFieldDefinition {
    pub function: TableName,
    /// Argument that receives the row; by default the first one.
    #[serde(default)]
    pub table_argument: Option<String>,
    /// Argument that receives the session variables.
    #[serde(default)]
    pub session_argument: Option<String>,
}

/// Field whose value a function of the database computes from the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputedField {
    pub name: String,
    pub function: TableName,
    /// Input arguments in the order of the function.
    pub arguments: Vec<TrackedArgument>,
    pub result: ComputedResult,
    /// Input type of the arguments.
    pub arguments_type: String,
    /// Field of orders by aggregates of the rows, if the field contains rows.
    pub order_aggregate: String,
    /// Description from the metadata, instead of the default one.
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComputedResult {
    Scalar(PgType),
    /// Rows of a tracked table.
    Rows(TableName),
}

impl ComputedField {
    /// Returns the arguments that clients supply.
    pub fn client_arguments(&self) -> impl Iterator<Item = &TrackedArgument> {
        function::client_arguments(&self.arguments)
    }

    /// Returns the type of a scalar field.
    pub fn scalar(&self) -> Option<&PgType> {
        match &self.result {
            ComputedResult::Scalar(ty) => Some(ty),
            ComputedResult::Rows(_) => None,
        }
    }

    /// Returns the table whose rows the field contains.
    pub fn rows(&self) -> Option<&TableName> {
        match &self.result {
            ComputedResult::Scalar(_) => None,
            ComputedResult::Rows(table) => Some(table),
        }
    }

    /// Whether conditions and orders can contain the field: they have no place for arguments.
    pub fn needs_no_arguments(&self) -> bool {
        self.client_arguments().next().is_none()
    }
}

/// Parses the entries of a table. A list that is not one has an invalid entry, itself.
pub fn entries(table: &TableEntry) -> LenientList<ComputedFieldEntry> {
    LenientList::parse(table.rest.get(COMPUTED_FIELDS))
}

/// Whether the metadata has an entry, valid or invalid.
pub fn any(metadata: &Metadata) -> bool {
    let mut tables = metadata.tables().iter();
    tables.any(|table| table.rest.contains_key(COMPUTED_FIELDS))
}

/// Returns the functions of all computed fields.
pub fn functions(metadata: &Metadata) -> BTreeSet<TableName> {
    let lists = metadata
        .tables()
        .iter()
        .filter_map(|table| table.rest.get(COMPUTED_FIELDS));
    let entries = lists.filter_map(Value::as_array).flatten();
    entries
        .filter_map(|entry| TableName::deserialize(entry.pointer("/definition/function")?).ok())
        .collect()
}

/// Whether a table has an entry of this name.
pub fn exists(table: &TableEntry, name: &str) -> bool {
    let list = table.rest.get(COMPUTED_FIELDS).and_then(Value::as_array);
    list.into_iter().flatten().any(|entry| entry["name"] == name)
}

/// Removes a computed field; returns whether there was one.
pub fn remove(table: &mut TableEntry, name: &str) -> bool {
    let Some(Value::Array(list)) = table.rest.get_mut(COMPUTED_FIELDS) else {
        return false;
    };
    let before = list.len();
    list.retain(|entry| entry["name"] != name);
    let (after, is_empty) = (list.len(), list.is_empty());
    if is_empty {
        table.rest.shift_remove(COMPUTED_FIELDS);
    }
    after < before
}
