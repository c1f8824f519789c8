//! The engine's one error: what Hasura calls a `QErr`. Each layer's own enum turns into it, and `server::error` turns it
//! into the two response shapes (`{"path","error","code"}` and GraphQL's `errors`).

use serde_json::Value;
use std::fmt;

/// Hasura's error codes, as they appear in `code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Wrong or missing credentials, or a command only the admin may run.
    AccessDenied,
    /// The thing to be created exists.
    AlreadyExists,
    /// The table is tracked already.
    AlreadyTracked,
    /// The table is not tracked.
    AlreadyUntracked,
    /// A request that makes no sense as a whole.
    BadRequest,
    /// Somebody else works on it right now.
    Busy,
    /// The metadata changed since the version the client names.
    Conflict,
    /// The statement names something that Postgres does not know in this place.
    ConstraintError,
    /// A Postgres constraint refused the change (SQLSTATE class 23).
    ConstraintViolation,
    /// A value Postgres cannot take (SQLSTATE class 22).
    DataException,
    /// Something else depends on what is to be removed.
    DependencyError,
    /// A header is malformed.
    InvalidHeaders,
    /// The body is not JSON.
    InvalidJson,
    /// A JWT that does not verify.
    InvalidJwt,
    /// The JWT's claims have the wrong form.
    JwtInvalidClaims,
    /// The JWT's claims name no roles.
    JwtMissingRoleClaims,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The object a command names does not exist.
    NotExists,
    /// Something needed is missing: a path, an environment variable, a session variable.
    NotFound,
    /// Valid, but not offered.
    NotSupported,
    /// The request cannot be read.
    ParseFailed,
    /// The role may not do this.
    PermissionDenied,
    /// A permission's check refused the row.
    PermissionError,
    /// Postgres refused a statement of `run_sql`.
    PostgresError,
    /// A WebSocket operation could not be started.
    StartFailed,
    /// The operation took longer than it may (Hasura Cloud's code).
    TimeLimitExceeded,
    /// Our fault, or the database's.
    Unexpected,
    /// The payload has the wrong shape.
    UnexpectedPayload,
    /// The operation does not fit the schema.
    ValidationFailed,
}

impl Code {
    /// The word in the response.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access-denied",
            Self::AlreadyExists => "already-exists",
            Self::AlreadyTracked => "already-tracked",
            Self::AlreadyUntracked => "already-untracked",
            Self::BadRequest => "bad-request",
            Self::Busy => "busy",
            Self::Conflict => "conflict",
            Self::ConstraintError => "constraint-error",
            Self::ConstraintViolation => "constraint-violation",
            Self::DataException => "data-exception",
            Self::DependencyError => "dependency-error",
            Self::InvalidHeaders => "invalid-headers",
            Self::InvalidJson => "invalid-json",
            Self::InvalidJwt => "invalid-jwt",
            Self::JwtInvalidClaims => "jwt-invalid-claims",
            Self::JwtMissingRoleClaims => "jwt-missing-role-claims",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotExists => "not-exists",
            Self::NotFound => "not-found",
            Self::NotSupported => "not-supported",
            Self::ParseFailed => "parse-failed",
            Self::PermissionDenied => "permission-denied",
            Self::PermissionError => "permission-error",
            Self::PostgresError => "postgres-error",
            Self::StartFailed => "start-failed",
            Self::TimeLimitExceeded => "time-limit-exceeded",
            Self::Unexpected => "unexpected",
            Self::UnexpectedPayload => "unexpected-payload",
            Self::ValidationFailed => "validation-failed",
        }
    }
}

/// An error as Hasura reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// What kind of trouble.
    pub code: Code,
    /// Where, as a `JSONPath`: `$`, `$.args.table`, `$.selectionSet.author`.
    pub path: Path,
    /// What happened, in words.
    pub message: String,
    /// For admins: what Postgres said. Shown or not by the edge.
    pub internal: Option<Box<Value>>,
    /// What the client should wait before it tries again, in seconds: set where the trouble will pass (database away).
    pub retry_after: Option<u32>,
    /// The HTTP status, where the protocol does not always say 200. Follows from `code` unless set otherwise.
    pub status: u16,
}

/// The result of nearly everything in the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error at the root path.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let status = match code {
            Code::Unexpected => 500,
            Code::Conflict => 409,
            Code::MethodNotAllowed => 405,
            _ => 400,
        };
        Self {
            code,
            path: Path::default(),
            message: message.into(),
            internal: None,
            retry_after: None,
            status,
        }
    }

    /// The same error, one level further down: called by each level on the way up, innermost first.
    #[must_use]
    pub fn at(mut self, segment: impl Into<Segment>) -> Self {
        self.path.0.insert(0, segment.into());
        self
    }

    /// The same error with another HTTP status than its code has by itself.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same error with details for admins.
    #[must_use]
    pub fn with_internal(mut self, internal: Value) -> Self {
        self.internal = Some(Box::new(internal));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.code.as_str(), self.path, self.message)
    }
}

impl std::error::Error for Error {}

/// A `JSONPath` from the root of the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Segment>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A key of an object.
    Key(String),
    /// An index of an array.
    Index(usize),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Segment {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for segment in &self.0 {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                Segment::Key(key) => write!(f, "['{key}']")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !key.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_printed_as_hasura_prints_it() {
        let error = Error::new(Code::NotExists, "x").at("odd key").at(1).at("args");
        assert_eq!(error.path.to_string(), "$.args[1]['odd key']");
    }
}
