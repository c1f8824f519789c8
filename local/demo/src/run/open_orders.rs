//! Orders in progress, and the times of completed ones.

use std::collections::HashMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use uuid::{Builder, Uuid};

/// Maximum number of completed orders of which the times are kept: a random sample, so that memory does not grow with the number of
/// orders.
const MAX_TIMES: usize = 20_000;

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

/// An order in progress.
pub(super) struct OpenOrder {
    pub(super) id: String,
    pub(super) times: Times,
    /// Placed, and not complete.
    followed: bool,
    /// Validated, so that the customer has been told to act.
    pub(super) acting: bool,
    /// The responses of the actions are outstanding.
    pub(super) waiting: bool,
}

impl OpenOrder {
    fn new() -> Self {
        Self {
            id: order_id(),
            times: Times::default(),
            followed: false,
            acting: false,
            waiting: false,
        }
    }
}

/// Orders in progress, by number, and times of completed ones.
#[derive(Default)]
pub(super) struct OpenOrders {
    orders: HashMap<usize, OpenOrder>,
    times: Vec<Times>,
    /// Number of completed orders.
    completed: usize,
}

impl OpenOrders {
    /// Adds an order; returns its id, which contains the time.
    pub(super) fn open(&mut self, number: usize) -> String {
        let order = OpenOrder::new();
        let id = order.id.clone();
        self.orders.insert(number, order);
        id
    }

    /// Removes an order that could not be placed.
    pub(super) fn discard(&mut self, number: usize) {
        self.orders.remove(&number);
    }

    /// Records that an order is placed and followed; returns its id.
    pub(super) fn follow(&mut self, number: usize, sent: Instant, placed: Instant) -> Option<String> {
        let order = self.orders.get_mut(&number)?;
        order.times.sent = Some(sent);
        order.times.placed = Some(placed);
        order.followed = true;
        Some(order.id.clone())
    }

    /// An order that is followed.
    pub(super) fn followed(&mut self, number: usize) -> Option<&mut OpenOrder> {
        self.orders.get_mut(&number).filter(|order| order.followed)
    }

    /// Records that an order is complete; false if it was not followed.
    pub(super) fn unfollow(&mut self, number: usize) -> bool {
        let Some(order) = self.followed(number) else {
            return false;
        };
        order.followed = false;
        self.forget_if_complete(number);
        true
    }

    /// Records the responses of the actions on an order.
    pub(super) fn acted(&mut self, number: usize, paid: Option<Instant>) {
        if let Some(order) = self.orders.get_mut(&number) {
            order.times.paid = paid;
            order.waiting = false;
        }
        self.forget_if_complete(number);
    }

    pub(super) fn into_times(self) -> Vec<Times> {
        self.times
    }

    /// Removes an order that is neither followed nor acted on, and keeps its times.
    fn forget_if_complete(&mut self, number: usize) {
        let is_complete = |order: &OpenOrder| !order.followed && !order.waiting;
        if !self.orders.get(&number).is_some_and(is_complete) {
            return;
        }
        let Some(order) = self.orders.remove(&number) else {
            return;
        };
        if self.times.len() < MAX_TIMES {
            self.times.push(order.times);
        } else if let Some(place) = self.times.get_mut(fastrand::usize(..=self.completed)) {
            *place = order.times;
        }
        self.completed += 1;
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_by_the_orders_in_progress() {
        let mut orders = OpenOrders::default();
        let now = Instant::now();
        for number in 0..MAX_TIMES + 100 {
            let id = orders.open(number);
            assert_eq!(orders.follow(number, now, now), Some(id));
            orders.followed(number).unwrap().waiting = true;
            assert!(orders.unfollow(number) && !orders.unfollow(number));
            assert_eq!(orders.orders.len(), 1, "the payment is outstanding");
            orders.acted(number, Some(now));
            assert_eq!(orders.orders.len(), 0);
        }
        assert_eq!(orders.completed, MAX_TIMES + 100);
        assert_eq!(orders.into_times().len(), MAX_TIMES);
    }
}
