//! Order runs: place, follow, pay as soon as validated, complete when a driver is assigned or the order is closed as planned.
//! [`open_load`] places orders at a fixed rate.

mod open_load;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use uuid::{Builder, Uuid};

use super::client::{Customer, Paid};
use super::plan::{Ending, Moment};
use super::socket::{self, OrderStatus, Settings, SubscriptionCommand, Update};
use super::staff::{Operator, Restaurant};

/// Maximum number of concurrent payments; more would only wait in the gateway's queue.
const MAX_CONCURRENT_PAYMENTS: usize = 64;

/// Times at which the customer observed the steps of one order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    /// Sending of the mutation; at a fixed rate the time at which it was due.
    pub(crate) sent: Option<Instant>,
    /// Response to the mutation.
    pub(crate) placed: Option<Instant>,
    /// Shown as validated.
    pub(crate) validated: Option<Instant>,
    /// Response of `/payment`.
    pub(crate) paid: Option<Instant>,
    /// Shown as approved.
    pub(crate) approved: Option<Instant>,
    /// Shown as assigned.
    pub(crate) assigned: Option<Instant>,
}

/// Result of a run.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Times of each order.
    pub(crate) times: Vec<Times>,
    /// Orders that the customer saw closed as planned.
    pub(crate) closed: u64,
    /// From the first mutation to the last update.
    pub(crate) took: Duration,
    /// Human-readable problems, at most [`MAX_REPORTED_PROBLEMS`].
    pub(crate) problems: Vec<String>,
}

/// Order of placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlacementMode {
    /// The next order when the previous is assigned.
    OneByOne,
    /// All in one mutation.
    Burst,
    /// One in each period, the first one after a delay, independent of the completion of the previous ones.
    Every { period: Duration, delay: Duration },
}

const MAX_REPORTED_PROBLEMS: usize = 10;

/// Returns the id of a new order as the order app chooses it: a UUID of version 7, whose order is that of time.
fn order_id() -> String {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let milliseconds = u64::try_from(since_1970.as_millis()).unwrap_or_default();
    let (_, random) = Uuid::new_v4().as_u64_pair();
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&random.to_be_bytes());
    bytes[..2].copy_from_slice(&Uuid::new_v4().as_bytes()[..2]);
    Builder::from_unix_timestamp_millis(milliseconds, &bytes)
        .into_uuid()
        .to_string()
}

/// Roles that act on the orders.
pub(crate) struct People {
    pub(crate) customer: Customer,
    /// Present if orders are to be rejected.
    pub(crate) restaurant: Option<Restaurant>,
    /// Present if orders are to expire.
    pub(crate) operator: Option<Operator>,
}

impl People {
    /// Acts on a validated order so that it ends as planned; returns the time of its payment.
    async fn act(&self, order_id: &str, ending: Ending) -> Result<Option<Instant>> {
        let pay = async || match self.customer.pay(order_id).await? {
            Paid::At(time) => Ok(Some(time)),
            Paid::Closed => bail!("payment of {order_id} was rejected: the order is closed"),
        };
        match ending {
            Ending::Assigned => pay().await,
            Ending::Cancelled(Moment::Before) => {
                self.customer.cancel(order_id).await?;
                Ok(None)
            }
            Ending::Cancelled(Moment::During) => {
                let (paid, cancelled) =
                    tokio::join!(self.customer.pay(order_id), self.customer.cancel(order_id));
                cancelled?;
                Ok(match paid? {
                    Paid::At(time) => Some(time),
                    Paid::Closed => None,
                })
            }
            Ending::Cancelled(Moment::After) => {
                let paid = pay().await?;
                self.customer.cancel(order_id).await?;
                Ok(paid)
            }
            Ending::Rejected => {
                let paid = pay().await?;
                let restaurant = self.restaurant.as_ref().context("no restaurant is logged in")?;
                restaurant.reject(order_id).await?;
                Ok(paid)
            }
            Ending::Expired { paid } => {
                let paid = if paid { pay().await? } else { None };
                let operator = self.operator.as_ref().context("there is no operator")?;
                operator.expire(order_id).await?;
                Ok(paid)
            }
        }
    }
}

/// Runs the orders until each has its ending. `progress` receives the number of completed ones. Stops if there is
/// no progress for `progress_timeout`. Returns an error if the engine rejects the orders or the connection.
pub(crate) async fn run(
    people: People,
    settings: Settings,
    endings: Vec<Ending>,
    mode: PlacementMode,
    progress_timeout: Duration,
    progress: impl Fn(usize),
) -> Result<Outcome> {
    let (subscriptions, orders) = mpsc::unbounded_channel();
    let (sender, updates) = mpsc::unbounded_channel();
    let socket = tokio::spawn(socket::run(settings, orders, sender));
    let count = endings.len();
    let mut run = OrderRun {
        people: Arc::new(people),
        endings,
        ids: (0..count).map(|_| order_id()).collect(),
        times: vec![Times::default(); count],
        acting: vec![false; count],
        open: vec![false; count],
        actions: JoinSet::new(),
        counter: Arc::new(Semaphore::new(MAX_CONCURRENT_PAYMENTS)),
        subscriptions,
        updates,
        problems: Vec::new(),
        done: 0,
        closed: 0,
    };
    let began = Instant::now();
    match mode {
        PlacementMode::OneByOne => {
            for number in 0..count {
                if !run.batch(number..number + 1, progress_timeout, &progress).await? {
                    break;
                }
            }
        }
        PlacementMode::Burst => {
            run.batch(0..count, progress_timeout, &progress).await?;
        }
        PlacementMode::Every { period, delay } => {
            run.at_rate(period, delay, progress_timeout, &progress).await;
        }
    }
    let last = run.times.iter().filter_map(|times| times.assigned).max();
    let took = last.map_or_else(|| began.elapsed(), |last| last - began);
    let OrderRun {
        times,
        closed,
        problems,
        subscriptions,
        updates,
        ..
    } = run;
    drop((subscriptions, updates));
    // The closed channel ends the socket's task; its error explains why updates were missing.
    let problems = match socket.await {
        Ok(Err(error)) => vec![format!("{error:#}")],
        _ => problems,
    };
    Ok(Outcome {
        times,
        closed,
        took,
        problems,
    })
}

/// An event of a run.
enum Event {
    Update(Update),
    /// Result of the actions on an order, with the time of its payment.
    Acted(usize, Result<Option<Instant>>),
    SocketClosed,
}

struct OrderRun {
    people: Arc<People>,
    endings: Vec<Ending>,
    ids: Vec<String>,
    times: Vec<Times>,
    /// Validated, so that the customer has been told to act.
    acting: Vec<bool>,
    /// Followed and not complete.
    open: Vec<bool>,
    actions: JoinSet<(usize, Result<Option<Instant>>)>,
    counter: Arc<Semaphore>,
    subscriptions: mpsc::UnboundedSender<SubscriptionCommand>,
    updates: mpsc::UnboundedReceiver<Update>,
    problems: Vec<String>,
    done: usize,
    closed: u64,
}

impl OrderRun {
    /// Places these orders and waits until they are complete. False after a time-out.
    async fn batch(
        &mut self,
        numbers: std::ops::Range<usize>,
        progress_timeout: Duration,
        progress: &impl Fn(usize),
    ) -> Result<bool> {
        let orders: Vec<(&str, i32)> = numbers.clone().map(|number| self.order(number)).collect();
        let sent = Instant::now();
        let placed = self.people.customer.place(&orders).await?;
        let mut left = numbers.len();
        for number in numbers {
            self.follow(number, sent, placed);
        }
        let mut deadline = Instant::now() + progress_timeout;
        while left > 0 {
            let event = tokio::select! {
                event = self.next() => event,
                () = tokio::time::sleep_until(deadline.into()) => {
                    self.problem(format!("no progress for {} s; {left} orders incomplete", progress_timeout.as_secs()));
                    return Ok(false);
                }
            };
            let Some((moved, closed)) = self.on_event(event) else {
                return Ok(false);
            };
            if moved {
                deadline = Instant::now() + progress_timeout;
            }
            if closed {
                left -= 1;
                progress(self.done);
            }
        }
        self.finish_actions().await;
        Ok(true)
    }

    /// Records a placed order and subscribes to it.
    fn follow(&mut self, number: usize, sent: Instant, placed: Instant) {
        self.times[number].sent = Some(sent);
        self.times[number].placed = Some(placed);
        self.open[number] = true;
        // The socket's task outlives this run, or its result contains the reason.
        let _ = self
            .subscriptions
            .send(SubscriptionCommand::Start(number, self.ids[number].clone()));
    }

    /// Waits for an update or the result of an action. Cancellation loses no event.
    async fn next(&mut self) -> Event {
        loop {
            tokio::select! {
                update = self.updates.recv() => return update.map_or(Event::SocketClosed, Event::Update),
                Some(acted) = self.actions.join_next(), if !self.actions.is_empty() => {
                    if let Ok((number, result)) = acted {
                        return Event::Acted(number, result);
                    }
                }
            }
        }
    }

    /// Handles an event; returns whether it contained progress, and whether an order is no longer followed. `None` if no
    /// further update can arrive.
    fn on_event(&mut self, event: Event) -> Option<(bool, bool)> {
        Some(match event {
            Event::Update(Update::Order(number, status, at)) => self.on_update(number, &status, at),
            Event::Update(Update::Rejected(number, why)) => (
                true,
                self.close(number, Some(format!("subscription rejected: {why}"))),
            ),
            Event::Acted(number, Ok(paid)) => {
                self.times[number].paid = paid;
                (true, false)
            }
            Event::Acted(number, Err(error)) => (true, self.close(number, Some(format!("{error:#}")))),
            Event::SocketClosed => {
                self.problem("the WebSocket is closed".to_owned());
                return None;
            }
        })
    }

    /// The id of an order and its restaurant.
    fn order(&self, number: usize) -> (&str, i32) {
        (&self.ids[number], self.endings[number].restaurant())
    }

    /// An order may be assigned before the response to its payment arrives; the time is part of the report. An order may also be
    /// closed before the responses of those that closed it.
    async fn finish_actions(&mut self) {
        while let Some(acted) = self.actions.join_next().await {
            match acted {
                Ok((number, Ok(paid))) => self.times[number].paid = paid,
                Ok((_, Err(error))) => self.problem(format!("{error:#}")),
                Err(_) => {}
            }
        }
    }

    /// Handles an update; returns whether it contained progress, and whether it completed the order.
    fn on_update(&mut self, number: usize, status: &OrderStatus, at: Instant) -> (bool, bool) {
        let Some(times) = self.times.get_mut(number) else {
            return (false, false);
        };
        let mut moved = false;
        for (now, time) in [
            (status.order_valid == Some(true), &mut times.validated),
            (status.approved, &mut times.approved),
            (status.driver_assigned, &mut times.assigned),
        ] {
            if now && time.is_none() {
                *time = Some(at);
                moved = true;
            }
        }
        if let Some(problem) = &status.problem {
            let problem = format!("order {} was rejected: {problem}", self.ids[number]);
            return (true, self.close(number, Some(problem)));
        }
        let ending = self.endings[number];
        if status.order_valid == Some(true) && !self.acting[number] {
            self.acting[number] = true;
            let (people, id, counter) = (
                self.people.clone(),
                self.ids[number].clone(),
                self.counter.clone(),
            );
            self.actions.spawn(async move {
                let _place = counter.acquire().await;
                (number, people.act(&id, ending).await)
            });
        }
        if ending == Ending::Assigned && status.driver_assigned {
            return (moved, self.close(number, None));
        }
        if !matches!(
            status.status.as_str(),
            "assigned" | "cancelled" | "rejected" | "expired" | "failed"
        ) {
            return (moved, false);
        }
        let is_planned = status.status == ending.status();
        let problem = (!is_planned).then(|| {
            let (id, expected) = (&self.ids[number], ending.status());
            format!("order {id} is {} instead of {expected}", status.status)
        });
        let was_open = self.close(number, problem);
        self.closed += u64::from(is_planned && was_open);
        (true, was_open)
    }

    /// Stops following an order; false if it was not followed.
    fn close(&mut self, number: usize, problem: Option<String>) -> bool {
        let was_open = self.open.get_mut(number).is_some_and(std::mem::take);
        if was_open {
            match problem {
                Some(problem) => self.problem(problem),
                None => self.done += 1,
            }
            let _ = self.subscriptions.send(SubscriptionCommand::Stop(number));
        }
        was_open
    }

    fn problem(&mut self, problem: String) {
        if self.problems.len() < MAX_REPORTED_PROBLEMS {
            self.problems.push(problem);
        }
    }
}
