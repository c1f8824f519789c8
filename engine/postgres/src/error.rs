//! Conversion of Postgres errors into Hasura's codes and messages.

use crate::limit::ResponseLimit;
use crate::pool::{RETRY_AFTER, driver_error};
use connection::sqlstate::{self, CancelCause};
use engine_error::{Code, Error};
use engine_sql::BoundStatement;
use serde_json::{Value, json};
use tokio_postgres::error::{DbError, SqlState};

/// Statement of an error, for `internal`.
pub struct StatementContext<'a> {
    pub statement: Option<&'a BoundStatement<'a>>,
    /// Whether the statement was prepared.
    pub prepared: bool,
}

/// Whether a prepared statement no longer matches the database: the caller prepares it again and retries.
pub fn is_stale(error: &tokio_postgres::Error) -> bool {
    let Some(error) = error.as_db_error() else {
        return false;
    };
    *error.code() == SqlState::INVALID_SQL_STATEMENT_NAME
        || (*error.code() == SqlState::FEATURE_NOT_SUPPORTED
            && error.message() == "cached plan must not change result type")
        // The driver caches the OID of a type; dropping and creating the type again makes it invalid.
        || (*error.code() == SqlState::INTERNAL_ERROR && error.message().starts_with("cache lookup failed for type"))
}

/// Converts the error of a statement that is not retried, and logs it unless a client caused it.
pub fn from_postgres(error: &tokio_postgres::Error, context: &StatementContext<'_>) -> Error {
    let converted = convert(error, context);
    log(&converted);
    converted
}

/// Converts the error of a statement.
pub fn convert(error: &tokio_postgres::Error, context: &StatementContext<'_>) -> Error {
    let Some(db) = error.as_db_error() else {
        return driver_error(error);
    };
    if let Some(exceeded) = engine_sql::guard::exceeded(db.message()) {
        let limit = ResponseLimit {
            bytes: exceeded.limit,
            option: exceeded.option,
        };
        return limit.exceeded(Some(exceeded.bytes));
    }
    let (code, message) = classify(db);
    let mut converted = Error::new(code, message);
    // Not for errors that a client causes: without an admin secret every client is an admin, and the details contain SQL
    // and the values of other columns.
    if code == Code::Unexpected {
        converted = converted.with_internal(internal(db, context));
    }
    if is_transient(db) {
        converted.retry_after = Some(RETRY_AFTER);
    }
    converted
}

/// Logs a converted error of a statement, unless a client caused it.
pub fn log(error: &Error) {
    let details = error.internal.as_ref().map(|internal| &internal["error"]);
    let (Code::Unexpected, Some(details)) = (error.code, details) else {
        return;
    };
    let (sqlstate, message) = (details["status_code"].as_str(), details["message"].as_str());
    if error.retry_after.is_some() {
        tracing::warn!(
            sqlstate,
            error = message,
            "the database cannot run a statement at present"
        );
    } else {
        tracing::error!(sqlstate, error = message, "database query error");
    }
}

/// Whether a later attempt may succeed. A cancelled statement exceeded the time limit of its operation.
fn is_transient(error: &DbError) -> bool {
    sqlstate::classify_code(error.code().code(), CancelCause::Caller).is_transient()
}

// Hasura's wording
fn classify(error: &DbError) -> (Code, String) {
    let message = error.message();
    let violation = |prefix: &str| {
        (
            Code::ConstraintViolation,
            format!("{prefix} violation. {message}"),
        )
    };
    match error.code().code() {
        "23502" => violation("Not-NULL"),
        "23503" => violation("Foreign key"),
        "23505" => violation("Uniqueness"),
        "23001" => (
            Code::ConstraintViolation,
            format!("Can not delete or update due to data being referred. {message}"),
        ),
        "23P01" => violation("Exclusion"),
        "23514" => (
            Code::PermissionError,
            format!("Check constraint violation. {message}"),
        ),
        code if code.starts_with("23") => (Code::ConstraintViolation, message.to_owned()),
        "22025" => (Code::BadRequest, message.to_owned()),
        // Class 54: a value too large for its index, an array with too many elements.
        code if code.starts_with("22") || code.starts_with("54") => (Code::DataException, message.to_owned()),
        // Some types (`ltree`, `tsvector`) report invalid values as SQL syntax errors, without a position in the statement.
        "42601" if error.position().is_none() => (Code::DataException, message.to_owned()),
        // An upsert affects the same row twice.
        "21000" if is_of_the_statement(error) => (Code::DataException, message.to_owned()),
        // An operator, order or distinct that the column's type does not support: `json` cannot be compared.
        "42883" if is_of_the_statement(error) => (Code::NotSupported, message.to_owned()),
        "42P10" if message.contains("ON CONFLICT") => (
            Code::ConstraintError,
            "there is no unique or exclusion constraint on target column(s)".to_owned(),
        ),
        "42704" | "42P10" => (Code::ConstraintError, message.to_owned()),
        // RAISE EXCEPTION in a trigger: the message is intended for the client.
        "P0001" => (Code::Unexpected, message.to_owned()),
        "57014" => (
            Code::TimeLimitExceeded,
            "operation exceeded its time limit".to_owned(),
        ),
        _ if is_transient(error) => (
            Code::Unexpected,
            "database is temporarily unavailable; retry later".to_owned(),
        ),
        _ => (Code::Unexpected, "database query error".to_owned()),
    }
}

/// Whether the error comes from the statement itself, and not from a trigger or function that it calls.
fn is_of_the_statement(error: &DbError) -> bool {
    error.where_().is_none()
}

fn internal(error: &DbError, context: &StatementContext<'_>) -> Value {
    let mut details = json!({
        "error": {
            "exec_status": "FatalError",
            "hint": error.hint(),
            "message": error.message(),
            "status_code": error.code().code(),
            "description": error.detail(),
        },
    });
    if let Some(statement) = context.statement {
        details["statement"] = Value::from(&*statement.sql);
        details["prepared"] = Value::from(context.prepared);
        details["arguments"] = statement
            .params
            .iter()
            .map(|param| Value::from(param.as_deref()))
            .collect();
    }
    details
}
