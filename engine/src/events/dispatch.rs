//! The main loop, which owns the events held by this instance: it claims events, starts calls while there are free slots,
//! and passes responses to the settler. The loop never waits for a single event: calls, claims and settlements run
//! concurrently, and a slot is reused as soon as it becomes free.

use super::deliver::{self, Answer, Settlement};
use super::horizon::Horizon;
use super::lease::Lease;
use super::look::{self, Asked, Looked};
use super::settler::{self, Settled, Settler};
use super::share::Share;
use super::store::{Claimed, InstanceId, Store};
use super::waking::Waking;
use crate::state::Engine;
use crate::wake::WakeReceiver;
use engine_error::{Code, Error, Result};
use engine_model::trigger::resolve::ResolvedTrigger;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{self, JoinSet};
use tokio::time::{sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

/// Interval between two scans for events of unknown triggers; scans run only while the queue is empty.
const STRAYS_INTERVAL: Duration = Duration::from_secs(10);

/// Number of consecutive full batches after which the growing backlog is logged.
const FULL_BATCHES: u32 = 4;

/// Number of calls in flight from which polls become less frequent, unless the last poll reached its limit.
const CROWD: usize = 16;

/// Timeout of each of the last statements when the engine stops.
const FAREWELL: Duration = Duration::from_secs(5);

pub(super) struct Dispatcher {
    engine: Arc<Engine>,
    store: Store,
    http: reqwest::Client,
    lease: Lease,
    /// Id under which events are claimed; `None` without the instance lock.
    me: Option<InstanceId>,
    woken: WakeReceiver,
    waking: Waking,
    looks: JoinSet<Looked>,
    horizon: Horizon,
    batch: usize,
    full_batches: u32,
    /// The last poll reached its limit: there are more events.
    more: bool,
    strays_at: Instant,
    /// Claimed events that wait for a free slot.
    queue: VecDeque<Claimed>,
    /// Events claimed and not settled: event id → trigger.
    held: HashMap<String, String>,
    holding: Share,
    calls: JoinSet<Settlement>,
    called: HashMap<task::Id, Settled>,
    calling: Share,
    settler: Settler,
}

impl Dispatcher {
    pub(super) fn new(engine: Arc<Engine>) -> Result<Self> {
        let config = &engine.config;
        let store = Store::new(config)?;
        let places = config.events_http_pool_size as usize;
        let batch = config.events_fetch_batch_size as usize;
        let interval = Duration::from_millis(config.events_fetch_interval);
        let http = deliver::client(places).map_err(|error| {
            Error::new(
                Code::Unexpected,
                format!("cannot create the HTTP client for webhooks: {error}"),
            )
        })?;
        let now = Instant::now();
        Ok(Self {
            lease: Lease::hold(config, engine.waker.clone())?,
            me: None,
            woken: engine.waker.subscribe_events(),
            waking: Waking::new(now, interval),
            looks: JoinSet::new(),
            horizon: Horizon::default(),
            batch,
            full_batches: 0,
            more: false,
            strays_at: now + STRAYS_INTERVAL,
            queue: VecDeque::new(),
            held: HashMap::new(),
            // As in Hasura: one batch is processed while the next one is already claimed.
            holding: Share::new((2 * batch).max(places + batch)),
            calls: JoinSet::new(),
            called: HashMap::new(),
            calling: Share::new(places),
            settler: Settler::start(store.clone()),
            store,
            http,
            engine,
        })
    }

    /// Runs until `stop` is cancelled, then waits for the calls in flight and releases the remaining events.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            self.start_calls();
            self.waking.crowded(self.calls.len() >= CROWD && !self.more);
            let look = self.next_look();
            tokio::select! {
                () = stop.cancelled() => {}
                Some(called) = self.calls.join_next_with_id() => self.on_called(called),
                settled = self.settler.settled() => self.on_settled(settled),
                Some(Ok(looked)) = self.looks.join_next() => self.on_looked(looked),
                () = self.lease.changed() => self.on_lease().await,
                () = self.woken.woken() => self.waking.woken(Instant::now()),
                () = sleep_until(self.waking.next().into()), if look.is_some() => {
                    if let Some((me, limit, triggers)) = look {
                        self.look(me, limit, triggers);
                    }
                }
            }
        }
        self.stop().await;
    }

    /// Returns the parameters of the next poll, or `None` if there is no capacity, no trigger, no instance lock, or a poll is
    /// already running.
    fn next_look(&self) -> Option<(InstanceId, usize, Vec<String>)> {
        let room = self.holding.free().min(self.batch);
        // If all slots are in use, a poll waits until a quarter of a batch fits. If slots are free, the triggers of the claimed
        // events may have used their shares, so any capacity is enough.
        let worth = if self.calling.free() > 0 {
            1
        } else {
            self.batch.div_ceil(4)
        };
        if !self.looks.is_empty() || room < worth {
            return None;
        }
        let snapshot = self.engine.snapshot.load();
        let known = &snapshot.resolved.tracked.event_triggers;
        let alone = known.len() == 1;
        let least = self.holding.free() / 16;
        let wanted: Vec<(String, usize)> = known
            .keys()
            .map(|trigger| (trigger.clone(), self.holding.allowance(trigger, alone)))
            .filter(|(_, allowance)| *allowance > least)
            .collect();
        let limit = wanted.iter().map(|(_, allowance)| *allowance).min()?.min(room);
        Some((
            self.me?,
            limit,
            wanted.into_iter().map(|(trigger, _)| trigger).collect(),
        ))
    }

    fn look(&mut self, me: InstanceId, limit: usize, triggers: Vec<String>) {
        let now = Instant::now();
        let look = self.waking.begin(now);
        let all = triggers.len() == self.engine.snapshot.load().resolved.tracked.event_triggers.len();
        let strays = all && now >= self.strays_at;
        if strays {
            self.strays_at = now + STRAYS_INTERVAL;
        }
        let window = self.horizon.window(now, &triggers);
        let asked = Asked {
            began: now,
            look,
            limit,
            triggers,
            window,
            strays,
        };
        self.looks.spawn(look::look(self.store.clone(), me, asked));
    }

    fn on_looked(&mut self, Looked { asked, result }: Looked) {
        let now = Instant::now();
        let Asked {
            began,
            look,
            limit,
            triggers,
            window,
            ..
        } = asked;
        match result {
            Ok(events) => {
                let cut = events.len() >= limit;
                self.horizon.looked(began, &window, triggers, &events, cut);
                self.more = cut;
                self.note_full_batches(cut && limit == self.batch);
                if events.is_empty() {
                    self.waking.found_nothing(now, look);
                    return;
                }
                self.waking.found(now, look);
                // The transactions that wrote these events changed data.
                self.engine.waker.wake_live();
                for event in events {
                    self.holding.take(&event.trigger);
                    self.held.insert(event.id.clone(), event.trigger.clone());
                    self.queue.push_back(event);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "cannot fetch events; retrying");
                self.horizon.forget();
                self.waking.failed(now);
            }
        }
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

    /// Starts calls while slots are free, oldest event first; events of a trigger that has used its share are skipped.
    fn start_calls(&mut self) {
        if self.queue.is_empty() || self.calling.free() == 0 {
            return;
        }
        let snapshot = self.engine.snapshot.load();
        let known = &snapshot.resolved.tracked.event_triggers;
        let alone = known.len() <= 1;
        let mut waiting = VecDeque::with_capacity(self.queue.len());
        let mut unknown = Vec::new();
        while let Some(event) = self.queue.pop_front() {
            match known.get(&event.trigger) {
                Some(trigger) if self.calling.may_take(&event.trigger, alone) => {
                    self.start_call(event, Arc::clone(trigger));
                }
                Some(_) => waiting.push_back(event),
                None => unknown.push(event),
            }
            if self.calling.free() == 0 {
                break;
            }
        }
        waiting.append(&mut self.queue);
        self.queue = waiting;
        self.hand_back(unknown);
    }

    fn start_call(&mut self, event: Claimed, trigger: Arc<ResolvedTrigger>) {
        let (http, log_secrets) = (self.http.clone(), self.engine.config.log_headers_from_env);
        let held = Settled {
            id: event.id.clone(),
            trigger: event.trigger.clone(),
        };
        self.calling.take(&event.trigger);
        let handle = self
            .calls
            .spawn(async move { deliver(&http, &event, &trigger, log_secrets).await });
        self.called.insert(handle.id(), held);
    }

    fn on_called(&mut self, called: Result<(task::Id, Settlement), task::JoinError>) {
        let (id, settlement) = match called {
            Ok((id, settlement)) => (id, Some(settlement)),
            Err(error) => (error.id(), None),
        };
        let Some(Settled { id, trigger }) = self.called.remove(&id) else {
            return;
        };
        self.calling.give_back(&trigger);
        let settlement = settlement.unwrap_or_else(|| {
            tracing::error!(event.id = id, trigger, "delivery task panicked");
            Settlement::broken(id, trigger)
        });
        settler::log(&settlement);
        self.settler.settle(settlement);
        // Webhooks change data: the next event may already be in the queue.
        self.waking.woken(Instant::now());
        self.engine.waker.wake_live();
    }

    fn on_settled(&mut self, settled: Vec<Settled>) {
        for Settled { id, trigger } in settled {
            self.held.remove(&id);
            self.holding.give_back(&trigger);
        }
    }

    async fn on_lease(&mut self) {
        self.me = None;
        let Some(me) = self.lease.id() else { return };
        let held: Vec<&str> = self.held.keys().map(String::as_str).collect();
        match self.store.become_instance(me, &held).await {
            Ok(()) => {
                tracing::info!(
                    instance = me,
                    held = held.len(),
                    "claiming events as this instance"
                );
                self.me = Some(me);
                self.waking.woken(Instant::now());
            }
            // Reconnecting acquires a new lock and with it a new id.
            Err(error) => {
                tracing::warn!(%error, "cannot transfer held events to the new instance id; reconnecting");
                self.lease.renew();
            }
        }
    }

    /// Releases claimed events that are not to be delivered.
    fn hand_back(&mut self, events: Vec<Claimed>) {
        if events.is_empty() {
            return;
        }
        self.horizon.forget();
        for event in &events {
            self.held.remove(&event.id);
            self.holding.give_back(&event.trigger);
        }
        let store = self.store.clone();
        tokio::spawn(async move {
            let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
            if let Err(error) = store.release(&ids).await {
                tracing::warn!(%error, events = ids.len(), "cannot release events");
            }
        });
    }

    async fn stop(mut self) {
        let patience = tokio::time::Instant::now() + self.engine.config.shutdown_timeout();
        // A running poll may still claim events.
        if let Ok(Some(Ok(looked))) = timeout_at(patience, self.looks.join_next()).await {
            self.on_looked(looked);
        }
        let waiting = std::mem::take(&mut self.queue);
        tracing::info!(
            in_flight = self.calls.len(),
            handed_back = waiting.len(),
            "event dispatcher is stopping"
        );
        self.release(waiting.iter().map(|event| event.id.clone()).collect())
            .await;
        let drained = timeout_at(patience, async {
            while !self.held.is_empty() {
                tokio::select! {
                    Some(called) = self.calls.join_next_with_id() => self.on_called(called),
                    settled = self.settler.settled() => self.on_settled(settled),
                }
            }
        });
        if drained.await.is_err() {
            self.calls.abort_all();
            let left: Vec<String> = self.held.keys().cloned().collect();
            tracing::warn!(
                events = left.len(),
                "deliveries aborted at shutdown; events released"
            );
            self.release(left).await;
        }
        if tokio::time::timeout(FAREWELL, self.store.leave()).await.is_err() {
            tracing::debug!("cannot unregister the instance: database unreachable");
        }
    }

    async fn release(&mut self, ids: Vec<String>) {
        let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
        if !refs.is_empty() {
            let handed_back = tokio::time::timeout(FAREWELL, self.store.release(&refs)).await;
            if !matches!(handed_back, Ok(Ok(_))) {
                // The lock is freed when this process exits: other instances can then claim the events immediately.
                tracing::warn!(events = refs.len(), "cannot release events");
            }
        }
        for id in &ids {
            if let Some(trigger) = self.held.remove(id) {
                self.holding.give_back(&trigger);
            }
        }
    }
}

async fn deliver(
    http: &reqwest::Client,
    event: &Claimed,
    trigger: &ResolvedTrigger,
    log_secrets: bool,
) -> Settlement {
    let (log, answer) = match deliver::prepare(event, trigger, log_secrets) {
        Ok(mut prepared) => {
            let log = std::mem::take(&mut prepared.log);
            (log, deliver::call(http, prepared).await)
        }
        Err(error) => (
            "null".to_owned(),
            Answer::None {
                reason: format!("cannot build the request: {error}"),
            },
        ),
    };
    deliver::settle(event, trigger.retry_conf(), log, answer)
}
