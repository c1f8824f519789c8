//! Transaction on the metadata, from reading it to its commit.
//!
//! It works on a copy. [`MetadataTransaction::begin`] takes the lock of this process and reads the stored metadata and
//! the catalog; the commands edit the returned [`WorkingCopy`], which rejects edits that do not resolve;
//! [`MetadataTransaction::finish`] stores the copy, unless another instance stored metadata in the meantime, and
//! publishes it. A dropped transaction leaves nothing in the database except capture triggers, which
//! [`MetadataTransaction::abandon`] restores.

use crate::capture::{self, DesiredTriggers, RecreateTriggers};
use crate::catalog_loader::{self, NamedObjects};
use crate::context::AdminContext;
use crate::cron_events;
use crate::metadata_store;
use crate::working_copy::WorkingCopy;
use engine_error::{Code, Error, Result};
use engine_model::metadata::types::Metadata;
use engine_model::session::Session;
use engine_plan::schema_cache::{ResolvedMetadata, SchemaCache};
use engine_postgres::limit::OperationLimits;
use engine_postgres::pool;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::MutexGuard;
use tokio_postgres::Transaction;

/// Unit of work of one request, which may contain many commands (`bulk`).
pub struct MetadataTransaction<'e> {
    pub admin: &'e AdminContext,
    pub session: &'e Session,
    /// Address of the client.
    pub address: Option<IpAddr>,
    /// Whether the request may contain further commands. The metadata is then stored only at its end.
    pub in_bulk: bool,
    /// Whether errors in the response of a bulk contain `internal`.
    pub exposes_internal: bool,
    /// End of the time for all data commands of the request; `None` if each has the time limit of an operation.
    pub deadline: Option<Instant>,
    open: Option<OpenTransaction<'e>>,
}

struct OpenTransaction<'e> {
    _lock: MutexGuard<'e, ()>,
    stored: Arc<Metadata>,
    resource_version: i64,
    /// Revision of the working copy that equals the stored metadata.
    stored_revision: u64,
    /// Whether the catalog may have changed since it was read.
    stale: bool,
    /// Metadata that the database's capture triggers match.
    captured: CaptureState,
    /// Triggers that the next reconciliation creates again.
    recreate: RecreateTriggers,
    working: WorkingCopy,
}

/// Metadata that the capture triggers in the database match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CaptureState {
    Stored,
    /// The working copy as of this revision.
    Revision(u64),
}

impl<'e> MetadataTransaction<'e> {
    /// Creates a transaction without taking the lock, because many requests do not change metadata.
    pub fn new(admin: &'e AdminContext, session: &'e Session) -> Self {
        Self {
            admin,
            session,
            address: None,
            in_bulk: false,
            exposes_internal: false,
            deadline: None,
            open: None,
        }
    }

    /// Creates a transaction that has begun, on the current schema instead of the stored metadata.
    pub(crate) async fn on_current_schema(admin: &'e AdminContext, session: &'e Session) -> Self {
        let lock = admin.lock.lock().await;
        let current = admin.schema.load_full();
        let now = current.resolved.clone();
        let open = OpenTransaction::new(lock, admin, now, current.resource_version);
        Self {
            open: Some(open),
            ..Self::new(admin, session)
        }
    }

    /// Returns the limits of the next data command. Returns an error if no time is left.
    pub(crate) fn limits(&self) -> Result<OperationLimits<'e>> {
        let mut limits = self.admin.options.cost.limits(self.session, self.address, None);
        let Some(deadline) = self.deadline else {
            return Ok(limits);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let message = "operation exceeded its time limit";
            return Err(Error::new(Code::TimeLimitExceeded, message).at("args"));
        }
        limits.time = Some(left);
        Ok(limits)
    }

    /// Takes the lock: from now on no other request of this instance changes metadata. Further calls reload the
    /// catalog if it is stale. Returns the working copy.
    pub(crate) async fn begin(&mut self) -> Result<&mut WorkingCopy> {
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(OpenTransaction::begin(self.admin).await?),
        };
        if open.stale {
            let client = pool::get(&self.admin.pool).await?;
            let named = NamedObjects::of(&open.working.resolved().metadata);
            let catalog = catalog_loader::load(&**client, &named).await?;
            open.working.reload(catalog);
            open.stale = false;
        }
        Ok(&mut open.working)
    }

    /// Begins the transaction, and reads the objects of the database that its catalog does not contain yet.
    pub(crate) async fn begin_with(&mut self, named: NamedObjects) -> Result<&mut WorkingCopy> {
        let now = self.begin().await?.resolved();
        if !named.are_in(&now.catalog) {
            let mut all = NamedObjects::of(&now.metadata);
            all.extend(named);
            let client = pool::get(&self.admin.pool).await?;
            let catalog = catalog_loader::load(&**client, &all).await?;
            drop(client);
            self.begin().await?.reload(catalog);
        }
        self.begin().await
    }

    /// Returns the working copy if there is one, otherwise the current state.
    pub fn now(&self) -> ResolvedMetadata {
        match &self.open {
            Some(open) => open.working.resolved().clone(),
            None => self.admin.schema.load().resolved.clone(),
        }
    }

    /// Returns the same state as [`Self::now`] as a schema cache for planning GraphQL and DML.
    pub fn schema_cache(&self) -> Arc<SchemaCache> {
        match &self.open {
            Some(open) => Arc::new(open.schema_cache(open.resource_version)),
            None => self.admin.schema.load_full(),
        }
    }

    /// Returns the version of the stored metadata that this transaction is based on.
    pub fn resource_version(&self) -> i64 {
        match &self.open {
            Some(open) => open.resource_version,
            None => self.admin.schema.load().resource_version,
        }
    }

    /// Marks the catalog as stale because SQL ran that may have changed it.
    pub fn catalog_is_stale(&mut self) {
        if let Some(open) = &mut self.open {
            open.stale = true;
        }
    }

    /// Makes the next reconciliation create all capture functions again.
    pub fn recreate_triggers(&mut self) {
        if let Some(open) = &mut self.open {
            open.recreate = RecreateTriggers::All;
        }
    }

    /// Replaces the working copy by a state built elsewhere, as in `run_sql`, and marks it to be stored.
    pub fn replace_state(&mut self, now: ResolvedMetadata) {
        if let Some(open) = &mut self.open {
            open.working.replace(now);
        }
    }

    /// Makes the capture triggers match the working copy, so that later SQL of the same request fires them.
    pub async fn reconcile_triggers(&mut self) -> Result<()> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        if !open.is_dirty() || open.is_captured() {
            return Ok(());
        }
        let mut client = pool::get(&self.admin.pool).await?;
        let tx = client.transaction().await.map_err(|e| pool::driver_error(&e))?;
        reconcile(&tx, open.working.resolved(), open.recreate, self.admin).await?;
        tx.commit().await.map_err(|e| pool::driver_error(&e))?;
        open.captured = CaptureState::Revision(open.working.revision());
        open.recreate = RecreateTriggers::Changed;
        Ok(())
    }

    /// Does the same in a transaction of the caller, for a state that is adopted only if the transaction commits.
    pub async fn reconcile_triggers_in(&self, tx: &Transaction<'_>, now: &ResolvedMetadata) -> Result<()> {
        reconcile(tx, now, RecreateTriggers::Changed, self.admin).await
    }

    /// Records that the transaction of [`Self::reconcile_triggers_in`] was committed and its state adopted.
    pub fn mark_captured(&mut self) {
        if let Some(open) = &mut self.open {
            open.captured = CaptureState::Revision(open.working.revision());
        }
    }

    /// Stores a state in a transaction of the caller, so that both are committed or neither is. Fails with `conflict`
    /// as [`Self::finish`] does. The caller calls [`Self::mark_stored`] after the commit.
    pub async fn store_in(&self, tx: &Transaction<'_>, now: &ResolvedMetadata) -> Result<i64> {
        let Some(open) = &self.open else {
            return Err(Error::new(
                Code::Unexpected,
                "internal error: metadata transaction not started",
            ));
        };
        capture::archive(tx, &removed_triggers(&open.stored, &now.metadata)).await?;
        let version = metadata_store::save(tx, &now.metadata, open.resource_version).await?;
        // After the version has changed: no other instance inserts events of the former triggers then.
        cron_events::follow(tx, &open.stored, &now.tracked).await?;
        Ok(version)
    }

    /// Publishes the state that [`Self::store_in`] stored as this version.
    pub fn mark_stored(&mut self, now: ResolvedMetadata, version: i64) {
        if let Some(open) = &mut self.open {
            open.stored = Arc::clone(&now.metadata);
            open.resource_version = version;
            open.captured = CaptureState::Stored;
            open.working.replace(now);
            open.stored_revision = open.working.revision();
            self.admin.schema.store(Arc::new(open.schema_cache(version)));
            self.admin.waker.metadata_changed();
        }
    }

    /// Stores the working copy and publishes it. Fails with `conflict` if another instance stored metadata in the
    /// meantime. Does nothing if the working copy is unchanged.
    pub async fn finish(mut self) -> Result<()> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        if open.stale {
            self.begin().await?;
        }
        let Some(open) = &self.open else { return Ok(()) };
        if !open.is_dirty() {
            if *open.working.resolved().catalog != *self.admin.schema.load().resolved.catalog
                || open.resource_version != self.admin.schema.load().resource_version
            {
                self.admin
                    .schema
                    .store(Arc::new(open.schema_cache(open.resource_version)));
            }
            return Ok(());
        }
        match self.store().await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.abandon().await;
                Err(error)
            }
        }
    }

    async fn store(&self) -> Result<()> {
        let Some(open) = &self.open else { return Ok(()) };
        let mut client = pool::get(&self.admin.pool).await?;
        let tx = client.transaction().await.map_err(|e| pool::driver_error(&e))?;
        if !open.is_captured() {
            reconcile(&tx, open.working.resolved(), open.recreate, self.admin).await?;
        }
        let version = self.store_in(&tx, open.working.resolved()).await?;
        tx.commit().await.map_err(|e| pool::driver_error(&e))?;
        self.admin.schema.store(Arc::new(open.schema_cache(version)));
        self.admin.waker.metadata_changed();
        Ok(())
    }

    /// Rolls back: restores the capture triggers of the stored metadata.
    pub async fn abandon(self) {
        let Some(open) = self.open else { return };
        if open.captured == CaptureState::Stored {
            return;
        }
        let stored = open.working.resolve(
            Metadata::clone(&open.stored),
            Arc::clone(&open.working.resolved().catalog),
        );
        let undo = async {
            let mut client = pool::get(&self.admin.pool).await?;
            let tx = client.transaction().await.map_err(|e| pool::driver_error(&e))?;
            reconcile(&tx, &stored, RecreateTriggers::Changed, self.admin).await?;
            tx.commit().await.map_err(|e| pool::driver_error(&e))
        };
        if let Err(error) = undo.await {
            tracing::warn!(%error, "cannot remove event triggers of a rolled-back metadata change");
        }
    }
}

impl<'e> OpenTransaction<'e> {
    async fn begin(admin: &'e AdminContext) -> Result<Self> {
        let lock = admin.lock.lock().await;
        let client = pool::get(&admin.pool).await?;
        let stored = metadata_store::load(&**client).await?;
        let catalog = catalog_loader::load(&**client, &NamedObjects::of(&stored.metadata)).await?;
        let current = admin.schema.load_full();
        let unchanged =
            stored.resource_version == current.resource_version && catalog == *current.resolved.catalog;
        let now = if unchanged {
            current.resolved.clone()
        } else {
            admin.resolutions.add(stored.metadata.tables().len());
            ResolvedMetadata::new(stored.metadata, Arc::new(catalog))
        };
        Ok(Self::new(lock, admin, now, stored.resource_version))
    }

    fn new(
        lock: MutexGuard<'e, ()>,
        admin: &AdminContext,
        now: ResolvedMetadata,
        resource_version: i64,
    ) -> Self {
        let working = WorkingCopy::new(now, admin.resolutions.clone());
        Self {
            _lock: lock,
            stored: Arc::clone(&working.resolved().metadata),
            resource_version,
            stored_revision: working.revision(),
            stale: false,
            captured: CaptureState::Stored,
            recreate: RecreateTriggers::Changed,
            working,
        }
    }

    fn schema_cache(&self, version: i64) -> SchemaCache {
        SchemaCache::new(version, self.working.resolved().clone())
    }

    /// Whether the working copy differs from the stored metadata.
    fn is_dirty(&self) -> bool {
        self.working.revision() != self.stored_revision
    }

    /// Whether the capture triggers match the working copy.
    fn is_captured(&self) -> bool {
        self.captured == CaptureState::Revision(self.working.revision())
    }
}

async fn reconcile(
    tx: &Transaction<'_>,
    now: &ResolvedMetadata,
    recreate: RecreateTriggers,
    admin: &AdminContext,
) -> Result<()> {
    let desired = desired_triggers(now, admin.options.schema.stringify_numeric_types);
    capture::reconcile(tx, &DesiredTriggers { recreate, ..desired }).await
}

/// Returns the capture triggers that a state requires.
pub fn desired_triggers(now: &ResolvedMetadata, stringify_numeric: bool) -> DesiredTriggers<'_> {
    let stored = now
        .metadata
        .tables()
        .iter()
        .flat_map(|table| table.event_triggers.iter());
    DesiredTriggers {
        resolved: &now.tracked.event_triggers,
        stored: stored.map(|trigger| trigger.name.as_str()).collect(),
        stringify_numeric,
        recreate: RecreateTriggers::Changed,
    }
}

fn removed_triggers(before: &Metadata, after: &Metadata) -> Vec<String> {
    let names = |metadata: &Metadata| -> Vec<String> {
        let triggers = metadata
            .tables()
            .iter()
            .flat_map(|table| table.event_triggers.iter());
        triggers.map(|trigger| trigger.name.clone()).collect()
    };
    let after: HashSet<String> = names(after).into_iter().collect();
    names(before)
        .into_iter()
        .filter(|name| !after.contains(name))
        .collect()
}
