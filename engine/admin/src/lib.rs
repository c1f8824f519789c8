//! Changes of metadata and what follows from them.
//!
//! - [`commands`]: the commands of `/v1/metadata`, `/v2/query` and `/v1/query`
//! - [`metadata_transaction`]: the unit of work of one request, from reading the metadata to its commit
//! - `working_copy`: the metadata of a transaction and its edits
//! - [`install`]: the objects of the engine in `hdb_catalog`
//! - [`metadata_store`]: persistence of the metadata
//! - [`schema_sync`]: changes by other instances on the same database
//! - `cron_events`: upcoming events of cron triggers
//! - [`capture`]: the triggers in the database that record events
//! - [`data_commands`]: `select`, `insert`, `update`, `delete` and `count` of `/v1/query`
//! - `dry_run`: commands on a copy that is not stored
//! - [`catalog_loader`], `enum_loader`: `pg_catalog` and the rows of enum tables → catalog types
//! - `ddl_sync`, `dependencies`: effects of SQL and of commands on dependent objects

pub mod capture;
pub mod catalog_loader;
pub mod commands;
mod context;
mod cron_events;
mod data_commands;
mod ddl_sync;
mod dependencies;
mod dry_run;
mod enum_loader;
pub mod install;
pub mod metadata_store;
pub mod metadata_transaction;
pub mod schema_sync;
mod working_copy;

pub use context::{AdminContext, AdminOptions};
pub use dry_run::DryRun;

use engine_plan::args;
