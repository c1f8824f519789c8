//! Processes of a function, as its queue knows them.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

/// State of a process at the time it exited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastState {
    /// It had not requested work yet.
    Starting,
    /// It was waiting for work.
    Idle {
        /// Whether it had completed a call, which a process with a fault at start does not reach.
        served: bool,
    },
    /// It had at least one call in flight.
    Busy,
}

/// Identifies a process; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ProcessId(pub u64);

/// Random proof of a process's identity. Only the process receives it, in its environment, which no other user can read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProcessToken(pub(crate) Uuid);

impl fmt::Display for ProcessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl fmt::Debug for ProcessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A registered process.
#[derive(Debug)]
pub(super) struct Process {
    token: ProcessToken,
    /// Whether the process has requested work, which ends its initialisation.
    ready: bool,
    served: bool,
    /// Whether one of its calls exceeded the time limit, for which it is killed.
    overdue: bool,
    kill: Arc<Notify>,
    became_ready: Arc<Notify>,
}

/// The host's view of a registered process.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    /// Part of the address of the process's Runtime API.
    pub(crate) id: ProcessId,
    /// Proves to the Runtime API that a request comes from this process.
    pub(crate) token: ProcessToken,
    /// Notified when the process has to be killed because a call exceeded its time limit.
    pub(crate) kill: Arc<Notify>,
    /// Notified at the first request for work.
    pub(crate) became_ready: Arc<Notify>,
}

impl Process {
    /// A process with a new token, and the host's view of it.
    pub(super) fn new(id: ProcessId) -> (Self, Registration) {
        let registration = Registration {
            id,
            token: ProcessToken(Uuid::new_v4()),
            kill: Arc::default(),
            became_ready: Arc::default(),
        };
        let process = Self {
            token: registration.token,
            ready: false,
            served: false,
            overdue: false,
            kill: registration.kill.clone(),
            became_ready: registration.became_ready.clone(),
        };
        (process, registration)
    }

    pub(super) fn has_token(&self, token: ProcessToken) -> bool {
        self.token == token
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Whether calls may be dispatched to it. One that is about to be killed would fail them.
    pub(super) fn accepts_calls(&self) -> bool {
        !self.overdue
    }

    /// Records a request for work. True for the first one.
    pub(super) fn note_request(&mut self) -> bool {
        if self.ready {
            return false;
        }
        self.ready = true;
        self.became_ready.notify_one();
        true
    }

    pub(super) fn note_completion(&mut self) {
        self.served = true;
    }

    /// Records that a call exceeded its time limit; the process is killed for it.
    pub(super) fn note_overdue_call(&mut self) {
        self.overdue = true;
        self.kill.notify_one();
    }

    /// Its state at its exit, at which `lost` calls were in flight. Overdue calls have been answered before.
    pub(super) fn last_state(&self, lost: usize) -> LastState {
        match (self.ready, self.overdue || lost > 0) {
            (false, _) => LastState::Starting,
            (true, true) => LastState::Busy,
            (true, false) => LastState::Idle { served: self.served },
        }
    }
}
