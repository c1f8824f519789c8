//! Results of requests that were not successful.

use std::time::Duration;

/// A request was not successful.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A repetition may succeed.
    #[error("{problem}")]
    Unavailable {
        problem: String,
        /// Delay for which the response asks.
        retry_after: Option<Duration>,
    },
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// A request that a repetition would not make valid.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Refused {
    /// Code of the engine or of the function; `http-STATUS` if the response contains none.
    pub code: String,
    pub message: String,
}

impl Failure {
    /// A problem that a repetition may solve, at any time.
    pub fn unavailable(problem: impl std::fmt::Display) -> Self {
        Self::Unavailable {
            problem: problem.to_string(),
            retry_after: None,
        }
    }
}
