//! The plan of a seed: the orders and the course of each delivery.

use fastrand::Rng;
use std::time::Duration;

/// Orders in a plan.
const ORDERS: usize = 24;

/// Round from which all drivers work and accept.
const ALL_WORK_FROM: usize = 8;

/// The plan of one seed.
pub(super) struct Plan {
    pub(super) orders: Vec<PlannedOrder>,
    rng: Rng,
}

/// An order and the actions of its customer.
#[derive(Debug, Clone)]
pub(super) struct PlannedOrder {
    pub(super) id: String,
    pub(super) restaurant: i32,
    pub(super) address: &'static str,
    pub(super) items: Vec<(&'static str, i32)>,
    /// Round in which an admin marks it as paid, validated or not.
    pub(super) paid_by_admin: Option<usize>,
    /// Round in which it is to be closed, which the database may refuse, and how.
    pub(super) closed: Option<(usize, Closing)>,
    /// Whether its driver picks it up, and then whether the delivery succeeds.
    pub(super) driven: Option<bool>,
}

/// Attempt to close an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    Cancel,
    Reject,
    /// Each of its deadlines passes.
    Expire,
}

/// Reaction of a driver to an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaction {
    Accept,
    Decline,
    /// The time to answer passes.
    Silence,
}

/// End of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The response arrives.
    Answered,
    /// The function finishes, but its response is lost.
    AnswerLost,
    /// The function is killed after this time.
    Killed(Duration),
}

/// Cards that the simulated gateway accepts or declines.
const CARDS: [&str; 4] = [
    "1234 1234 1234 1234",
    "4242424242424242",
    "4000 0000 0000 0002",
    "4000000000009995",
];

impl Plan {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let orders = (0..ORDERS)
            .map(|number| planned_order(&mut rng, number))
            .collect();
        Self { orders, rng }
    }

    /// Number of deliveries of an event in a round.
    pub(super) fn copies(&mut self) -> usize {
        self.rng.usize(1..=5)
    }

    /// End of the next delivery.
    pub(super) fn fate(&mut self) -> Fate {
        match self.rng.u8(0..10) {
            0..5 => Fate::Answered,
            5..7 => Fate::AnswerLost,
            // A step takes about 1 ms, so this is before, during or after its statement.
            _ => Fate::Killed(Duration::from_micros(self.rng.u64(0..3000))),
        }
    }

    /// Concurrent payments of an order: card, and difference to the right amount.
    pub(super) fn payments(&mut self) -> Vec<(&'static str, i64)> {
        let mut payments = Vec::new();
        for _ in 0..self.rng.usize(0..=3) {
            let card = CARDS[self.rng.usize(0..CARDS.len())];
            let off = i64::from(self.rng.u8(0..8) == 0);
            payments.push((card, off));
        }
        payments
    }

    /// Reaction of a driver; from a round on, all drivers accept.
    pub(super) fn reaction(&mut self, round: usize) -> Reaction {
        match self.rng.u8(0..6) {
            0 if round < ALL_WORK_FROM => Reaction::Decline,
            1 if round < ALL_WORK_FROM => Reaction::Silence,
            _ => Reaction::Accept,
        }
    }

    /// Drivers that are off duty during a round.
    pub(super) fn off_duty(&mut self, round: usize) -> Vec<i32> {
        let number = if round < ALL_WORK_FROM {
            self.rng.usize(0..40)
        } else {
            0
        };
        (0..number).map(|_| self.rng.i32(1..=50)).collect()
    }

    /// Shuffles a slice.
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        self.rng.shuffle(things);
    }
}

fn planned_order(rng: &mut Rng, number: usize) -> PlannedOrder {
    let items = match rng.u8(0..10) {
        0 => vec![],
        1 => vec![("pizza", 1), ("no such dish", 1)],
        2 => vec![("truffle risotto", 2)],
        3..6 => vec![("pizza", rng.i32(1..=9)), ("idli", 1), ("pizza", 1)],
        _ => vec![("pizza", 1)],
    };
    PlannedOrder {
        id: format!("order-{number}"),
        restaurant: match rng.u8(0..10) {
            0 => 3,
            1 => 99,
            2..4 => 2,
            _ => 1,
        },
        address: if rng.u8(0..12) == 0 { "   " } else { "my-address" },
        items,
        paid_by_admin: (rng.u8(0..6) == 0).then(|| rng.usize(0..3)),
        closed: (rng.u8(0..2) == 0).then(|| {
            let closing = [Closing::Cancel, Closing::Reject, Closing::Expire];
            (rng.usize(0..6), closing[rng.usize(0..closing.len())])
        }),
        driven: (rng.u8(0..3) == 0).then(|| rng.bool()),
    }
}
