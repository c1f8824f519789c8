//! Errors by the phase of a request in which they occurred. The edges report them differently.

use crate::Error;

/// Error before the execution: of parsing, validation, limits, introspection, or of a variable's value.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestError(pub Error);

/// Error of the execution: no connection to the database, a failed statement, or an exceeded time limit.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutionError(pub Error);

/// Error of an operation.
#[derive(Debug, Clone, PartialEq)]
pub enum OperationError {
    Request(RequestError),
    Execution(ExecutionError),
}

impl From<Error> for RequestError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Error> for ExecutionError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<RequestError> for OperationError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<ExecutionError> for OperationError {
    fn from(error: ExecutionError) -> Self {
        Self::Execution(error)
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        error.0
    }
}

impl From<ExecutionError> for Error {
    fn from(error: ExecutionError) -> Self {
        error.0
    }
}

impl From<OperationError> for Error {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Request(error) => error.0,
            OperationError::Execution(error) => error.0,
        }
    }
}
