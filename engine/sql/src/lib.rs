//! The SQL tree and its printer. Identifiers are always quoted, values of clients are always parameters, and the only text that is
//! printed unchanged is `&'static str` of the engine's sources.
//!
//! - [`ast`]: the nodes
//! - [`printer`]: tree → text, in two modes: one request's values as `$n`, or many subscribers' values in one JSON
//! - [`guard`]: limit of the length of a value that a statement returns
//! - [`quote`]: identifiers and string literals
//! - [`statement`]: the text and the sources of its parameters
//! - [`literal`]: literals of arrays and other values that consist of several
//!
//! Where to read next: `engine_plan::translate`, which builds these trees.

pub mod ast;
pub mod guard;
pub mod literal;
pub mod printer;
pub mod quote;
pub mod statement;

pub use printer::{print, print_multiplexed, print_multiplexed_stream};
pub use statement::{BoundStatement, DeferredValue, ParamSource, Relation, Statement};
