//! Payloads of large events. The claim of such an event does not return its payload: it is loaded when its delivery
//! starts and the [`PayloadBudget`] has room for it.

use super::claimed::{Claimed, Payload};
use super::delivery::{Prepared, prepare};
use super::payload_budget::{PayloadBudget, Share};
use super::queue::EventQueue;
use super::retry::retry_unless_refused;
use engine_error::Result;
use engine_model::trigger::resolve::ResolvedTrigger;

/// Request of a delivery, with its share of the budget.
pub(super) struct Loaded {
    pub(super) prepared: Prepared,
    /// To be kept until the request is dropped.
    pub(super) share: Option<Share>,
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

/// Returns the request of an event. A large payload waits for its share of the budget.
pub(super) async fn load(
    budget: &PayloadBudget,
    store: &EventQueue,
    event: &mut Claimed,
    trigger: &ResolvedTrigger,
    log_secrets: bool,
) -> Result<Loaded, NotDeliverable> {
    let build = |event: &Claimed, payload: Payload| {
        if let Some(reason) = payload.undeliverable {
            return Err(NotDeliverable::last(reason));
        }
        prepare(event, trigger, payload, log_secrets)
            .map_err(|error| NotDeliverable::retried(format!("cannot build the request: {error}")))
    };
    if let Some(payload) = event.payload.take() {
        let prepared = build(event, payload)?;
        return Ok(Loaded {
            prepared,
            share: None,
        });
    }
    let deleted = || NotDeliverable::last("the event was deleted".to_owned());
    let turn = budget.turn(&event.trigger).await;
    let size = load_retrying(store, || store.payload_size(&event.id))
        .await?
        .ok_or_else(deleted)?;
    let loading = turn.wait_for(size).await;
    let payload = load_retrying(store, || store.payload(&event.id))
        .await?
        .ok_or_else(deleted)?;
    let prepared = build(event, payload)?;
    Ok(Loaded {
        prepared,
        share: Some(loading.finish()),
    })
}

/// Repeats a statement while its error is transient, unless the payload itself is the cause.
pub(super) async fn load_retrying<T, F>(
    store: &EventQueue,
    load: impl FnMut() -> F,
) -> Result<T, NotDeliverable>
where
    F: Future<Output = Result<T>>,
{
    retry_unless_refused("load the payload of an event", store, load)
        .await
        .map_err(|error| NotDeliverable::retried(format!("cannot load the payload: {}", error.message)))
}
