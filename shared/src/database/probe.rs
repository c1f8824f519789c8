//! Whether a connection may use prepared statements.
//!
//! A pooler in transaction mode assigns a server connection to each transaction. If it forwards the names of prepared statements
//! unchanged, a name can be unknown there, or belong to another process's statement, and then the wrong statement runs. Trying one out
//! proves nothing: on a pool with one idle server connection it succeeds. Two facts are proofs:
//!
//! - The pooler has replaced the name. pgBouncer from version 1.21 with `max_prepared_statements`, and poolers like it, give each
//!   text a name of their own and prepare it on each server connection that needs it.
//! - The connection has no pooler: the process id that the server reported at login is the one that runs the statement. pgBouncer
//!   reports an invented one.
//!
//! The probe prepares a statement in a transaction, and so on one server connection, reads its name there, and closes it before the
//! transaction ends. In all other cases, statements are sent unnamed.

use connection::sqlstate::{CancelCause, classify};
use futures_util::join;
use tokio_postgres::{Client, Error, Row, types::Type};

use super::process_id;

/// Text of the prepared statement; also identifies it.
const PROBE: &str = "SELECT 1 AS prepared_statement_probe";

const NAMES: &str =
    "SELECT name, pg_catalog.pg_backend_pid() FROM pg_catalog.pg_prepared_statements WHERE statement = $1";

/// Probes the connection.
#[expect(
    clippy::disallowed_methods,
    reason = "in a transaction, and closed before its end"
)]
pub(super) async fn can_prepare(client: &Client) -> Result<bool, Error> {
    let (begin, prepared, names) = join!(
        client.batch_execute("BEGIN"),
        client.prepare_typed(PROBE, &[]),
        client.query_typed(NAMES, &[(&PROBE, Type::TEXT)])
    );
    let names = match (prepared, names) {
        (Ok(prepared), names) => {
            // Sends the message that closes it, ahead of COMMIT.
            drop(prepared);
            names
        }
        (Err(error), _) => Err(error),
    };
    // Also after a failed BEGIN, which can be that of an earlier transaction.
    let committed = client.batch_execute("COMMIT").await;
    begin?;
    committed?;
    match names {
        Ok(names) => {
            let own = process_id::reported(client).await;
            Ok(is_proof(own, names.iter().map(PreparedStatement::from)))
        }
        Err(error) if classify(&error, CancelCause::StatementTimeout).is_transient() => Err(error),
        // Prepared statements are refused, or the name is taken.
        Err(_) => Ok(false),
    }
}

/// A statement that is prepared on the server connection.
struct PreparedStatement<'row> {
    name: &'row str,
    /// Process of the server connection.
    process_id: i32,
}

impl<'row> From<&'row Row> for PreparedStatement<'row> {
    fn from(row: &'row Row) -> Self {
        Self {
            name: row.get(0),
            process_id: row.get(1),
        }
    }
}

/// Whether the statements with the probe's text prove that the connection keeps prepared statements. `reported` is the process id that
/// the server reported at login.
fn is_proof<'row>(reported: Option<i32>, statements: impl Iterator<Item = PreparedStatement<'row>>) -> bool {
    let mut found = false;
    for statement in statements {
        // A server connection may still have statements of other names from before a change of the pooler's settings.
        if is_of_driver(statement.name) && reported != Some(statement.process_id) {
            return false;
        }
        found = true;
    }
    found
}

/// Whether tokio-postgres gives statements such names: `s0`, `s1`, …
fn is_of_driver(name: &str) -> bool {
    name.strip_prefix('s')
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proves(reported: Option<i32>, statements: &[(&str, i32)]) -> bool {
        is_proof(
            reported,
            statements
                .iter()
                .map(|&(name, process_id)| PreparedStatement { name, process_id }),
        )
    }

    #[test]
    fn only_replaced_names_and_direct_connections_are_proofs() {
        let pooler = Some(-77);
        assert!(proves(pooler, &[("PGBOUNCER_12", 500)]));
        assert!(proves(None, &[("PGBOUNCER_12", 500)]));
        // Direct.
        assert!(proves(Some(500), &[("s3", 500)]));
        // A pooler that forwards names.
        assert!(!proves(pooler, &[("s3", 500)]));
        assert!(!proves(None, &[("s3", 500)]));
        // One that has forgotten its statements, because its settings have changed.
        assert!(!proves(pooler, &[("PGBOUNCER_12", 500), ("s3", 500)]));
        // One that keeps none.
        assert!(!proves(pooler, &[]));
        assert!(!proves(Some(500), &[]));
    }
}
