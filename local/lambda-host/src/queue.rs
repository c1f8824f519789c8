//! Calls of one function: queued calls, idle processes, calls in flight.
//!
//! The state is behind one mutex that is never held across an await. A call goes to an idle process if there is one;
//! the process that became idle last is preferred because its caches are warm, as on Lambda.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

/// State of a process at the time it exited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastState {
    /// It had not requested work yet.
    Starting,
    /// It was waiting for work.
    Idle,
    /// It had a call in flight.
    Busy,
}

/// Result of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The function's payload.
    Answered(Bytes),
    /// The error that the function reported.
    Failed(Bytes),
    /// The process exited during the call.
    Crashed,
    /// No process took the call, and none is running.
    NotStarted,
    /// The call exceeded its time limit; its process is being killed.
    TimedOut,
}

/// Reason for which a call was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// The queue is full.
    Full,
    /// No process is running, and the last ones exited at start.
    NoProcess,
}

/// A call on its way to a process.
#[derive(Debug)]
pub(crate) struct Work {
    /// Request id, which the process returns with its response.
    pub(crate) id: Uuid,
    /// The event, as JSON.
    pub(crate) event: Bytes,
    /// End of the call's time limit.
    pub(crate) deadline: Instant,
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

/// Calls and processes of one function.
#[derive(Debug)]
pub(crate) struct Queue {
    limit: usize,
    function_timeout: Duration,
    state: Mutex<State>,
    /// Notified when the first call is dispatched, so that its deadline is watched.
    busy: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    idle: Vec<(ProcessId, oneshot::Sender<Work>)>,
    in_flight: HashMap<Uuid, InFlight>,
    processes: HashMap<ProcessId, Process>,
    last_process: u64,
    /// The last process that exited had never requested work.
    start_failed: bool,
    closed: bool,
}

#[derive(Debug)]
struct Waiting {
    id: Uuid,
    event: Bytes,
    reply: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
struct InFlight {
    process: ProcessId,
    deadline: Instant,
    reply: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
struct Process {
    token: ProcessToken,
    /// Whether the process has requested work, which ends its initialisation.
    ready: bool,
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

impl Queue {
    pub(crate) fn new(limit: usize, function_timeout: Duration) -> Self {
        Self {
            limit,
            function_timeout,
            state: Mutex::default(),
            busy: Notify::new(),
        }
    }

    /// Queues a call. The receiver gets its outcome; dropping the receiver withdraws a call that is still queued.
    pub(crate) fn call(&self, id: Uuid, event: Bytes) -> Result<oneshot::Receiver<Outcome>, Rejected> {
        let (reply, receiver) = oneshot::channel();
        let call = Waiting { id, event, reply };
        let mut state = self.lock();
        if state.closed {
            return Err(Rejected::NoProcess);
        }
        let Some(call) = state.assign(call, self.function_timeout) else {
            let first = state.in_flight.len() == 1;
            drop(state);
            if first {
                self.busy.notify_one();
            }
            return Ok(receiver);
        };
        if state.start_failed && !state.any_ready() {
            return Err(Rejected::NoProcess);
        }
        if state.waiting.len() >= self.limit {
            // Calls of disconnected callers do not count.
            state.waiting.retain(|call| !call.reply.is_closed());
        }
        if state.waiting.len() >= self.limit {
            return Err(Rejected::Full);
        }
        state.waiting.push_back(call);
        Ok(receiver)
    }

    /// Handles a request for work: returns the oldest queued call, or waits for the next one. `None` if the process
    /// is unknown because it was removed.
    pub(crate) async fn next(&self, process: ProcessId) -> Option<Work> {
        let receiver = {
            let mut state = self.lock();
            let entry = state.processes.get_mut(&process)?;
            if !entry.ready {
                entry.ready = true;
                entry.became_ready.notify_one();
                state.start_failed = false;
            }
            while let Some(call) = state.waiting.pop_front() {
                if call.reply.is_closed() {
                    continue;
                }
                let first = state.in_flight.is_empty();
                let work = state.dispatch(call, process, self.function_timeout);
                drop(state);
                if first {
                    self.busy.notify_one();
                }
                return Some(work);
            }
            let (sender, receiver) = oneshot::channel();
            state.idle.push((process, sender));
            receiver
        };
        receiver.await.ok()
    }

    /// Completes a call with a process's result. False if the call does not belong to this process, or no longer
    /// does.
    pub(crate) fn complete(&self, process: ProcessId, id: Uuid, outcome: Outcome) -> bool {
        let reply = {
            let mut state = self.lock();
            match state.in_flight.get(&id) {
                Some(call) if call.process == process => state.in_flight.remove(&id).map(|call| call.reply),
                _ => None,
            }
        };
        // The caller may have disconnected; the work is done nevertheless.
        reply.is_some_and(|reply| {
            let _ = reply.send(outcome);
            true
        })
    }

    /// Registers a process before it is started.
    pub(crate) fn register(&self) -> Registration {
        let mut state = self.lock();
        state.last_process += 1;
        let id = ProcessId(state.last_process);
        let (kill, became_ready) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let token = ProcessToken(Uuid::new_v4());
        let process = Process {
            token,
            ready: false,
            overdue: false,
            kill: kill.clone(),
            became_ready: became_ready.clone(),
        };
        state.processes.insert(id, process);
        Registration {
            id,
            token,
            kill,
            became_ready,
        }
    }

    /// Whether the process is registered with this token.
    pub(crate) fn has_token(&self, process: ProcessId, token: ProcessToken) -> bool {
        let state = self.lock();
        state
            .processes
            .get(&process)
            .is_some_and(|process| process.token == token)
    }

    /// Removes an exited process, fails its call, and returns what it was doing. If it had never requested work and
    /// no other process has, the queued calls fail too, because no process will take them.
    pub(crate) fn ended(&self, process: ProcessId) -> LastState {
        let mut state = self.lock();
        let known = state.processes.remove(&process);
        let ready = known.as_ref().is_some_and(|process| process.ready);
        let overdue = known.is_some_and(|process| process.overdue);
        state.idle.retain(|(id, _)| *id != process);
        let crashed: Vec<_> = state
            .in_flight
            .extract_if(|_, call| call.process == process)
            .map(|(_, call)| call.reply)
            .collect();
        let at_work = overdue || !crashed.is_empty();
        let mut not_started = Vec::new();
        if !ready {
            state.start_failed = true;
            if !state.any_ready() {
                not_started.extend(state.waiting.drain(..).map(|call| call.reply));
            }
        }
        drop(state);
        for reply in crashed {
            let _ = reply.send(Outcome::Crashed);
        }
        for reply in not_started {
            let _ = reply.send(Outcome::NotStarted);
        }
        match (ready, at_work) {
            (false, _) => LastState::Starting,
            (true, true) => LastState::Busy,
            (true, false) => LastState::Idle,
        }
    }

    /// Fails calls that exceed their time limit and has their processes killed, for as long as the future is polled.
    pub(crate) async fn watch_deadlines(&self) {
        loop {
            let now = Instant::now();
            let (late, earliest) = {
                let mut state = self.lock();
                let late: Vec<_> = state
                    .in_flight
                    .extract_if(|_, call| call.deadline <= now)
                    .map(|(_, call)| call)
                    .collect();
                for call in &late {
                    if let Some(process) = state.processes.get_mut(&call.process) {
                        process.overdue = true;
                        process.kill.notify_one();
                    }
                }
                (late, state.in_flight.values().map(|call| call.deadline).min())
            };
            for call in late {
                let _ = call.reply.send(Outcome::TimedOut);
            }
            match earliest {
                // Calls that are dispatched in the meantime have later deadlines.
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => self.busy.notified().await,
            }
        }
    }

    /// Rejects new calls and fails queued ones. Processes that request work keep waiting: they are about to be ended,
    /// and a response without an event would make them panic first.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let waiting: Vec<_> = state.waiting.drain(..).collect();
        drop(state);
        for call in waiting {
            let _ = call.reply.send(Outcome::Crashed);
        }
    }

    /// Number of calls in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.lock().in_flight.len()
    }

    /// Whether the process has a call in flight.
    pub(crate) fn is_busy(&self, process: ProcessId) -> bool {
        self.lock().in_flight.values().any(|call| call.process == process)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Dispatches the call to an idle process; returns it if there is none.
    fn assign(&mut self, mut call: Waiting, function_timeout: Duration) -> Option<Waiting> {
        while let Some((process, sender)) = self.idle.pop() {
            // The connection of this process is closed.
            if sender.is_closed() {
                continue;
            }
            let id = call.id;
            let work = self.dispatch(call, process, function_timeout);
            let Err(work) = sender.send(work) else { return None };
            // The connection closed in the meantime: reclaim the call and try the next process.
            let in_flight = self.in_flight.remove(&id)?;
            call = Waiting {
                id,
                event: work.event,
                reply: in_flight.reply,
            };
        }
        Some(call)
    }

    fn dispatch(&mut self, call: Waiting, process: ProcessId, function_timeout: Duration) -> Work {
        let deadline = Instant::now() + function_timeout;
        self.in_flight.insert(
            call.id,
            InFlight {
                process,
                deadline,
                reply: call.reply,
            },
        );
        Work {
            id: call.id,
            event: call.event,
            deadline,
        }
    }

    fn any_ready(&self) -> bool {
        self.processes.values().any(|process| process.ready)
    }
}

#[cfg(test)]
mod tests;
