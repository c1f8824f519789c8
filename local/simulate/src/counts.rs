//! What the simulated people did.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Counters of a simulation.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    summary: Mutex<Summary>,
    finished: watch::Sender<bool>,
}

/// Orders and actions of simulated people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Orders of simulated customers.
    pub placed: u64,
    /// Final states of these orders.
    pub delivered: u64,
    pub failed: u64,
    pub cancelled: u64,
    pub rejected: u64,
    pub expired: u64,
    pub refused: u64,
    /// Payments that were declined.
    pub declined_cards: u64,
    /// Assignments that a driver declined.
    pub declined_assignments: u64,
    /// Positions that drivers published.
    pub positions: u64,
}

impl Counts {
    pub(crate) fn change(&self, change: impl FnOnce(&mut Summary)) {
        change(&mut self.lock());
    }

    pub(crate) fn summary(&self) -> Summary {
        *self.lock()
    }

    /// Records that all orders have reached a final state.
    pub(crate) fn finish(&self) {
        self.finished.send_replace(true);
    }

    pub(crate) async fn finished(&self) {
        // The sender belongs to `self`.
        let _ = self.finished.subscribe().wait_for(|finished| *finished).await;
    }

    fn lock(&self) -> MutexGuard<'_, Summary> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Summary {
    /// Counts a final state; false if `status` is none.
    pub(crate) fn end(&mut self, status: &str) -> bool {
        let count = match status {
            "delivered" => &mut self.delivered,
            "failed" => &mut self.failed,
            "cancelled" => &mut self.cancelled,
            "rejected" => &mut self.rejected,
            "expired" => &mut self.expired,
            "refused" => &mut self.refused,
            _ => return false,
        };
        *count += 1;
        true
    }

    /// Orders that have reached a final state.
    pub fn ended(&self) -> u64 {
        self.delivered + self.failed + self.cancelled + self.rejected + self.expired + self.refused
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "simulated orders: {} placed, {} delivered",
            self.placed, self.delivered
        )?;
        let others = [
            (self.cancelled, "cancelled"),
            (self.rejected, "rejected"),
            (self.failed, "not deliverable"),
            (self.expired, "expired"),
            (self.refused, "refused"),
            (self.placed.saturating_sub(self.ended()), "in progress"),
        ];
        for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {what}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_names_the_states_that_occurred() {
        let mut summary = Summary {
            placed: 5,
            ..Summary::default()
        };
        for status in ["delivered", "delivered", "rejected", "failed"] {
            assert!(summary.end(status));
        }
        assert!(!summary.end("picked_up"));
        assert_eq!(
            summary.to_string(),
            "simulated orders: 5 placed, 2 delivered, 1 rejected, 1 not deliverable, 1 in progress"
        );
    }
}
