//! What all simulated people share: the stack, the pace, the shares of their decisions, and their randomness.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use crate::client::Api;
use crate::counts::Counts;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) api: Arc<Api>,
    pub(crate) pace: Pace,
    pub(crate) shares: Shares,
    pub(crate) seed: u64,
    pub(crate) counts: Counts,
}

impl World {
    /// Random numbers for a subject, for example a person or an order. Equal seeds and subjects have equal numbers, whatever other
    /// people do in between.
    pub(crate) fn rng(&self, subject: &str) -> Rng {
        // FNV-1a, because the hashes of the standard library may change with its version.
        let hash = subject
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64 ^ self.seed, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Rng::with_seed(hash)
    }
}

/// Speed of people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace(f64);

impl Pace {
    pub(crate) fn new(factor: f64) -> Self {
        Self(factor)
    }

    /// Waits for a random time within this number of seconds, as a person would at pace 1.
    pub(crate) async fn wait(self, rng: &mut Rng, seconds: RangeInclusive<f64>) {
        let (min, max) = (seconds.start(), seconds.end());
        tokio::time::sleep(self.of(min + (max - min) * rng.f64())).await;
    }

    /// The time that takes this number of seconds at pace 1.
    pub(crate) fn of(self, seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds / self.0)
    }

    /// Number of seconds at pace 1 that pass in this time.
    pub(crate) fn seconds(self, time: Duration) -> f64 {
        time.as_secs_f64() * self.0
    }
}

/// Shares of decisions that differ from the usual course, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Orders that their customer cancels, before or after the payment.
    pub cancel: f64,
    /// First payments with a card that is declined.
    pub declined_card: f64,
    /// Orders that a kitchen rejects.
    pub reject: f64,
    /// Assignments that a driver declines.
    pub decline: f64,
    /// Deliveries that fail.
    pub fail: f64,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            cancel: 0.08,
            declined_card: 0.1,
            reject: 0.08,
            decline: 0.08,
            fail: 0.03,
        }
    }
}

/// Whether a decision with this share is taken.
pub(crate) fn chance(rng: &mut Rng, share: f64) -> bool {
    rng.f64() < share
}
