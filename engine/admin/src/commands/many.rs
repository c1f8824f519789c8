//! Commands for many objects: `track_tables` and its siblings. An object for which the command fails is reported as a warning, unless
//! the client does not allow warnings: then the first failure undoes all.

use super::success;
use crate::args::parse;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use serde::Deserialize;
use serde_json::{Value, json};

/// Action of a command on each object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    TrackTable,
    UntrackTable,
    TrackFunction,
    UntrackFunction,
}

impl Action {
    pub(super) fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "track_tables" => Self::TrackTable,
            "untrack_tables" => Self::UntrackTable,
            "track_functions" => Self::TrackFunction,
            "untrack_functions" => Self::UntrackFunction,
            _ => return None,
        })
    }

    /// Key of the arguments with the objects, key of an object with its name, and code of a warning.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::TrackTable => ("tables", "table", "track-table-failed"),
            Self::UntrackTable => ("tables", "table", "untrack-table-failed"),
            Self::TrackFunction => ("functions", "function", "track-function-failed"),
            Self::UntrackFunction => ("functions", "function", "untrack-function-failed"),
        }
    }
}

#[derive(Deserialize)]
struct Options {
    allow_warnings: Option<bool>,
}

pub(super) async fn run(
    transaction: &mut MetadataTransaction<'_>,
    action: Action,
    mut args: Value,
) -> Result<Value> {
    let (list, object, code) = action.names();
    let objects = match args.get_mut(list).map(Value::take) {
        Some(Value::Array(objects)) => objects,
        Some(_) => {
            return Err(Error::new(Code::ParseFailed, format!("\"{list}\" is not a list")).at(list));
        }
        None => return Err(Error::new(Code::ParseFailed, format!("key \"{list}\" not found"))),
    };
    let Options { allow_warnings } = parse(args)?;
    // Before anything changes: each object has a readable name.
    for (index, args) in objects.iter().enumerate() {
        name_of(args, object).map_err(|error| error.at(index).at(list))?;
    }
    let mut warnings = Vec::new();
    for (index, args) in objects.into_iter().enumerate() {
        let name = name_of(&args, object)?;
        match one(transaction, action, args).await {
            Ok(_) => {}
            // The next objects would fail in the same way.
            Err(mut error) if error.retry_after.is_some() || allow_warnings == Some(false) => {
                // It is that of the command for one object.
                error.path.0.clear();
                return Err(error.at(index).at(list).at("args"));
            }
            Err(error) => warnings.push(json!({
                "type": object,
                "name": format!("{object} {name} in source {}", transaction.now().metadata.source_name()),
                "code": code,
                "message": error.message,
            })),
        }
    }
    let mut answer = success();
    if !warnings.is_empty() {
        answer["warnings"] = Value::Array(warnings);
    }
    Ok(answer)
}

fn name_of(args: &Value, object: &str) -> Result<TableName> {
    let name = args.get(object).unwrap_or(args);
    TableName::deserialize(name).map_err(|error| Error::new(Code::ParseFailed, error.to_string()))
}

async fn one(transaction: &mut MetadataTransaction<'_>, action: Action, args: Value) -> Result<Value> {
    match action {
        Action::TrackTable => super::tables::track_table(transaction, args).await,
        Action::UntrackTable => super::tables::untrack_table(transaction, args).await,
        Action::TrackFunction => super::functions::track_function(transaction, args).await,
        Action::UntrackFunction => super::functions::untrack_function(transaction, args).await,
    }
}
