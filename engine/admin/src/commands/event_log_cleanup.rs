//! Commands for the retention of event logs: clean now, pause and resume the scheduled clean-ups.

use super::event_triggers::{check_exists, unknown};
use super::lookup::{check_source_name, parse_in_source};
use super::success;
use crate::args::{non_empty, parse};
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::types::Metadata;
use engine_model::trigger::EventTrigger;
use engine_model::trigger::cleanup::{self, CleanupConfig, CleanupLimits};
use engine_postgres::pool;
use engine_runtime::events::retention::cleanup::{Cleanup, Deleted, run};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Clean {
    #[serde(deserialize_with = "non_empty")]
    event_trigger_name: String,
}

/// Deletes the old events of a trigger.
pub(super) async fn clean(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let limits: CleanupLimits = parse(args.clone())?;
    limits.check()?;
    let Clean { event_trigger_name } = parse_in_source(transaction, args)?;
    check_exists(transaction, &event_trigger_name)?;
    let cleanup = Cleanup {
        trigger: event_trigger_name,
        limits,
    };
    let mut deleted = Deleted::default();
    let mut client = pool::get(&transaction.admin.pool).await?;
    run(&mut client, &cleanup, &mut deleted, || true)
        .await
        .map_err(|error| error.at("args"))?;
    let mut answer = success();
    answer["deleted_event_logs"] = json!(deleted.events);
    answer["deleted_event_invocation_logs"] = json!(deleted.calls);
    Ok(answer)
}

#[derive(Deserialize)]
struct Toggle {
    event_triggers: Toggled,
}

/// Event triggers of sources, or listed by name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Toggled {
    Sources { sources: Sources },
    Named(Vec<Named>),
}

/// `"*"` or a list of sources.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sources {
    All(String),
    Named(Vec<String>),
}

#[derive(Deserialize)]
struct Named {
    source_name: Option<Value>,
    event_triggers: Vec<String>,
}

/// Pauses or resumes the scheduled clean-ups of triggers.
pub(super) async fn set_paused(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
    paused: bool,
) -> Result<Value> {
    let Toggle { event_triggers } = parse(args).map_err(|_| expected())?;
    let names = match event_triggers {
        Toggled::Sources {
            sources: Sources::All(star),
        } if star == "*" => None,
        Toggled::Sources {
            sources: Sources::Named(sources),
        } if !sources.is_empty() => {
            for source in sources {
                check_source_name(transaction, Some(&Value::String(source)))?;
            }
            None
        }
        Toggled::Named(list) if !list.is_empty() => {
            let mut names = Vec::new();
            for entry in list {
                check_source_name(transaction, entry.source_name.as_ref())?;
                names.extend(entry.event_triggers);
            }
            Some(names)
        }
        _ => return Err(expected()),
    };
    let working = transaction.begin().await?;
    let metadata = &working.resolved().metadata;
    let chosen: Vec<_> = match names {
        None => with_cleanup(metadata)
            .filter(|(_, trigger)| is_valid(trigger))
            .collect(),
        Some(names) => named(metadata, &names)?,
    };
    for (table, mut trigger) in chosen {
        cleanup::set_paused(&mut trigger, paused);
        working
            .replace_event_trigger(&table, trigger)
            .map_err(|error| error.at("args"))?;
    }
    Ok(success())
}

fn expected() -> Error {
    let message = "expected {\"sources\": \"*\"}, {\"sources\": [source, …]}, or [{\"source_name\": source, \"event_triggers\": [name, …]}]";
    Error::new(Code::ParseFailed, message).at("event_triggers")
}

/// Event triggers that have a configuration, with their tables.
fn with_cleanup(metadata: &Metadata) -> impl Iterator<Item = (TableName, EventTrigger)> {
    let triggers = metadata.tables().iter().flat_map(|entry| {
        let table = &entry.table;
        entry.event_triggers.iter().map(move |trigger| (table, trigger))
    });
    triggers
        .filter(|(_, trigger)| {
            trigger
                .rest
                .get(cleanup::CLEANUP_CONFIG)
                .is_some_and(Value::is_object)
        })
        .map(|(table, trigger)| (table.clone(), trigger.clone()))
}

/// An invalid configuration is without effect and remains as it is.
fn is_valid(trigger: &EventTrigger) -> bool {
    matches!(CleanupConfig::of(trigger), Ok(Some(_)))
}

fn named(metadata: &Metadata, names: &[String]) -> Result<Vec<(TableName, EventTrigger)>> {
    let find = |name: &String| {
        let mut entries = metadata.tables().iter();
        if !entries.any(|entry| entry.event_triggers.iter().any(|trigger| trigger.name == *name)) {
            return Err(unknown(name).at("args"));
        }
        with_cleanup(metadata)
            .find(|(_, trigger)| trigger.name == *name && is_valid(trigger))
            .ok_or_else(|| {
                let message = format!("event trigger \"{name}\" has no valid cleanup_config");
                Error::new(Code::NotExists, message).at("args")
            })
    };
    names.iter().map(find).collect()
}
