//! Responses that a statement builds as JSON text. They are sent as Postgres prints them, so that numbers keep their digits.

use super::Answer;
use crate::metadata_transaction::MetadataTransaction;
use bytes::Bytes;
use engine_error::{Code, Error, Result};
use engine_postgres::pool::{self, driver_error};
use tokio_postgres::types::ToSql;

/// Returns the first column of the only row.
pub(super) async fn read(
    transaction: &MetadataTransaction<'_>,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Answer> {
    let answer = read_optional(transaction, sql, params).await?;
    answer.ok_or_else(|| Error::new(Code::Unexpected, "the statement returned no row"))
}

/// Returns the first column of the row; `None` without a row.
pub(super) async fn read_optional(
    transaction: &MetadataTransaction<'_>,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Option<Answer>> {
    let client = pool::get(&transaction.admin.pool).await?;
    let row = client
        .query_opt(sql, params)
        .await
        .map_err(|error| driver_error(&error))?;
    Ok(row.map(|row| Answer::Raw(Bytes::from(row.get::<_, String>(0)))))
}
