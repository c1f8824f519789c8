//! Connections to Postgres. The driver is imported here and nowhere below.
//!
//! - [`pool`]: connections and errors of the driver
//! - [`statement`]: one statement with text parameters, its answer as raw bytes
//! - [`isolation`]: isolation levels of transactions
//! - [`limit`]: the time limit of an operation and the cancellation of abandoned ones
//! - [`error`]: SQLSTATE → Hasura's codes and messages

pub mod error;
pub mod isolation;
pub mod limit;
pub mod pool;
pub mod statement;
