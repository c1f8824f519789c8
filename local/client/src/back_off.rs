//! Delays between the repetitions of a request.

use std::time::Duration;

use crate::Failure;

/// Delays that double up to a limit.
#[derive(Debug, Clone)]
pub struct BackOff {
    first: Duration,
    next: Duration,
    max: Duration,
}

impl BackOff {
    pub const fn new(first: Duration, max: Duration) -> Self {
        Self {
            first,
            next: first,
            max,
        }
    }

    /// Delay after a failure: that for which the response asks, or the next one. At random by half of it more or less, so that clients do
    /// not all return at the same moment.
    pub fn after(&mut self, failure: &Failure) -> Duration {
        let asked = match failure {
            Failure::Unavailable { retry_after, .. } => *retry_after,
            Failure::Refused(_) => None,
        };
        let delay = asked.unwrap_or(self.next);
        self.next = (self.next * 2).min(self.max);
        delay.mul_f64(0.5 + fastrand::f64())
    }

    /// Starts again with the first delay.
    pub const fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_limit_unless_the_response_asks_for_one() {
        let mut back_off = BackOff::new(Duration::from_millis(100), Duration::from_millis(300));
        let failure = Failure::unavailable("down");
        for expected in [100, 200, 300, 300] {
            let delay = back_off.after(&failure).as_millis();
            assert!((expected / 2..=expected * 3 / 2).contains(&delay), "{delay}");
        }
        let asked = Failure::Unavailable {
            problem: "busy".to_owned(),
            retry_after: Some(Duration::from_secs(4)),
        };
        assert!(back_off.after(&asked) >= Duration::from_secs(2));
        back_off.reset();
        assert!(back_off.after(&failure) <= Duration::from_millis(150));
    }
}
