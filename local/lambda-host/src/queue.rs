//! Calls of one function: queued calls, requests of processes for work, calls in flight.
//!
//! The state is behind one mutex that is never held across an await. A process that takes several calls at a time sends as many
//! requests for work at a time. A call goes to a waiting request if there is one; the newest is preferred because the caches of
//! its process are warm, as on Lambda.

mod process;

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderValue;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use process::Process;
pub(crate) use process::{LastState, ProcessId, ProcessToken, Registration};

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

/// A call of the function.
#[derive(Debug)]
pub(crate) struct Call {
    /// Request id, which the process returns with its response.
    pub(crate) id: Uuid,
    /// X-Ray trace id, the same as in the event.
    pub(crate) trace_id: HeaderValue,
    /// The event, as JSON.
    pub(crate) event: Bytes,
}

/// A call on its way to a process.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) call: Call,
    /// End of the call's time limit.
    pub(crate) deadline: Instant,
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
    /// Requests for work that wait for a call.
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
    call: Call,
    reply: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
struct InFlight {
    process: ProcessId,
    deadline: Instant,
    reply: oneshot::Sender<Outcome>,
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
    pub(crate) fn call(&self, call: Call) -> Result<oneshot::Receiver<Outcome>, Rejected> {
        let (reply, receiver) = oneshot::channel();
        let call = Waiting { call, reply };
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
            if entry.note_request() {
                state.start_failed = false;
            }
            while state.accepts_calls(process)
                && let Some(call) = state.waiting.pop_front()
            {
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
                Some(call) if call.process == process => {
                    if let Some(process) = state.processes.get_mut(&process) {
                        process.note_completion();
                    }
                    state.in_flight.remove(&id).map(|call| call.reply)
                }
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
        let (process, registration) = Process::new(id);
        state.processes.insert(id, process);
        registration
    }

    /// Whether the process is registered with this token.
    pub(crate) fn has_token(&self, process: ProcessId, token: ProcessToken) -> bool {
        let state = self.lock();
        state
            .processes
            .get(&process)
            .is_some_and(|process| process.has_token(token))
    }

    /// Removes an exited process, fails all its calls, and returns what it was doing. If it had never requested work and
    /// no other process has, the queued calls fail too, because no process will take them.
    pub(crate) fn ended(&self, process: ProcessId) -> LastState {
        let mut state = self.lock();
        let known = state.processes.remove(&process);
        state.idle.retain(|(id, _)| *id != process);
        let crashed: Vec<_> = state
            .in_flight
            .extract_if(|_, call| call.process == process)
            .map(|(_, call)| call.reply)
            .collect();
        let last_state = known.map_or(LastState::Starting, |known| known.last_state(crashed.len()));
        let mut not_started = Vec::new();
        if last_state == LastState::Starting {
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
        last_state
    }

    /// Fails calls that exceed their time limit and has their processes killed, for as long as the future is polled.
    pub(crate) async fn watch_deadlines(&self) {
        loop {
            match self.expire(Instant::now()) {
                // Calls that are dispatched in the meantime have later deadlines.
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => self.busy.notified().await,
            }
        }
    }

    /// Fails the calls whose deadline has passed at this time and has their processes killed, which fails the other calls of
    /// these processes. Until a process has exited it receives no further calls. Returns the next deadline.
    fn expire(&self, now: Instant) -> Option<Instant> {
        let mut state = self.lock();
        let late: Vec<_> = state
            .in_flight
            .extract_if(|_, call| call.deadline <= now)
            .map(|(_, call)| call)
            .collect();
        for call in &late {
            if let Some(process) = state.processes.get_mut(&call.process) {
                process.note_overdue_call();
            }
        }
        let next = state.in_flight.values().map(|call| call.deadline).min();
        drop(state);
        for call in late {
            let _ = call.reply.send(Outcome::TimedOut);
        }
        next
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

    /// Whether the process has requested work.
    pub(crate) fn is_ready(&self, process: ProcessId) -> bool {
        let state = self.lock();
        state.processes.get(&process).is_some_and(Process::is_ready)
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
    /// Dispatches the call to a waiting request for work; returns it if there is none.
    fn assign(&mut self, mut call: Waiting, function_timeout: Duration) -> Option<Waiting> {
        // The connections of these are closed.
        self.idle.retain(|(_, sender)| !sender.is_closed());
        while let Some(newest) = self.idle.iter().rposition(|(id, _)| self.accepts_calls(*id)) {
            let (process, sender) = self.idle.remove(newest);
            let id = call.call.id;
            let work = self.dispatch(call, process, function_timeout);
            let Err(work) = sender.send(work) else { return None };
            // The connection closed in the meantime: reclaim the call and try the next request.
            let in_flight = self.in_flight.remove(&id)?;
            call = Waiting {
                call: work.call,
                reply: in_flight.reply,
            };
        }
        Some(call)
    }

    fn dispatch(&mut self, call: Waiting, process: ProcessId, function_timeout: Duration) -> Work {
        let deadline = Instant::now() + function_timeout;
        self.in_flight.insert(
            call.call.id,
            InFlight {
                process,
                deadline,
                reply: call.reply,
            },
        );
        Work {
            call: call.call,
            deadline,
        }
    }

    fn accepts_calls(&self, process: ProcessId) -> bool {
        self.processes.get(&process).is_some_and(Process::accepts_calls)
    }

    fn any_ready(&self) -> bool {
        self.processes.values().any(Process::is_ready)
    }
}

#[cfg(test)]
mod tests;
