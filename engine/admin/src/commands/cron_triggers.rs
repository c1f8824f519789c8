//! Commands `create_cron_trigger`, `delete_cron_trigger` and `get_cron_triggers`.

use super::success;
use crate::args::{non_empty, parse};
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::Metadata;
use engine_model::scheduled::document::{self, CRON_TRIGGERS};
use engine_model::scheduled::{self, CronTrigger};
use serde::Deserialize;
use serde_json::{Value, json};

/// Arguments of `create_cron_trigger` that are not part of the definition.
#[derive(Deserialize)]
struct Create {
    #[serde(default)]
    replace: bool,
}

pub(super) async fn create(transaction: &mut MetadataTransaction<'_>, mut args: Value) -> Result<Value> {
    let Create { replace } = parse(args.clone())?;
    if let Some(args) = args.as_object_mut() {
        // The console adds a source, which has no meaning.
        for key in ["replace", "source"] {
            args.shift_remove(key);
        }
    }
    let trigger: CronTrigger = parse(args)?;
    let working = transaction.begin().await?;
    let exists = contains(&working.resolved().metadata, &trigger.name);
    // Hasura's wording
    if exists && !replace {
        let message = format!("cron trigger with name: {} already exists", trigger.name);
        return Err(Error::new(Code::AlreadyExists, message).at("args"));
    }
    if !exists && replace {
        return Err(unknown(&trigger.name));
    }
    let resolved = scheduled::resolve(&trigger).map_err(|error| error.at("args"))?;
    working.put_cron_trigger(resolved)?;
    Ok(success())
}

#[derive(Deserialize)]
struct Named {
    #[serde(deserialize_with = "non_empty")]
    name: String,
}

pub(super) async fn delete(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Named { name } = parse(args)?;
    let working = transaction.begin().await?;
    if !contains(&working.resolved().metadata, &name) {
        return Err(unknown(&name));
    }
    working.remove_cron_trigger(&name);
    Ok(success())
}

/// Returns all triggers, also those that exports do not contain, with all keys.
pub(super) fn get(transaction: &MetadataTransaction<'_>) -> Result<Value> {
    let now = transaction.now();
    let list = document::cron_triggers(&now.metadata).map_err(invalid_list)?;
    let mut shown = Vec::with_capacity(list.len());
    for trigger in list.iter() {
        let mut complete = json!({
            "name": trigger.name,
            "webhook": trigger.webhook,
            "schedule": trigger.schedule,
            "include_in_metadata": trigger.include_in_metadata,
            "payload": trigger.payload,
            "retry_conf": trigger.retry_conf,
            "headers": trigger.headers,
            "comment": trigger.comment,
        });
        if let Some(zone) = &trigger.timezone {
            complete["timezone"] = json!(zone);
        }
        for (key, value) in &trigger.rest {
            complete[key] = value.clone();
        }
        shown.push(complete);
    }
    Ok(json!({"cron_triggers": shown}))
}

/// Fails if an entry of the list is invalid.
pub(super) fn check(metadata: &Metadata) -> Result<()> {
    let list = document::cron_triggers(metadata).map_err(invalid_list)?;
    match list.broken.first() {
        None => Ok(()),
        Some(broken) => Err(Error::new(Code::ParseFailed, broken.reason.clone())
            .at(broken.index)
            .at(CRON_TRIGGERS)),
    }
}

/// Adds the stored triggers that replaced metadata does not contain.
pub(super) fn prepare_replacement(before: &Metadata, after: &mut Metadata) -> Result<()> {
    document::cron_triggers(after).map_err(invalid_list)?;
    document::keep_excluded(before, after).map_err(|name| {
        // Hasura's wording
        let message = format!(
            "cron trigger with name \"{name}\" already exists as a cron trigger with \"included_in_metadata\" as false"
        );
        Error::new(Code::AlreadyExists, message).at("args")
    })
}

/// Fails unless a cron trigger of this name exists.
pub(super) fn check_exists(transaction: &MetadataTransaction<'_>, name: &str) -> Result<()> {
    if contains(&transaction.now().metadata, name) {
        return Ok(());
    }
    Err(unknown(name))
}

/// Whether the document has a trigger of this name, valid or not.
fn contains(metadata: &Metadata, name: &str) -> bool {
    let list = metadata.rest.get(CRON_TRIGGERS).and_then(Value::as_array);
    list.into_iter().flatten().any(|entry| entry["name"] == name)
}

fn unknown(name: &str) -> Error {
    // Hasura's wording
    Error::new(
        Code::NotExists,
        format!("cron trigger with name: {name} does not exist"),
    )
    .at("args")
}

fn invalid_list(reason: String) -> Error {
    Error::new(Code::ParseFailed, reason).at(CRON_TRIGGERS)
}
