//! What is tracked: the stored metadata in Hasura's v3 form, the commands that change it, and its resolution.
//!
//! [`store`] holds it in the database, [`types`] is its form, [`resolve()`] turns it into what is served
//! ([`tracked`]), [`change`] is one change from its beginning to its commit, and [`commands`] are the changes that
//! clients can ask for. [`sync`] follows other engines on the same database.

pub mod change;
pub mod commands;
mod dependents;
mod follow;
pub mod forms;
pub mod inconsistent;
pub mod lenient;
pub(crate) mod names;
pub mod permissions;
mod relationship;
mod resolve;
pub mod store;
pub mod sync;
pub mod tracked;
pub mod types;

pub use inconsistent::InconsistentObject;
pub use resolve::resolve;
pub use types::Metadata;
