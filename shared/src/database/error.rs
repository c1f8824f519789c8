//! Errors between a step and Postgres.

use connection::chain;
use connection::sqlstate::{CancelCause, Class, classify};
use deadpool::managed::PoolError;

use crate::secrets::SecretError;

/// A statement that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No connection is available: the database or the pooler is unreachable, full, or refuses the credentials.
    #[error("cannot connect to the database: {0}")]
    NoConnection(String),
    /// The secret that holds the password cannot be read.
    #[error(transparent)]
    NoSecret(#[from] SecretError),
    /// The connection failed during the statement; Postgres may or may not have committed it.
    #[error("connection lost: {0}")]
    LostConnection(String),
    /// The deadline of the request passed first.
    #[error("database did not respond before the request deadline")]
    Timeout,
    /// Postgres cannot run the statement at present: deadlock, lock or statement timeout, read-only, no resources.
    #[error("database is temporarily unavailable: {0}")]
    Unavailable(String),
    /// Postgres rejected the statement, or its result does not fit: a defect of this code or of the schema.
    #[error("statement failed: {0}")]
    Statement(String),
}

impl DatabaseError {
    /// Whether a later call may succeed without any change here.
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Statement(_))
    }

    /// Whether the same statement may succeed at once on a new connection.
    pub(super) fn is_lost_connection(&self) -> bool {
        matches!(self, Self::LostConnection(_))
    }
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        let text = chain(&error);
        // Functions never send cancel requests: a deadline closes the connection, see `Database::row`.
        match classify(&error, CancelCause::StatementTimeout) {
            Class::Connection => Self::LostConnection(text),
            Class::Transient => Self::Unavailable(text),
            Class::Client | Class::Internal => Self::Statement(text),
        }
    }
}

impl From<PoolError<tokio_postgres::Error>> for DatabaseError {
    fn from(error: PoolError<tokio_postgres::Error>) -> Self {
        Self::NoConnection(chain(&error))
    }
}

/// Whether Postgres or pgBouncer refused the credentials: 28P01 and 28000 (wrong password, no such user). pgBouncer reports
/// all errors as 08P01; an unnecessary read of the secret does no harm.
pub(super) fn is_refusal(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_some_and(|code| matches!(code.code(), "28P01" | "28000" | "08P01"))
}
