//! Schema sync between several instances on one database. Each polls the version of the stored metadata, with one
//! cheap query, and loads a newer one. Commands do the same before they run, so that a client that sets up through
//! one instance finds the result in the next.

use crate::catalog_loader::{self, NamedObjects};
use crate::metadata_store;
use engine_plan::schema_cache::ResolvedMetadata;

use crate::context::AdminContext;
use engine_error::Result;
use engine_plan::schema_cache::SchemaCache;
use engine_postgres::pool;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Polls until `stop`. Returns immediately if the interval is 0.
pub async fn run(admin: Arc<AdminContext>, stop: CancellationToken) {
    let interval = admin.options.schema_sync_interval;
    if interval.is_zero() {
        return;
    }
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
        match check_for_changes(&admin).await {
            Ok(()) => failing = false,
            // Log once instead of at every poll while the database is unreachable.
            Err(error) if !failing => {
                tracing::warn!(%error, "cannot check for metadata changes by other instances");
                failing = true;
            }
            Err(_) => {}
        }
    }
}

/// Loads the metadata if another instance changed it since the last check.
pub async fn check_for_changes(admin: &AdminContext) -> Result<()> {
    let version = metadata_store::version(&**pool::get(&admin.pool).await?).await?;
    if version == admin.schema.load().resource_version {
        return Ok(());
    }
    // Wait for the lock without holding a connection: the request that holds the lock may be waiting for one.
    let _lock = admin.lock.lock().await;
    let client = pool::get(&admin.pool).await?;
    let stored = metadata_store::load(&**client).await?;
    if stored.resource_version == admin.schema.load().resource_version {
        return Ok(());
    }
    let catalog = catalog_loader::load(&**client, &NamedObjects::of(&stored.metadata)).await?;
    let now = ResolvedMetadata::new(stored.metadata, Arc::new(catalog));
    tracing::info!(
        resource_version = stored.resource_version,
        tables = now.tracked.tables.len(),
        inconsistent_objects = now.inconsistent.len(),
        "reloaded metadata changed by another instance"
    );
    admin
        .schema
        .store(Arc::new(SchemaCache::new(stored.resource_version, now)));
    admin.waker.metadata_changed();
    Ok(())
}
