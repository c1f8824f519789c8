//! How each order of a demo ends, determined by a seed.

use std::ops::Range;

use anyhow::{Result, ensure};
use fastrand::Rng;

/// Restaurant that approves automatically.
const AUTOMATIC: i32 = 1;
/// Restaurant that approves manually, so that its orders stay open until they are closed.
const MANUAL: i32 = 2;

/// Shares of the orders that do not reach a driver.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Shares {
    pub(crate) cancel: f64,
    pub(crate) reject: f64,
    pub(crate) expire: f64,
}

/// End of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A driver is assigned.
    Assigned,
    /// The customer cancels it.
    Cancelled(Moment),
    /// The restaurant rejects it, after the payment.
    Rejected,
    /// A deadline passes.
    Expired {
        /// For the answer of the restaurant instead of the payment.
        paid: bool,
    },
}

/// Moment of a cancellation, relative to the payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    /// At the same time, so that either happens first.
    During,
    After,
}

impl Shares {
    /// Shares with `--faults`.
    pub(crate) const MIXED: Self = Self {
        cancel: 0.1,
        reject: 0.05,
        expire: 0.05,
    };

    /// Checks that the shares are shares of one whole.
    pub(crate) fn check(self) -> Result<Self> {
        let sum = self.cancel + self.reject + self.expire;
        ensure!(
            sum <= 1.0,
            "the sum of --cancel, --reject and --expire is {sum}; it must not exceed 1"
        );
        Ok(self)
    }

    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Endings of orders. The numbers of each kind are exact, rounded; their order depends on the seed.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of a number of orders is a number of orders"
    )]
    pub(crate) fn endings(self, seed: u64, count: usize) -> Vec<Ending> {
        let mut rng = Rng::with_seed(seed);
        let until = |share: f64| ((count as f64 * share).round() as usize).min(count);
        let cancelled = 0..until(self.cancel);
        let rejected = cancelled.end..until(self.cancel + self.reject);
        let expired = rejected.end..until(self.cancel + self.reject + self.expire);
        let kind = |number: usize, range: &Range<usize>| range.contains(&number);
        let mut endings: Vec<Ending> = (0..count)
            .map(|number| match number {
                n if kind(n, &cancelled) => Ending::Cancelled(match rng.u8(0..3) {
                    0 => Moment::Before,
                    1 => Moment::During,
                    _ => Moment::After,
                }),
                n if kind(n, &rejected) => Ending::Rejected,
                n if kind(n, &expired) => Ending::Expired { paid: rng.bool() },
                _ => Ending::Assigned,
            })
            .collect();
        rng.shuffle(&mut endings);
        endings
    }
}

impl Ending {
    /// `orders.status` at the end.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Cancelled(_) => "cancelled",
            Self::Rejected => "rejected",
            Self::Expired { .. } => "expired",
        }
    }

    /// Restaurant at which the order is placed.
    pub(crate) fn restaurant(self) -> i32 {
        match self {
            Self::Assigned => AUTOMATIC,
            _ => MANUAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_determines_endings_and_shares_their_numbers() {
        let shares = Shares {
            cancel: 0.2,
            reject: 0.1,
            expire: 0.3,
        };
        let endings = shares.check().unwrap().endings(7, 100);
        assert_eq!(endings, shares.endings(7, 100));
        assert_ne!(endings, shares.endings(8, 100));
        let count = |status| endings.iter().filter(|ending| ending.status() == status).count();
        assert_eq!(
            ["cancelled", "rejected", "expired", "assigned"].map(count),
            [20, 10, 30, 40]
        );
        assert_eq!(Shares::default().endings(7, 3), [Ending::Assigned; 3]);
    }

    #[test]
    fn shares_exceed_no_whole() {
        let shares = Shares {
            cancel: 0.6,
            reject: 0.6,
            expire: 0.0,
        };
        assert!(
            shares
                .check()
                .unwrap_err()
                .to_string()
                .contains("must not exceed 1")
        );
    }
}
