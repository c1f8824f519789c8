//! Payloads of large events in memory. The claim of such an event does not return its payload: it is loaded when its delivery
//! starts, and the sizes of all loaded payloads are bounded.

use super::claimed::{Claimed, Payload};
use super::delivery::{Prepared, prepare};
use super::queue::EventQueue;
use engine_error::Result;
use engine_model::trigger::resolve::ResolvedTrigger;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

/// Unit of the budget in bytes.
const UNIT: usize = 1024;
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(1);
/// Number of failures of a statement, while the database executes others, after which the payload is taken for the cause.
const MAX_REFUSALS: u32 = 5;

/// Memory that loaded payloads may use.
#[derive(Clone)]
pub(super) struct PayloadBudget {
    units: Arc<Semaphore>,
    total: u32,
    lanes: Arc<std::sync::Mutex<HashMap<String, Arc<Lane>>>>,
    /// Held while one payload is loaded and its request is built. During this time several copies of it exist, and the
    /// deliveries that wait use no connections.
    loading: Arc<Mutex<()>>,
}

/// Loads of one trigger: one at a time, and at most half of the budget, so that a slow webhook does not delay other triggers.
struct Lane {
    turn: Mutex<()>,
    units: Arc<Semaphore>,
    total: u32,
}

/// Request of a delivery, with its share of the budget.
pub(super) struct Loaded {
    pub(super) prepared: Prepared,
    /// To be kept until the request is dropped.
    pub(super) share: Option<Share>,
}

/// Memory of a loaded payload.
pub(super) struct Share {
    _of_trigger: Option<OwnedSemaphorePermit>,
    _of_all: Option<OwnedSemaphorePermit>,
}

/// Reason why there is no request.
pub(super) struct NotDeliverable {
    pub(super) reason: String,
    /// Whether another try has the same result.
    pub(super) is_final: bool,
}

impl NotDeliverable {
    fn retried(reason: String) -> Self {
        Self {
            reason,
            is_final: false,
        }
    }

    fn last(reason: String) -> Self {
        Self {
            reason,
            is_final: true,
        }
    }
}

impl PayloadBudget {
    pub(super) fn new(bytes: usize) -> Self {
        let total = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        Self {
            units: Arc::new(Semaphore::new(total as usize)),
            total,
            lanes: Arc::default(),
            loading: Arc::default(),
        }
    }

    /// Returns the request of an event. A large payload waits for its share of the budget; one that is larger than the
    /// budget waits until no other one is loaded.
    pub(super) async fn load(
        &self,
        store: &EventQueue,
        event: &mut Claimed,
        trigger: &ResolvedTrigger,
        log_secrets: bool,
    ) -> Result<Loaded, NotDeliverable> {
        if let Some(payload) = event.payload.take() {
            return build(event, trigger, payload, log_secrets, None);
        }
        let lane = self.lane(&event.trigger);
        let _turn = lane.turn.lock().await;
        let deleted = || NotDeliverable::last("the event was deleted".to_owned());
        let size = load_retrying(store, || store.payload_size(&event.id))
            .await?
            .ok_or_else(deleted)?;
        let units = u32::try_from(size.div_ceil(UNIT)).unwrap_or(u32::MAX);
        // The semaphores are never closed.
        let of_trigger = Arc::clone(&lane.units)
            .acquire_many_owned(units.min(lane.total))
            .await
            .ok();
        let of_all = Arc::clone(&self.units)
            .acquire_many_owned(units.min(self.total))
            .await
            .ok();
        let share = Share {
            _of_trigger: of_trigger,
            _of_all: of_all,
        };
        let _loading = self.loading.lock().await;
        let payload = load_retrying(store, || store.payload(&event.id))
            .await?
            .ok_or_else(deleted)?;
        build(event, trigger, payload, log_secrets, Some(share))
    }

    /// Returns the lane of a trigger. Lanes without loads and loaded payloads are forgotten.
    fn lane(&self, trigger: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|name, lane| {
            let is_unused =
                Arc::strong_count(lane) == 1 && lane.units.available_permits() == lane.total as usize;
            name == trigger || !is_unused
        });
        let total = self.total.div_ceil(2);
        let lane = lanes.entry(trigger.to_owned()).or_insert_with(|| {
            Arc::new(Lane {
                turn: Mutex::default(),
                units: Arc::new(Semaphore::new(total as usize)),
                total,
            })
        });
        Arc::clone(lane)
    }
}

fn build(
    event: &Claimed,
    trigger: &ResolvedTrigger,
    payload: Payload,
    log_secrets: bool,
    share: Option<Share>,
) -> Result<Loaded, NotDeliverable> {
    if let Some(reason) = payload.undeliverable {
        return Err(NotDeliverable::last(reason));
    }
    let prepared = prepare(event, trigger, payload, log_secrets)
        .map_err(|error| NotDeliverable::retried(format!("cannot build the request: {error}")))?;
    Ok(Loaded { prepared, share })
}

/// Repeats a statement while its error is transient: the event stays claimed, and no try is counted. If the database executes
/// other statements, the payload itself is the cause, such as one that Postgres has no memory to print.
pub(super) async fn load_retrying<T, F>(
    store: &EventQueue,
    mut load: impl FnMut() -> F,
) -> Result<T, NotDeliverable>
where
    F: Future<Output = Result<T>>,
{
    let mut pause = INITIAL_BACKOFF;
    let mut refusals = 0;
    loop {
        match load().await {
            Err(error) if error.retry_after.is_some() => {
                tracing::warn!(%error, "cannot load the payload of an event; retrying");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(MAX_BACKOFF);
                refusals += u32::from(store.ping().await.is_ok());
                if refusals >= MAX_REFUSALS {
                    return Err(NotDeliverable::retried(format!(
                        "cannot load the payload: {}",
                        error.message
                    )));
                }
            }
            Err(error) => {
                return Err(NotDeliverable::retried(format!(
                    "cannot load the payload: {}",
                    error.message
                )));
            }
            Ok(loaded) => return Ok(loaded),
        }
    }
}
