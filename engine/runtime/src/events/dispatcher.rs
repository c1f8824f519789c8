//! The main loop: it claims events, starts calls while there are free slots,
//! and passes responses to the settler. The loop never waits for a single event: calls, claims and settlements run
//! concurrently, and a slot is reused as soon as it becomes free.

use super::claimed::{Claimed, InstanceId};
use super::delivery::{self, Answer, Backoff, LoggedRequest, RetryLimits, Settlement, WebhookClient};
use super::in_flight::{InFlight, Started};
use super::instance_lock::InstanceLock;
use super::payload::{self, Loaded, NotDeliverable};
use super::payload_budget::PayloadBudget;
use super::poll::{self, PollRequest, PollResult};
use super::poll_schedule::{Found, PollSchedule};
use super::queue::{EventQueue, Moved};
use super::scan_windows::ScanWindows;
use super::set_aside::SetAside;
use super::settlement_writer::{self, Batch, SettlementWriter};
use super::{Context, Shared};
use crate::wake::{EventReceiver, EventSignal};
use engine_model::trigger::resolve::ResolvedTrigger;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{self, JoinSet};
use tokio::time::{sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

/// Number of consecutive full batches after which the growing backlog is logged.
const FULL_BATCHES: u32 = 4;

/// Timeout of each of the last statements when the engine stops.
pub(super) const SHUTDOWN_DB_TIMEOUT: Duration = Duration::from_secs(5);

/// Delivery in progress.
struct StartedCall {
    id: String,
    trigger: String,
    tries: u32,
    limits: RetryLimits,
    began: Instant,
}

pub(super) struct Dispatcher {
    context: Context,
    store: EventQueue,
    http: WebhookClient,
    payloads: PayloadBudget,
    instance_lock: InstanceLock,
    /// Id under which events are claimed; `None` without the instance lock.
    me: Option<InstanceId>,
    woken: EventReceiver,
    schedule: PollSchedule,
    polls: JoinSet<PollResult>,
    windows: ScanWindows,
    batch: usize,
    full_batches: u32,
    /// The last poll reached its limit: there are more events.
    more: bool,
    set_aside: SetAside,
    in_flight: InFlight,
    calls: JoinSet<Settlement>,
    calls_by_task: HashMap<task::Id, StartedCall>,
    settler: SettlementWriter,
}

impl Dispatcher {
    pub(super) fn new(context: Context, shared: &Shared) -> Self {
        let options = &context.options;
        let store = shared.queue.clone();
        let places = options.http_pool_size;
        let batch = options.fetch_batch_size;
        let interval = options.fetch_interval;
        let now = Instant::now();
        Self {
            instance_lock: shared.instance_lock.clone(),
            me: None,
            woken: context.waker.subscribe_events(),
            schedule: PollSchedule::new(now, interval),
            polls: JoinSet::new(),
            windows: ScanWindows::default(),
            batch,
            full_batches: 0,
            more: false,
            set_aside: SetAside::new(now),
            in_flight: InFlight::new(places, batch),
            calls: JoinSet::new(),
            calls_by_task: HashMap::new(),
            settler: SettlementWriter::start(store.clone()),
            store,
            http: shared.http.clone(),
            payloads: shared.payloads.clone(),
            context,
        }
    }

    /// Runs until `stop` is cancelled, then waits for the calls in flight and releases the remaining events.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            self.start_calls();
            self.schedule.set_calls(self.calls.len(), self.more);
            let poll = self.next_poll();
            let next = self.schedule.next();
            tokio::select! {
                () = stop.cancelled() => {}
                Some(called) = self.calls.join_next_with_id() => self.on_called(called),
                settled = self.settler.settled() => self.on_settled(settled),
                Some(polled) = self.polls.join_next() => match polled {
                    Ok(polled) => self.on_polled(polled),
                    Err(error) => {
                        tracing::error!(%error, "poll panicked");
                        self.poll_failed();
                    }
                },
                // The events of a running poll belong to the id that it uses: they are transferred with the others.
                () = self.instance_lock.changed(), if self.polls.is_empty() => self.on_instance_lock().await,
                signal = self.woken.woken() => self.schedule.signal(Instant::now(), signal),
                () = until(next), if poll.is_some() => {
                    if let Some((me, limit, triggers)) = poll {
                        self.poll(me, limit, triggers);
                    }
                }
            }
        }
        self.stop().await;
    }

    /// Returns the parameters of the next poll, or `None` if there is no capacity, no trigger, no instance lock, or a poll is
    /// already running.
    fn next_poll(&self) -> Option<(InstanceId, usize, Vec<String>)> {
        if !self.polls.is_empty() || self.instance_lock.has_changed() {
            return None;
        }
        let me = self.me?;
        let schema = self.context.schema.load();
        let triggers: Vec<_> = delivered(&schema.resolved.tracked.event_triggers).collect();
        let (limit, triggers) = self.in_flight.next_claim(triggers.into_iter())?;
        Some((me, limit, triggers))
    }

    fn poll(&mut self, me: InstanceId, limit: usize, triggers: Vec<String>) {
        let now = Instant::now();
        let action = self.schedule.begin(now);
        let schema = self.context.schema.load();
        let known = &schema.resolved.tracked.event_triggers;
        let all = triggers.len() == delivered(known).count();
        let set_aside = self.set_aside.begin(now, delivered(known));
        let window = self.windows.window(now, &triggers);
        let whole = window.seconds.is_none();
        let held = whole.then(|| self.in_flight.held().cloned().collect());
        let request = PollRequest {
            began: now,
            action,
            limit,
            triggers,
            all,
            set_aside,
            window,
            held,
        };
        self.polls.spawn(poll::poll(self.store.clone(), me, request));
    }

    fn on_polled(&mut self, polled: PollResult) {
        let PollResult {
            request,
            moved,
            result,
        } = polled;
        let now = Instant::now();
        let PollRequest {
            began,
            action,
            limit,
            triggers,
            all,
            window,
            ..
        } = request;
        match result {
            Ok(events) => {
                let cut = events.len() >= limit;
                self.windows.polled(began, &window, triggers, &events, cut);
                self.more = cut;
                self.note_full_batches(cut && limit == self.batch);
                let found = Found {
                    events: events.len(),
                    more: cut,
                    all,
                };
                self.schedule.polled(now, action, found);
                // The transactions that wrote these events changed data.
                if !events.is_empty() && !self.schedule.announced() {
                    self.context.waker.wake_live();
                }
                self.in_flight.add(events);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot fetch events; retrying");
                self.poll_failed();
            }
        }
        if let Some(moved) = moved {
            self.on_moved(now, &moved);
        }
    }

    fn on_moved(&mut self, now: Instant, moved: &Moved) {
        let schema = self.context.schema.load();
        for (trigger, events) in &moved.set_aside {
            if schema.resolved.tracked.event_triggers.contains_key(trigger) {
                tracing::debug!(trigger, events, "set aside events of a paused trigger");
            } else {
                tracing::warn!(trigger, events, "set aside events of an unknown trigger");
            }
        }
        if moved.returned > 0 {
            // They are older than those that the next poll would read otherwise.
            self.windows.forget();
        }
        self.set_aside.moved(now, moved, self.more);
        if moved.is_cut() || moved.returned > 0 {
            let signal = EventSignal::Required { transactions: 1 };
            self.schedule.signal(now, signal);
        }
    }

    /// Schedules the poll after a failed one. Its claim may have been committed: the next poll reads the whole queue and
    /// claims such events again.
    fn poll_failed(&mut self) {
        self.windows.forget();
        self.schedule.failed(Instant::now());
    }

    fn note_full_batches(&mut self, full: bool) {
        self.full_batches = if full {
            self.full_batches.saturating_add(1)
        } else {
            0
        };
        if self.full_batches == FULL_BATCHES {
            tracing::warn!("event backlog is growing: the last batches were full");
        }
    }

    /// Starts calls while slots are free.
    fn start_calls(&mut self) {
        let schema = self.context.schema.load();
        let known = &schema.resolved.tracked.event_triggers;
        let Started { calls, unknown } = self.in_flight.start(known.len() <= 1, |trigger| {
            known.get(trigger).filter(|trigger| !trigger.is_paused()).cloned()
        });
        for (event, trigger) in calls {
            self.start_call(event, trigger);
        }
        self.release(unknown);
    }

    fn start_call(&mut self, mut event: Claimed, trigger: Arc<ResolvedTrigger>) {
        let (http, store, payloads) = (self.http.clone(), self.store.clone(), self.payloads.clone());
        let log_secrets = self.context.options.log_headers_from_env;
        let limits = self.retry_limits(&trigger);
        let call = StartedCall {
            id: event.id.clone(),
            trigger: event.trigger.clone(),
            tries: event.tries,
            limits,
            began: Instant::now(),
        };
        let handle = self.calls.spawn(async move {
            match payload::load(&payloads, &store, &mut event, &trigger, log_secrets).await {
                Ok(Loaded { mut prepared, share }) => {
                    let log = std::mem::take(&mut prepared.log);
                    let answer = http.call(prepared).await;
                    drop(share);
                    delivery::settle(&event, limits, log, answer)
                }
                Err(NotDeliverable { reason, is_final }) => {
                    let answer = Answer::None { reason, is_final };
                    delivery::settle(&event, limits, LoggedRequest::default(), answer)
                }
            }
        });
        self.calls_by_task.insert(handle.id(), call);
    }

    fn retry_limits(&self, trigger: &ResolvedTrigger) -> RetryLimits {
        let conf = trigger.retry_conf();
        RetryLimits {
            retries: conf.num_retries,
            backoff: Backoff::new(conf),
            retries_after: self.context.options.max_retries_after,
        }
    }

    fn on_called(&mut self, called: Result<(task::Id, Settlement), task::JoinError>) {
        let (id, settlement) = match called {
            Ok((id, settlement)) => (id, Some(settlement)),
            Err(error) => (error.id(), None),
        };
        let Some(call) = self.calls_by_task.remove(&id) else {
            return;
        };
        self.in_flight.call_ended(&call.trigger);
        let began = call.began;
        let settlement = settlement.unwrap_or_else(|| {
            tracing::error!(
                event.id = call.id,
                trigger = call.trigger,
                "delivery task panicked"
            );
            Settlement::broken(call.id, call.trigger, call.tries, call.limits)
        });
        settlement_writer::log(&settlement);
        self.settler.settle(settlement);
        // Webhooks change data, also of tables without an event trigger: the next event may already be in the queue.
        self.schedule.signal(Instant::now(), EventSignal::Hint { began });
        self.context.waker.wake_live();
    }

    fn on_settled(&mut self, batch: Batch) {
        if batch.settled.iter().any(|event| event.is_due) {
            let signal = EventSignal::Required { transactions: 1 };
            self.schedule.signal(Instant::now(), signal);
        }
        self.in_flight.settled(batch);
    }

    async fn on_instance_lock(&mut self) {
        self.me = None;
        let Some(me) = self.instance_lock.id() else { return };
        let held: Vec<&str> = self.in_flight.held().map(String::as_str).collect();
        match self.store.switch_instance(me, &held).await {
            Ok(()) => {
                tracing::info!(
                    instance = me,
                    held = held.len(),
                    "claiming events as this instance"
                );
                self.me = Some(me);
                self.schedule.restart(Instant::now());
            }
            // Reconnecting acquires a new lock and with it a new id.
            Err(error) => {
                tracing::warn!(%error, "cannot transfer held events to the new instance id; reconnecting");
                self.instance_lock.renew();
            }
        }
    }

    /// Releases events of unknown and paused triggers.
    fn release(&mut self, events: Vec<Claimed>) {
        if events.is_empty() {
            return;
        }
        self.windows.forget();
        let store = self.store.clone();
        tokio::spawn(async move {
            let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
            if let Err(error) = store.release(&ids).await {
                tracing::warn!(%error, events = ids.len(), "cannot release events");
            }
        });
    }

    async fn stop(mut self) {
        let deadline = tokio::time::Instant::now() + self.context.options.shutdown_timeout;
        // A running poll may still claim events.
        if let Ok(Some(Ok(polled))) = timeout_at(deadline, self.polls.join_next()).await {
            self.on_polled(polled);
        }
        tracing::info!(
            in_flight = self.calls.len(),
            released = self.in_flight.waiting(),
            "event dispatcher is stopping"
        );
        let waiting = self.in_flight.take_waiting();
        self.release_now(waiting).await;
        let drained = timeout_at(deadline, async {
            while !self.in_flight.is_empty() {
                tokio::select! {
                    Some(called) = self.calls.join_next_with_id() => self.on_called(called),
                    settled = self.settler.settled() => self.in_flight.settled(settled),
                }
            }
        });
        if drained.await.is_err() {
            self.calls.abort_all();
            let left = self.in_flight.unfinished();
            tracing::warn!(
                events = left.len(),
                "deliveries aborted at shutdown; events released"
            );
            self.release_now(left).await;
        }
    }

    async fn release_now(&mut self, ids: Vec<String>) {
        let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
        if !refs.is_empty() {
            let released = tokio::time::timeout(SHUTDOWN_DB_TIMEOUT, self.store.release(&refs)).await;
            if !matches!(released, Ok(Ok(_))) {
                // The lock is freed when this process exits: other instances can then claim the events immediately.
                tracing::warn!(events = refs.len(), "cannot release events");
            }
        }
        for id in &ids {
            self.in_flight.forget(id);
        }
    }
}

/// Returns the names of the triggers whose events are delivered; those of paused triggers wait.
fn delivered(triggers: &IndexMap<String, Arc<ResolvedTrigger>>) -> impl Iterator<Item = &String> + Clone {
    let delivered = triggers.iter().filter(|(_, trigger)| !trigger.is_paused());
    delivered.map(|(name, _)| name)
}

/// Waits until a time. A timer takes up to a millisecond also for a time in the past.
pub(super) async fn until(at: Instant) {
    if at > Instant::now() {
        sleep_until(at.into()).await;
    }
}
