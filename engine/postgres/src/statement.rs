//! One statement with text parameters and its result as raw bytes.

use crate::limit::ByteBudget;
use bytes::BytesMut;
use deadpool_postgres::ClientWrapper;
use engine_sql::BoundStatement;
use futures_util::TryStreamExt as _;
use std::error::Error as StdError;
use std::pin::pin;
use tokio_postgres::types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Error, Row, RowStream};

/// Maximum number of prepared statements per connection. Each uses about 10 kB in Postgres; the SQL text depends on the
/// selections of clients, so their number is otherwise unbounded.
const MAX_PREPARED: usize = 200;
/// Maximum length of the SQL of a prepared statement that is kept. Longer statements, such as inserts of many rows with
/// different columns, are rarely repeated and use much more memory.
const MAX_KEPT_SQL: usize = 32 * 1024;

/// Parameter in text format, for any type: Postgres parses it.
#[derive(Debug)]
struct Text<'a>(Option<&'a str>);

impl ToSql for Text<'_> {
    fn to_sql(&self, _ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        Ok(match self.0 {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                IsNull::No
            }
            None => IsNull::Yes,
        })
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    fn encode_format(&self, _ty: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// Bytes of a json or text value, which are the same in text and binary format.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::JSON | Type::TEXT)
    }
}

/// Prepares a statement, or returns it from the cache. A long statement is not kept.
pub async fn prepare(client: &ClientWrapper, sql: &str) -> Result<tokio_postgres::Statement, Error> {
    if sql.len() > MAX_KEPT_SQL {
        return client.prepare(sql).await;
    }
    if client.statement_cache.size() >= MAX_PREPARED {
        client.statement_cache.clear();
    }
    client.prepare_cached(sql).await
}

/// Runs a prepared statement and collects its rows. The request is sent when the future is first polled, so that several
/// futures polled in turn are pipelined. The budget limits the rows as in [`collect`].
pub async fn rows(
    client: &ClientWrapper,
    prepared: &tokio_postgres::Statement,
    statement: &BoundStatement<'_>,
    budget: &ByteBudget,
) -> Result<Vec<Row>, Error> {
    let params: Vec<Text<'_>> = statement
        .params
        .iter()
        .map(|param| Text(param.as_deref()))
        .collect();
    let stream = client
        .query_raw(prepared, params.iter().map(|param| param as &dyn ToSql))
        .await?;
    collect(stream, budget).await
}

/// Collects the rows of a result. If they exceed the budget, the rest is not collected; the caller checks the budget.
pub async fn collect(stream: RowStream, budget: &ByteBudget) -> Result<Vec<Row>, Error> {
    let mut stream = pin!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        if !budget.spend(row.raw_size_bytes()) {
            break;
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Returns a value of a row as bytes; null is `None`.
pub fn bytes(row: &Row, index: usize) -> Result<Option<&[u8]>, Error> {
    Ok(row.try_get::<_, Option<Raw<'_>>>(index)?.map(|raw| raw.0))
}

/// Returns a text value of a row; null is `None`.
pub fn text(row: &Row, index: usize) -> Result<Option<String>, Error> {
    row.try_get(index)
}
