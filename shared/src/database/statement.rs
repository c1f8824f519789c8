//! Statements that Postgres plans once per connection instead of at each call.
//!
//! A step's statement takes Postgres five times as long to plan as to run (docs/performance.md). Prepared statements would
//! save that, but pgBouncer in transaction mode lends another server connection to each transaction, where the name is
//! unknown. A *temporary function*, though, is found by its name: whoever meets a server connection without it makes it
//! there, and everybody after him, from whatever process, calls it. PL/pgSQL keeps the plans of its statements for as long
//! as the connection lives.
//!
//! The name holds a fingerprint of the text, so that old and new versions of a function can share a pool. A role that may
//! not make temporary objects has each statement planned at each call; nothing else changes. See
//! docs/decisions/0005-plans-are-kept-in-temporary-functions.md.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::Object;
use tokio_postgres::{Error, Row, error::SqlState};
use tracing::info;

use super::Params;

/// A statement of this crate. It returns at most one row and may be run twice.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// A name for Postgres, made of lower-case letters and underscores.
    pub name: &'static str,
    /// One statement, with `$1`, `$2`, … for its parameters.
    pub sql: &'static str,
    /// The columns of its row, each with its type; empty where it returns none.
    pub columns: &'static str,
}

/// Whether temporary functions are to be had; one process asks one database.
#[derive(Debug, Default)]
pub(super) struct Planning {
    at_each_call: AtomicBool,
}

impl Planning {
    /// Runs the statement on this connection.
    pub(super) async fn run(
        &self,
        client: &mut Object,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<Option<Row>, Error> {
        if !self.at_each_call.load(Ordering::Relaxed) {
            let call = statement.call(params);
            match client.query_typed_opt(&call, params).await {
                Err(error) if is_missing(&error) => {}
                result => return result,
            }
            // Within one transaction, so that the call meets the connection on which the function was made.
            let transaction = client.transaction().await?;
            match transaction.batch_execute(&statement.create(params)).await {
                Ok(()) => {
                    let row = transaction.query_typed_opt(&call, params).await?;
                    transaction.commit().await?;
                    return Ok(row);
                }
                Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                    transaction.rollback().await?;
                    info!("this role may not make temporary functions: Postgres plans each statement anew");
                    self.at_each_call.store(true, Ordering::Relaxed);
                }
                Err(error) => return Err(error),
            }
        }
        client.query_typed_opt(statement.sql, params).await
    }
}

impl Statement {
    fn call(&self, params: &Params<'_>) -> String {
        let mut text = format!("SELECT * FROM pg_temp.{}(", self.function());
        for number in 1..=params.len() {
            let comma = if number > 1 { ", " } else { "" };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}${number}");
        }
        text.push(')');
        text
    }

    fn create(&self, params: &Params<'_>) -> String {
        let types: Vec<&str> = params.iter().map(|(_, kind)| kind.name()).collect();
        let (returns, run) = if self.columns.is_empty() {
            ("void".to_owned(), "")
        } else {
            (format!("TABLE ({})", self.columns), "RETURN QUERY ")
        };
        // The result's columns are variables of the function, and named like columns of tables: those are meant.
        // Another process may have made it on this very connection meanwhile; making it again would throw its plan away.
        format!(
            "DO $make$ BEGIN\n\
             IF to_regproc('pg_temp.{name}') IS NULL THEN\n\
             CREATE FUNCTION pg_temp.{name}({}) RETURNS {returns} LANGUAGE plpgsql AS $function$\n\
             #variable_conflict use_column\n\
             BEGIN\n{run}{};\nEND $function$;\n\
             END IF;\nEND $make$",
            types.join(", "),
            self.sql.trim_end(),
            name = self.function(),
        )
    }

    fn function(&self) -> String {
        format!("{}_{:016x}", self.name, self.fingerprint())
    }

    /// FNV-1a of what the function is made of.
    fn fingerprint(&self) -> u64 {
        let bytes = self.sql.bytes().chain(self.columns.bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

/// Whether this connection has no such function, or nothing temporary at all yet. (A function that a statement itself calls
/// may be missing too; that is another error.)
fn is_missing(error: &Error) -> bool {
    error.as_db_error().is_some_and(|error| {
        let code = error.code();
        (*code == SqlState::UNDEFINED_FUNCTION || *code == SqlState::INVALID_SCHEMA_NAME)
            && error.message().contains("pg_temp")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::types::Type;

    const STATEMENT: Statement = Statement {
        name: "look",
        sql: "SELECT $1 AS one, $2 AS two\n",
        columns: "one text, two integer",
    };

    #[test]
    fn a_function_holds_the_statement_and_is_called_with_its_parameters() {
        let params: &Params<'_> = &[(&"x", Type::TEXT), (&1, Type::INT4)];
        let name = STATEMENT.function();
        assert_eq!(
            STATEMENT.call(params),
            format!("SELECT * FROM pg_temp.{name}($1, $2)")
        );
        assert_eq!(
            STATEMENT.create(params),
            format!(
                "DO $make$ BEGIN\nIF to_regproc('pg_temp.{name}') IS NULL THEN\n\
                 CREATE FUNCTION pg_temp.{name}(text, int4) RETURNS TABLE (one text, two integer) \
                 LANGUAGE plpgsql AS $function$\n#variable_conflict use_column\nBEGIN\n\
                 RETURN QUERY SELECT $1 AS one, $2 AS two;\nEND $function$;\nEND IF;\nEND $make$"
            )
        );
        let silent = Statement {
            columns: "",
            ..STATEMENT
        };
        assert!(silent.create(params).contains(
            "RETURNS void LANGUAGE plpgsql AS $function$\n#variable_conflict use_column\nBEGIN\nSELECT"
        ));
    }

    #[test]
    fn another_text_is_another_function() {
        let other = Statement {
            sql: "SELECT $1 AS one, $2 AS two, 3 AS three",
            ..STATEMENT
        };
        assert_ne!(STATEMENT.function(), other.function());
    }
}
