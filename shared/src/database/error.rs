//! What can go wrong between a step and Postgres, told apart by what the caller should do about it.

use connection::chain;
use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::secrets::SecretError;

/// A statement that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No connection could be had: the database or the pooler is away, full, or does not let us in.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// The password is in a secret that cannot be read.
    #[error(transparent)]
    NoSecret(#[from] SecretError),
    /// The connection broke while the statement was on its way; it may or may not have been run.
    #[error("connection lost: {0}")]
    LostConnection(String),
    /// The request's deadline came first.
    #[error("not answered in time")]
    Timeout,
    /// Postgres could not run it just now: deadlock, serialization failure, lock or statement timeout, no resources.
    #[error("try again: {0}")]
    TryAgain(String),
    /// Postgres refused the statement itself, or answered what we do not understand: a mistake of ours or of the schema.
    #[error("statement failed: {0}")]
    Statement(String),
}

impl DatabaseError {
    /// Whether a later call may well succeed with nothing changed on our side.
    pub fn will_pass(&self) -> bool {
        !matches!(self, Self::Statement(_))
    }

    /// Whether a new connection may help at once.
    pub(super) fn is_lost_connection(&self) -> bool {
        matches!(self, Self::LostConnection(_))
    }
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        let text = chain(&error);
        match error.code() {
            Some(code) => match kind(code) {
                Kind::Lost => Self::LostConnection(text),
                Kind::TryAgain => Self::TryAgain(text),
                Kind::Statement => Self::Statement(text),
            },
            None if error.is_closed() || is_io(&error) => Self::LostConnection(text),
            None => Self::Statement(text),
        }
    }
}

impl From<PoolError> for DatabaseError {
    fn from(error: PoolError) -> Self {
        Self::NoConnection(chain(&error))
    }
}

/// Whether Postgres, or pgBouncer before it, did not let us in: 28P01 and 28000, wrong password and no such user. pgBouncer
/// says 08P01 to everything; a secret that is read once too often does no harm.
pub(super) fn is_refusal(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_some_and(|code| matches!(code.code(), "28P01" | "28000" | "08P01"))
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Lost,
    TryAgain,
    Statement,
}

/// What an SQLSTATE asks of us. pgBouncer reports everything of its own as 08P01.
fn kind(code: &SqlState) -> Kind {
    match code.code() {
        // 57P01 admin_shutdown, 57P02 crash_shutdown, 57P03 cannot_connect_now, 57P05 idle_session_timeout
        "57P01" | "57P02" | "57P03" | "57P05" => Kind::Lost,
        // 40xxx rollback (serialization, deadlock), 53xxx no resources, 55P03 lock_not_available, 57014 statement
        // timeout, 25006 read-only (a failover is under way), 58xxx system errors
        "55P03" | "57014" | "25006" => Kind::TryAgain,
        other => match &other[..2] {
            "08" => Kind::Lost,
            "40" | "53" | "58" => Kind::TryAgain,
            _ => Kind::Statement,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_are_told_apart_by_what_to_do_about_them() {
        for (code, expected) in [
            ("40001", Kind::TryAgain),  // serialization_failure
            ("40P01", Kind::TryAgain),  // deadlock_detected
            ("53300", Kind::TryAgain),  // too_many_connections
            ("55P03", Kind::TryAgain),  // lock_not_available
            ("57014", Kind::TryAgain),  // query_canceled: statement_timeout
            ("25006", Kind::TryAgain),  // read_only_sql_transaction
            ("57P01", Kind::Lost),      // admin_shutdown
            ("08P01", Kind::Lost),      // pgBouncer
            ("08006", Kind::Lost),      // connection_failure
            ("42P01", Kind::Statement), // undefined_table
            ("23505", Kind::Statement), // unique_violation
            ("22021", Kind::Statement), // character_not_in_repertoire
        ] {
            assert_eq!(kind(&SqlState::from_code(code)), expected, "{code}");
        }
    }
}
