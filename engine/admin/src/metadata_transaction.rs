//! Transaction on the metadata, from reading it to its commit.
//!
//! It works on a copy. [`MetadataTransaction::begin`] takes the lock of this process and reads the stored metadata and the
//! catalog; [`MetadataTransaction::apply`] changes the copy and rejects changes that do not resolve; [`MetadataTransaction::finish`] stores the
//! copy, unless another instance stored metadata in the meantime, and publishes it. A dropped change leaves nothing
//! in the database except capture triggers, which [`MetadataTransaction::abandon`] restores.

mod additions;

use crate::AdminContext;
use crate::capture::{self, DesiredTriggers};
use crate::catalog_loader;
use crate::metadata_store;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use engine_model::metadata::names::TypeNameIndex;
use engine_model::metadata::resolve;
use engine_model::metadata::tracked::RelationshipKind;
use engine_model::metadata::types::{Metadata, RelationshipEntry, TableEntry};
use engine_model::session::Session;
use engine_model::trigger::EventTrigger;
use engine_plan::schema_cache::{ResolvedMetadata, SchemaCache};
use engine_postgres::pool;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::MutexGuard;
use tokio_postgres::Transaction;

/// Unit of work of one request, which may contain many commands (`bulk`).
pub struct MetadataTransaction<'e> {
    pub admin: &'e AdminContext,
    pub session: &'e Session,
    /// Whether the request may contain further commands. The metadata is then stored only at its end.
    pub in_bulk: bool,
    begun: Option<OpenTransaction<'e>>,
}

struct OpenTransaction<'e> {
    _lock: MutexGuard<'e, ()>,
    stored: Arc<Metadata>,
    resource_version: i64,
    /// Whether the working copy differs from the stored metadata.
    dirty: bool,
    /// Whether the catalog may have changed since it was read.
    stale: bool,
    /// Metadata that the database's capture triggers match.
    captured: CaptureState,
    now: ResolvedMetadata,
    /// Type names in use in `now`; set when the first table is added.
    types: Option<TypeNameIndex>,
}

/// Metadata that the capture triggers in the database match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CaptureState {
    Stored,
    Now,
    /// Earlier state of the working copy.
    Between,
}

impl<'e> MetadataTransaction<'e> {
    /// Creates a change without taking the lock, because many requests do not change metadata.
    pub fn new(admin: &'e AdminContext, session: &'e Session) -> Self {
        Self {
            admin,
            session,
            in_bulk: false,
            begun: None,
        }
    }

    /// Takes the lock: from now on no other request of this instance changes metadata. Further calls reload the
    /// catalog if it is stale.
    pub async fn begin(&mut self) -> Result<()> {
        if let Some(begun) = &mut self.begun {
            if begun.stale {
                let client = pool::get(&self.admin.pool).await?;
                let catalog = catalog_loader::load(&**client).await?;
                begun.now = ResolvedMetadata::new(Metadata::clone(&begun.now.metadata), Arc::new(catalog));
                begun.types = None;
                begun.stale = false;
            }
            return Ok(());
        }
        let lock = self.admin.lock.lock().await;
        let client = pool::get(&self.admin.pool).await?;
        let stored = metadata_store::load(&**client).await?;
        let catalog = catalog_loader::load(&**client).await?;
        let snapshot = self.admin.schema.load_full();
        let now = if stored.resource_version == snapshot.resource_version
            && catalog == *snapshot.resolved.catalog
        {
            snapshot.resolved.clone()
        } else {
            ResolvedMetadata::new(stored.metadata, Arc::new(catalog))
        };
        self.begun = Some(OpenTransaction {
            _lock: lock,
            stored: Arc::clone(&now.metadata),
            resource_version: stored.resource_version,
            dirty: false,
            stale: false,
            captured: CaptureState::Stored,
            now,
            types: None,
        });
        Ok(())
    }

    /// Returns the working copy if there is one, otherwise the current state.
    pub fn now(&self) -> ResolvedMetadata {
        match &self.begun {
            Some(begun) => begun.now.clone(),
            None => self.admin.schema.load().resolved.clone(),
        }
    }

    /// Returns the same state as [`Self::now`] as a snapshot for planning GraphQL and DML.
    pub fn snapshot(&self) -> Arc<SchemaCache> {
        match &self.begun {
            Some(begun) => Arc::new(begun.snapshot(begun.resource_version)),
            None => self.admin.schema.load_full(),
        }
    }

    /// Returns the version of the stored metadata that this change is based on.
    pub fn resource_version(&self) -> i64 {
        match &self.begun {
            Some(begun) => begun.resource_version,
            None => self.admin.schema.load().resource_version,
        }
    }

    /// Marks the catalog as stale because SQL ran that may have changed it.
    pub fn catalog_is_stale(&mut self) {
        if let Some(begun) = &mut self.begun {
            begun.stale = true;
        }
    }

    /// Changes the working copy. If an object becomes inconsistent, the change is rolled back and the reason is
    /// returned as error. `place` is the object of the command: it is also an error if that object was inconsistent
    /// before and still is.
    pub async fn apply(
        &mut self,
        place: Option<&MetadataObjectId>,
        change: impl FnOnce(&mut Metadata) -> Result<()>,
    ) -> Result<()> {
        self.begin().await?;
        let before = self.now();
        let mut metadata = Metadata::clone(&before.metadata);
        change(&mut metadata)?;
        let now = ResolvedMetadata::new(metadata, before.catalog);
        refuse_new_inconsistencies(&before.inconsistent, &now.inconsistent, place)?;
        self.replace_state(now);
        Ok(())
    }

    /// Changes the working copy even if objects become inconsistent.
    pub async fn apply_allowing_inconsistency(
        &mut self,
        change: impl FnOnce(&mut Metadata) -> Result<()>,
    ) -> Result<()> {
        self.begin().await?;
        let before = self.now();
        let mut metadata = Metadata::clone(&before.metadata);
        change(&mut metadata)?;
        self.replace_state(ResolvedMetadata::new(metadata, before.catalog));
        Ok(())
    }

    /// Replaces the working copy by a state built elsewhere, as in `run_sql`, and marks it to be stored.
    pub fn replace_state(&mut self, now: ResolvedMetadata) {
        if let Some(begun) = &mut self.begun {
            begun.now = now;
            begun.types = None;
            begun.changed();
        }
    }

    /// Makes the capture triggers match the working copy, so that later SQL of the same request fires them.
    pub async fn reconcile_triggers(&mut self) -> Result<()> {
        let Some(begun) = &mut self.begun else {
            return Ok(());
        };
        if !begun.dirty || begun.captured == CaptureState::Now {
            return Ok(());
        }
        let mut client = pool::get(&self.admin.pool).await?;
        let tx = client.transaction().await.map_err(|e| pool::driver_error(&e))?;
        reconcile(&tx, &begun.now, self.admin).await?;
        tx.commit().await.map_err(|e| pool::driver_error(&e))?;
        begun.captured = CaptureState::Now;
        Ok(())
    }

    /// Does the same in a transaction of the caller, for a state that is adopted only if the transaction commits.
    pub async fn reconcile_triggers_in(&self, tx: &Transaction<'_>, now: &ResolvedMetadata) -> Result<()> {
        reconcile(tx, now, self.admin).await
    }

    /// Records that the transaction of [`Self::reconcile_triggers_in`] was committed and its state adopted.
    pub fn mark_captured(&mut self) {
        if let Some(begun) = &mut self.begun {
            begun.captured = CaptureState::Now;
        }
    }

    /// Stores a state in a transaction of the caller, so that both are committed or neither is. Fails with `conflict`
    /// as [`Self::finish`] does. The caller calls [`Self::mark_stored`] after the commit.
    pub async fn store_in(&self, tx: &Transaction<'_>, now: &ResolvedMetadata) -> Result<i64> {
        let Some(begun) = &self.begun else {
            return Err(Error::new(
                Code::Unexpected,
                "internal error: metadata transaction not started",
            ));
        };
        capture::archive(tx, &removed_triggers(&begun.stored, &now.metadata)).await?;
        metadata_store::save(tx, &now.metadata, begun.resource_version).await
    }

    /// Publishes the state that [`Self::store_in`] stored as this version.
    pub fn mark_stored(&mut self, now: ResolvedMetadata, version: i64) {
        if let Some(begun) = &mut self.begun {
            begun.stored = Arc::clone(&now.metadata);
            begun.resource_version = version;
            begun.dirty = false;
            begun.captured = CaptureState::Stored;
            begun.now = now;
            begun.types = None;
            self.admin.schema.store(Arc::new(begun.snapshot(version)));
            self.admin.waker.wake();
        }
    }

    /// Stores the working copy and publishes it. Fails with `conflict` if another instance stored metadata in the
    /// meantime. Does nothing if the working copy is unchanged.
    pub async fn finish(mut self) -> Result<()> {
        let Some(begun) = &mut self.begun else {
            return Ok(());
        };
        if begun.stale {
            self.begin().await?;
        }
        let Some(begun) = &self.begun else { return Ok(()) };
        if !begun.dirty {
            if *begun.now.catalog != *self.admin.schema.load().resolved.catalog
                || begun.resource_version != self.admin.schema.load().resource_version
            {
                self.admin
                    .schema
                    .store(Arc::new(begun.snapshot(begun.resource_version)));
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
        let Some(begun) = &self.begun else { return Ok(()) };
        let mut client = pool::get(&self.admin.pool).await?;
        let tx = client.transaction().await.map_err(|e| pool::driver_error(&e))?;
        if begun.captured != CaptureState::Now {
            reconcile(&tx, &begun.now, self.admin).await?;
        }
        let version = self.store_in(&tx, &begun.now).await?;
        tx.commit().await.map_err(|e| pool::driver_error(&e))?;
        self.admin.schema.store(Arc::new(begun.snapshot(version)));
        self.admin.waker.wake();
        Ok(())
    }

    /// Rolls back: restores the capture triggers of the stored metadata.
    pub async fn abandon(self) {
        let Some(begun) = self.begun else { return };
        if begun.captured == CaptureState::Stored {
            return;
        }
        let stored = ResolvedMetadata::new(Metadata::clone(&begun.stored), Arc::clone(&begun.now.catalog));
        let undo = async {
            let mut client = pool::get(&self.admin.pool).await?;
            let tx = client.transaction().await.map_err(|e| pool::driver_error(&e))?;
            reconcile(&tx, &stored, self.admin).await?;
            tx.commit().await.map_err(|e| pool::driver_error(&e))
        };
        if let Err(error) = undo.await {
            tracing::warn!(%error, "cannot remove event triggers of a rolled-back metadata change");
        }
    }
}

impl OpenTransaction<'_> {
    fn snapshot(&self, version: i64) -> SchemaCache {
        SchemaCache::new(version, self.now.clone())
    }

    fn changed(&mut self) {
        self.dirty = true;
        if self.captured != CaptureState::Stored {
            self.captured = CaptureState::Between;
        }
    }
}

async fn reconcile(tx: &Transaction<'_>, now: &ResolvedMetadata, admin: &AdminContext) -> Result<()> {
    capture::reconcile(tx, &desired_triggers(now, admin.options.stringify_numeric_types)).await
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

fn refuse_new_inconsistencies(
    before: &[InconsistentObject],
    after: &[InconsistentObject],
    place: Option<&MetadataObjectId>,
) -> Result<()> {
    let about = after
        .iter()
        .filter(|object| Some(&object.place) == place)
        .collect::<Vec<_>>();
    if !about.is_empty() {
        let reasons: Vec<&str> = about.iter().map(|object| object.reason.as_str()).collect();
        return Err(Error::new(Code::ConstraintViolation, reasons.join(", ")).with_internal(json!(about)));
    }
    let mut known: HashMap<&str, Vec<&InconsistentObject>> = HashMap::new();
    for object in before {
        known.entry(&object.name).or_default().push(object);
    }
    let is_known = |object: &InconsistentObject| {
        known
            .get(&*object.name)
            .is_some_and(|known| known.contains(&object))
    };
    let new: Vec<&InconsistentObject> = after.iter().filter(|object| !is_known(object)).collect();
    if new.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Code::Unexpected,
        "cannot continue due to new inconsistent metadata",
    )
    .with_status(400)
    .with_internal(json!(new)))
}
