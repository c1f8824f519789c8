//! Execution of the data commands of /v1/query (`select`, `insert`, `update`, `delete`, `count`), which
//! `engine_plan::data_command` plans.

use crate::metadata_transaction::MetadataTransaction;
use bytes::Bytes;
use engine_error::{ExecutionError, Result};
use engine_plan::data_command::{Scope, Statements, bind};
use engine_plan::plan::index_session_variables;
use engine_plan::{Statement, Step, TableSet, Values};
use engine_runtime::exec::{self, CaptureContext, Response};
use serde_json::Value;
use trace_context::TraceContext;

/// Runs the command `kind` on the uncommitted state of `transaction`.
pub(crate) async fn run(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Bytes> {
    let planned = plan(transaction, kind, args)?;
    match &planned.statements {
        Statements::Query(statement) => query(transaction, statement, &planned.values).await,
        Statements::Mutation(step) => mutation(transaction, step, &planned.values).await,
    }
}

/// Returns the error with which [`run`] would refuse the command before it executes a statement.
pub(crate) fn check(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<()> {
    plan(transaction, kind, args).map(drop)
}

/// Planned command and the values of its session variables.
struct Planned {
    statements: Statements,
    values: Values,
}

fn plan(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Planned> {
    let cache = transaction.schema_cache();
    let options = transaction.admin.options.schema;
    let session = transaction.session;
    let schema = cache.schema(session, options);
    let scope = Scope {
        tracked: &cache.resolved.tracked,
        schema: &schema,
        session,
    };
    let mut statements = bind(&scope, kind, args)?
        .statements(options.stringify_numeric_types, schema.response_limit())
        .map_err(|error| error.at("args"))?;
    let mut sources = Vec::new();
    let mut index = |statement: &mut Statement| index_session_variables(statement, &mut sources);
    match &mut statements {
        Statements::Query(statement) => index(statement),
        Statements::Mutation(step) => step.statements_mut(&mut index),
    }
    let values = Values::new(&sources, None, session).map_err(|error| error.at("args"))?;
    statements
        .check_values(&values)
        .map_err(|error| error.at("args"))?;
    Ok(Planned { statements, values })
}

async fn query(
    transaction: &MetadataTransaction<'_>,
    statement: &Statement,
    values: &Values,
) -> Result<Bytes> {
    let (pool, limits) = (&transaction.admin.pool, transaction.limits()?);
    let isolation = pool.isolation(transaction.now().metadata.isolation_level());
    let response = exec::statement(pool, isolation, limits, values.bind(statement)).await;
    body(response)
}

async fn mutation(transaction: &MetadataTransaction<'_>, step: &Step, values: &Values) -> Result<Bytes> {
    let limits = transaction.limits()?;
    let trace = TraceContext::child_of(transaction.session.trace.as_ref()).to_hasura_json();
    let pool = &transaction.admin.pool;
    let mutation = transaction.admin.waker.mutation(&TableSet::All);
    let result = exec::mutation(
        pool,
        pool.isolation(transaction.now().metadata.isolation_level()),
        limits,
        CaptureContext {
            session: transaction.session,
            trace: &trace,
            origin: transaction.admin.waker.origin(),
        },
        &[(step, &[])],
        values,
    )
    .await;
    drop(mutation);
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
