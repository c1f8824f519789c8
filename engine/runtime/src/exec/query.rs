//! Execution of a query: its root fields pipelined on one connection.

use deadpool_postgres::ClientWrapper;
use engine_error::Result;
use engine_plan::{QueryField, RootField, Statement};
use engine_postgres::error::{StatementContext, from_postgres, is_stale};
use engine_postgres::limit::{CheckedOut, with_deadline};
use engine_postgres::pool::Connections;
use engine_postgres::statement::{prepare, push_key, push_value, rows, value_size};
use futures_util::future::join_all;
use std::time::Duration;
use tokio_postgres::Row;

/// Runs a query and returns the response's body. `limit` is the time limit of the whole operation.
pub async fn query(
    pool: &Connections,
    limit: Option<Duration>,
    fields: &[RootField<QueryField>],
) -> Result<Vec<u8>> {
    let results = if fields
        .iter()
        .any(|field| matches!(field.value, QueryField::Statement(_)))
    {
        let client = CheckedOut::get(pool).await?;
        let result = with_deadline(limit, &client, async {
            match run(&client, fields).await {
                Err((error, _)) if is_stale(&error) => {
                    client.statement_cache.clear();
                    run(&client, fields).await
                }
                other => other,
            }
        })
        .await;
        client.release();
        result.map_err(|(error, field)| from_postgres(&error, &context(&fields[field])))?
    } else {
        fields.iter().map(|_| Vec::new()).collect()
    };
    // Allocate the whole body at once: a growing buffer is copied each time.
    let size = fields.iter().zip(&results).map(|(field, rows)| {
        let value = match &field.value {
            QueryField::Constant(json) => json.len(),
            QueryField::Statement(_) => value_size(rows),
        };
        field.key.len() + value + 4
    });
    let mut body = Vec::with_capacity(16 + size.sum::<usize>());
    body.extend_from_slice(b"{\"data\":{");
    for (i, (field, rows)) in fields.iter().zip(&results).enumerate() {
        push_key(&mut body, &field.key, i == 0);
        match &field.value {
            QueryField::Constant(json) => body.extend_from_slice(json.as_bytes()),
            QueryField::Statement(_) => {
                push_value(&mut body, rows).map_err(|error| from_postgres(&error, &context(field)))?;
            }
        }
    }
    body.extend_from_slice(b"}}");
    Ok(body)
}

fn context(field: &RootField<QueryField>) -> StatementContext<'_> {
    let statement = match &field.value {
        QueryField::Statement(statement) => Some(statement),
        QueryField::Constant(_) => None,
    };
    StatementContext {
        statement,
        prepared: true,
    }
}

/// Returns the rows of each field, or the first error and the index of its field. Waits for all statements, so that the
/// connection returns to the pool without pending work.
async fn run(
    client: &ClientWrapper,
    fields: &[RootField<QueryField>],
) -> Result<Vec<Vec<Row>>, (tokio_postgres::Error, usize)> {
    if let [
        RootField {
            value: QueryField::Statement(statement),
            ..
        },
    ] = fields
    {
        return one(client, statement)
            .await
            .map(|rows| vec![rows])
            .map_err(|error| (error, 0));
    }
    let results = join_all(fields.iter().map(|field| async move {
        match &field.value {
            QueryField::Constant(_) => Ok(Vec::new()),
            QueryField::Statement(statement) => one(client, statement).await,
        }
    }))
    .await;
    results
        .into_iter()
        .enumerate()
        .map(|(i, result)| result.map_err(|error| (error, i)))
        .collect()
}

async fn one(client: &ClientWrapper, statement: &Statement) -> Result<Vec<Row>, tokio_postgres::Error> {
    let prepared = prepare(client, &statement.sql).await?;
    rows(client, &prepared, statement).await
}
