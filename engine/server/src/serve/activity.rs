//! Time limits of one connection: which of them applies at present.

use super::ConnectionLimits;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Time limit that applies to a connection, shared by its stream, its requests and the task that closes it.
#[derive(Debug)]
pub(super) struct Activity {
    header_timeout: Duration,
    idle_timeout: Duration,
    write_timeout: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Time since which the client does not read.
    blocked_since: Option<Instant>,
    /// Whether a part of a complete response may not be sent yet.
    is_unsent: bool,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Waiting for the end of the headers.
    Headers { since: Instant },
    /// Waiting for the first byte of the next request.
    Idle { since: Instant },
    /// A request is in progress. Its handler limits the time of the body and of the operation.
    Busy,
}

impl Activity {
    pub(super) fn new(limits: &ConnectionLimits) -> Self {
        Self {
            header_timeout: limits.header_timeout,
            idle_timeout: limits.idle_timeout,
            write_timeout: limits.write_timeout,
            state: Mutex::new(State {
                phase: Phase::Headers {
                    since: Instant::now(),
                },
                blocked_since: None,
                is_unsent: false,
            }),
        }
    }

    /// Returns the time at which the connection is closed unless the client makes progress.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let state = self.lock();
        if let Some(since) = state.blocked_since {
            return since.checked_add(self.write_timeout);
        }
        match state.phase {
            Phase::Headers { since } => since.checked_add(self.header_timeout),
            Phase::Idle { since } => since.checked_add(self.idle_timeout),
            Phase::Busy => None,
        }
    }

    /// Records that bytes were received.
    pub(super) fn received(&self) {
        let mut state = self.lock();
        if let Phase::Idle { .. } = state.phase {
            state.phase = Phase::Headers {
                since: Instant::now(),
            };
        }
    }

    /// Records that bytes were sent.
    pub(super) fn sent(&self) {
        let mut state = self.lock();
        if state.blocked_since.take().is_some()
            && let Phase::Idle { since } = &mut state.phase
        {
            *since = Instant::now();
        }
    }

    /// Records that bytes could not be sent.
    pub(super) fn blocked(&self) {
        self.lock().blocked_since.get_or_insert_with(Instant::now);
    }

    /// Records that the headers of a request are complete.
    pub(super) fn request_started(&self) {
        let mut state = self.lock();
        state.phase = Phase::Busy;
        state.is_unsent = false;
    }

    /// Records that the response is complete; a part of it may not be sent yet.
    pub(super) fn request_ended(&self) {
        let mut state = self.lock();
        state.phase = Phase::Idle {
            since: Instant::now(),
        };
        state.is_unsent = true;
    }

    /// Records that all bytes are sent. Returns whether the connection becomes idle by that: its last response is complete.
    pub(super) fn flushed(&self) -> bool {
        std::mem::take(&mut self.lock().is_unsent)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_is_idle_when_its_response_is_sent() {
        let activity = Activity::new(&ConnectionLimits {
            header_timeout: Duration::MAX,
            idle_timeout: Duration::MAX,
            write_timeout: Duration::MAX,
            connections: 1,
            connections_per_address: None,
            header_bytes: 0,
        });
        activity.request_started();
        assert!(!activity.flushed());
        activity.request_ended();
        assert!(activity.flushed());
        assert!(!activity.flushed());
        // The next request of a pipeline starts before the response is sent.
        activity.request_ended();
        activity.request_started();
        assert!(!activity.flushed());
    }
}
