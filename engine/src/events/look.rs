//! One look at the queue, with what it has to say about sleeping and waking.

use super::store::{Claimed, InstanceId, Store};
use super::waking::Look;
use crate::error::Result;

/// A look that has ended.
pub(super) struct Looked {
    /// What was done besides looking.
    pub(super) look: Look,
    /// How many were asked for.
    pub(super) limit: usize,
    pub(super) result: Result<Vec<Claimed>>,
}

/// Looks once. `strays`: where nothing was found, set events aside that no trigger wants.
pub(super) async fn look(
    store: Store,
    mut look: Look,
    me: InstanceId,
    limit: usize,
    triggers: Vec<String>,
    strays: bool,
) -> Looked {
    if look == Look::AfterFallingAsleep {
        if let Err(error) = store.fall_asleep(me).await {
            return Looked {
                look,
                limit,
                result: Err(error),
            };
        }
    }
    let claim = store.claim(me, limit, &triggers);
    let result = if look == Look::BeforeWakingUp {
        let (result, awake) = tokio::join!(claim, store.wake_up());
        if awake.is_err() {
            // The row may still stand there: said again next time.
            look = Look::Plain;
        }
        result
    } else {
        claim.await
    };
    if strays && result.as_ref().is_ok_and(Vec::is_empty) {
        set_aside(&store, &triggers).await;
    }
    Looked { look, limit, result }
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
