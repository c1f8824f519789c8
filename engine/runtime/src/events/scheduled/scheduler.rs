//! The main loop: it sleeps until the next event is due, claims due events and starts their deliveries. Without cron triggers and
//! scheduled events it runs no statement: a NOTIFY reports new events, and other instances' changes of the metadata are reported by
//! the schema sync.

use super::delivery::{Deliverer, Settled};
use super::event::{Definition, Kind, ScheduledEvent};
use super::generator;
use super::queue::{Claim, ScheduledQueue, State};
use crate::events::claimed::InstanceId;
use crate::events::delivery::{Backoff, RetryLimits, Settlement};
use crate::events::dispatcher::{SHUTDOWN_DB_TIMEOUT, until};
use crate::events::fair_share::FairShare;
use crate::events::instance_lock::InstanceLock;
use crate::events::{Context, Shared};
use crate::wake::ScheduledReceiver;
use engine_error::Result;
use engine_model::scheduled::types::RetryConf;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::task::{self, JoinSet};
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;

/// Pause after a database error.
const ERROR_BACKOFF: Duration = Duration::from_secs(1);
/// Shortest pause between two claims: an event may be locked by a transaction of a client.
const MIN_PAUSE: Duration = Duration::from_millis(20);
/// Longest pause while events are scheduled: the clock of the database may be set, and SQL may change the time of an event.
const MAX_PAUSE: Duration = Duration::from_mins(10);
/// Pause while another instance holds events, which become free if it ends.
const TAKEOVER_CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Delivery in progress.
struct Started {
    id: String,
    kind: Kind,
    trigger: String,
    tries: u32,
    limits: RetryLimits,
}

/// Slots of the two kinds of events. Each kind has its own, so that a backlog of one does not delay the other.
struct Slots {
    cron: FairShare,
    one_off: FairShare,
}

impl Slots {
    fn of(&mut self, kind: Kind) -> &mut FairShare {
        match kind {
            Kind::Cron => &mut self.cron,
            Kind::OneOff => &mut self.one_off,
        }
    }
}

/// Bounds of the next claim.
struct Capacity {
    /// Triggers that have free slots.
    triggers: Vec<String>,
    cron: usize,
    one_off: usize,
    /// Whether a trigger is left out.
    is_partial: bool,
}

pub(in crate::events) struct Scheduler {
    context: Context,
    deliverer: Deliverer,
    instance_lock: InstanceLock,
    /// Id under which events are claimed; `None` without the instance lock.
    me: Option<InstanceId>,
    woken: ScheduledReceiver,
    /// Time of the next claim; `None` if no event is scheduled.
    next: Option<Instant>,
    /// The last claim left due events: there were no free slots.
    more: bool,
    slots: Slots,
    /// Events that this instance holds, also those whose settlement was refused.
    held: HashMap<String, Kind>,
    deliveries: JoinSet<Settled>,
    started: HashMap<task::Id, Started>,
}

impl Scheduler {
    pub(in crate::events) fn new(context: Context, shared: &Shared) -> Self {
        let options = &context.options;
        let slots = options.http_pool_size.div_ceil(2);
        Self {
            deliverer: Deliverer {
                queue: ScheduledQueue::new(shared.queue.clone()),
                http: shared.http.clone(),
                payloads: shared.payloads.clone(),
                log_secrets: options.log_headers_from_env,
            },
            instance_lock: shared.instance_lock.clone(),
            me: None,
            woken: context.waker.subscribe_scheduled(),
            next: None,
            more: false,
            slots: Slots {
                cron: FairShare::new(slots),
                one_off: FairShare::new(slots),
            },
            held: HashMap::new(),
            deliveries: JoinSet::new(),
            started: HashMap::new(),
            context,
        }
    }

    /// Runs until `stop` is cancelled, then waits for the deliveries in progress and releases the remaining events.
    pub(in crate::events) async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let is_ready = self.me.is_some() && !self.instance_lock.has_changed();
            let next = self.next.filter(|_| is_ready);
            tokio::select! {
                () = stop.cancelled() => {}
                Some(ended) = self.deliveries.join_next_with_id() => self.on_delivered(ended),
                () = self.instance_lock.changed() => {
                    let _ = stop.run_until_cancelled(self.on_instance_lock()).await;
                }
                () = self.woken.woken() => self.next = Some(Instant::now()),
                () = until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    // A lock on a table may delay the statements without an end.
                    let _ = stop.run_until_cancelled(self.poll()).await;
                }
            }
        }
        self.stop().await;
    }

    async fn poll(&mut self) {
        let began = Instant::now();
        if let Err(error) = self.claim_and_plan(began).await {
            tracing::warn!(%error, "cannot fetch scheduled events; retrying");
            self.next = Some(Instant::now() + ERROR_BACKOFF);
        }
    }

    /// Claims due events, inserts missing ones, and sets the time of the next claim.
    async fn claim_and_plan(&mut self, began: Instant) -> Result<()> {
        let Some(me) = self.me else { return Ok(()) };
        let schema = self.context.schema.load_full();
        let known = &schema.resolved.tracked.cron_triggers;
        let (capacity, is_cron_full, is_one_off_full) = loop {
            let capacity = self.capacity(known.keys());
            let held: Vec<String> = self.held.keys().cloned().collect();
            let claim = Claim {
                triggers: &capacity.triggers,
                cron: capacity.cron,
                one_off: capacity.one_off,
                held: &held,
            };
            let events = self.deliverer.queue.claim(me, &claim).await?;
            let of = |kind| events.iter().filter(|event| event.kind == kind).count();
            let is_cron_full = !known.is_empty() && of(Kind::Cron) >= capacity.cron;
            let is_one_off_full = of(Kind::OneOff) >= capacity.one_off;
            let found = events.len();
            for event in events {
                let definition = match event.kind {
                    Kind::Cron => known
                        .get(&event.trigger)
                        .map(|trigger| Definition::Cron(trigger.clone())),
                    Kind::OneOff => Some(Definition::of_row(&event.row)),
                };
                if let Some(definition) = definition {
                    self.start(event, definition);
                }
            }
            // The events of one trigger may have used the limit of the others.
            if found == 0 || !is_cron_full || self.capacity(known.keys()).cron == 0 {
                break (capacity, is_cron_full, is_one_off_full);
            }
        };
        let names: Vec<String> = known.keys().cloned().collect();
        let state = self.deliverer.queue.state(&names).await?;
        let (missing, times) = generator::missing(known, &state.triggers, state.now);
        if !missing.is_empty() {
            let version = schema.resource_version;
            self.deliverer.queue.generate(version, &missing, &times).await?;
        }
        let first = times.iter().min();
        let generated = first.map(|first| first.duration_since(state.now).as_secs_f64());
        // Events of these wait for a delivery that ends.
        let cron = state.triggers.iter().filter(|trigger| {
            !is_cron_full && (!capacity.is_partial || capacity.triggers.contains(&trigger.name))
        });
        let due_in = cron
            .filter_map(|trigger| trigger.due_in)
            .chain(state.one_off_due_in.filter(|_| !is_one_off_full))
            .chain(generated)
            .min_by(f64::total_cmp);
        self.more = is_cron_full || is_one_off_full || capacity.is_partial;
        self.next = next_claim(began, due_in, &state, self.deliveries.is_empty() && self.more);
        Ok(())
    }

    /// Returns the bounds of the next claim, so that one trigger with a slow webhook does not use all slots.
    fn capacity<'t>(&self, triggers: impl ExactSizeIterator<Item = &'t String>) -> Capacity {
        let (number, is_alone) = (triggers.len(), triggers.len() == 1);
        let open: Vec<(&String, usize)> = triggers
            .map(|name| (name, self.slots.cron.allowance(name, is_alone)))
            .filter(|(_, allowance)| *allowance > 0)
            .collect();
        Capacity {
            cron: open.iter().map(|(_, allowance)| *allowance).min().unwrap_or(0),
            one_off: self.slots.one_off.free(),
            is_partial: open.len() < number,
            triggers: open.into_iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    fn start(&mut self, event: ScheduledEvent, definition: Definition) {
        // The lock of an event that this instance held was transferred meanwhile.
        if self.held.insert(event.id.clone(), event.kind).is_some() {
            return;
        }
        let RetryConf {
            num_retries,
            retry_interval_seconds,
            ..
        } = definition.retry_conf();
        let limits = RetryLimits {
            retries: num_retries,
            backoff: Backoff::fixed(retry_interval_seconds),
            retries_after: self.context.options.max_retries_after,
        };
        let started = Started {
            id: event.id.clone(),
            kind: event.kind,
            trigger: event.trigger.clone(),
            tries: event.tries,
            limits,
        };
        self.slots.of(event.kind).take(&event.trigger);
        let delivery = self.deliverer.clone().deliver(event, definition, limits);
        let handle = self.deliveries.spawn(delivery);
        self.started.insert(handle.id(), started);
    }

    fn on_delivered(&mut self, ended: Result<(task::Id, Settled), task::JoinError>) {
        let settled = match ended {
            Ok((id, settled)) => {
                self.started.remove(&id);
                settled
            }
            Err(error) => {
                if let Some(started) = self.started.remove(&error.id()) {
                    self.on_panicked(started);
                }
                return;
            }
        };
        self.slots.of(settled.kind).give_back(&settled.trigger);
        if !settled.is_refused {
            self.held.remove(&settled.id);
        }
        let now = Instant::now();
        let retry = settled.retry_in.map(|delay| now + delay);
        let more = self.more.then_some(now);
        self.next = [self.next, retry, more].into_iter().flatten().min();
        // Webhooks change data.
        self.context.waker.wake_live();
    }

    /// Settles an event whose delivery ended without a result because of an internal error.
    fn on_panicked(&mut self, started: Started) {
        tracing::error!(
            event.id = started.id,
            trigger = started.trigger,
            "delivery task panicked"
        );
        let settlement = Settlement::broken(
            started.id.clone(),
            started.trigger.clone(),
            started.tries,
            started.limits,
        );
        let handle = self
            .deliveries
            .spawn(self.deliverer.clone().settle(started.kind, settlement));
        self.started.insert(handle.id(), started);
    }

    async fn on_instance_lock(&mut self) {
        self.me = None;
        let Some(me) = self.instance_lock.id() else { return };
        let held: Vec<String> = self.held.keys().cloned().collect();
        let transferred = if held.is_empty() {
            Ok(())
        } else {
            self.deliverer.queue.transfer(me, &held).await
        };
        match transferred {
            Ok(()) => {
                self.me = Some(me);
                self.next = Some(Instant::now());
            }
            // Reconnecting acquires a new lock and with it a new id.
            Err(error) => {
                tracing::warn!(%error, "cannot transfer held scheduled events to the new instance id; reconnecting");
                self.instance_lock.renew();
            }
        }
    }

    async fn stop(mut self) {
        let deadline = tokio::time::Instant::now() + self.context.options.shutdown_timeout;
        let drained = timeout_at(deadline, async {
            while let Some(ended) = self.deliveries.join_next_with_id().await {
                self.on_delivered(ended);
            }
        });
        if drained.await.is_ok() {
            return;
        }
        self.deliveries.abort_all();
        tracing::warn!(
            events = self.held.len(),
            "deliveries aborted at shutdown; scheduled events released"
        );
        for kind in [Kind::Cron, Kind::OneOff] {
            let held = self.held.iter().filter(|(_, of)| **of == kind);
            let ids: Vec<&str> = held.map(|(id, _)| id.as_str()).collect();
            if ids.is_empty() {
                continue;
            }
            let released = self.deliverer.queue.release(kind, &ids);
            if !matches!(
                tokio::time::timeout(SHUTDOWN_DB_TIMEOUT, released).await,
                Ok(Ok(()))
            ) {
                // The lock is freed when this process exits: other instances can then claim the events immediately.
                tracing::warn!(events = ids.len(), "cannot release scheduled events");
            }
        }
    }
}

/// Returns the time of the next claim. `is_blocked`: due events are left although no delivery is in progress, which would start it.
fn next_claim(began: Instant, due_in: Option<f64>, state: &State, is_blocked: bool) -> Option<Instant> {
    let due = due_in.map(|seconds| {
        let pause = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(MAX_PAUSE);
        began + pause.clamp(MIN_PAUSE, MAX_PAUSE)
    });
    let takeover = state.is_held_elsewhere.then(|| began + TAKEOVER_CHECK_INTERVAL);
    let blocked = is_blocked.then(|| began + ERROR_BACKOFF);
    [due, takeover, blocked].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn next_claim_is_when_an_event_is_due() {
        let now = Instant::now();
        let mut state = State {
            now: Timestamp::UNIX_EPOCH,
            triggers: Vec::new(),
            one_off_due_in: None,
            is_held_elsewhere: false,
        };
        assert_eq!(next_claim(now, None, &state, false), None);
        for (due_in, pause) in [
            (-5.0, MIN_PAUSE),
            (0.0, MIN_PAUSE),
            (7.5, Duration::from_millis(7500)),
            (1e9, MAX_PAUSE),
            (f64::MAX, MAX_PAUSE),
        ] {
            assert_eq!(next_claim(now, Some(due_in), &state, false), Some(now + pause));
        }
        state.is_held_elsewhere = true;
        assert_eq!(
            next_claim(now, Some(60.0), &state, false),
            Some(now + TAKEOVER_CHECK_INTERVAL)
        );
        assert_eq!(next_claim(now, None, &state, true), Some(now + ERROR_BACKOFF));
    }
}
