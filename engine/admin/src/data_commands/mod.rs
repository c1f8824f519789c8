//! Data commands of /v1/query (`select`, `insert`, `update`, `delete`, `count`). They are translated to the IR that
//! GraphQL is planned with. Columns have their Postgres names here, operators are written `$eq` or `_eq`.
//!
//! - [`condition`] — `where`
//! - [`select`] — rows, and the columns of `returning`
//! - [`write`] — insert, update, delete
//! - [`count`] — number of rows
//! - [`value`] — JSON values to Postgres' text format

mod condition;
mod count;
mod select;
mod value;
mod write;

use crate::metadata_transaction::MetadataTransaction;
use bytes::Bytes;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, TableName};
use engine_model::metadata::tracked::{TrackedObjects, TrackedTable};
use engine_plan::{QueryField, RootField, Statement, Step};
use engine_runtime::exec;
use serde_json::Value;

/// Only key of the response that the executor builds.
const KEY: &str = "r";

/// Runs the command `kind` on the uncommitted state of `transaction`.
pub(crate) async fn run(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Bytes> {
    let schema = transaction.schema_cache();
    let scope = Scope {
        tracked: &schema.resolved.tracked,
        stringify: transaction.admin.options.stringify_numeric_types,
        role: &transaction.session.role,
    };
    match kind {
        "select" => query(transaction, select::plan(&scope, args)?).await,
        "count" => query(transaction, count::plan(&scope, args)?).await,
        "insert" => mutation(transaction, write::insert(&scope, args)?).await,
        "update" => mutation(transaction, write::update(&scope, args)?).await,
        _ => mutation(transaction, write::delete(&scope, args)?).await,
    }
}

/// Tracked objects and settings for the translation.
struct Scope<'s> {
    tracked: &'s TrackedObjects,
    stringify: bool,
    role: &'s str,
}

impl<'s> Scope<'s> {
    /// Returns the table of a command.
    fn table(&self, name: &TableName, operation: &str) -> Result<&'s TrackedTable> {
        let Some(table) = self.tracked.tables.get(name) else {
            let message = format!("table \"{name}\" does not exist");
            return Err(Error::new(Code::NotExists, message).at("table").at("args"));
        };
        if self.role != engine_model::session::ADMIN {
            let message = format!(
                "{operation} on \"{name}\" for role \"{}\" is not allowed. ",
                self.role
            );
            return Err(Error::new(Code::PermissionDenied, message).at("args"));
        }
        Ok(table)
    }

    /// Returns the target table of a relationship.
    fn target(&self, name: &TableName) -> Result<&'s TrackedTable> {
        let missing = || Error::new(Code::NotExists, format!("table \"{name}\" does not exist"));
        self.tracked
            .tables
            .get(name)
            .map(|table| &**table)
            .ok_or_else(missing)
    }
}

/// Returns a column by its Postgres name.
fn column<'s>(table: &'s TrackedTable, name: &str) -> Result<&'s Column> {
    table.table.column(name).ok_or_else(|| {
        if table.relationships.contains_key(name) {
            let message = format!("expecting a Postgres column; but, \"{name}\" is a relationship");
            return Error::new(Code::UnexpectedPayload, message);
        }
        Error::new(Code::NotExists, format!("column \"{name}\" does not exist"))
    })
}

async fn query(transaction: &MetadataTransaction<'_>, statement: Statement) -> Result<Bytes> {
    let field = RootField {
        key: KEY.to_owned(),
        name: KEY.to_owned(),
        path: Vec::new(),
        value: QueryField::Statement(statement),
    };
    let body = exec::query(
        &transaction.admin.pool,
        transaction.admin.options.operation_limit,
        &[field],
    )
    .await
    .map_err(|e| e.at("args"))?;
    Ok(unwrap(body))
}

async fn mutation(transaction: &MetadataTransaction<'_>, step: Step) -> Result<Bytes> {
    let field = RootField {
        key: KEY.to_owned(),
        name: KEY.to_owned(),
        path: Vec::new(),
        value: step,
    };
    let trace = engine_runtime::graphql::trace_context();
    let result = exec::mutation(
        &transaction.admin.pool,
        transaction.admin.options.operation_limit,
        transaction.session,
        &trace,
        &[field],
    )
    .await;
    // Also after a failure: the connection may have been lost after the commit.
    transaction.admin.waker.wake();
    Ok(unwrap(result.map_err(|e| e.at("args"))?))
}

/// `{"data":{"r":…}}` → `…`.
fn unwrap(body: Vec<u8>) -> Bytes {
    const OPEN: &[u8] = b"{\"data\":{\"r\":";
    const CLOSE: &[u8] = b"}}";
    let body = Bytes::from(body);
    match body.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)) {
        Some(inner) => body.slice_ref(inner),
        None => body,
    }
}
