//! Execution of plans: connections, transactions, and the conversion of Postgres errors. Modules above this one do not use the
//! driver.
//!
//! - [`query`]: root fields pipelined on one connection
//! - [`mutation`]: root fields in one transaction, in as few round trips as their dependencies allow
//! - [`statement`]: one statement with text parameters and its result as raw bytes
//! - [`pool`]: connections and errors of the driver
//! - [`limit`]: time limit and cancellation of operations
//! - [`error`]: SQLSTATE → Hasura's codes and messages

mod explain;
mod mutation;
mod query;

pub use explain::explain_statement;
pub use mutation::mutation;
pub use query::query;
