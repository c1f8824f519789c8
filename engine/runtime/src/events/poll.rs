//! One poll of the queue, with the statements that request NOTIFY or end the request.

use super::claimed::{Claimed, InstanceId};
use super::poll_schedule::PollAction;
use super::queue::{EventQueue, Moved};
use super::scan_windows::Window;
use engine_error::Result;
use std::time::Instant;

/// Parameters of a poll.
pub(super) struct PollRequest {
    pub(super) began: Instant,
    pub(super) action: PollAction,
    pub(super) limit: usize,
    pub(super) triggers: Vec<String>,
    /// Whether `triggers` are all triggers whose events are delivered.
    pub(super) all: bool,
    /// All triggers whose events are delivered, if those of others are set aside before the poll.
    pub(super) set_aside: Option<Vec<String>>,
    pub(super) window: Window,
    /// Events that this instance holds, if the poll reads the whole queue.
    pub(super) held: Option<Vec<String>>,
}

/// Completed poll.
pub(super) struct PollResult {
    pub(super) request: PollRequest,
    /// `None` if no events were to be set aside, or if that failed.
    pub(super) moved: Option<Moved>,
    pub(super) result: Result<Vec<Claimed>>,
}

/// Polls once. In the returned value, `request.action` names the statements that succeeded.
pub(super) async fn poll(store: EventQueue, me: InstanceId, mut request: PollRequest) -> PollResult {
    let action = request.action;
    // Before the claim, which finds the events that are returned to the queue.
    let moved = match &request.set_aside {
        Some(delivered) => set_aside(&store, delivered).await,
        None => None,
    };
    if action == PollAction::RequestNotify
        && let Err(error) = store.request_notify(me).await
    {
        return PollResult {
            request,
            moved,
            result: Err(error),
        };
    }
    let held = request.held.as_deref();
    let claim = store.claim(me, request.limit, &request.triggers, &request.window, held);
    let result = if action == PollAction::EndNotify {
        let (result, ended) = tokio::join!(claim, store.end_notify());
        if ended.is_err() {
            // The row may still exist: the next poll deletes it.
            request.action = PollAction::Plain;
        }
        result
    } else {
        claim.await
    };
    PollResult {
        request,
        moved,
        result,
    }
}

async fn set_aside(store: &EventQueue, delivered: &[String]) -> Option<Moved> {
    match store.set_aside(delivered).await {
        Ok(moved) => Some(moved),
        Err(error) => {
            tracing::debug!(%error, "cannot set aside events of paused and unknown triggers");
            None
        }
    }
}
