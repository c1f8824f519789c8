//! One poll of the queue, with the statements for falling asleep and waking up.

use super::horizon::Window;
use super::store::{Claimed, InstanceId, Store};
use super::waking::Look;
use engine_error::Result;
use std::time::Instant;

/// Parameters of a poll.
pub(super) struct Asked {
    pub(super) began: Instant,
    pub(super) look: Look,
    pub(super) limit: usize,
    pub(super) triggers: Vec<String>,
    pub(super) window: Window,
    /// Whether to postpone events of unknown triggers if the poll finds no events.
    pub(super) strays: bool,
}

/// Completed poll.
pub(super) struct Looked {
    pub(super) asked: Asked,
    pub(super) result: Result<Vec<Claimed>>,
}

/// Polls once. In the returned value, `asked.look` names the statements that succeeded.
pub(super) async fn look(store: Store, me: InstanceId, mut asked: Asked) -> Looked {
    let look = asked.look;
    if look == Look::AfterFallingAsleep
        && let Err(error) = store.fall_asleep(me).await
    {
        return Looked {
            asked,
            result: Err(error),
        };
    }
    let claim = store.claim(me, asked.limit, &asked.triggers, &asked.window);
    let result = if look == Look::BeforeWakingUp {
        let (result, awake) = tokio::join!(claim, store.wake_up());
        if awake.is_err() {
            // The row may still exist: the next poll deletes it.
            asked.look = Look::Plain;
        }
        result
    } else {
        claim.await
    };
    if asked.strays && result.as_ref().is_ok_and(Vec::is_empty) {
        set_aside(&store, &asked.triggers).await;
    }
    Looked { asked, result }
}

async fn set_aside(store: &Store, triggers: &[String]) {
    match store.set_aside(triggers).await {
        Ok(counts) => {
            for (trigger, events) in counts {
                tracing::warn!(trigger, events, "postponed events of unknown triggers by 60 s");
            }
        }
        Err(error) => tracing::debug!(%error, "cannot postpone events of unknown triggers"),
    }
}
