//! Changes of metadata and what follows from them.
//!
//! - [`commands`]: the commands of `/v1/metadata`, `/v2/query` and `/v1/query`
//! - [`metadata_transaction`]: the unit of work of one request, from reading the metadata to its commit
//! - [`metadata_store`]: persistence in `hdb_catalog`; its SQL is in `install`
//! - [`schema_sync`]: changes by other instances on the same database
//! - [`capture`]: the triggers in the database that record events
//! - [`data_commands`]: `select`, `insert`, `update`, `delete` and `count` of `/v1/query`
//! - [`catalog_loader`]: `pg_catalog` → catalog types
//! - `ddl_sync`, `dependencies`: effects of SQL and of commands on dependent objects

mod args;
pub mod capture;
pub mod catalog_loader;
pub mod commands;
mod data_commands;
mod ddl_sync;
mod dependencies;
pub mod metadata_store;
pub mod metadata_transaction;
pub mod schema_sync;

use engine_plan::schema_cache::CurrentSchema;
use engine_postgres::pool::{Connections, PoolOptions};
use engine_runtime::wake::Waker;
use std::time::Duration;

/// Settings of metadata commands.
#[derive(Debug, Clone)]
pub struct AdminOptions {
    /// Parameters of the pool's connections, which `run_sql` restores after the statements of a client.
    pub pool: PoolOptions,
    /// Time limit of a data command; `None` if there is no limit.
    pub operation_limit: Option<Duration>,
    /// Whether numbers that JSON clients cannot represent exactly are sent as strings.
    pub stringify_numeric_types: bool,
    /// Interval between two checks for changes by other instances; 0 disables the checks.
    pub schema_sync_interval: Duration,
}

/// What metadata commands use.
pub struct AdminContext {
    pub pool: Connections,
    pub schema: CurrentSchema,
    pub waker: Waker,
    pub options: AdminOptions,
    /// Held while metadata is changed: one request of this instance at a time.
    lock: tokio::sync::Mutex<()>,
}

impl AdminContext {
    /// Creates the context; no connection is made.
    pub fn new(pool: Connections, schema: CurrentSchema, waker: Waker, options: AdminOptions) -> Self {
        Self {
            pool,
            schema,
            waker,
            options,
            lock: tokio::sync::Mutex::default(),
        }
    }
}
