//! Execution of a query: its root fields pipelined on one connection.

use super::Response;
use deadpool_postgres::ClientWrapper;
use engine_error::{ExecutionError, Result};
use engine_plan::{QueryField, RootField, Values};
use engine_postgres::error::{StatementContext, from_postgres, is_stale};
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::limit::{ByteBudget, CheckedOut, OperationLimits, with_deadline};
use engine_postgres::pool::Connections;
use engine_postgres::statement::{prepare, rows};
use engine_sql::BoundStatement;
use futures_util::future::{join_all, join3};
use std::pin::pin;
use tokio_postgres::Row;

/// Runs a query and returns the response of each root field.
pub async fn query<'p>(
    pool: &Connections,
    isolation: IsolationLevel,
    limits: OperationLimits<'_>,
    fields: &'p [RootField<QueryField>],
    values: &Values,
) -> Result<Vec<Response<'p>>, ExecutionError> {
    let statements: Vec<BoundStatement<'_>> = fields
        .iter()
        .filter_map(|field| match &field.value {
            QueryField::Statement(statement) => Some(values.bind(statement)),
            QueryField::Constant(_) => None,
        })
        .collect();
    let mut results = rows_of(pool, isolation, limits, &statements).await?.into_iter();
    let responses = fields.iter().map(|field| match &field.value {
        QueryField::Constant(json) => Response::Constant(json),
        QueryField::Statement(_) => Response::of(results.next().unwrap_or_default()),
    });
    Ok(responses.collect())
}

/// Runs one statement and returns its response.
pub async fn statement(
    pool: &Connections,
    isolation: IsolationLevel,
    limits: OperationLimits<'_>,
    statement: BoundStatement<'_>,
) -> Result<Response<'static>, ExecutionError> {
    let mut results = rows_of(pool, isolation, limits, &[statement]).await?;
    Ok(Response::of(results.pop().unwrap_or_default()))
}

/// Returns the rows of each statement.
async fn rows_of(
    pool: &Connections,
    isolation: IsolationLevel,
    limits: OperationLimits<'_>,
    statements: &[BoundStatement<'_>],
) -> Result<Vec<Vec<Row>>, ExecutionError> {
    if statements.is_empty() {
        return Ok(Vec::new());
    }
    let client = CheckedOut::get(pool, limits.client).await?;
    let budget = ByteBudget::new(limits.response);
    let result = {
        // Pinned here, because each function that takes it by value would store it twice: the requests in progress would use much memory.
        let work = pin!(async {
            match run(&client, isolation, statements, &budget).await {
                Err((error, _)) if is_stale(&error) => {
                    client.statement_cache.clear();
                    budget.reset();
                    run(&client, isolation, statements, &budget).await
                }
                other => other,
            }
        });
        let work = pin!(budget.within(work));
        with_deadline(limits.time, &client, work).await
    };
    let Some(result) = result else {
        // The connection is not released, but closed with the results that are left.
        return Err(limits.response.exceeded(None).into());
    };
    client.release();
    result.map_err(|(error, failed)| {
        let context = StatementContext {
            statement: statements.get(failed),
            prepared: true,
        };
        from_postgres(&error, &context).into()
    })
}

/// Returns the rows of each statement, or the first error and the index of its statement. Waits for all statements, so that
/// the connection returns to the pool without pending work.
async fn run(
    client: &ClientWrapper,
    isolation: IsolationLevel,
    statements: &[BoundStatement<'_>],
    budget: &ByteBudget,
) -> Result<Vec<Vec<Row>>, (tokio_postgres::Error, usize)> {
    if let Some(begin) = isolation.begin_if_not_default() {
        return in_transaction(client, begin, statements, budget).await;
    }
    if let [statement] = statements {
        return one(client, statement, budget)
            .await
            .map(|rows| vec![rows])
            .map_err(|error| (error, 0));
    }
    let results = join_all(statements.iter().map(|statement| one(client, statement, budget))).await;
    results
        .into_iter()
        .enumerate()
        .map(|(i, result)| result.map_err(|error| (error, i)))
        .collect()
}

/// Runs the statements in one transaction, pipelined with its BEGIN and COMMIT. If one fails, Postgres skips the following
/// ones and COMMIT becomes a rollback.
async fn in_transaction(
    client: &ClientWrapper,
    begin: &str,
    statements: &[BoundStatement<'_>],
    budget: &ByteBudget,
) -> Result<Vec<Vec<Row>>, (tokio_postgres::Error, usize)> {
    let mut prepared = Vec::with_capacity(statements.len());
    for (i, statement) in statements.iter().enumerate() {
        let result = prepare(client, &statement.sql).await;
        prepared.push(result.map_err(|error| (error, i))?);
    }
    let statements = prepared
        .iter()
        .zip(statements)
        .map(|(prepared, statement)| rows(client, prepared, statement, budget));
    // Each future sends its request when first polled, and `join3` polls them in this order.
    let (opened, results, committed) = join3(
        client.batch_execute(begin),
        join_all(statements),
        client.batch_execute("COMMIT"),
    )
    .await;
    opened.map_err(|error| (error, 0))?;
    let results = results
        .into_iter()
        .enumerate()
        .map(|(i, result)| result.map_err(|error| (error, i)))
        .collect::<Result<Vec<_>, _>>()?;
    // A serializable transaction may fail at its end, for a reason that no statement has alone.
    committed.map_err(|error| (error, 0))?;
    Ok(results)
}

async fn one(
    client: &ClientWrapper,
    statement: &BoundStatement<'_>,
    budget: &ByteBudget,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let prepared = prepare(client, &statement.sql).await?;
    rows(client, &prepared, statement, budget).await
}
