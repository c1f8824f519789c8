//! Running plans: connections, transactions, and what Postgres' errors become. The driver is imported here and nowhere
//! above.
//!
//! - [`query`]: root fields pipelined on one connection
//! - [`mutation`]: root fields in one transaction, in as few round trips as their dependencies allow
//! - [`statement`]: one statement with text parameters, its answer as raw bytes
//! - [`pool`]: connections, and the driver's own trouble
//! - [`limit`]: how long an operation may take, and abandoned ones
//! - [`error`]: SQLSTATE → Hasura's codes and messages
//!
//! Where to read next: `crate::graphql`, which calls these.

pub mod error;
mod explain;
mod limit;
mod mutation;
pub mod pool;
mod query;
mod statement;

pub use explain::explain_statement;
pub use mutation::mutation;
pub use query::query;
