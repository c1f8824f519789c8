//! Classification of Postgres errors by what the caller should do: reconnect, retry later, blame the client, or report an
//! internal error. The functions and the engine share this table; each maps a class to its own error type.
//!
//! | SQLSTATE | condition | class |
//! |---|---|---|
//! | 08xxx | connection exception; pgBouncer reports all its own errors as 08P01 | [`Class::Connection`] |
//! | 57P01, 57P02, 57P03, 57P05 | shutdown, crash, starting up, idle session timeout | [`Class::Connection`] |
//! | none: I/O error or closed connection | | [`Class::Connection`] |
//! | 25006 | read-only transaction: a failover is in progress | [`Class::Transient`] |
//! | 40xxx | serialization failure, deadlock | [`Class::Transient`] |
//! | 53xxx | insufficient resources, 53300 too many connections among them | [`Class::Transient`] |
//! | 55P03 | lock not available | [`Class::Transient`] |
//! | 58xxx | system error | [`Class::Transient`] |
//! | 57014 | query cancelled | by [`CancelCause`] |
//! | 22xxx, 23xxx, 42xxx | data exception, constraint violation, syntax or access rule | [`Class::Client`] |
//! | none: a value that the driver cannot encode | NUL in a name or text | [`Class::Client`] |
//! | all others, 57P04 (database dropped) among them | | [`Class::Internal`] |
//!
//! 53300 is transient although it refuses a connection: a second attempt right away would meet the same limit and add to
//! the load, so it has to wait as for any other exhausted resource.

use std::error::Error as StdError;
use std::io;

/// Required reaction to an error of Postgres or of its driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The connection failed; the same statement may succeed at once on another connection.
    Connection,
    /// The server cannot run the statement at present; the same statement may succeed later.
    Transient,
    /// The statement, one of its values, or a limit set for it caused the error; repeating it fails again.
    Client,
    /// An operator or developer has to act.
    Internal,
}

impl Class {
    /// Whether a later attempt may succeed without any change: answered with 503 and `Retry-After`.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Connection | Self::Transient)
    }
}

/// Cause of `query_canceled` (57014). Postgres reports cancel requests and `statement_timeout` with the same code, so the
/// caller states which of them applies to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelCause {
    /// The caller cancelled the statement, or its deadline passed: [`Class::Client`].
    Caller,
    /// The `statement_timeout` of the pool or role, which protects the server: [`Class::Transient`].
    StatementTimeout,
}

/// Classifies an error of the driver: by its SQLSTATE, or by its cause if it has none.
pub fn classify(error: &tokio_postgres::Error, canceled: CancelCause) -> Class {
    if let Some(code) = error.code() {
        return classify_code(code.code(), canceled);
    }
    if error.is_closed() {
        return Class::Connection;
    }
    match io_cause(error) {
        Some(cause) => classify_io(cause),
        None => Class::Internal,
    }
}

/// Classifies an SQLSTATE of five characters.
pub fn classify_code(code: &str, canceled: CancelCause) -> Class {
    match code {
        "57P01" | "57P02" | "57P03" | "57P05" => Class::Connection,
        "25006" | "55P03" => Class::Transient,
        "57014" => match canceled {
            CancelCause::Caller => Class::Client,
            CancelCause::StatementTimeout => Class::Transient,
        },
        _ => match code.get(..2) {
            Some("08") => Class::Connection,
            Some("40" | "53" | "58") => Class::Transient,
            Some("22" | "23" | "42") => Class::Client,
            _ => Class::Internal,
        },
    }
}

fn io_cause(error: &tokio_postgres::Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref() {
            return Some(io);
        }
        cause = error.source();
    }
    None
}

fn classify_io(error: &io::Error) -> Class {
    // An untrusted certificate arrives as an I/O error, and waiting does not help.
    if error
        .get_ref()
        .is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>)
    {
        return Class::Internal;
    }
    // The driver could not encode a message to the server.
    if error.kind() == io::ErrorKind::InvalidInput {
        return Class::Client;
    }
    Class::Connection
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_have_a_class() {
        for (code, expected) in [
            ("08000", Class::Connection), // connection_exception
            ("08006", Class::Connection), // connection_failure
            ("08P01", Class::Connection), // protocol_violation, and all errors of pgBouncer
            ("57P01", Class::Connection), // admin_shutdown
            ("57P02", Class::Connection), // crash_shutdown
            ("57P03", Class::Connection), // cannot_connect_now
            ("57P05", Class::Connection), // idle_session_timeout
            ("25006", Class::Transient),  // read_only_sql_transaction
            ("40001", Class::Transient),  // serialization_failure
            ("40P01", Class::Transient),  // deadlock_detected
            ("53100", Class::Transient),  // disk_full
            ("53300", Class::Transient),  // too_many_connections
            ("55P03", Class::Transient),  // lock_not_available
            ("58030", Class::Transient),  // io_error
            ("22021", Class::Client),     // character_not_in_repertoire
            ("23505", Class::Client),     // unique_violation
            ("42501", Class::Client),     // insufficient_privilege
            ("42P01", Class::Client),     // undefined_table
            ("57P04", Class::Internal),   // database_dropped
            ("25P02", Class::Internal),   // in_failed_sql_transaction
            ("28P01", Class::Internal),   // invalid_password
            ("0A000", Class::Internal),   // feature_not_supported
            ("55000", Class::Internal),   // object_not_in_prerequisite_state
            ("P0001", Class::Internal),   // raise_exception
            ("XX000", Class::Internal),   // internal_error
            ("", Class::Internal),
        ] {
            for canceled in [CancelCause::Caller, CancelCause::StatementTimeout] {
                assert_eq!(classify_code(code, canceled), expected, "{code}");
            }
        }
    }

    #[test]
    fn cancelled_statement_is_classified_by_its_cause() {
        assert_eq!(classify_code("57014", CancelCause::Caller), Class::Client);
        assert_eq!(
            classify_code("57014", CancelCause::StatementTimeout),
            Class::Transient
        );
    }

    #[test]
    fn only_connection_and_transient_errors_are_transient() {
        let classes = [
            Class::Connection,
            Class::Transient,
            Class::Client,
            Class::Internal,
        ];
        assert_eq!(classes.map(Class::is_transient), [true, true, false, false]);
    }

    #[test]
    fn io_errors_without_sqlstate_are_classified_by_cause() {
        let untrusted = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        for (error, expected) in [
            (
                io::Error::from(io::ErrorKind::ConnectionRefused),
                Class::Connection,
            ),
            (io::Error::from(io::ErrorKind::UnexpectedEof), Class::Connection),
            (io::Error::from(io::ErrorKind::TimedOut), Class::Connection),
            (
                io::Error::new(io::ErrorKind::InvalidInput, "string contains embedded null"),
                Class::Client,
            ),
            (
                io::Error::new(io::ErrorKind::InvalidData, untrusted),
                Class::Internal,
            ),
        ] {
            assert_eq!(classify_io(&error), expected, "{error}");
        }
    }
}
