//! Order runs: place, follow, pay as soon as validated, complete when a driver is assigned or the order is closed as planned.
//! [`schedule`] places orders one after the other. Only orders in progress are kept in memory.

mod open_orders;
mod schedule;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use self::open_orders::OpenOrders;
pub(crate) use self::open_orders::Times;
use self::schedule::Schedule;
use super::client::{Customer, Paid};
use super::plan::{Ending, Moment};
use super::socket::{self, OrderStatus, Settings, SubscriptionCommand, Update};
use super::staff::{Operator, Restaurant};

/// Maximum number of concurrent payments; more would only wait in the gateway's queue.
const MAX_CONCURRENT_PAYMENTS: usize = 64;

/// Result of a run.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Times of completed orders; of many orders a random sample.
    pub(crate) times: Vec<Times>,
    /// Orders that the customer saw assigned as planned.
    pub(crate) assigned: u64,
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
    /// The next order when fewer than this number are in progress.
    InProgress(usize),
    /// All in one mutation.
    Burst,
    /// One in each period, the first one after a delay, independent of the completion of the previous ones.
    Every { period: Duration, delay: Duration },
}

const MAX_REPORTED_PROBLEMS: usize = 10;

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
        orders: OpenOrders::default(),
        actions: JoinSet::new(),
        counter: Arc::new(Semaphore::new(MAX_CONCURRENT_PAYMENTS)),
        subscriptions,
        updates,
        problems: Vec::new(),
        done: 0,
        assigned: 0,
        closed: 0,
        last_assigned: None,
    };
    let began = Instant::now();
    match mode {
        PlacementMode::InProgress(max) => {
            let schedule = Schedule::InProgress(max);
            run.place_each(schedule, progress_timeout, &progress).await;
        }
        PlacementMode::Burst => {
            run.batch(0..count, progress_timeout, &progress).await?;
        }
        PlacementMode::Every { period, delay } => {
            let schedule = Schedule::at_rate(period, delay);
            run.place_each(schedule, progress_timeout, &progress).await;
        }
    }
    let took = run
        .last_assigned
        .map_or_else(|| began.elapsed(), |last| last - began);
    let OrderRun {
        orders,
        assigned,
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
        times: orders.into_times(),
        assigned,
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
    orders: OpenOrders,
    actions: JoinSet<(usize, Result<Option<Instant>>)>,
    counter: Arc<Semaphore>,
    subscriptions: mpsc::UnboundedSender<SubscriptionCommand>,
    updates: mpsc::UnboundedReceiver<Update>,
    problems: Vec<String>,
    done: usize,
    assigned: u64,
    closed: u64,
    last_assigned: Option<Instant>,
}

impl OrderRun {
    /// Places these orders in one mutation and waits until they are complete, or until there is no progress.
    async fn batch(
        &mut self,
        numbers: std::ops::Range<usize>,
        progress_timeout: Duration,
        progress: &impl Fn(usize),
    ) -> Result<()> {
        let orders: Vec<(String, i32)> = numbers.clone().map(|number| self.open(number)).collect();
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
                    return Ok(());
                }
            };
            let Some((moved, closed)) = self.on_event(event) else {
                return Ok(());
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
        Ok(())
    }

    /// Chooses the id of an order; returns it and the restaurant.
    fn open(&mut self, number: usize) -> (String, i32) {
        (self.orders.open(number), self.endings[number].restaurant())
    }

    /// Records a placed order and subscribes to it.
    fn follow(&mut self, number: usize, sent: Instant, placed: Instant) {
        let Some(id) = self.orders.follow(number, sent, placed) else {
            return;
        };
        // The socket's task outlives this run, or its result contains the reason.
        let _ = self.subscriptions.send(SubscriptionCommand::Start(number, id));
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
                self.orders.acted(number, paid);
                (true, false)
            }
            Event::Acted(number, Err(error)) => {
                let was_followed = self.close(number, Some(format!("{error:#}")));
                self.orders.acted(number, None);
                (true, was_followed)
            }
            Event::SocketClosed => {
                self.problem("the WebSocket is closed".to_owned());
                return None;
            }
        })
    }

    /// An order may be assigned before the response to its payment arrives; the time is part of the report. An order may also be
    /// closed before the responses of those that closed it.
    async fn finish_actions(&mut self) {
        while let Some(acted) = self.actions.join_next().await {
            match acted {
                Ok((number, Ok(paid))) => self.orders.acted(number, paid),
                Ok((_, Err(error))) => self.problem(format!("{error:#}")),
                Err(_) => {}
            }
        }
    }

    /// Handles an update; returns whether it contained progress, and whether it completed the order.
    fn on_update(&mut self, number: usize, status: &OrderStatus, at: Instant) -> (bool, bool) {
        let Some(order) = self.orders.followed(number) else {
            return (false, false);
        };
        let (id, times) = (&order.id, &mut order.times);
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
            let problem = format!("order {id} was rejected: {problem}");
            return (true, self.close(number, Some(problem)));
        }
        let ending = self.endings[number];
        if status.order_valid == Some(true) && !order.acting {
            (order.acting, order.waiting) = (true, true);
            let (people, id, counter) = (self.people.clone(), id.clone(), self.counter.clone());
            self.actions.spawn(async move {
                let _place = counter.acquire().await;
                (number, people.act(&id, ending).await)
            });
        }
        if ending == Ending::Assigned && status.driver_assigned {
            self.assigned += 1;
            self.last_assigned = Some(at);
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
            let expected = ending.status();
            format!("order {id} is {} instead of {expected}", status.status)
        });
        let was_followed = self.close(number, problem);
        self.closed += u64::from(is_planned && was_followed);
        (true, was_followed)
    }

    /// Stops following an order; false if it was not followed.
    fn close(&mut self, number: usize, problem: Option<String>) -> bool {
        let was_followed = self.orders.unfollow(number);
        if was_followed {
            match problem {
                Some(problem) => self.problem(problem),
                None => self.done += 1,
            }
            let _ = self.subscriptions.send(SubscriptionCommand::Stop(number));
        }
        was_followed
    }

    fn problem(&mut self, problem: String) {
        if self.problems.len() < MAX_REPORTED_PROBLEMS {
            self.problems.push(problem);
        }
    }
}
