//! Commands for several events: redeliver, cancel. The events are a list of ids, or those of a trigger in a time range. The
//! events of a trigger are changed in batches, each in a statement of its own, so that their locks are short.

use super::event_triggers::check_exists;
use super::lookup::parse_in_source;
use super::success;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_postgres::pool::{self, driver_error};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

/// Number of events per statement.
const BATCH: i64 = 1000;
/// Maximum number of ids of one command.
const MAX_IDS: usize = 10_000;

/// Whether the arguments are those of a command for several events.
pub(super) fn is_selection(args: &Value) -> bool {
    args.get("event_ids").is_some() || args.get("trigger_name").is_some()
}

#[derive(Deserialize)]
struct Selection {
    event_ids: Option<Vec<String>>,
    trigger_name: Option<String>,
    from: Option<String>,
    to: Option<String>,
    status: Option<Status>,
}

/// State of the events of a trigger that are redelivered.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Failed,
    Delivered,
    All,
}

/// Checked arguments.
enum Selected {
    Ids(Vec<String>),
    /// Events of a trigger that were created in a range of times in UTC, both inclusive.
    Trigger {
        name: String,
        from: Option<String>,
        to: Option<String>,
    },
}

/// Redelivers events: their next delivery is a first attempt.
pub(super) async fn redeliver(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let (selected, status) = parse(transaction, args)?;
    let client = pool::get(&transaction.admin.pool).await?;
    let answer = match selected {
        Selected::Ids(ids) => {
            let changed = change_ids(&client, include_str!("redeliver_events.sql"), &ids).await?;
            answer_for_ids("redelivered", changed, &ids)
        }
        Selected::Trigger { name, from, to } => {
            let status = status.unwrap_or(Status::Failed);
            let (failed, delivered) = (status != Status::Delivered, status != Status::Failed);
            let to = until(&client, to).await?;
            let params: [&(dyn ToSql + Sync); 5] = [&name, &from, &to, &failed, &delivered];
            let sql = include_str!("redeliver_events_of_trigger.sql");
            answer("redelivered", change_range(&client, sql, &params).await?)
        }
    };
    transaction.admin.waker.wake();
    Ok(answer)
}

#[derive(Deserialize)]
struct One {
    event_id: String,
}

/// Cancels pending events: they are archived and not delivered.
pub(super) async fn cancel(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Value> {
    if !is_selection(&args) {
        return cancel_one(transaction, args).await;
    }
    let (selected, status) = parse(transaction, args)?;
    if status.is_some() {
        let message = "only pending events can be cancelled; leave out \"status\"";
        return Err(Error::new(Code::ParseFailed, message).at("status"));
    }
    let client = pool::get(&transaction.admin.pool).await?;
    Ok(match selected {
        Selected::Ids(ids) => {
            let changed = change_ids(&client, include_str!("cancel_events.sql"), &ids).await?;
            answer_for_ids("cancelled", changed, &ids)
        }
        Selected::Trigger { name, from, to } => {
            let to = until(&client, to).await?;
            let params: [&(dyn ToSql + Sync); 3] = [&name, &from, &to];
            let sql = include_str!("cancel_events_of_trigger.sql");
            answer("cancelled", change_range(&client, sql, &params).await?)
        }
    })
}

async fn cancel_one(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let One { event_id } = parse_in_source(transaction, args)?;
    let client = pool::get(&transaction.admin.pool).await?;
    let row = client
        .query_opt(include_str!("cancel_event.sql"), &[&event_id])
        .await
        .map_err(|error| driver_error(&error))?;
    let state: Option<String> = row.map(|row| row.get(0));
    let refused = |code, message: &str| Err(Error::new(code, message).at("args"));
    match state.as_deref() {
        None => refused(Code::NotExists, "event not found"),
        Some("busy") => refused(Code::Busy, "event is already being processed"),
        Some("done") => refused(Code::NotSupported, "event was processed already"),
        Some(_) => Ok(success()),
    }
}

fn parse(transaction: &MetadataTransaction<'_>, args: Value) -> Result<(Selected, Option<Status>)> {
    let Selection {
        event_ids,
        trigger_name,
        from,
        to,
        status,
    } = parse_in_source(transaction, args)?;
    let refused = |message: String, key: &str| Err(Error::new(Code::ParseFailed, message).at(key));
    let selected = match (event_ids, trigger_name) {
        (Some(_), Some(_)) => {
            return refused(
                "expecting only one of event_ids or trigger_name".to_owned(),
                "event_ids",
            );
        }
        (Some(ids), None) => {
            if ids.len() > MAX_IDS {
                return refused(
                    format!("more than {MAX_IDS} events; send them in several commands"),
                    "event_ids",
                );
            }
            if from.is_some() || to.is_some() || status.is_some() {
                return refused("from, to and status require trigger_name".to_owned(), "event_ids");
            }
            Selected::Ids(ids)
        }
        (None, Some(name)) => {
            let (from, to) = (utc(from, "from")?, utc(to, "to")?);
            check_exists(transaction, &name)?;
            Selected::Trigger { name, from, to }
        }
        (None, None) => return refused("null is not a list of events".to_owned(), "event_ids"),
    };
    Ok((selected, status))
}

/// Returns a time as Postgres reads it. Times need an offset: `created_at` of an event is in UTC.
fn utc(time: Option<String>, key: &str) -> Result<Option<String>> {
    let parse = |text: String| {
        text.parse::<Timestamp>()
            .map(|time| time.to_string())
            .map_err(|_| {
                let message = format!("invalid time \"{text}\"; expected for example 2026-01-31T12:00:00Z");
                Error::new(Code::ParseFailed, message).at(key)
            })
    };
    time.map(parse).transpose()
}

async fn change_ids(client: &Client, sql: &str, ids: &[String]) -> Result<i64> {
    let row = client
        .query_one(sql, &[&ids])
        .await
        .map_err(|error| driver_error(&error))?;
    Ok(row.get(0))
}

/// Returns the end of a range: by default now, so that events that arrive while the batches run are not selected.
async fn until(client: &Client, to: Option<String>) -> Result<String> {
    if let Some(to) = to {
        return Ok(to);
    }
    let row = client
        .query_one("SELECT timezone('utc', clock_timestamp())::text", &[])
        .await
        .map_err(|error| driver_error(&error))?;
    Ok(row.get(0))
}

/// Runs batches of a statement whose last two parameters are the last id of the previous batch and the limit.
async fn change_range(client: &Client, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<i64> {
    // Ids are not empty.
    let mut after = Some(String::new());
    let mut changed = 0;
    while let Some(last) = after {
        let mut all = params.to_vec();
        all.push(&last);
        all.push(&BATCH);
        let row = client
            .query_one(sql, &all)
            .await
            .map_err(|error| driver_error(&error))?;
        changed += row.get::<_, i64>(0);
        after = row.get(1);
    }
    Ok(changed)
}

fn answer(what: &str, changed: i64) -> Value {
    let mut answer = success();
    answer[what] = json!(changed);
    answer
}

fn answer_for_ids(what: &str, changed: i64, ids: &[String]) -> Value {
    let mut answer = answer(what, changed);
    let asked = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    answer["skipped"] = json!(asked - changed);
    answer
}
