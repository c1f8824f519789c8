//! Tracked functions: their entries in the metadata, and what [`resolve`] makes of them.
//!
//! The entries stay in the document as they are (key `functions` of the source) and are parsed where they are needed.

mod resolve;

use super::lenient::LenientList;
use super::types::Metadata;
use crate::catalog::{PgType, TableName};
use serde::Deserialize;
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeSet;

pub use resolve::{clashes, resolve};
pub(super) use resolve::{find, listed, refuse_arguments, scalar_of, tracked_arguments};

/// Key of the list in a source.
pub const FUNCTIONS: &str = "functions";

/// Entry of a tracked function.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FunctionEntry {
    pub function: TableName,
    #[serde(default)]
    pub configuration: Option<FunctionConfiguration>,
    #[serde(default)]
    pub permissions: Option<Vec<FunctionPermission>>,
    #[serde(default)]
    pub comment: Option<String>,
}

/// Configuration of a tracked function.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct FunctionConfiguration {
    /// By default, functions that are VOLATILE are mutations and others are queries.
    #[serde(default)]
    pub exposed_as: Option<Exposure>,
    /// Argument that receives the session variables.
    #[serde(default)]
    pub session_argument: Option<String>,
    /// Replaces the function's name.
    #[serde(default)]
    pub custom_name: Option<String>,
    #[serde(default)]
    pub custom_root_fields: Option<FunctionRootFields>,
}

/// Names of the root fields of a function.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct FunctionRootFields {
    #[serde(default)]
    pub function: Option<String>,
    #[serde(default)]
    pub function_aggregate: Option<String>,
}

/// Root type of a function's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Fields of queries and subscriptions.
    Query,
    Mutation,
}

/// Permission of a role to call a function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FunctionPermission {
    pub role: String,
}

/// Function of the database that is part of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedFunction {
    pub name: TableName,
    /// Tracked table whose rows it returns.
    pub table: TableName,
    /// Whether it returns a set of rows and not one.
    pub returns_set: bool,
    pub exposure: Exposure,
    /// Root field.
    pub field: String,
    /// Root field of the aggregates; `None` if the function is a mutation.
    pub aggregate_field: Option<String>,
    /// Input type of the arguments.
    pub arguments_type: String,
    /// Input arguments in the order of the function.
    pub arguments: Vec<TrackedArgument>,
    /// Roles with a permission to call it.
    pub roles: BTreeSet<String>,
    /// Description from the metadata, instead of the default one.
    pub comment: Option<String>,
}

/// Argument of a tracked function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedArgument {
    /// Name in SQL; `None` if it can be given by its position only.
    pub name: Option<String>,
    /// Name in GraphQL.
    pub field: String,
    pub ty: PgType,
    pub has_default: bool,
    pub source: ArgumentSource,
}

/// Origin of the value of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentSource {
    Client,
    /// The session variables as JSON.
    Session,
    /// The row that a computed field belongs to.
    Row,
}

impl TrackedFunction {
    /// Returns the arguments that clients supply.
    pub fn client_arguments(&self) -> impl Iterator<Item = &TrackedArgument> {
        client_arguments(&self.arguments)
    }

    /// Returns the root fields.
    pub fn root_fields(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.field).chain(self.aggregate_field.as_deref())
    }
}

/// Returns the arguments that clients supply.
pub fn client_arguments(arguments: &[TrackedArgument]) -> impl Iterator<Item = &TrackedArgument> {
    arguments
        .iter()
        .filter(|argument| argument.source == ArgumentSource::Client)
}

/// Parses the entries of the served source. A list that is not one has an invalid entry, itself.
pub fn entries(metadata: &Metadata) -> LenientList<FunctionEntry> {
    LenientList::parse(listed_value(metadata))
}

fn listed_value(metadata: &Metadata) -> Option<&Value> {
    metadata.source()?.rest.get(FUNCTIONS)
}

/// Whether the metadata has an entry, valid or invalid.
pub fn any(metadata: &Metadata) -> bool {
    listed_value(metadata).is_some_and(|list| list.as_array().is_none_or(|list| !list.is_empty()))
}

/// Returns the functions that the metadata names.
pub fn names(metadata: &Metadata) -> BTreeSet<TableName> {
    let list = metadata.source().and_then(|source| source.rest.get(FUNCTIONS));
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    entries
        .filter_map(|entry| TableName::deserialize(entry.get("function")?).ok())
        .collect()
}

/// Removes the entries for which `remove` holds.
pub fn remove(metadata: &mut Metadata, remove: impl Fn(&Value) -> bool) {
    if metadata.source().is_none() {
        return;
    }
    let rest = &mut metadata.source_mut().rest;
    let Some(list) = rest.get_mut(FUNCTIONS) else {
        return;
    };
    let is_empty = match list {
        Value::Array(list) => {
            list.retain(|entry| !remove(entry));
            list.is_empty()
        }
        other => remove(other),
    };
    if is_empty {
        rest.shift_remove(FUNCTIONS);
    }
}

/// Removes an inconsistent function: of several entries of the name the later ones, otherwise the only one.
pub fn remove_inconsistent(metadata: &mut Metadata, name: &TableName) {
    let list = metadata.source().and_then(|source| source.rest.get(FUNCTIONS));
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    let number = entries.filter(|entry| is_entry_of(entry, name)).count();
    let is_kept = Cell::new(number > 1);
    remove(metadata, |entry| is_entry_of(entry, name) && !is_kept.take());
}

/// Whether an entry of the list is that of a function.
pub fn is_entry_of(entry: &Value, function: &TableName) -> bool {
    entry
        .get("function")
        .is_some_and(|name| TableName::deserialize(name).is_ok_and(|name| name == *function))
}
