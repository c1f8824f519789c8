//! One function's calls: who waits for a process, which processes wait for a call, who works on what.
//!
//! Everything is behind one short lock that is never held across an await. A call goes straight to an idle process
//! when there is one; the process that was idle last gets it, since its caches are warm, as on Lambda.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

/// What a process that has ended was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastState {
    /// It had not asked for work yet.
    Starting,
    /// It waited for work.
    Idle,
    /// It had a call in hand.
    Busy,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The function answered; the body is its payload.
    Answered(Bytes),
    /// The function reported an error; the body says which.
    Failed(Bytes),
    /// Its process ended in the middle of it.
    Crashed,
    /// It took too long; its process is being killed.
    TimedOut,
}

/// Why a call was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// As many calls wait as may wait.
    Full,
    /// No process runs, and the last ones ended at their start.
    NoProcess,
}

/// A call on its way to a process.
#[derive(Debug)]
pub(crate) struct Work {
    /// The request id, which the process sends back with its answer.
    pub(crate) id: Uuid,
    /// The event, as JSON.
    pub(crate) event: Bytes,
    /// When the function's time is over.
    pub(crate) deadline: Instant,
}

/// A process as the queue knows it; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ProcessId(pub u64);

/// One function's calls and processes.
#[derive(Debug)]
pub(crate) struct Queue {
    limit: usize,
    function_timeout: Duration,
    state: Mutex<State>,
    /// Told when the first call goes out, so that somebody looks at its deadline.
    busy: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    idle: Vec<(ProcessId, oneshot::Sender<Work>)>,
    in_flight: HashMap<Uuid, InFlight>,
    processes: HashMap<ProcessId, Process>,
    last_process: u64,
    /// The last process that ended had never been ready.
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
    /// Whether it has asked for work, which ends its initialisation.
    ready: bool,
    /// Whether a call of it took too long, for which it is killed.
    overdue: bool,
    kill: Arc<Notify>,
    became_ready: Arc<Notify>,
}

/// What the one who starts a process gets to know about it.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    /// Part of the address under which the process finds its Runtime API.
    pub(crate) id: ProcessId,
    /// Told when the process has to be killed, because a call took too long.
    pub(crate) kill: Arc<Notify>,
    /// Told when it asked for work for the first time.
    pub(crate) became_ready: Arc<Notify>,
}

impl Queue {
    /// An empty queue.
    pub(crate) fn new(limit: usize, function_timeout: Duration) -> Self {
        Self {
            limit,
            function_timeout,
            state: Mutex::default(),
            busy: Notify::new(),
        }
    }

    /// Takes a call. The receiver hears how it ended; dropping it withdraws a call that still waits.
    ///
    /// # Errors
    /// When too many wait already, or when there is nobody to wait for.
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
            // Callers that have gone away take no place.
            state.waiting.retain(|call| !call.reply.is_closed());
        }
        if state.waiting.len() >= self.limit {
            return Err(Rejected::Full);
        }
        state.waiting.push_back(call);
        Ok(receiver)
    }

    /// A process asks for work: the call that has waited longest, or the next one to come. `None` when the process
    /// is unknown, since it has been given up.
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

    /// A process answers a call. False when the call is not (or no longer) this process's.
    pub(crate) fn complete(&self, process: ProcessId, id: Uuid, outcome: Outcome) -> bool {
        let reply = {
            let mut state = self.lock();
            match state.in_flight.get(&id) {
                Some(call) if call.process == process => state.in_flight.remove(&id).map(|call| call.reply),
                _ => None,
            }
        };
        // The caller may have gone; the work is done all the same.
        reply.is_some_and(|reply| {
            let _ = reply.send(outcome);
            true
        })
    }

    /// A process is about to be started.
    pub(crate) fn register(&self) -> Registration {
        let mut state = self.lock();
        state.last_process += 1;
        let id = ProcessId(state.last_process);
        let (kill, became_ready) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let process = Process {
            ready: false,
            overdue: false,
            kill: kill.clone(),
            became_ready: became_ready.clone(),
        };
        state.processes.insert(id, process);
        Registration {
            id,
            kill,
            became_ready,
        }
    }

    /// A process has ended: who waited for its answer is told at once. Returns what it was doing. When it had never been
    /// ready, and nobody else is, those who wait in the queue are told as well, for there is nobody to wait for.
    pub(crate) fn ended(&self, process: ProcessId) -> LastState {
        let mut state = self.lock();
        let known = state.processes.remove(&process);
        let ready = known.as_ref().is_some_and(|process| process.ready);
        let overdue = known.is_some_and(|process| process.overdue);
        state.idle.retain(|(id, _)| *id != process);
        let mut crashed: Vec<_> = state
            .in_flight
            .extract_if(|_, call| call.process == process)
            .map(|(_, call)| call.reply)
            .collect();
        let at_work = overdue || !crashed.is_empty();
        if !ready {
            state.start_failed = true;
            if !state.any_ready() {
                crashed.extend(state.waiting.drain(..).map(|call| call.reply));
            }
        }
        drop(state);
        for reply in crashed {
            let _ = reply.send(Outcome::Crashed);
        }
        match (ready, at_work) {
            (false, _) => LastState::Starting,
            (true, true) => LastState::Busy,
            (true, false) => LastState::Idle,
        }
    }

    /// Ends the calls that took too long, for as long as it is polled: their callers are told, their processes are
    /// killed.
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
                // Calls that come meanwhile have later deadlines than this one.
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => self.busy.notified().await,
            }
        }
    }

    /// Takes no more calls, and ends those that wait. Processes that ask for work keep waiting for it: they are about
    /// to be ended, and any answer without an event would only make them panic before that.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let waiting: Vec<_> = state.waiting.drain(..).collect();
        drop(state);
        for call in waiting {
            let _ = call.reply.send(Outcome::Crashed);
        }
    }

    /// How many calls are being worked on.
    pub(crate) fn in_flight(&self) -> usize {
        self.lock().in_flight.len()
    }

    /// Whether a process works on a call right now.
    pub(crate) fn is_busy(&self, process: ProcessId) -> bool {
        self.lock().in_flight.values().any(|call| call.process == process)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives the call to an idle process; gives it back when there is none.
    fn assign(&mut self, mut call: Waiting, function_timeout: Duration) -> Option<Waiting> {
        while let Some((process, sender)) = self.idle.pop() {
            // A process whose connection has gone cannot take it.
            if sender.is_closed() {
                continue;
            }
            let id = call.id;
            let work = self.dispatch(call, process, function_timeout);
            let Err(work) = sender.send(work) else { return None };
            // It went in this very moment: take the call back and try the next one.
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
