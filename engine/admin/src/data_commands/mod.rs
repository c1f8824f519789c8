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
use engine_error::{Code, Error, ExecutionError, Result};
use engine_model::catalog::{Column, TableName};
use engine_model::metadata::tracked::{TrackedObjects, TrackedTable};
use engine_plan::schema::RoleSchema;
use engine_plan::schema::table::TableSchema;
use engine_plan::translate::Translator;
use engine_plan::{Step, Values};
use engine_runtime::exec::{self, Response};
use engine_sql::Statement;
use serde_json::Value;

/// Runs the command `kind` on the uncommitted state of `transaction`.
pub(crate) async fn run(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Bytes> {
    let cache = transaction.schema_cache();
    let options = transaction.admin.options.schema;
    let role = &transaction.session.role;
    let scope = Scope {
        tracked: &cache.resolved.tracked,
        schema: &cache.schema(role, options),
        role,
    };
    match kind {
        "select" => query(transaction, select::plan(&scope, args)?).await,
        "count" => query(transaction, count::plan(&scope, args)?).await,
        "insert" => mutation(transaction, write::insert(&scope, args)?).await,
        "update" => mutation(transaction, write::update(&scope, args)?).await,
        _ => mutation(transaction, write::delete(&scope, args)?).await,
    }
}

/// Objects that a command can refer to.
struct Scope<'s> {
    tracked: &'s TrackedObjects,
    schema: &'s RoleSchema,
    role: &'s str,
}

impl<'s> Scope<'s> {
    /// Returns the table of a command.
    fn table(&self, name: &TableName, operation: &str) -> Result<&'s TableSchema> {
        if !self.tracked.tables.contains_key(name) {
            let message = format!("table \"{name}\" does not exist");
            return Err(Error::new(Code::NotExists, message).at("table").at("args"));
        }
        let denied = || {
            let message = format!(
                "{operation} on \"{name}\" for role \"{}\" is not allowed. ",
                self.role
            );
            Error::new(Code::PermissionDenied, message).at("args")
        };
        self.schema.data_table(name).ok_or_else(denied)
    }

    /// Returns the target table of a relationship.
    fn target(&self, name: &TableName) -> Result<&'s TableSchema> {
        let missing = || Error::new(Code::NotExists, format!("table \"{name}\" does not exist"));
        self.schema.data_table(name).ok_or_else(missing)
    }

    fn translator(&self) -> Translator {
        Translator::new(self.schema.options().stringify_numeric_types)
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
    let values = Values::default();
    let (pool, limit) = (&transaction.admin.pool, transaction.admin.options.operation_limit);
    let isolation = pool.isolation(transaction.now().metadata.isolation_level());
    let response = exec::statement(pool, isolation, limit, values.bind(&statement)).await;
    body(response)
}

async fn mutation(transaction: &MetadataTransaction<'_>, step: Step) -> Result<Bytes> {
    let values = Values::default();
    let trace = engine_runtime::graphql::trace_context();
    let pool = &transaction.admin.pool;
    let result = exec::mutation(
        pool,
        pool.isolation(transaction.now().metadata.isolation_level()),
        transaction.admin.options.operation_limit,
        transaction.session,
        &trace,
        &[(&step, &[])],
        &values,
    )
    .await;
    // Also after a failure: the connection may have been lost after the commit.
    transaction.admin.waker.wake();
    let response = result.map(|mut responses| responses.pop().unwrap_or(Response::Row(None)));
    body(response)
}

fn body(response: Result<Response<'_>, ExecutionError>) -> Result<Bytes> {
    let write = |response: Response<'_>| {
        let mut body = Vec::with_capacity(response.size());
        response.push(&mut body)?;
        Ok(body.into())
    };
    response.and_then(write).map_err(|error| error.0.at("args"))
}
