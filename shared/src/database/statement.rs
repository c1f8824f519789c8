//! Statements that Postgres plans once per connection instead of once per call.
//!
//! Planning the statement of a step takes Postgres five times as long as running it (docs/performance.md). Prepared
//! statements would save that, but pgBouncer in transaction mode assigns another server connection to each transaction, where
//! the name is unknown. A *temporary function* is found by its name: the first request on a server connection without it
//! creates it, and all later requests, from any process, call it. PL/pgSQL caches the plans of its statements for the
//! lifetime of the connection.
//!
//! The name contains a fingerprint of the text, so that old and new versions of a Lambda function can share a pool. For a role
//! without the TEMPORARY privilege each statement is planned at each call, with the same results. See
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
    /// Name prefix of the temporary function: lowercase letters and underscores.
    pub name: &'static str,
    /// Expression that is evaluated before the statement, in its transaction and with the same parameters, to acquire an advisory
    /// lock. The statement gets its snapshot after that, so it sees the changes of the previous holder; a lock that it acquired
    /// itself would be too late.
    pub lock: Option<&'static str>,
    /// One SQL statement, with parameters `$1`, `$2`, …
    pub sql: &'static str,
    /// Columns of the result with their types; empty if it returns no row.
    pub columns: &'static str,
}

/// Runs statements through temporary functions, which cache their plans, or directly if the role may not create them. There is
/// one per process, because a process uses one database and role.
#[derive(Debug, Default)]
pub(super) struct PlanCache {
    disabled: AtomicBool,
}

impl PlanCache {
    /// Runs the statement on this connection.
    pub(super) async fn run(
        &self,
        client: &mut Object,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<Option<Row>, Error> {
        if !self.disabled.load(Ordering::Relaxed) {
            let call = statement.call(params);
            match client.query_typed_opt(&call, params).await {
                Err(error) if is_missing(&error) => {}
                result => return result,
            }
            // One transaction, so that the call runs on the server connection that has the function.
            let transaction = client.transaction().await?;
            match transaction.batch_execute(&statement.create(params)).await {
                Ok(()) => {
                    let row = transaction.query_typed_opt(&call, params).await?;
                    transaction.commit().await?;
                    return Ok(row);
                }
                Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                    transaction.rollback().await?;
                    info!("role lacks the TEMPORARY privilege; statements are planned at each call");
                    self.disabled.store(true, Ordering::Relaxed);
                }
                Err(error) => return Err(error),
            }
        }
        let Some(lock) = statement.lock else {
            return client.query_typed_opt(statement.sql, params).await;
        };
        let transaction = client.transaction().await?;
        transaction.query_typed(&format!("SELECT {lock}"), params).await?;
        let row = transaction.query_typed_opt(statement.sql, params).await?;
        transaction.commit().await?;
        Ok(row)
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
        let lock = self
            .lock
            .map(|lock| format!("PERFORM {lock};\n"))
            .unwrap_or_default();
        // The result columns are PL/pgSQL variables with the names of table columns; `use_column` resolves them to the tables.
        // Another process may have created the function on this connection meanwhile; replacing it would discard its plan.
        format!(
            "DO $make$ BEGIN\n\
             IF to_regproc('pg_temp.{name}') IS NULL THEN\n\
             CREATE FUNCTION pg_temp.{name}({}) RETURNS {returns} LANGUAGE plpgsql AS $function$\n\
             #variable_conflict use_column\n\
             BEGIN\n{lock}{run}{};\nEND $function$;\n\
             END IF;\nEND $make$",
            types.join(", "),
            self.sql.trim_end(),
            name = self.function(),
        )
    }

    fn function(&self) -> String {
        format!("{}_{:016x}", self.name, self.fingerprint())
    }

    /// FNV-1a hash of text, columns and lock.
    fn fingerprint(&self) -> u64 {
        let lock = self.lock.unwrap_or_default();
        let bytes = self.sql.bytes().chain(self.columns.bytes()).chain(lock.bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

/// Whether the connection lacks the temporary function, or the whole `pg_temp` schema. A missing function that the statement
/// itself calls is a different error.
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
        name: "lookup",
        lock: None,
        sql: "SELECT $1 AS one, $2 AS two\n",
        columns: "one text, two integer",
    };

    #[test]
    fn temporary_function_contains_the_statement_and_is_called_with_its_parameters() {
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
        let locking = Statement {
            lock: Some("pg_advisory_xact_lock($2)"),
            ..STATEMENT
        };
        assert!(locking.create(params).contains(
            "BEGIN\nPERFORM pg_advisory_xact_lock($2);\nRETURN QUERY SELECT $1 AS one, $2 AS two;\nEND $function$"
        ));
        let silent = Statement {
            columns: "",
            ..STATEMENT
        };
        assert!(silent.create(params).contains(
            "RETURNS void LANGUAGE plpgsql AS $function$\n#variable_conflict use_column\nBEGIN\nSELECT"
        ));
    }

    #[test]
    fn different_texts_have_different_functions() {
        let other = Statement {
            sql: "SELECT $1 AS one, $2 AS two, 3 AS three",
            ..STATEMENT
        };
        assert_ne!(STATEMENT.function(), other.function());
    }
}
