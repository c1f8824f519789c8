//! The SQL tree and its printer. What cannot be expressed here cannot be sent: identifiers are always quoted, clients'
//! values are always parameters, and the only text printed as it stands is `&'static str` from our own sources.
//!
//! - [`ast`]: the nodes
//! - [`printer`]: tree → text, in two modes: one request's values as `$n`, or many subscribers' values in one JSON
//! - [`quote`]: identifiers and string literals
//! - [`statement`]: the text and the sources of its parameters
//! - [`array_literal`]: Postgres array literals, because a list travels as one parameter
//!
//! Where to read next: `engine_plan::translate`, which builds these trees.

pub mod array_literal;
pub mod ast;
pub mod printer;
pub mod quote;
pub mod statement;

pub use printer::{print, print_multiplexed, print_multiplexed_stream};
pub use statement::{BoundStatement, DeferredValue, ParamSource, Statement};
