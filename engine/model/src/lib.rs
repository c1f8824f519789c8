//! Data types of the engine without a driver and without async.
//!
//! - [`catalog`]: the content of `pg_catalog`
//! - [`metadata`]: the metadata document and its resolution against the catalog
//! - [`permission`]: permissions of roles
//! - [`trigger`]: event triggers
//! - [`scheduled`]: cron triggers and one-off scheduled events
//! - [`session`]: role and session variables of a request

pub mod catalog;
pub mod metadata;
pub mod permission;
pub mod scheduled;
pub mod session;
pub mod trigger;
