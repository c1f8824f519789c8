//! One statement with text parameters, its answer as raw bytes.

use crate::plan::Statement;
use bytes::BytesMut;
use deadpool_postgres::ClientWrapper;
use futures_util::TryStreamExt as _;
use std::error::Error as StdError;
use std::pin::pin;
use tokio_postgres::types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Error, Row};

/// Statements kept prepared on one connection. Each costs some ten kilobytes in Postgres; texts vary with what clients
/// select, so there is no natural bound.
const MAX_PREPARED: usize = 200;

/// A parameter in text form, whatever its type: Postgres reads it.
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

/// The bytes of a json or text value, which are the same in both of Postgres' formats.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::JSON | Type::TEXT)
    }
}

/// Prepares a statement, or finds it prepared.
pub(super) async fn prepare(client: &ClientWrapper, sql: &str) -> Result<tokio_postgres::Statement, Error> {
    if client.statement_cache.size() >= MAX_PREPARED {
        client.statement_cache.clear();
    }
    client.prepare_cached(sql).await
}

/// Runs a prepared statement and collects its rows. The request is sent when the future is first polled, so that
/// several, polled in turn, go out together.
pub(super) async fn rows(
    client: &ClientWrapper,
    prepared: &tokio_postgres::Statement,
    statement: &Statement,
) -> Result<Vec<Row>, Error> {
    let params: Vec<Text<'_>> = statement
        .params
        .iter()
        .map(|param| Text(param.as_deref()))
        .collect();
    let stream = client
        .query_raw(prepared, params.iter().map(|param| param as &dyn ToSql))
        .await?;
    let mut stream = pin!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        rows.push(row);
    }
    Ok(rows)
}

/// A value of a row as bytes; null is `None`.
pub(super) fn bytes(row: &Row, index: usize) -> Result<Option<&[u8]>, Error> {
    Ok(row.try_get::<_, Option<Raw<'_>>>(index)?.map(|raw| raw.0))
}

/// A text value of a row; null is `None`.
pub(super) fn text(row: &Row, index: usize) -> Result<Option<String>, Error> {
    row.try_get(index)
}

/// How many bytes [`push_value`] will append, where nothing is wrong with them.
pub(super) fn value_size(rows: &[Row]) -> usize {
    let value = rows.first().and_then(|row| bytes(row, 0).ok().flatten());
    value.map_or(4, <[u8]>::len)
}

/// Appends a statement's one value to a response.
pub(super) fn push_value(body: &mut Vec<u8>, rows: &[Row]) -> Result<(), Error> {
    let value = match rows.first() {
        Some(row) => bytes(row, 0)?,
        None => None,
    };
    body.extend_from_slice(value.unwrap_or(b"null"));
    Ok(())
}

/// Appends `"key":`, after a comma unless it is the first.
pub(super) fn push_key(body: &mut Vec<u8>, key: &str, first: bool) {
    if !first {
        body.push(b',');
    }
    // Response keys are GraphQL names: nothing in them needs escaping.
    body.push(b'"');
    body.extend_from_slice(key.as_bytes());
    body.extend_from_slice(b"\":");
}
