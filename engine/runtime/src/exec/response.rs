//! Response value of a root field, without the envelope of GraphQL.

use engine_error::{ExecutionError, Result};
use engine_postgres::error::{StatementContext, from_postgres};
use engine_postgres::statement::bytes;
use tokio_postgres::Row;

/// Response value of a root field. The bytes of Postgres are copied once, into the body.
#[derive(Debug)]
pub enum Response<'p> {
    /// JSON known without a statement.
    Constant(&'p str),
    /// First row of a statement, whose first value is JSON; no row is null.
    Row(Option<Row>),
    /// Several values, as a list.
    Many(Vec<Response<'p>>),
}

impl Response<'_> {
    pub(super) fn of(rows: Vec<Row>) -> Self {
        Self::Row(rows.into_iter().next())
    }

    fn value(row: Option<&Row>) -> Result<&[u8], ExecutionError> {
        let value = match row {
            Some(row) => bytes(row, 0).map_err(|error| {
                let context = StatementContext {
                    statement: None,
                    prepared: true,
                };
                from_postgres(&error, &context)
            })?,
            None => None,
        };
        Ok(value.unwrap_or(b"null"))
    }

    /// Returns the number of bytes that [`Self::push`] appends on success.
    pub fn size(&self) -> usize {
        match self {
            Self::Constant(json) => json.len(),
            Self::Row(row) => Self::value(row.as_ref()).map_or(0, <[u8]>::len),
            Self::Many(responses) => {
                1 + responses
                    .iter()
                    .map(|response| response.size() + 1)
                    .sum::<usize>()
            }
        }
    }

    /// Appends the value as JSON.
    pub fn push(&self, body: &mut Vec<u8>) -> Result<(), ExecutionError> {
        match self {
            Self::Constant(json) => body.extend_from_slice(json.as_bytes()),
            Self::Row(row) => body.extend_from_slice(Self::value(row.as_ref())?),
            Self::Many(responses) => {
                body.push(b'[');
                for (i, response) in responses.iter().enumerate() {
                    if i > 0 {
                        body.push(b',');
                    }
                    response.push(body)?;
                }
                body.push(b']');
            }
        }
        Ok(())
    }
}
