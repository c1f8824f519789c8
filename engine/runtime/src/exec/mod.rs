//! Execution of plans: transactions, pipelining, and the response body.
//!
//! - [`query()`]: root fields pipelined on one connection
//! - [`mutation()`]: root fields in one transaction, in as few round trips as their dependencies allow

mod explain;
mod mutation;
mod query;

pub use explain::explain_statement;
pub use mutation::mutation;
pub use query::query;
