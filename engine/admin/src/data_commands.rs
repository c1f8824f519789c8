//! Execution of the data commands of /v1/query (`select`, `insert`, `update`, `delete`, `count`), which
//! `engine_plan::data_command` plans.

use crate::metadata_transaction::MetadataTransaction;
use bytes::Bytes;
use engine_error::{ExecutionError, Result};
use engine_model::session::Session;
use engine_plan::data_command::{Scope, Statements, bind};
use engine_plan::ir::RequestValue;
use engine_plan::plan::index_session_variables;
use engine_plan::{Statement, Step, Values};
use engine_runtime::exec::{self, Response};
use serde_json::Value;

/// Runs the command `kind` on the uncommitted state of `transaction`.
pub(crate) async fn run(transaction: &MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Bytes> {
    let cache = transaction.schema_cache();
    let options = transaction.admin.options.schema;
    let session = transaction.session;
    let statements = {
        let schema = cache.schema(session, options);
        let scope = Scope {
            tracked: &cache.resolved.tracked,
            schema: &schema,
            session,
        };
        bind(&scope, kind, args)?.statements(options.stringify_numeric_types)
    };
    match statements {
        Statements::Query(statement) => query(transaction, statement).await,
        Statements::Mutation(step) => mutation(transaction, step).await,
    }
}

/// Returns the values of the session variables that the statements use.
fn session_values(session: &Session, sources: &[RequestValue]) -> Result<Values> {
    Values::new(sources, None, session).map_err(|error| error.at("args"))
}

async fn query(transaction: &MetadataTransaction<'_>, mut statement: Statement) -> Result<Bytes> {
    let mut sources = Vec::new();
    index_session_variables(&mut statement, &mut sources);
    let values = session_values(transaction.session, &sources)?;
    let (pool, limit) = (&transaction.admin.pool, transaction.admin.options.operation_limit);
    let isolation = pool.isolation(transaction.now().metadata.isolation_level());
    let response = exec::statement(pool, isolation, limit, values.bind(&statement)).await;
    body(response)
}

async fn mutation(transaction: &MetadataTransaction<'_>, mut step: Step) -> Result<Bytes> {
    let mut sources = Vec::new();
    step.statements_mut(&mut |statement| index_session_variables(statement, &mut sources));
    let values = session_values(transaction.session, &sources)?;
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
