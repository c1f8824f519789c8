//! Commands for event triggers: create, replace, delete, redeliver an event, invoke manually, read the logs. Commands for several
//! events, and for the retention of the logs, have their own modules.

use super::event_selection::{self, is_selection};
use super::lookup::{check_consistent, check_source_name, parse_in_source};
use super::{Answer, event_log_cleanup, stored_json, success};
use crate::args::{non_empty, parse};
use crate::metadata_transaction::MetadataTransaction;
use bytes::Bytes;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::types::Metadata;
use engine_model::scheduled::schedule::CronExpression;
use engine_model::trigger::cleanup::CLEANUP_CONFIG;
use engine_model::trigger::types::{Definition, Header, OperationSpec, RetryConf};
use engine_model::trigger::{self, CleanupConfig, EventTrigger};
use engine_postgres::pool::{self, driver_error};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_postgres::types::ToSql;

/// Runs the command `kind` (without `pg_`).
pub(super) async fn run(
    transaction: &mut MetadataTransaction<'_>,
    kind: &str,
    args: Value,
) -> Result<Answer> {
    match kind {
        "create_event_trigger" => create(transaction, args).await.map(Answer::Json),
        "delete_event_trigger" => delete(transaction, args).await.map(Answer::Json),
        "redeliver_event" if is_selection(&args) => event_selection::redeliver(transaction, args)
            .await
            .map(Answer::Json),
        "redeliver_event" => redeliver(transaction, args).await.map(Answer::Json),
        "cancel_event" => event_selection::cancel(transaction, args).await.map(Answer::Json),
        "cleanup_event_trigger_logs" => event_log_cleanup::clean(transaction, args)
            .await
            .map(Answer::Json),
        "pause_event_trigger_cleanups" => event_log_cleanup::set_paused(transaction, args, true)
            .await
            .map(Answer::Json),
        "resume_event_trigger_cleanups" => event_log_cleanup::set_paused(transaction, args, false)
            .await
            .map(Answer::Json),
        "invoke_event_trigger" => invoke(transaction, args).await.map(Answer::Json),
        "get_event_logs" => event_logs(transaction, args).await,
        "get_event_invocation_logs" => invocation_logs(transaction, args).await,
        "get_event_by_id" => event_by_id(transaction, args).await,
        _ => Err(Error::new(
            Code::NotSupported,
            format!("unknown event trigger command \"{kind}\""),
        )),
    }
}

#[derive(Deserialize)]
struct Create {
    name: String,
    table: TableName,
    insert: Option<OperationSpec>,
    update: Option<OperationSpec>,
    delete: Option<OperationSpec>,
    enable_manual: Option<bool>,
    retry_conf: Option<RetryConf>,
    webhook: Option<String>,
    webhook_from_env: Option<String>,
    headers: Option<Vec<Header>>,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    paused: bool,
    source: Option<Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

async fn create(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Create {
        name,
        table,
        insert,
        update,
        delete,
        enable_manual,
        retry_conf,
        webhook,
        webhook_from_env,
        headers,
        replace,
        paused,
        source,
        rest,
    } = parse(args)?;
    let definition = Definition {
        enable_manual: enable_manual.unwrap_or(false),
        insert,
        update,
        delete,
        rest: Map::new(),
    };
    let retry_conf = retry_conf.unwrap_or_default();
    let headers = headers.filter(|headers| !headers.is_empty());
    let trigger = EventTrigger {
        name,
        definition,
        retry_conf,
        webhook,
        webhook_from_env,
        headers,
        paused,
        rest,
    };
    // Hasura parses these from the command as a whole, so that the error path is the root.
    trigger::check(&trigger)?;
    if let Some(config) = CleanupConfig::of(&trigger).map_err(|error| error.at(CLEANUP_CONFIG))? {
        CronExpression::parse(&config.schedule).map_err(|why| {
            Error::new(Code::ParseFailed, why)
                .at("schedule")
                .at(CLEANUP_CONFIG)
        })?;
    }
    check_source_name(transaction, source.as_ref())?;
    let working = transaction.begin().await?;
    let now = working.resolved();
    check_consistent(now, &table)?;
    let at_args = |code, message: String| Error::new(code, message).at("args");
    let present = find(&now.metadata, &trigger.name);
    let is_new = present.is_none();
    match &present {
        None if replace => return Err(unknown(&trigger.name).at("args")),
        Some((owner, _)) if replace && *owner != table => {
            return Err(at_args(
                Code::NotSupported,
                "cannot replace table or schema for trigger".to_owned(),
            ));
        }
        // Creating an identical trigger again succeeds, so that set-up scripts are idempotent.
        Some((owner, stored)) if !replace && *owner == table && *stored == trigger => return Ok(success()),
        Some(_) if !replace => {
            let message = format!("event trigger with name \"{}\" already exists", trigger.name);
            return Err(at_args(Code::AlreadyExists, message));
        }
        _ => {}
    }
    if let Some(known) = now.catalog.tables.get(&table) {
        if !known.kind.takes_triggers() {
            return Err(at_args(
                Code::NotSupported,
                format!("\"{table}\" is a view; event triggers need a table"),
            ));
        }
        trigger::resolve(&trigger, known).map_err(|error| error.at("args"))?;
    }
    let result = if is_new {
        working.add_event_trigger(&table, trigger)
    } else {
        working.replace_event_trigger(&table, trigger)
    };
    result.map(|()| success()).map_err(|error| error.at("args"))
}

#[derive(Deserialize)]
struct Named {
    #[serde(deserialize_with = "non_empty")]
    name: String,
}

async fn delete(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Named { name } = parse_in_source(transaction, args)?;
    let working = transaction.begin().await?;
    let Some((table, _)) = find(&working.resolved().metadata, &name) else {
        return Err(unknown(&name).at("args"));
    };
    // The trigger functions are dropped and the events archived when the transaction is stored.
    working
        .remove(&[MetadataObjectId::EventTrigger(table, name)])
        .map_err(|e| e.at("args"))?;
    Ok(success())
}

#[derive(Deserialize)]
struct Redeliver {
    event_id: String,
}

async fn redeliver(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Redeliver { event_id } = parse_in_source(transaction, args)?;
    let client = pool::get(&transaction.admin.pool).await?;
    let row = client
        .query_opt(include_str!("redeliver_event.sql"), &[&event_id])
        .await;
    match row.map_err(|error| driver_error(&error))?.map(|row| row.get(0)) {
        None => Err(Error::new(Code::NotExists, "event not found").at("args")),
        Some(true) => Err(Error::new(Code::Busy, "event is already being processed").at("args")),
        Some(false) => {
            transaction.admin.waker.wake();
            Ok(success())
        }
    }
}

#[derive(Deserialize)]
struct Invoke {
    #[serde(deserialize_with = "non_empty")]
    name: String,
    /// Null: the payload is not passed through serde.
    #[serde(rename = "payload")]
    _payload: Value,
}

async fn invoke(transaction: &MetadataTransaction<'_>, mut args: Value) -> Result<Value> {
    const SESSION: &str = "SELECT set_config('hasura.user', $1, true)";
    const INSERT: &str = "SELECT hdb_catalog.insert_event_log($1, $2, $3, 'MANUAL', $4::text::json)";
    let payload = args.get_mut("payload").map(Value::take).unwrap_or_default();
    let Invoke { name, .. } = parse_in_source(transaction, args)?;
    let Some((table, trigger)) = find(&transaction.now().metadata, &name) else {
        return Err(unknown(&name).at("args"));
    };
    if !trigger.definition.enable_manual {
        let message = "manual mode is not enabled for event trigger";
        return Err(Error::new(Code::NotSupported, message).at("args"));
    }
    let mut client = pool::get(&transaction.admin.pool).await?;
    let write = async {
        let tx = client.transaction().await?;
        tx.execute(SESSION, &[&transaction.session.to_json()]).await?;
        let row = tx
            .query_one(INSERT, &[&table.schema, &table.name, &name, &payload.to_string()])
            .await?;
        tx.commit().await?;
        Ok::<String, tokio_postgres::Error>(row.get(0))
    };
    let event_id = write.await.map_err(|error| driver_error(&error))?;
    transaction.admin.waker.wake();
    Ok(json!({ "event_id": event_id }))
}

#[derive(Deserialize)]
struct EventLogs {
    #[serde(deserialize_with = "non_empty")]
    name: String,
    limit: Option<u32>,
    offset: Option<u32>,
    status: Option<Status>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Processed,
    All,
}

/// Default limit of log entries.
const DEFAULT_LOG_LIMIT: u32 = 100;

/// Maximum age in seconds of the log entries that are read first. The indexes on the time find them without the older ones; entries
/// of any age are read only if there are too few.
const FIRST_AGE: f64 = 1.0;

/// Factor of the next age, and the highest one before entries of any age are read.
const AGE_FACTOR: f64 = 16.0;
const MAX_AGE: f64 = 86_400.0;

async fn event_logs(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Answer> {
    let EventLogs {
        name,
        limit,
        offset,
        status,
    } = parse_in_source(transaction, args)?;
    let status = match status {
        Some(Status::Pending) => Some("pending"),
        Some(Status::Processed) => Some("processed"),
        Some(Status::All) | None => None,
    };
    check_exists(transaction, &name)?;
    // The index of the queue contains only pending events.
    let first = (status != Some("pending")).then_some(FIRST_AGE);
    read_newest(
        transaction,
        include_str!("get_event_logs.sql"),
        &[&name, &status, &page(limit), &start(offset)],
        page(limit),
        first,
    )
    .await
}

#[derive(Deserialize)]
struct InvocationLogs {
    #[serde(deserialize_with = "non_empty")]
    name: String,
    limit: Option<u32>,
    offset: Option<u32>,
}

async fn invocation_logs(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Answer> {
    let InvocationLogs { name, limit, offset } = parse_in_source(transaction, args)?;
    check_exists(transaction, &name)?;
    read_newest(
        transaction,
        include_str!("get_event_invocation_logs.sql"),
        &[&name, &page(limit), &start(offset)],
        page(limit),
        Some(FIRST_AGE),
    )
    .await
}

#[derive(Deserialize)]
struct EventById {
    event_id: String,
    invocation_log_limit: Option<u32>,
    invocation_log_offset: Option<u32>,
}

async fn event_by_id(transaction: &MetadataTransaction<'_>, args: Value) -> Result<Answer> {
    let EventById {
        event_id,
        invocation_log_limit,
        invocation_log_offset,
    } = parse_in_source(transaction, args)?;
    let (limit, offset) = (page(invocation_log_limit), start(invocation_log_offset));
    let sql = include_str!("get_event_by_id.sql");
    let event = stored_json::read_optional(transaction, sql, &[&event_id, &limit, &offset]).await?;
    event.ok_or_else(|| Error::new(Code::NotExists, "event not found").at("args"))
}

fn page(limit: Option<u32>) -> i64 {
    i64::from(limit.unwrap_or(DEFAULT_LOG_LIMIT))
}

fn start(offset: Option<u32>) -> i64 {
    i64::from(offset.unwrap_or(0))
}

/// Returns the newest log entries. The statement has their maximum age as last parameter and returns their number in its second
/// column. `first` is the age to begin with; older entries are read until the page is full.
async fn read_newest(
    transaction: &MetadataTransaction<'_>,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    limit: i64,
    first: Option<f64>,
) -> Result<Answer> {
    let client = pool::get(&transaction.admin.pool).await?;
    let read = async {
        let statement = client.prepare(sql).await?;
        let mut age = first;
        loop {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().copied().chain([&age as _]).collect();
            let row = client.query_one(&statement, &params).await?;
            if age.is_none() || row.get::<_, i64>(1) == limit {
                return Ok(row.get::<_, String>(0));
            }
            age = age.map(|age| age * AGE_FACTOR).filter(|&age| age <= MAX_AGE);
        }
    };
    let text = read
        .await
        .map_err(|error: tokio_postgres::Error| driver_error(&error))?;
    Ok(Answer::Raw(Bytes::from(text)))
}

pub(super) fn check_exists(transaction: &MetadataTransaction<'_>, name: &str) -> Result<()> {
    find(&transaction.now().metadata, name)
        .map(drop)
        .ok_or_else(|| unknown(name).at("args"))
}

fn find(metadata: &Metadata, name: &str) -> Option<(TableName, EventTrigger)> {
    let mut tables = metadata.tables().iter();
    tables.find_map(|entry| {
        let trigger = entry.event_triggers.iter().find(|trigger| trigger.name == name)?;
        Some((entry.table.clone(), trigger.clone()))
    })
}

pub(super) fn unknown(name: &str) -> Error {
    Error::new(
        Code::NotExists,
        format!("event trigger with name \"{name}\" not exists"),
    )
}
