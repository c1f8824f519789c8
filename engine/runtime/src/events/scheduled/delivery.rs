//! One delivery of a scheduled event, from its row to the settlement in the database.

use super::event::{Definition, Kind, ScheduledEvent};
use super::queue::ScheduledQueue;
use super::request::{VERSION, prepare};
use crate::events::delivery::{
    Answer, Attempt, LoggedRequest, RetryLimits, Settlement, WebhookClient, settle_attempt,
};
use crate::events::payload::{Loaded, NotDeliverable, load_retrying};
use crate::events::payload_budget::{Loading, PayloadBudget};
use crate::events::retry::retry;
use crate::events::settlement_writer;
use engine_error::Result;
use std::time::Duration;

/// Resources of all deliveries.
#[derive(Clone)]
pub(super) struct Deliverer {
    pub(super) queue: ScheduledQueue,
    pub(super) http: WebhookClient,
    pub(super) payloads: PayloadBudget,
    /// Whether the log of a call contains header values from the environment.
    pub(super) log_secrets: bool,
}

/// Event that this instance no longer holds, unless its settlement was refused.
pub(super) struct Settled {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) trigger: String,
    /// Delay of the next attempt.
    pub(super) retry_in: Option<Duration>,
    /// Postgres refuses the settlement: the event stays locked, so that it is not delivered in a loop.
    pub(super) is_refused: bool,
}

impl Deliverer {
    /// Delivers an event once, or gives it up if it is older than its tolerance.
    pub(super) async fn deliver(
        self,
        mut event: ScheduledEvent,
        definition: Definition,
        limits: RetryLimits,
    ) -> Settled {
        let tolerance = f64::from(definition.retry_conf().tolerance_seconds);
        if event.age > tolerance {
            tracing::warn!(
                event.id = event.id,
                trigger = event.trigger,
                age_s = event.age,
                "scheduled event is older than its tolerance; not delivered"
            );
            return self.give_up(event).await;
        }
        let (log, answer) = match self.prepare(&mut event, &definition).await {
            Ok(Loaded { mut prepared, share }) => {
                let log = std::mem::take(&mut prepared.log);
                let answer = self.http.call(prepared).await;
                drop(share);
                (log, answer)
            }
            Err(NotDeliverable { reason, is_final }) => {
                (LoggedRequest::default(), Answer::None { reason, is_final })
            }
        };
        let attempt = Attempt {
            id: &event.id,
            trigger: &event.trigger,
            tries: event.tries,
            version: VERSION,
        };
        let settlement = settle_attempt(&attempt, limits, log, answer);
        self.settle(event.kind, settlement).await
    }

    async fn prepare(
        &self,
        event: &mut ScheduledEvent,
        definition: &Definition,
    ) -> Result<Loaded, NotDeliverable> {
        let none = |reason: String, is_final| NotDeliverable { reason, is_final };
        if let Definition::Invalid(reason) = definition {
            return Err(none(reason.clone(), true));
        }
        let webhook = definition.webhook().map_err(|error| none(error.message, false))?;
        let mut loading = None;
        let mut payload = event.row.payload.take();
        if let Some(bytes) = event.row.payload_bytes
            && payload.is_none()
        {
            let turn = self.payloads.turn(&event.trigger).await;
            loading = Some(turn.wait_for(usize::try_from(bytes).unwrap_or(0)).await);
            let limited = load_retrying(self.queue.events(), || self.queue.payload(&event.id)).await?;
            payload = Some(limited.map_err(|limit| {
                let reason = format!(
                    "the payload has {bytes} bytes; the limit is {limit} bytes (HASURA_GRAPHQL_EVENTS_MAX_PAYLOAD_BYTES)"
                );
                none(reason, true)
            })?);
        }
        let prepared = definition
            .payload(payload)
            .and_then(|payload| prepare(event, definition, &webhook, &payload, self.log_secrets));
        match prepared {
            Ok(prepared) => Ok(Loaded {
                prepared,
                share: loading.map(Loading::finish),
            }),
            Err(error) => Err(none(format!("cannot build the request: {error}"), true)),
        }
    }

    /// Writes the settlement of an attempt.
    pub(super) async fn settle(self, kind: Kind, settlement: Settlement) -> Settled {
        settlement_writer::log(&settlement);
        let write = "write the settlement of a scheduled event";
        let mut written = retry(write, || self.queue.settle(kind, &settlement)).await;
        if written.is_err() {
            // Without request and response, so that the event is not delivered again.
            let bare = Settlement {
                request: "null".to_owned(),
                response: "null".to_owned(),
                ..settlement.clone()
            };
            written = retry(write, || self.queue.settle(kind, &bare)).await;
        }
        Settled {
            is_refused: is_refused(&settlement.id, &written),
            retry_in: settlement.outcome.retry_in(),
            id: settlement.id,
            kind,
            trigger: settlement.trigger,
        }
    }

    async fn give_up(self, event: ScheduledEvent) -> Settled {
        let give_up = "give up a scheduled event";
        let written = retry(give_up, || self.queue.give_up(event.kind, &event.id)).await;
        Settled {
            is_refused: is_refused(&event.id, &written),
            retry_in: None,
            id: event.id,
            kind: event.kind,
            trigger: event.trigger,
        }
    }
}

fn is_refused(id: &str, written: &Result<()>) -> bool {
    if let Err(error) = written {
        tracing::error!(event.id = id, %error, "cannot write the settlement of a scheduled event");
    }
    written.is_err()
}
