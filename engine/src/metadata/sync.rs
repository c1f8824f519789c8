//! Several engines on one database: each looks now and then whether the stored metadata has a newer version than its
//! own, one cheap query, and takes it over; and before each command, so that whoever sets up through one engine finds it in the
//! next.

use super::change::Now;
use super::store;
use crate::catalog;
use crate::error::Result;
use crate::exec::pool;
use crate::state::{Engine, Snapshot};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Follows until `stop`. Does nothing with an interval of 0.
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
            // Once, and not every second while the database is away.
            Err(error) if !failing => {
                tracing::warn!(%error, "cannot see whether other engines changed the metadata");
                failing = true;
            }
            Err(_) => {}
        }
    }
}

/// Takes over what another engine stored since we last looked.
pub async fn look(engine: &Engine) -> Result<()> {
    let version = store::version(&**pool::get(&engine.pool).await?).await?;
    if version == engine.snapshot.load().resource_version {
        return Ok(());
    }
    // No connection is held meanwhile: whoever has the lock may wait for one.
    let _lock = engine.metadata_lock.lock().await;
    let client = pool::get(&engine.pool).await?;
    let stored = store::load(&**client).await?;
    if stored.resource_version == engine.snapshot.load().resource_version {
        return Ok(());
    }
    let catalog = catalog::load(&**client).await?;
    let now = Now::new(stored.metadata, Arc::new(catalog));
    tracing::info!(
        resource_version = stored.resource_version,
        tables = now.tracked.tables.len(),
        inconsistent_objects = now.inconsistent.len(),
        "another engine changed the metadata"
    );
    engine
        .snapshot
        .store(Arc::new(Snapshot::new(stored.resource_version, now)));
    engine.waker.wake();
    Ok(())
}
