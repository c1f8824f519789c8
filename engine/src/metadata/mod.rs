//! Metadata: its stored form (Hasura's v3), the commands that change it, and its resolution.
//!
//! [`store`] reads and writes it in the database, [`types`] defines its form, [`resolve()`] turns it into the tracked
//! objects ([`tracked`]), [`change`] is the transaction of one request, and [`commands`] implements the commands of
//! clients. [`sync`] applies changes by other instances on the same database.

pub mod change;
pub mod commands;
mod dependents;
mod follow;
pub mod store;
pub mod sync;
