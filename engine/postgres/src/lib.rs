//! Connections to Postgres. The driver is imported here and nowhere below.
//!
//! - [`pool`]: connections and errors of the driver
//! - [`statement`]: one statement with text parameters, its answer as raw bytes
//! - [`health`]: whether the database responds, on a connection of its own
//! - [`isolation`]: isolation levels of transactions
//! - [`limit`]: the limits of an operation and the cancellation of abandoned ones
//! - [`groups`]: semaphores by key
//! - [`share`]: shares of the pool of roles and clients
//! - [`work`]: the work of each client, and the pauses of those that use much of the processors
//! - [`error`]: SQLSTATE → Hasura's codes and messages

pub mod error;
pub mod groups;
pub mod health;
pub mod isolation;
pub mod limit;
pub mod pool;
pub mod share;
pub mod statement;
pub mod work;
