//! Execution of plans: transactions and pipelining.
//!
//! - [`query()`]: root fields pipelined on one connection
//! - [`mutation()`]: root fields in one transaction, in as few round trips as their dependencies allow
//! - [`Response`]: the value of a root field, without an envelope

mod explain;
mod mutation;
mod query;
mod response;

pub use explain::explain_statement;
pub use mutation::{CaptureContext, mutation};
pub use query::{query, statement};
pub use response::Response;
