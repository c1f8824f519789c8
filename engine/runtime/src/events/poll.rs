//! One poll of the queue, with the statements that request NOTIFY or end the request.

use super::claimed::{Claimed, InstanceId};
use super::poll_schedule::PollAction;
use super::queue::EventQueue;
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
    pub(super) window: Window,
    /// Events that this instance holds, if the poll reads the whole queue.
    pub(super) held: Option<Vec<String>>,
    /// All triggers, if the events of others are postponed when the poll finds no events.
    pub(super) orphan_check: Option<Vec<String>>,
}

/// Completed poll.
pub(super) struct PollResult {
    pub(super) request: PollRequest,
    pub(super) result: Result<Vec<Claimed>>,
}

/// Polls once. In the returned value, `request.action` names the statements that succeeded.
pub(super) async fn poll(store: EventQueue, me: InstanceId, mut request: PollRequest) -> PollResult {
    let action = request.action;
    if action == PollAction::RequestNotify
        && let Err(error) = store.request_notify(me).await
    {
        return PollResult {
            request,
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
    if let Some(known) = &request.orphan_check
        && result.as_ref().is_ok_and(Vec::is_empty)
    {
        postpone(&store, known).await;
    }
    PollResult { request, result }
}

async fn postpone(store: &EventQueue, triggers: &[String]) {
    match store.postpone(triggers).await {
        Ok(counts) => {
            for (trigger, events) in counts {
                tracing::warn!(trigger, events, "postponed events of unknown triggers by 60 s");
            }
        }
        Err(error) => tracing::debug!(%error, "cannot postpone events of unknown triggers"),
    }
}
