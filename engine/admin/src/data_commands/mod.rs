//! Data commands of /v1/query (`select`, `insert`, `update`, `delete`, `count`). They are translated to the IR that
//! GraphQL is planned with. Columns have their Postgres names here, operators are written `$eq` or `_eq`.
//!
//! - [`select`] — rows, and the columns of `returning`
//! - [`write`] — insert, update, delete
//! - [`count`] — number of rows
//!
//! `where` is that of `engine_plan::condition`, the language of permissions.

mod count;
mod select;
mod write;

use crate::metadata_transaction::MetadataTransaction;
use bytes::Bytes;
use engine_error::{Code, Error, ExecutionError, Result};
use engine_model::catalog::{Column, TableName};
use engine_model::metadata::tracked::{Relationship, TrackedObjects, TrackedTable};
use engine_model::session::Session;
use engine_plan::condition::{self, column, column_denied, relationship_denied};
use engine_plan::ir::{BoolExp, RequestValue};
use engine_plan::plan::index_session_variables;
use engine_plan::schema::RoleSchema;
use engine_plan::schema::table::{Operation, TableSchema};
use engine_plan::translate::Translator;
use engine_plan::{Step, Values};
use engine_runtime::exec::{self, Response};
use engine_sql::Statement;
use serde_json::Value;

/// Runs the command `kind` on the uncommitted state of `transaction`.
pub(crate) async fn run(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Bytes> {
    match plan(transaction, kind, args)? {
        Plan::Query(statement, values) => query(transaction, &statement, &values).await,
        Plan::Mutation(step, values) => mutation(transaction, &step, &values).await,
    }
}

/// Returns the error with which [`run`] would refuse the command before it executes a statement.
pub(crate) fn check(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<()> {
    plan(transaction, kind, args).map(|_| ())
}

/// Planned command and the values of its session variables.
enum Plan {
    Query(Statement, Values),
    Mutation(Step, Values),
}

fn plan(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Plan> {
    let cache = transaction.schema_cache();
    let session = transaction.session;
    let scope = Scope {
        tracked: &cache.resolved.tracked,
        schema: &cache.schema(session, transaction.admin.options.schema),
        session,
    };
    let query = |mut statement: Statement| {
        let mut sources = Vec::new();
        index_session_variables(&mut statement, &mut sources);
        Ok(Plan::Query(statement, session_values(session, &sources)?))
    };
    let mutation = |mut step: Step| {
        let mut sources = Vec::new();
        step.statements_mut(&mut |statement| index_session_variables(statement, &mut sources));
        Ok(Plan::Mutation(step, session_values(session, &sources)?))
    };
    match kind {
        "select" => query(select::plan(&scope, args)?),
        "count" => query(count::plan(&scope, args)?),
        "insert" => mutation(write::insert(&scope, args)?),
        "update" => mutation(write::update(&scope, args)?),
        _ => mutation(write::delete(&scope, args)?),
    }
}

/// Objects that a command can refer to.
struct Scope<'s> {
    tracked: &'s TrackedObjects,
    schema: &'s RoleSchema,
    session: &'s Session,
}

/// Hint of a refusal: the permission that a command needs besides that of its operation.
// Hasura's wording
const NEEDS_SELECT: &str = "is only allowed if the role has \"select\" permission as \"where\" can't be used without \"select\" permission on the table";

impl<'s> Scope<'s> {
    fn role(&self) -> &'s str {
        &self.session.role
    }

    /// Returns a table whether or not the role may use it.
    fn tracked(&self, name: &TableName) -> Result<&'s TrackedTable> {
        let missing = || {
            let message = format!("table \"{name}\" does not exist");
            Error::new(Code::NotExists, message).at("table").at("args")
        };
        self.tracked
            .tables
            .get(name)
            .map(|table| &**table)
            .ok_or_else(missing)
    }

    /// Returns a table for an operation that the role may perform. The session must have all variables of the permission.
    fn table(&self, name: &TableName, operation: Operation) -> Result<&'s TableSchema> {
        let word = match operation {
            Operation::Select => "select",
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Delete => "delete",
        };
        let table = self.schema.data_table(name).filter(|table| match operation {
            Operation::Select => table.can_select(),
            Operation::Insert => table.has_insert_permission(),
            Operation::Update => table.has_update_permission(),
            Operation::Delete => table.has_delete_permission(),
        });
        let table = table.ok_or_else(|| self.denied(word, name, ""))?;
        if matches!(operation, Operation::Update | Operation::Delete) && !table.can_select() {
            return Err(self.denied("select", name, &format!("; \"{word}\" {NEEDS_SELECT}")));
        }
        for variable in table.session_variables(&[operation]) {
            if !self.session.variables.contains_key(&variable) {
                // Hasura's wording
                let message = format!("{variable} header is expected but not found");
                return Err(Error::new(Code::NotFound, message).at("args"));
            }
        }
        Ok(table)
    }

    /// Returns a table that the role may read, for a command whose need of that permission `hint` explains.
    fn readable(&self, name: &TableName, hint: &str) -> Result<&'s TableSchema> {
        let table = self.schema.readable(name);
        table.ok_or_else(|| self.denied("select", name, hint))
    }

    // Hasura's wording
    fn denied(&self, operation: &str, table: &TableName, hint: &str) -> Error {
        let role = self.role();
        let message = format!("{operation} on \"{table}\" for role \"{role}\" is not allowed. {hint}");
        Error::new(Code::PermissionDenied, message).at("args")
    }

    /// Returns the target table of a relationship.
    fn target(&self, relationship: &Relationship) -> Result<&'s TableSchema> {
        let denied = || relationship_denied(self.role(), &relationship.name, &relationship.target);
        self.schema.readable(&relationship.target).ok_or_else(denied)
    }

    /// Returns a column that the role may read, by its Postgres name.
    fn readable_column(&self, table: &'s TableSchema, name: &str) -> Result<&'s Column> {
        let column = column(table.tracked(), name)?;
        if table.can_read(column) {
            Ok(column)
        } else {
            Err(column_denied(self.role(), "select", name))
        }
    }

    /// Returns the condition `where`.
    fn condition(&self, table: &'s TableSchema, condition: Option<&Value>) -> Result<BoolExp<'s>> {
        condition::of_command(self.schema, self.role(), table, condition)
    }

    fn translator(&self) -> Translator {
        Translator::new(self.schema.options().stringify_numeric_types)
    }
}

/// Returns the values of the session variables that the statements use.
fn session_values(session: &Session, sources: &[RequestValue]) -> Result<Values> {
    Values::new(sources, None, session).map_err(|error| error.at("args"))
}

async fn query(
    transaction: &MetadataTransaction<'_>,
    statement: &Statement,
    values: &Values,
) -> Result<Bytes> {
    let (pool, limit) = (&transaction.admin.pool, transaction.time_limit()?);
    let isolation = pool.isolation(transaction.now().metadata.isolation_level());
    let response = exec::statement(pool, isolation, limit, values.bind(statement)).await;
    body(response)
}

async fn mutation(transaction: &MetadataTransaction<'_>, step: &Step, values: &Values) -> Result<Bytes> {
    let limit = transaction.time_limit()?;
    let trace = engine_runtime::graphql::trace_context();
    let pool = &transaction.admin.pool;
    let result = exec::mutation(
        pool,
        pool.isolation(transaction.now().metadata.isolation_level()),
        limit,
        transaction.session,
        &trace,
        &[(step, &[])],
        values,
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
