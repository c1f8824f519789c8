//! Order runs: place, follow, pay as soon as validated, complete when a driver is assigned.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use uuid::{Builder, Uuid};

use super::client::Customer;
use super::socket::{self, OrderStatus, Settings, SubscriptionCommand, Update};

/// Maximum number of concurrent payments; more would only wait in the gateway's queue.
const MAX_CONCURRENT_PAYMENTS: usize = 64;

/// Times at which the customer observed the steps of one order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
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
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Times of each order.
    pub(crate) times: Vec<Times>,
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

/// Runs `count` orders until they are assigned. `progress` receives the number of completed ones. Stops if there is
/// no progress for `progress_timeout`. Returns an error if the engine rejects the orders or the connection.
pub(crate) async fn run(
    customer: Customer,
    settings: Settings,
    count: usize,
    mode: PlacementMode,
    progress_timeout: Duration,
    progress: impl Fn(usize),
) -> Result<Outcome> {
    let (follow, orders) = mpsc::unbounded_channel();
    let (sender, updates) = mpsc::unbounded_channel();
    let socket = tokio::spawn(socket::run(settings, orders, sender));
    let mut run = OrderRun {
        customer: Arc::new(customer),
        ids: (0..count).map(|_| order_id()).collect(),
        times: vec![Times::default(); count],
        paying: vec![false; count],
        open: vec![false; count],
        payments: JoinSet::new(),
        counter: Arc::new(Semaphore::new(MAX_CONCURRENT_PAYMENTS)),
        follow,
        updates,
        problems: Vec::new(),
        done: 0,
    };
    let began = Instant::now();
    let step = if mode == PlacementMode::Burst { count } else { 1 };
    for first in (0..count).step_by(step.max(1)) {
        let moving = run
            .batch(first..(first + step).min(count), progress_timeout, &progress)
            .await?;
        if !moving {
            break;
        }
    }
    let last = run.times.iter().filter_map(|times| times.assigned).max();
    let took = last.map_or_else(|| began.elapsed(), |last| last - began);
    let OrderRun {
        times,
        problems,
        follow,
        updates,
        ..
    } = run;
    drop((follow, updates));
    // The closed channel ends the socket's task; its error explains why updates were missing.
    let problems = match socket.await {
        Ok(Err(error)) => vec![format!("{error:#}")],
        _ => problems,
    };
    Ok(Outcome {
        times,
        took,
        problems,
    })
}

struct OrderRun {
    customer: Arc<Customer>,
    ids: Vec<String>,
    times: Vec<Times>,
    paying: Vec<bool>,
    /// Followed and not complete.
    open: Vec<bool>,
    payments: JoinSet<(usize, Result<Instant>)>,
    counter: Arc<Semaphore>,
    follow: mpsc::UnboundedSender<SubscriptionCommand>,
    updates: mpsc::UnboundedReceiver<Update>,
    problems: Vec<String>,
    done: usize,
}

impl OrderRun {
    /// Places these orders and waits until they are complete. False after a time-out.
    async fn batch(
        &mut self,
        numbers: std::ops::Range<usize>,
        progress_timeout: Duration,
        progress: &impl Fn(usize),
    ) -> Result<bool> {
        let placed = self.customer.place(&self.ids[numbers.clone()]).await?;
        let mut left = numbers.len();
        for number in numbers {
            self.times[number].placed = Some(placed);
            self.open[number] = true;
            // The socket's task outlives this loop, or its result contains the reason.
            let _ = self
                .follow
                .send(SubscriptionCommand::Start(number, self.ids[number].clone()));
        }
        let mut deadline = Instant::now() + progress_timeout;
        while left > 0 {
            let before = left;
            let moved = tokio::select! {
                update = self.updates.recv() => match update {
                    Some(Update::Order(number, status, at)) => {
                        let (moved, done) = self.on_update(number, &status, at);
                        left -= usize::from(done);
                        moved
                    }
                    Some(Update::Rejected(number, why)) => {
                        left -= usize::from(self.close(number, Some(format!("subscription rejected: {why}"))));
                        true
                    }
                    None => {
                        self.problem("the WebSocket is closed".to_owned());
                        return Ok(false);
                    }
                },
                Some(paid) = self.payments.join_next(), if !self.payments.is_empty() => {
                    if let Ok((number, answer)) = paid {
                        match answer {
                            Ok(at) => self.times[number].paid = Some(at),
                            Err(error) => left -= usize::from(self.close(number, Some(format!("{error:#}")))),
                        }
                    }
                    true
                }
                () = tokio::time::sleep_until(deadline.into()) => {
                    self.problem(format!("no progress for {} s; {left} orders incomplete", progress_timeout.as_secs()));
                    return Ok(false);
                }
            };
            if moved {
                deadline = Instant::now() + progress_timeout;
            }
            if left < before {
                progress(self.done);
            }
        }
        // An order may be assigned before the response to its payment arrives; the time is part of the report.
        while let Some(paid) = self.payments.join_next().await {
            if let Ok((number, Ok(at))) = paid {
                self.times[number].paid = Some(at);
            }
        }
        Ok(true)
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
        if status.order_valid == Some(true) && !self.paying[number] {
            self.paying[number] = true;
            let (customer, id, counter) = (
                self.customer.clone(),
                self.ids[number].clone(),
                self.counter.clone(),
            );
            self.payments.spawn(async move {
                let _place = counter.acquire().await;
                (number, customer.pay(&id).await)
            });
        }
        let done = status.driver_assigned && self.close(number, None);
        (moved, done)
    }

    /// Stops following an order; false if it was not followed.
    fn close(&mut self, number: usize, problem: Option<String>) -> bool {
        let was_open = self.open.get_mut(number).is_some_and(std::mem::take);
        if was_open {
            match problem {
                Some(problem) => self.problem(problem),
                None => self.done += 1,
            }
            let _ = self.follow.send(SubscriptionCommand::Stop(number));
        }
        was_open
    }

    fn problem(&mut self, problem: String) {
        if self.problems.len() < MAX_REPORTED_PROBLEMS {
            self.problems.push(problem);
        }
    }
}
