//! `EXPLAIN` of a statement.

use deadpool_postgres::Pool;
use engine_error::Result;
use engine_postgres::error::{StatementContext, from_postgres};
use engine_postgres::limit::{ByteBudget, ResponseLimit};
use engine_postgres::pool;
use engine_postgres::statement::{prepare, rows, text};
use engine_sql::BoundStatement;
use std::borrow::Cow;

/// Returns Postgres' plan of a statement as lines. The statement is not executed.
pub async fn explain_statement(
    pool: &Pool,
    limit: ResponseLimit,
    statement: &BoundStatement<'_>,
) -> Result<Vec<String>> {
    let client = pool::get(pool).await?;
    let explain = BoundStatement {
        sql: Cow::Owned(format!("EXPLAIN (FORMAT TEXT) {}", statement.sql)),
        params: statement.params.clone(),
    };
    let budget = ByteBudget::new(limit);
    let run = async {
        let prepared = prepare(&client, &explain.sql).await?;
        let rows = rows(&client, &prepared, &explain, &budget).await?;
        rows.iter()
            .map(|row| text(row, 0).map(Option::unwrap_or_default))
            .collect::<Result<Vec<_>, _>>()
    };
    let lines = run.await.map_err(|error| {
        from_postgres(
            &error,
            &StatementContext {
                statement: Some(statement),
                prepared: true,
            },
        )
    })?;
    budget.check()?;
    Ok(lines)
}
