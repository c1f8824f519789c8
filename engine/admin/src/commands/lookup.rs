//! Arguments that several commands have in common, and the objects that they name.

use crate::args::parse;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::Metadata;
use engine_model::metadata::function::{FUNCTIONS, is_entry_of};
use engine_plan::schema_cache::ResolvedMetadata;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Returns the table, accepting each form that Hasura accepts: the arguments themselves or the key `table`.
pub(super) fn table_of(args: &Value) -> Result<TableName> {
    let parse = |value: &Value| {
        TableName::deserialize(value).map_err(|e| Error::new(Code::ParseFailed, e.to_string()))
    };
    match args.get("table") {
        Some(table) => parse(table).map_err(|e| e.at("table")),
        None if args.get("name").is_some() || args.is_string() => parse(args),
        None => Err(Error::new(Code::ParseFailed, "key \"table\" not found")),
    }
}

/// Parses the arguments, and then checks their source: no state is used before the arguments are known to be valid.
pub(super) fn parse_in_source<T: DeserializeOwned>(
    transaction: &MetadataTransaction<'_>,
    args: Value,
) -> Result<T> {
    let source = args.get("source").cloned();
    let parsed = parse(args)?;
    check_source_name(transaction, source.as_ref())?;
    Ok(parsed)
}

/// Fails for a source other than the served one, which is also the default.
pub(super) fn check_source(transaction: &MetadataTransaction<'_>, args: &Value) -> Result<()> {
    check_source_name(transaction, args.get("source"))
}

/// Does the same for the value of `source`.
pub(super) fn check_source_name(transaction: &MetadataTransaction<'_>, source: Option<&Value>) -> Result<()> {
    match source {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(name)) if name == transaction.now().metadata.source_name() => Ok(()),
        Some(other) if !other.is_string() => {
            let message = format!("\"source\" must be the name of a source, not {other}");
            Err(Error::new(Code::ParseFailed, message).at("source"))
        }
        Some(other) => {
            let message = format!("source with name {other} does not exist");
            Err(Error::new(Code::NotExists, message).at("source").at("args"))
        }
    }
}

/// Fails with Hasura's wording if the table is not tracked.
pub(super) fn check_tracked(metadata: &Metadata, table: &TableName) -> Result<()> {
    check(metadata.table(table).is_some(), metadata, table)
}

/// Fails if the table is not tracked, or is inconsistent: whether a new object of it is valid cannot be known.
pub(super) fn check_consistent(now: &ResolvedMetadata, table: &TableName) -> Result<()> {
    check(now.tracked.tables.contains_key(table), &now.metadata, table)
}

fn check(exists: bool, metadata: &Metadata, table: &TableName) -> Result<()> {
    if exists {
        return Ok(());
    }
    Err(not_tracked(metadata, table).at("table").at("args"))
}

/// Returns the error for a table that is not tracked, without a path.
pub(super) fn not_tracked(metadata: &Metadata, table: &TableName) -> Error {
    let source = metadata.source_name();
    let message = format!("table \"{table}\" does not exist in source: {source}");
    Error::new(Code::NotExists, message)
}

/// Returns the function, accepting each form that Hasura accepts. Names have the same form as table names.
pub(super) fn function_of(args: &Value) -> Result<TableName> {
    let value = args.get("function").unwrap_or(args);
    TableName::deserialize(value).map_err(|_| {
        Error::new(
            Code::ParseFailed,
            "expected a function: its name, or {\"schema\": …, \"name\": …}",
        )
    })
}

/// Whether the metadata contains a function of this name.
pub(super) fn is_tracked_function(metadata: &Metadata, function: &TableName) -> bool {
    let list = metadata.source().and_then(|source| source.rest.get(FUNCTIONS));
    let mut entries = list.and_then(Value::as_array).into_iter().flatten();
    entries.any(|entry| is_entry_of(entry, function))
}

/// Returns a non-empty string argument.
pub(super) fn name_of(args: &Value, key: &str) -> Result<String> {
    match args.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Value::String(_)) => Err(Error::new(Code::ParseFailed, "empty string not allowed").at(key)),
        Some(_) => Err(Error::new(Code::ParseFailed, format!("\"{key}\" is not a string")).at(key)),
        None => Err(Error::new(Code::ParseFailed, format!("key \"{key}\" not found"))),
    }
}

/// Returns the list under a key; adds it if it is missing.
pub(super) fn list_in<'a>(object: &'a mut Map<String, Value>, key: &str) -> Result<&'a mut Vec<Value>> {
    let list = object.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut().ok_or_else(|| not_a_list(key))
}

pub(super) fn not_a_list(key: &str) -> Error {
    Error::new(Code::Unexpected, format!("metadata key \"{key}\" is not a list"))
}
