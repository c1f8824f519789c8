//! Capture: for each event trigger and operation one plpgsql function and one Postgres trigger, which write the event in the
//! same transaction as the change. [`reconcile`] compares the database with the metadata and changes only differences, so
//! that every command, `run_sql` and the start-up can call it.

mod ddl;
mod numbers;

use connection::sqlstate::{self, CancelCause};
use ddl::{CaptureFunction, PayloadOptions};
use engine_error::{Code, Error, Result};
use engine_model::trigger::resolve::ResolvedTrigger;
use engine_postgres::pool::driver_error;
use indexmap::IndexMap;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio_postgres::Transaction;
use tokio_postgres::error::SqlState;

/// Lock timeout of trigger DDL: while the DDL waits for another transaction, it blocks all later writers of the table.
const LOCK_TIMEOUT_SQL: &str = "SET LOCAL lock_timeout = '5s'; SET LOCAL client_min_messages = warning";

/// Required capture functions.
#[derive(Debug)]
pub struct DesiredTriggers<'a> {
    /// Triggers that can be captured.
    pub resolved: &'a IndexMap<String, Arc<ResolvedTrigger>>,
    /// Names of all triggers in the metadata. A trigger that does not resolve (a variable is missing) keeps its functions:
    /// its events are delivered once it resolves.
    pub stored: BTreeSet<&'a str>,
    /// `HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES`.
    pub stringify_numeric: bool,
    /// Triggers whose functions are created again although they match (`reload_metadata`).
    pub recreate: RecreateTriggers,
}

/// Extent of `recreate_event_triggers`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RecreateTriggers {
    #[default]
    Changed,
    All,
}

/// Makes the capture functions match the metadata. A function whose text alone differs is replaced without a lock of its
/// table. Locks the tables whose triggers change, and waits at most 5 s for each lock (error `busy`).
pub async fn reconcile(tx: &Transaction<'_>, desired_triggers: &DesiredTriggers<'_>) -> Result<()> {
    let installed = installed(tx).await?;
    let dialect = PayloadOptions {
        stringify_numeric: desired_triggers.stringify_numeric,
        postgis: postgis_schema(tx).await?,
    };
    let mut functions = BTreeMap::new();
    for trigger in desired_triggers.resolved.values() {
        for function in functions_of(tx, trigger, &dialect).await? {
            functions.insert(function.name.clone(), function);
        }
    }
    let resolved =
        |name: &str| trigger_of(name).is_some_and(|trigger| desired_triggers.resolved.contains_key(trigger));
    let kept = |name: &str| {
        !resolved(name) && trigger_of(name).is_some_and(|trigger| desired_triggers.stored.contains(trigger))
    };
    let has_trigger = |present: &InstalledFunction, function: &CaptureFunction| {
        present.on(function) && desired_triggers.recreate == RecreateTriggers::Changed
    };
    let mut script = String::new();
    for (name, present) in &installed {
        let matches = |function| has_trigger(present, function);
        let stays = kept(name) || functions.get(name).is_some_and(matches);
        if !stays {
            script.push_str(&ddl::remove(name));
        }
    }
    for function in functions.values() {
        match installed.get(&function.name) {
            Some(present) if has_trigger(present, function) => {
                if present.body != function.body {
                    script.push_str(&ddl::replace(function));
                }
            }
            _ => script.push_str(&ddl::install(function)),
        }
    }
    if script.is_empty() {
        return Ok(());
    }
    tx.batch_execute(LOCK_TIMEOUT_SQL)
        .await
        .map_err(|error| failed(&error))?;
    tx.batch_execute(&script).await.map_err(|error| failed(&error))
}

/// Archives the events of removed triggers: they stay in the log and are no longer delivered.
pub async fn archive(tx: &Transaction<'_>, triggers: &[String]) -> Result<()> {
    const ARCHIVE: &str =
        "UPDATE hdb_catalog.event_log SET archived = true WHERE trigger_name = ANY($1) AND NOT archived";
    if !triggers.is_empty() {
        tx.execute(ARCHIVE, &[&triggers])
            .await
            .map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Capture function that exists in the database.
struct InstalledFunction {
    body: String,
    table: Option<(String, String)>,
}

impl InstalledFunction {
    fn on(&self, function: &CaptureFunction) -> bool {
        self.table
            .as_ref()
            .is_some_and(|(schema, name)| *schema == function.table.schema && *name == function.table.name)
    }
}

async fn installed(tx: &Transaction<'_>) -> Result<BTreeMap<String, InstalledFunction>> {
    let rows = tx
        .query(include_str!("installed.sql"), &[])
        .await
        .map_err(|error| failed(&error))?;
    let installed = rows.iter().map(|row| {
        let table = row
            .get::<_, Option<String>>("schema_name")
            .zip(row.get("table_name"));
        (
            row.get("name"),
            InstalledFunction {
                body: row.get("body"),
                table,
            },
        )
    });
    Ok(installed.collect())
}

async fn postgis_schema(tx: &Transaction<'_>) -> Result<Option<String>> {
    const SCHEMA: &str = "SELECT nspname::text FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace \
                          WHERE extname = 'postgis'";
    Ok(tx
        .query_opt(SCHEMA, &[])
        .await
        .map_err(|error| failed(&error))?
        .map(|row| row.get(0)))
}

async fn functions_of(
    tx: &Transaction<'_>,
    trigger: &ResolvedTrigger,
    dialect: &PayloadOptions,
) -> Result<Vec<CaptureFunction>> {
    let mut functions = Vec::new();
    for (operation, spec) in trigger.stored.definition.operations() {
        let comparable = has_equality(tx, trigger, spec.columns.named()).await?;
        functions.push(CaptureFunction {
            name: ddl::function_name(trigger.name(), operation),
            body: ddl::body(
                trigger.name(),
                &trigger.table,
                operation,
                spec,
                comparable,
                dialect,
            ),
            table: trigger.table_name().clone(),
            operation,
        });
    }
    Ok(functions)
}

async fn has_equality(tx: &Transaction<'_>, trigger: &ResolvedTrigger, columns: &[String]) -> Result<bool> {
    const ASK: &str = "SELECT hdb_catalog.has_equality($1::text::regclass, $2)";
    let table = ddl::qualified(&trigger.table_name().schema, &trigger.table_name().name);
    let columns = (!columns.is_empty()).then_some(columns);
    Ok(tx
        .query_one(ASK, &[&table, &columns])
        .await
        .map_err(|error| failed(&error))?
        .get(0))
}

/// Returns the trigger in a function name `notify_hasura_<trigger>_<OPERATION>`.
fn trigger_of(function: &str) -> Option<&str> {
    let (trigger, _operation) = function.strip_prefix("notify_hasura_")?.rsplit_once('_')?;
    Some(trigger)
}

fn failed(error: &tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else {
        return driver_error(error);
    };
    let (code, message) = match *db.code() {
        SqlState::LOCK_NOT_AVAILABLE => (
            Code::Busy,
            "table is locked by another transaction; event trigger not changed, retry".to_owned(),
        ),
        SqlState::WRONG_OBJECT_TYPE => (
            Code::NotSupported,
            format!("event triggers need a table: {}", db.message()),
        ),
        _ if sqlstate::classify(error, CancelCause::StatementTimeout).is_transient() => {
            return driver_error(error);
        }
        _ => {
            let message = format!(
                "cannot create the event trigger in the database: {}",
                db.message()
            );
            let internal = json!({ "error": { "status_code": db.code().code(), "message": db.message(), "hint": db.hint() } });
            return Error::new(Code::Unexpected, message).with_internal(internal);
        }
    };
    Error::new(code, message)
}
