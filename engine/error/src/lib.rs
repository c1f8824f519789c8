//! Error type of the engine, equivalent to Hasura's `QErr`. Other error enums convert to it, and `engine-server`
//! converts it to the two response formats (`{"path","error","code"}` and GraphQL's `errors`).

mod phase;

pub use phase::{ExecutionError, OperationError, RequestError};

use serde_json::{Value, json};
use std::fmt;

/// Hasura's error codes, as they appear in `code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Wrong or missing credentials, or a command that requires the admin role.
    AccessDenied,
    /// The object to be created exists.
    AlreadyExists,
    AlreadyTracked,
    /// The table is not tracked.
    AlreadyUntracked,
    /// The request as a whole is invalid.
    BadRequest,
    /// A batch with more operations than the API limit of the role.
    BatchLimitExceeded,
    /// The object is being processed by another request or task.
    Busy,
    /// The metadata changed since the version given by the client.
    Conflict,
    /// The statement refers to an undefined object or an invalid column (SQLSTATE 42704, 42P10).
    ConstraintError,
    /// A Postgres constraint rejected the change (SQLSTATE class 23).
    ConstraintViolation,
    /// Inherited roles that are their own ancestors.
    CyclicDependency,
    /// Value that Postgres rejects (SQLSTATE class 22).
    DataException,
    /// Another object depends on the one to be removed.
    DependencyError,
    /// An operation that nests deeper than the API limit of the role.
    DepthLimitExceeded,
    /// The object of a metadata command would be inconsistent.
    InvalidConfiguration,
    /// Malformed header.
    InvalidHeaders,
    InvalidJson,
    /// Response of the authentication hook without a role.
    InvalidParams,
    /// JWT that fails verification.
    InvalidJwt,
    JwtInvalidClaims,
    JwtMissingRoleClaims,
    /// The path exists, but not with this method.
    MethodNotAllowed,
    /// An operation with more nodes than the API limit of the role.
    NodeLimitExceeded,
    /// The object named by a command does not exist.
    NotExists,
    /// Something required is missing: a path, an environment variable, a session variable.
    NotFound,
    /// The request is valid, but the feature is not supported.
    NotSupported,
    /// The request cannot be parsed.
    ParseFailed,
    /// The role lacks the permission.
    PermissionDenied,
    /// A permission's check rejected the row.
    PermissionError,
    /// Postgres rejected a statement of `run_sql`.
    PostgresError,
    /// More operations per minute than the API limit of the role.
    RateLimitExceeded,
    /// The response is longer than the limit (not a code of Hasura, which has no such limit).
    SizeLimitExceeded,
    /// A WebSocket operation could not be started.
    StartFailed,
    /// The operation exceeded its time limit (Hasura Cloud's code).
    TimeLimitExceeded,
    /// Internal error of the engine or the database.
    Unexpected,
    /// The payload has the wrong structure.
    UnexpectedPayload,
    /// The operation is invalid for the schema.
    ValidationFailed,
}

impl Code {
    /// Returns the value of `code` in the response.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access-denied",
            Self::AlreadyExists => "already-exists",
            Self::AlreadyTracked => "already-tracked",
            Self::AlreadyUntracked => "already-untracked",
            Self::BadRequest => "bad-request",
            Self::BatchLimitExceeded => "batch-limit-exceeded",
            Self::Busy => "busy",
            Self::Conflict => "conflict",
            Self::ConstraintError => "constraint-error",
            Self::ConstraintViolation => "constraint-violation",
            Self::CyclicDependency => "cyclic-dependency",
            Self::DataException => "data-exception",
            Self::DependencyError => "dependency-error",
            Self::DepthLimitExceeded => "depth-limit-exceeded",
            Self::InvalidConfiguration => "invalid-configuration",
            Self::InvalidHeaders => "invalid-headers",
            Self::InvalidJson => "invalid-json",
            Self::InvalidParams => "invalid-params",
            Self::InvalidJwt => "invalid-jwt",
            Self::JwtInvalidClaims => "jwt-invalid-claims",
            Self::JwtMissingRoleClaims => "jwt-missing-role-claims",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NodeLimitExceeded => "node-limit-exceeded",
            Self::NotExists => "not-exists",
            Self::NotFound => "not-found",
            Self::NotSupported => "not-supported",
            Self::ParseFailed => "parse-failed",
            Self::PermissionDenied => "permission-denied",
            Self::PermissionError => "permission-error",
            Self::PostgresError => "postgres-error",
            Self::RateLimitExceeded => "rate-limit-exceeded",
            Self::SizeLimitExceeded => "size-limit-exceeded",
            Self::StartFailed => "start-failed",
            Self::TimeLimitExceeded => "time-limit-exceeded",
            Self::Unexpected => "unexpected",
            Self::UnexpectedPayload => "unexpected-payload",
            Self::ValidationFailed => "validation-failed",
        }
    }
}

/// Error in Hasura's form.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    pub code: Code,
    /// `JSONPath` of the error: `$`, `$.args.table`, `$.selectionSet.author`.
    pub path: Path,
    /// Human-readable description.
    pub message: String,
    /// Details for admins, such as Postgres' message. The edge decides whether to expose them.
    pub internal: Option<Box<Value>>,
    /// Seconds until the client should retry; set for transient errors such as an unreachable database.
    pub retry_after: Option<u32>,
    /// HTTP status for protocols that do not always return 200. Derived from `code` unless set otherwise.
    pub status: u16,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Returns the metadata error format: `{"path", "error", "code"[, "internal"]}`.
    pub fn to_json(&self, internal: bool) -> Value {
        let mut body = json!({
            "path": self.path.to_string(),
            "error": self.message,
            "code": self.code.as_str(),
        });
        if let (true, Some(details)) = (internal, &self.internal) {
            body["internal"] = Value::clone(details);
        }
        body
    }

    /// Creates an error at the root path.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let status = match code {
            Code::Unexpected => 500,
            Code::Conflict => 409,
            Code::MethodNotAllowed => 405,
            Code::RateLimitExceeded => 429,
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

    /// Creates the error for an endpoint or command that requires the admin role.
    pub fn admin_only() -> Self {
        // Hasura's wording
        Self::new(Code::AccessDenied, "restricted access : admin only")
    }

    /// Prepends a path segment: each caller adds its own on the way up, innermost first.
    #[must_use]
    pub fn at(mut self, segment: impl Into<Segment>) -> Self {
        self.path.0.insert(0, segment.into());
        self
    }

    /// Replaces the HTTP status derived from `code`.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds details for admins.
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

/// `JSONPath` from the root of the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Segment>);

/// Segment of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Key of an object.
    Key(String),
    /// Index of an array.
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
