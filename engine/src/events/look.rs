//! One look at the queue, with what it has to say about sleeping and waking.

use super::horizon::Window;
use super::store::{Claimed, InstanceId, Store};
use super::waking::Look;
use crate::error::Result;
use std::time::Instant;

/// What a look asks for.
pub(super) struct Asked {
    pub(super) began: Instant,
    pub(super) look: Look,
    pub(super) limit: usize,
    pub(super) triggers: Vec<String>,
    pub(super) window: Window,
    /// Where nothing is found, set events aside that no trigger wants.
    pub(super) strays: bool,
}

/// A look that has ended.
pub(super) struct Looked {
    pub(super) asked: Asked,
    pub(super) result: Result<Vec<Claimed>>,
}

/// Looks once. Afterwards `asked.look` is what was done besides looking.
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
            // The row may still stand there: said again next time.
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
                tracing::warn!(
                    trigger,
                    events,
                    "events of a trigger that the metadata does not have wait another minute"
                );
            }
        }
        Err(error) => tracing::debug!(%error, "events of unknown triggers could not be looked for"),
    }
}
