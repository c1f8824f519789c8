//! State that metadata commands share.

use engine_plan::schema::SchemaOptions;
use engine_plan::schema_cache::CurrentSchema;
use engine_postgres::pool::{Connections, PoolOptions};
use engine_runtime::graphql::CostOptions;
use engine_runtime::wake::Waker;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Settings of metadata commands.
#[derive(Debug, Clone)]
pub struct AdminOptions {
    /// Parameters of the pool's connections, which `run_sql` restores after the statements of a client.
    pub pool: PoolOptions,
    /// Limits of data commands.
    pub cost: CostOptions,
    pub schema: SchemaOptions,
    /// Interval between two checks for changes by other instances; 0 disables the checks.
    pub schema_sync_interval: Duration,
}

/// Resources and settings of metadata commands.
pub struct AdminContext {
    pub pool: Connections,
    pub schema: CurrentSchema,
    pub waker: Waker,
    pub options: AdminOptions,
    /// Tables resolved by commands since the start; part of `dump_internal_state`.
    pub(crate) resolutions: TableResolutions,
    /// Held while metadata is changed: one request of this instance at a time.
    pub(crate) lock: tokio::sync::Mutex<()>,
}

impl AdminContext {
    /// Creates the context; no connection is made.
    pub fn new(pool: Connections, schema: CurrentSchema, waker: Waker, options: AdminOptions) -> Self {
        Self {
            pool,
            schema,
            waker,
            options,
            resolutions: TableResolutions::default(),
            lock: tokio::sync::Mutex::default(),
        }
    }
}

/// Number of table resolutions, the unit of work of metadata commands. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableResolutions(Arc<AtomicUsize>);

impl TableResolutions {
    pub(crate) fn add(&self, tables: usize) {
        self.0.fetch_add(tables, Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}
