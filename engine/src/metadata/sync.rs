//! Schema sync between several instances on one database. Each polls the version of the stored metadata, with one
//! cheap query, and loads a newer one. Commands do the same before they run, so that a client that sets up through
//! one instance finds the result in the next.

use super::store;
use crate::catalog_loader;
use engine_plan::schema_cache::ResolvedMetadata;

use crate::state::Engine;
use engine_error::Result;
use engine_plan::schema_cache::SchemaCache;
use engine_postgres::pool;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Polls until `stop`. Returns immediately if the interval is 0.
pub async fn run(engine: Arc<Engine>, stop: CancellationToken) {
    let interval = Duration::from_millis(engine.config.schema_sync_poll_interval);
    if interval.is_zero() {
        return;
    }
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
        match look(&engine).await {
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
pub async fn look(engine: &Engine) -> Result<()> {
    let version = store::version(&**pool::get(&engine.pool).await?).await?;
    if version == engine.snapshot.load().resource_version {
        return Ok(());
    }
    // Wait for the lock without holding a connection: the request that holds the lock may be waiting for one.
    let _lock = engine.metadata_lock.lock().await;
    let client = pool::get(&engine.pool).await?;
    let stored = store::load(&**client).await?;
    if stored.resource_version == engine.snapshot.load().resource_version {
        return Ok(());
    }
    let catalog = catalog_loader::load(&**client).await?;
    let now = ResolvedMetadata::new(stored.metadata, Arc::new(catalog));
    tracing::info!(
        resource_version = stored.resource_version,
        tables = now.tracked.tables.len(),
        inconsistent_objects = now.inconsistent.len(),
        "reloaded metadata changed by another instance"
    );
    engine
        .snapshot
        .store(Arc::new(SchemaCache::new(stored.resource_version, now)));
    engine.waker.wake();
    Ok(())
}
