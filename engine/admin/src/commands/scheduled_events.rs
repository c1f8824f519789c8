//! Commands for one-off events, and for the events and invocations of both kinds.

use super::{Answer, cron_triggers, stored_json, success};
use crate::args::{non_empty, parse};
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::scheduled::resolve::resolve_one_off;
use engine_model::scheduled::types::OneOffConf;
use engine_postgres::pool::{self, driver_error};
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use tokio_postgres::types::ToSql;

/// Maximum number of cron events in a response without `limit`.
const CRON_LIMIT: u32 = 10_000;
/// Maximum number of rows with payloads or responses, which can be large, in a response without `limit`.
const LARGE_LIMIT: u32 = 100;

#[derive(Deserialize)]
struct Create {
    #[serde(deserialize_with = "timestamp")]
    schedule_at: Timestamp,
    comment: Option<String>,
}

/// Parses a time with its offset from UTC, within the years of four digits.
fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = text.parse::<Timestamp>().ok();
    let is_common_year = |time: &Timestamp| time.as_second() >= Timestamp::UNIX_EPOCH.as_second();
    time.filter(is_common_year).ok_or_else(|| {
        D::Error::custom(format!(
            "invalid time \"{text}\"; use ISO 8601 with an offset and a year from 1970, such as \"2026-01-31T12:00:00Z\""
        ))
    })
}

pub(super) async fn create(transaction: &MetadataTransaction<'_>, mut args: Value) -> Result<Value> {
    // The payload is not passed through serde.
    let payload = args.get_mut("payload").map(Value::take).unwrap_or_default();
    let conf: OneOffConf = parse(args.clone())?;
    let Create { schedule_at, comment } = parse(args.clone())?;
    // An event that cannot be delivered is refused now, and not at its time.
    resolve_one_off(&conf).map_err(|error| error.at("args"))?;
    let json = |value: &Value| value.to_string();
    let headers = args.get("headers").filter(|headers| !headers.is_null());
    let retry_conf = serde_json::to_value(&conf.retry_conf).unwrap_or_default();
    let params: [&(dyn ToSql + Sync); 6] = [
        &json(&args["webhook"]),
        &schedule_at.to_string(),
        &json(&payload),
        &json(&retry_conf),
        &headers.map_or_else(|| "[]".to_owned(), json),
        &comment,
    ];
    let client = pool::get(&transaction.admin.pool).await?;
    let row = client
        .query_one(include_str!("create_scheduled_event.sql"), &params)
        .await
        .map_err(|error| driver_error(&error))?;
    let Some(id) = row.get::<_, Option<String>>("id") else {
        let message = format!(
            "the payload has {} bytes; the limit is {} bytes (HASURA_GRAPHQL_EVENTS_MAX_PAYLOAD_BYTES)",
            json(&payload).len(),
            row.get::<_, i64>("maximum")
        );
        return Err(Error::new(Code::SizeLimitExceeded, message).at("args"));
    };
    Ok(json!({"message": "success", "event_id": id}))
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Cron,
    OneOff,
}

#[derive(Deserialize)]
struct Delete {
    #[serde(rename = "type")]
    kind: Kind,
    event_id: String,
}

pub(super) async fn delete(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Delete { kind, event_id } = parse(args)?;
    let sql = match kind {
        Kind::Cron => "DELETE FROM hdb_catalog.hdb_cron_events WHERE id = $1",
        Kind::OneOff => "DELETE FROM hdb_catalog.hdb_scheduled_events WHERE id = $1",
    };
    let client = pool::get(&transaction.admin.pool).await?;
    client
        .execute(sql, &[&event_id])
        .await
        .map_err(|error| driver_error(&error))?;
    Ok(success())
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Scheduled,
    Locked,
    Delivered,
    Error,
    Dead,
}

impl Status {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Locked => "locked",
            Self::Delivered => "delivered",
            Self::Error => "error",
            Self::Dead => "dead",
        }
    }
}

#[derive(Deserialize)]
struct Events {
    #[serde(rename = "type")]
    kind: Kind,
    trigger_name: Option<String>,
    limit: Option<u32>,
    offset: Option<u32>,
    status: Option<Vec<Status>>,
    /// Whether to count the rows; absent means true.
    get_rows_count: Option<bool>,
}

pub(super) async fn events(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Answer> {
    let Events {
        kind,
        trigger_name,
        limit,
        offset,
        status,
        get_rows_count,
    } = parse(args)?;
    let status = status.filter(|status| !status.is_empty());
    let status: Option<Vec<&str>> = status.map(|list| list.iter().map(Status::as_str).collect());
    let default_limit = match kind {
        Kind::Cron => CRON_LIMIT,
        Kind::OneOff => LARGE_LIMIT,
    };
    let (limit, offset, count) = page(limit.unwrap_or(default_limit), offset, get_rows_count);
    match kind {
        Kind::Cron => {
            let name = required(trigger_name, "trigger_name")?;
            cron_triggers::check_exists(transaction, &name)?;
            let sql = include_str!("get_cron_events.sql");
            stored_json::read(transaction, sql, &[&status, &limit, &offset, &count, &name]).await
        }
        Kind::OneOff => {
            let sql = include_str!("get_one_off_events.sql");
            stored_json::read(transaction, sql, &[&status, &limit, &offset, &count]).await
        }
    }
}

#[derive(Deserialize)]
struct Invocations {
    #[serde(rename = "type")]
    kind: Kind,
    trigger_name: Option<String>,
    event_id: Option<String>,
    limit: Option<u32>,
    offset: Option<u32>,
    get_rows_count: Option<bool>,
}

pub(super) async fn invocations(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Answer> {
    let Invocations {
        kind,
        trigger_name,
        event_id,
        limit,
        offset,
        get_rows_count,
    } = parse(args)?;
    let (limit, offset, count) = page(limit.unwrap_or(LARGE_LIMIT), offset, get_rows_count);
    match kind {
        Kind::Cron => {
            let name = match event_id {
                Some(_) => None,
                None => Some(required(trigger_name, "trigger_name")?),
            };
            if let Some(name) = &name {
                cron_triggers::check_exists(transaction, name)?;
            }
            let sql = include_str!("get_cron_invocations.sql");
            stored_json::read(transaction, sql, &[&event_id, &limit, &offset, &count, &name]).await
        }
        Kind::OneOff => {
            let sql = include_str!("get_one_off_invocations.sql");
            stored_json::read(transaction, sql, &[&event_id, &limit, &offset, &count]).await
        }
    }
}

fn page(limit: u32, offset: Option<u32>, count: Option<bool>) -> (i64, i64, bool) {
    let offset = offset.unwrap_or(0);
    (i64::from(limit), i64::from(offset), count.unwrap_or(true))
}

fn required(value: Option<String>, key: &str) -> Result<String> {
    let Some(value) = value else {
        return Err(Error::new(Code::ParseFailed, format!("key \"{key}\" not found")));
    };
    let checked = non_empty(serde::de::value::StringDeserializer::<serde::de::value::Error>::new(value));
    checked.map_err(|error| Error::new(Code::ParseFailed, error.to_string()).at(key))
}
