//! Command `run_sql`: runs any SQL in one transaction and returns the last result as text. If the SQL may have
//! changed tables, the tracked objects are compared with the catalog afterwards (`crate::ddl_sync`).

use super::lookup::parse_in_source;
use super::{computed_fields, functions};
use crate::catalog_loader::{self, NamedObjects};
use crate::ddl_sync;
use crate::enum_loader;
use crate::metadata_transaction::MetadataTransaction;
use connection::sqlstate::{self, CancelCause, Class};
use engine_error::{Code, Error, Result};
use engine_model::metadata::function;
use engine_plan::schema_cache::ResolvedMetadata;
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::pool;
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::Arc;
use tokio_postgres::error::SqlState;
use tokio_postgres::{SimpleQueryMessage, Transaction};

#[derive(Deserialize)]
struct RunSql {
    sql: String,
    #[serde(default)]
    cascade: bool,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    check_metadata_consistency: Option<bool>,
}

/// Bytes that a value of a result needs in addition to its text.
const CELL_BYTES: usize = 32;

/// Resets the session before the connection is closed: Postgres ends a closed session a moment later, and the next command must not
/// meet its locks.
const CLEAN: &str = include_str!("clean_session.sql");

pub(super) async fn run_sql(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let args: RunSql = parse_in_source(transaction, args)?;
    let follow = !args.read_only
        && args
            .check_metadata_consistency
            .unwrap_or_else(|| may_change_tables(&args.sql));
    // The catalog is read again when the transaction finishes.
    if follow || !args.read_only && may_change_effects(&args.sql) {
        transaction.begin().await?;
    }
    let mut client = pool::get(&transaction.admin.pool).await?;
    let result = run(transaction, &mut client, &args, follow).await;
    if let Err(error) = client.batch_execute(CLEAN).await {
        tracing::debug!(
            error = pool::describe(&error),
            "cannot reset the session of run_sql"
        );
    }
    // No statement resets all that SQL can leave in a session, such as libraries, connections of dblink and variables of
    // procedural languages. So the connection does not return to the pool.
    drop(deadpool_postgres::Object::take(client));
    if !args.read_only {
        transaction.catalog_is_stale();
        transaction.admin.waker.wake();
    }
    result
}

async fn run(
    transaction: &mut MetadataTransaction<'_>,
    client: &mut deadpool_postgres::Object,
    args: &RunSql,
    follow: bool,
) -> Result<Value> {
    let builder = client.build_transaction();
    // Without this, the level is read committed, the default of each session.
    let of_source = transaction.now().metadata;
    let builder = match transaction.admin.pool.isolation(of_source.isolation_level()) {
        IsolationLevel::ReadCommitted => builder,
        IsolationLevel::RepeatableRead => {
            builder.isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        }
        IsolationLevel::Serializable => builder.isolation_level(tokio_postgres::IsolationLevel::Serializable),
    };
    // An explicit READ WRITE would override `default_transaction_read_only`, and so a database that refuses writes.
    let builder = if args.read_only {
        builder.read_only(true)
    } else {
        builder
    };
    let tx = builder.start().await.map_err(|e| pool::driver_error(&e))?;
    // A migration may run for long; the limit of GraphQL operations does not apply to the admin's SQL.
    tx.batch_execute("SET LOCAL statement_timeout = 0")
        .await
        .map_err(|e| pool::driver_error(&e))?;
    let answer = last_result(transaction, &tx, args).await?;
    let now = if follow {
        after(transaction, &tx, args.cascade).await?
    } else {
        None
    };
    // Outside a bulk, the metadata is stored in the transaction of the SQL. In a bulk it is stored after the last
    // command.
    let version = match &now {
        Some(now) if !transaction.in_bulk => Some(transaction.store_in(&tx, now).await?),
        _ => None,
    };
    tx.commit().await.map_err(|e| failed(args, &e))?;
    match (now, version) {
        (Some(now), Some(version)) => transaction.mark_stored(now, version),
        (Some(now), None) => {
            transaction.replace_state(now);
            transaction.mark_captured();
        }
        (None, _) => {}
    }
    Ok(answer)
}

/// Returns the state after the SQL that ran in `tx`; `None` if no table and no tracked function changed.
async fn after(
    transaction: &MetadataTransaction<'_>,
    tx: &Transaction<'_>,
    cascade: bool,
) -> Result<Option<ResolvedMetadata>> {
    let resolutions = &transaction.admin.resolutions;
    let mut before = transaction.now();
    let mut catalog = catalog_loader::load(tx, &NamedObjects::of(&before.metadata)).await?;
    if catalog == *before.catalog {
        return Ok(None);
    }
    let replaced = computed_fields::check_sql(&before, &catalog)?;
    let dropped = functions::follow_sql(&before, &catalog)?;
    if !dropped.is_empty() {
        let is_dropped = |entry: &Value| dropped.iter().any(|name| function::is_entry_of(entry, name));
        function::remove(Arc::make_mut(&mut before.metadata), is_dropped);
    }
    let metadata = ddl_sync::update_metadata(&before, &catalog, &replaced, cascade, resolutions)
        .map_err(|e| e.at("args"))?;
    // Those that were renamed.
    enum_loader::complete(tx, &mut catalog, metadata.enum_tables()).await?;
    resolutions.add(metadata.tables().len());
    let now = ResolvedMetadata::new(metadata, Arc::new(catalog));
    let new = ddl_sync::newly_inconsistent(&before, &now);
    if !new.is_empty() {
        return Err(Error::new(
            Code::Unexpected,
            "cannot continue due to new inconsistent metadata",
        )
        .with_status(400)
        .with_internal(json!(new))
        .at("args"));
    }
    transaction.reconcile_triggers_in(tx, &now).await?;
    Ok(Some(now))
}

/// Runs the SQL and returns the last statement's rows as text, in Hasura's format: NULL is the string `NULL`. Only the rows of one
/// statement are kept.
async fn last_result(
    transaction: &MetadataTransaction<'_>,
    tx: &Transaction<'_>,
    args: &RunSql,
) -> Result<Value> {
    let limit = transaction.admin.options.cost.response_limit(transaction.session);
    let mut last: Option<Vec<Value>> = None;
    let mut rows: Option<Vec<Value>> = None;
    let mut bytes = 0;
    let messages = tx
        .client()
        .simple_query_raw(&args.sql)
        .await
        .map_err(|e| failed(args, &e))?;
    let mut messages = pin!(messages);
    while let Some(message) = messages.try_next().await.map_err(|e| failed(args, &e))? {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                let names: Vec<&str> = columns.iter().map(tokio_postgres::SimpleColumn::name).collect();
                rows = Some(vec![json!(names)]);
                bytes = 0;
            }
            SimpleQueryMessage::Row(row) => {
                let cells: Vec<&str> = (0..row.len()).map(|i| row.get(i).unwrap_or("NULL")).collect();
                bytes += cells.iter().map(|cell| cell.len() + CELL_BYTES).sum::<usize>();
                if bytes > limit.bytes {
                    // The rest of the results would be received before the rollback.
                    let cancelled = tx
                        .cancel_token()
                        .cancel_query(transaction.admin.pool.tls.clone())
                        .await;
                    if let Err(error) = cancelled {
                        tracing::debug!(%error, "cannot cancel a statement");
                    }
                    return Err(limit.exceeded(None).at("args"));
                }
                rows.get_or_insert_default().push(json!(cells));
            }
            SimpleQueryMessage::CommandComplete(_) => last = rows.take(),
            _ => {}
        }
    }
    Ok(match last {
        Some(rows) => json!({"result_type": "TuplesOk", "result": rows}),
        None => json!({"result_type": "CommandOk", "result": null}),
    })
}

/// Whether the database, and not the SQL, is the cause. Deadlocks and lock timeouts are results of the
/// administrator's SQL, as is a write in a transaction that is read-only by request.
fn is_unavailable(error: &tokio_postgres::Error, read_only: bool) -> bool {
    match sqlstate::classify(error, CancelCause::Caller) {
        Class::Connection => true,
        Class::Transient => {
            let code = error.code().map_or("", SqlState::code);
            code.starts_with("53") || (pool::is_read_only(error) && !read_only)
        }
        Class::Client | Class::Internal => false,
    }
}

fn failed(RunSql { sql, read_only, .. }: &RunSql, error: &tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else {
        // The driver's only error with this text: Postgres started COPY, which the simple query protocol of the
        // driver does not support.
        if error.to_string().starts_with("unexpected message") {
            let message = "COPY FROM STDIN and COPY TO STDOUT are not supported; use INSERT, SELECT or psql";
            return Error::new(Code::PostgresError, message).at("args");
        }
        return pool::driver_error(error);
    };
    if is_unavailable(error, *read_only) {
        return pool::driver_error(error);
    }
    Error::new(Code::PostgresError, "query execution failed")
        .with_internal(json!({
            "statement": sql,
            "prepared": false,
            "error": {
                "exec_status": "FatalError",
                "hint": db.hint(),
                "message": db.message(),
                "status_code": db.code().code(),
                "description": db.detail(),
            },
            "arguments": [],
        }))
        .at("args")
}

/// Hasura's heuristic, by words: `alter`, `drop`, `replace`, `create function`, `comment on`.
fn may_change_tables(sql: &str) -> bool {
    let lower = sql.to_lowercase();
    let words = words(&lower);
    words
        .iter()
        .any(|word| matches!(*word, "alter" | "drop" | "replace"))
        || words
            .windows(2)
            .any(|pair| matches!(pair, ["create", "function"] | ["comment", "on"]))
}

/// Whether changes of a table may have other effects afterwards (see `engine_model::catalog::Coupling`): the engine has to know them,
/// but the metadata stays consistent.
fn may_change_effects(sql: &str) -> bool {
    let lower = sql.to_lowercase();
    words(&lower).windows(2).any(|pair| {
        matches!(
            pair,
            ["create" | "constraint", "trigger"] | ["create", "rule" | "policy"]
        )
    })
}

fn words(sql: &str) -> Vec<&str> {
    sql.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{may_change_effects, may_change_tables};

    #[test]
    fn triggers_rules_and_policies_are_recognised() {
        for sql in [
            "CREATE TRIGGER a AFTER INSERT ON b EXECUTE FUNCTION c()",
            "create constraint  trigger a",
            "CREATE RULE a AS ON INSERT TO b DO NOTHING",
            "CREATE POLICY a ON b",
        ] {
            assert!(may_change_effects(sql), "{sql}");
            assert!(!may_change_tables(sql), "{sql}");
        }
        assert!(!may_change_effects("INSERT INTO trigger VALUES ('create')"));
    }

    #[test]
    fn ddl_is_recognised_by_whole_words() {
        assert!(may_change_tables("ALTER TABLE a RENAME TO b"));
        assert!(may_change_tables("comment  ON table a is 'x'"));
        assert!(!may_change_tables("SELECT alterable, droppable FROM t"));
        assert!(!may_change_tables("CREATE TABLE a (id int)"));
    }
}
