//! Delay before the next attempt of a failed delivery.

use engine_model::trigger::types::RetryConf;
use std::time::Duration;

/// Longest delay that `Retry-After` can request, in seconds: a day.
const MAX_DELAY: u32 = 24 * 60 * 60;
/// Number of tries after which the delay can be longer than `Retry-After` requests.
const QUICK_TRIES: u32 = 40;

/// Delays of a trigger. Without the keys of exponential back-off, each delay is `interval_sec`, as in Hasura.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::events) struct Backoff {
    /// Delay after the first attempt, in seconds.
    first: u32,
    /// Largest delay in seconds.
    largest: u32,
    /// Random part of a delay in percent.
    jitter_percent: u32,
    /// Bound of the growth of delays that `Retry-After` requests, in seconds.
    largest_after_response: u32,
}

impl Backoff {
    pub(in crate::events) fn new(conf: &RetryConf) -> Self {
        let is_growing = conf.initial_interval_sec.is_some() || conf.max_interval_sec.is_some();
        Self {
            first: conf.first_interval(),
            largest: conf.largest_interval(),
            jitter_percent: conf.jitter_percent.unwrap_or(0),
            largest_after_response: if is_growing {
                conf.largest_interval()
            } else {
                MAX_DELAY
            },
        }
    }

    /// The same delay after each attempt, in seconds.
    pub(in crate::events) fn fixed(interval: u32) -> Self {
        Self {
            first: interval,
            largest: interval,
            jitter_percent: 0,
            largest_after_response: MAX_DELAY,
        }
    }

    /// Returns the delay after an attempt. `tries`: number of attempts before it. `random`: at least 0 and less than 1. The random
    /// part shortens the delay, so that events that failed together are spread over it.
    pub(super) fn delay(&self, tries: u32, random: f64) -> Duration {
        let doubled = u64::from(self.first).saturating_mul(2_u64.saturating_pow(tries));
        let seconds = u32::try_from(doubled).unwrap_or(u32::MAX).min(self.largest);
        jittered(seconds, 1.0 - self.jitter(random))
    }

    /// Returns the delay after a response with `Retry-After`, which is not shortened.
    pub(super) fn delay_after_response(&self, tries: u32, retry_after: u32, random: f64) -> Duration {
        // So that a webhook that asks for a second uses up its tries in more than a day, and not in minutes.
        let least = (tries.saturating_sub(QUICK_TRIES) / 4).min(self.largest_after_response);
        jittered(retry_after.min(MAX_DELAY).max(least), 1.0 + self.jitter(random))
    }

    fn jitter(&self, random: f64) -> f64 {
        f64::from(self.jitter_percent) / 100.0 * random
    }
}

fn jittered(seconds: u32, factor: f64) -> Duration {
    Duration::from_secs(u64::from(seconds)).mul_f64(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff(conf: &serde_json::Value) -> Backoff {
        Backoff::new(&serde_json::from_value(conf.clone()).expect("a retry policy"))
    }

    fn seconds(backoff: Backoff, tries: &[u32]) -> Vec<u64> {
        let delay = |&tries| backoff.delay(tries, 0.0).as_secs();
        tries.iter().map(delay).collect()
    }

    #[test]
    fn interval_is_fixed_without_further_keys() {
        let fixed = backoff(&serde_json::json!({"interval_sec": 7}));
        assert_eq!(seconds(fixed, &[0, 1, 99]), [7, 7, 7]);
        assert_eq!(fixed.delay(3, 0.99), Duration::from_secs(7));
        let immediate = backoff(&serde_json::json!({"interval_sec": 0}));
        assert_eq!(immediate.delay(0, 0.5), Duration::ZERO);
    }

    #[test]
    fn interval_doubles_up_to_the_largest() {
        let both =
            serde_json::json!({"interval_sec": 30, "initial_interval_sec": 2, "max_interval_sec": 100});
        assert_eq!(seconds(backoff(&both), &[0, 1, 5, 6, 1000]), [2, 4, 64, 100, 100]);
        let first = serde_json::json!({"interval_sec": 30, "initial_interval_sec": 2});
        assert_eq!(seconds(backoff(&first), &[0, 3, 4]), [2, 16, 30]);
        let largest = serde_json::json!({"interval_sec": 30, "max_interval_sec": 100});
        assert_eq!(seconds(backoff(&largest), &[0, 1, 2]), [30, 60, 100]);
    }

    #[test]
    fn jitter_shortens_intervals_and_lengthens_retry_after() {
        let conf = backoff(&serde_json::json!({"interval_sec": 10, "jitter_percent": 50}));
        assert_eq!(conf.delay(0, 0.5), Duration::from_millis(7500));
        assert_eq!(conf.delay_after_response(0, 4, 0.5), Duration::from_secs(5));
    }

    #[test]
    fn growth_of_requested_delays_has_the_same_bound() {
        let conf = backoff(&serde_json::json!({"initial_interval_sec": 2, "max_interval_sec": 100}));
        let delay = |tries| conf.delay_after_response(tries, 1, 0.0).as_secs();
        assert_eq!([39, 140, 2000].map(delay), [1, 25, 100]);
        assert_eq!(conf.delay_after_response(0, 500, 0.0), Duration::from_secs(500));
    }
}
