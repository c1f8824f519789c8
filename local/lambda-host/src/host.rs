//! Function processes: a fixed number of each, replaced when they exit.

mod program;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::serve::ListenerExt as _;
use rustix::process::{Pid, kill_process_group};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::gateway::{self, Gateway};
use crate::queue::{LastState, ProcessId, Queue, Registration};
use crate::runtime_api::{self, RuntimeApi};
use crate::{FunctionSpec, Limits};
use local_process::exit::cause;
use local_process::logs::{LogFormat, LogLevel, Logs};
use local_process::process::Signal;
use local_process::watchdog::Watchdog;
use program::program;

/// Delay before a process that failed at start is started again: first value, doubled each time up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Configuration of the function host.
#[derive(Debug, Clone)]
pub struct Options {
    pub functions: Vec<FunctionSpec>,
    /// The gateway's address. The Runtime API is always on loopback.
    pub host: IpAddr,
    /// The gateway's port; 0 selects a free one.
    pub port: u16,
    /// Origins of the web pages that may call the functions, beside the gateway's own; `*` allows all. Clients other than browsers
    /// are not affected.
    pub allowed_origins: Vec<String>,
    pub limits: Limits,
    /// Environment of every process, in addition to Lambda's own variables.
    pub env: Vec<(String, String)>,
    /// Variables of this process that function processes inherit beside the common ones ([`local_process::environment`]).
    pub inherited_env: Vec<String>,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
}

/// Running functions and their gateway. Dropping the handle ends them.
#[derive(Debug)]
pub struct Functions {
    address: SocketAddr,
    shared: Arc<Shared>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Debug)]
struct Shared {
    options: Options,
    runtime_api: SocketAddr,
    queues: HashMap<String, Arc<Queue>>,
    processes: Mutex<HashMap<(String, ProcessId), Pid>>,
    logs: Logs,
    watchdog: Watchdog,
}

/// Result of a process's first start.
enum Start {
    Ready,
    Failed { function: String, reason: String },
}

impl Functions {
    /// Opens the gateway, starts every process and waits until each has requested work. Returns an error if the port
    /// is in use, a binary is missing, or a process exits before it requests work.
    pub async fn start(options: Options, logs: &Logs, watchdog: &Watchdog) -> Result<Self> {
        for function in &options.functions {
            if !function.program.is_file() {
                bail!(
                    "the binary of function {} was not found: {}; build it first",
                    function.name,
                    function.program.display()
                );
            }
        }
        let gateway = SocketAddr::new(options.host, options.port);
        let gateway = TcpListener::bind(gateway)
            .await
            .with_context(|| format!("cannot listen on {gateway} for the functions"))?;
        let runtime_api = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("cannot open the port of the Runtime API")?;
        let address = gateway.local_addr()?;
        let limits = options.limits;
        let queues: HashMap<_, _> = options
            .functions
            .iter()
            .map(|function| {
                (
                    function.name.clone(),
                    Arc::new(Queue::new(limits.queue, limits.function_timeout)),
                )
            })
            .collect();

        let stopping = CancellationToken::new();
        let tasks = TaskTracker::new();
        let api =
            RuntimeApi::new(&queues, logs).context("the name of a function is not valid in a header")?;
        let edge = Gateway::new(
            &options.functions,
            &queues,
            limits.gateway_timeout,
            &options.allowed_origins,
        );
        let shared = Arc::new(Shared {
            options,
            runtime_api: runtime_api.local_addr()?,
            queues,
            processes: Mutex::default(),
            logs: logs.clone(),
            watchdog: watchdog.clone(),
        });
        serve(&tasks, &stopping, runtime_api, runtime_api::router(Arc::new(api)));
        serve(&tasks, &stopping, gateway, gateway::router(Arc::new(edge)));
        for queue in shared.queues.values() {
            let queue = queue.clone();
            let stopping = stopping.clone();
            tasks.spawn(async move { stopping.run_until_cancelled(queue.watch_deadlines()).await });
        }
        let functions = Self {
            address,
            shared,
            stopping,
            tasks,
        };
        functions.start_processes().await?;
        Ok(functions)
    }

    /// Base URL of the gateway.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts the functions again after [`Self::stop`], on the same port.
    pub async fn start_again(&mut self) -> Result<()> {
        let mut options = self.shared.options.clone();
        options.port = self.address.port();
        *self = Self::start(options, &self.shared.logs, &self.shared.watchdog).await?;
        Ok(())
    }

    /// Process ids of all functions.
    pub fn all_pids(&self) -> Vec<Pid> {
        let processes = self
            .shared
            .processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        processes.values().copied().collect()
    }

    /// Process ids of a function, for tests that kill them.
    pub fn pids(&self, function: &str) -> Vec<Pid> {
        let processes = self
            .shared
            .processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        processes
            .iter()
            .filter(|((name, _), _)| name == function)
            .map(|(_, pid)| *pid)
            .collect()
    }

    /// Number of calls in flight.
    pub fn busy(&self) -> usize {
        self.shared.queues.values().map(|queue| queue.in_flight()).sum()
    }

    /// Kills one process of each function, preferably a busy one, as a crash would. Its calls fail. A process that has not requested
    /// work yet is left alone, because a function whose only process never starts rejects all calls. Returns their number.
    pub fn kill_one_of_each(&self) -> usize {
        let processes = self
            .shared
            .processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut victims: HashMap<&str, (bool, Pid)> = HashMap::new();
        for ((name, id), pid) in processes.iter() {
            let Some(queue) = self.shared.queues.get(name).filter(|queue| queue.is_ready(*id)) else {
                continue;
            };
            let busy = queue.is_busy(*id);
            let victim = victims.entry(name).or_insert((busy, *pid));
            if busy && !victim.0 {
                *victim = (busy, *pid);
            }
        }
        victims
            .values()
            .filter(|(_, pid)| kill_process_group(*pid, Signal::KILL).is_ok())
            .count()
    }

    /// Closes the gateway and ends every process.
    pub async fn stop(&self) {
        self.stopping.cancel();
        for queue in self.shared.queues.values() {
            queue.close();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn start_processes(&self) -> Result<()> {
        let (starts, mut started) = mpsc::unbounded_channel();
        let mut expected = 0;
        for function in &self.shared.options.functions {
            for _ in 0..self.shared.options.limits.processes {
                expected += 1;
                let (shared, function, starts) = (self.shared.clone(), function.clone(), starts.clone());
                let stopping = self.stopping.clone();
                self.tasks
                    .spawn(async move { shared.keep_one(&function, &stopping, &starts).await });
            }
        }
        for _ in 0..expected {
            if let Some(Start::Failed { function, reason }) = started.recv().await {
                self.stop().await;
                let said = self.shared.logs.last_output(&function);
                let said = said
                    .map(|line| format!("; last output: {line}"))
                    .unwrap_or_default();
                bail!("function {function} did not start: {reason}{said}");
            }
        }
        Ok(())
    }
}

impl Drop for Functions {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Shared {
    /// Keeps one process of a function running until `stopping`. Reports its first start to `starts`.
    async fn keep_one(
        &self,
        function: &FunctionSpec,
        stopping: &CancellationToken,
        starts: &mpsc::UnboundedSender<Start>,
    ) {
        let Some(queue) = self.queues.get(&function.name) else {
            return;
        };
        let mut back_off = BACK_OFF.0;
        let mut first = Some(starts);
        while !stopping.is_cancelled() {
            let began = Instant::now();
            let registration = queue.register();
            let ended = self.run_one(function, &registration, stopping, &mut first).await;
            self.processes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&(function.name.clone(), registration.id));
            let last_state = queue.ended(registration.id);
            if stopping.is_cancelled() {
                return;
            }
            match last_state {
                LastState::Busy | LastState::Idle { served: true } => back_off = BACK_OFF.0,
                LastState::Idle { .. } if began.elapsed() >= BACK_OFF.1 => back_off = BACK_OFF.0,
                LastState::Idle { .. } | LastState::Starting => {}
            }
            // One exit is not an error, so it restarts at once, also after each call; processes that exit soon after each start
            // must not keep the machine busy.
            if last_state != LastState::Starting && back_off == BACK_OFF.0 {
                self.logs
                    .child(&function.name, &format!("{ended}; starting another process"));
                if last_state == (LastState::Idle { served: false }) {
                    back_off *= 2;
                }
                continue;
            }
            if let Some(starts) = first.take() {
                let failed = Start::Failed {
                    function: function.name.clone(),
                    reason: ended,
                };
                // The receiver stops at the first failure.
                let _ = starts.send(failed);
                return;
            }
            self.logs.child(
                &function.name,
                &format!("{ended}; restarting in {} ms", back_off.as_millis()),
            );
            stopping.run_until_cancelled(tokio::time::sleep(back_off)).await;
            back_off = (back_off * 2).min(BACK_OFF.1);
        }
    }

    /// Runs one process; returns a description of its exit.
    async fn run_one(
        &self,
        function: &FunctionSpec,
        registration: &Registration,
        stopping: &CancellationToken,
        first: &mut Option<&mpsc::UnboundedSender<Start>>,
    ) -> String {
        let program = program(&self.options, self.runtime_api, function, registration);
        let running = match program.start(&self.logs, &self.watchdog) {
            Ok(running) => running,
            Err(error) => return format!("{error:#}"),
        };
        self.processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((function.name.clone(), registration.id), running.pid());
        let init_timeout = self.options.limits.init_timeout;
        let mut ready = false;
        loop {
            tokio::select! {
                status = running.exited() => return format!("the process {}", cause(status)),
                () = registration.became_ready.notified(), if !ready => {
                    ready = true;
                    if let Some(starts) = first.take() {
                        let _ = starts.send(Start::Ready);
                    }
                }
                () = tokio::time::sleep(init_timeout), if !ready => {
                    running.kill().await;
                    return format!("no request for work within {} s", init_timeout.as_secs());
                }
                () = registration.kill.notified() => {
                    running.kill().await;
                    let limit = self.options.limits.function_timeout;
                    return format!("a call exceeded {} s; its process was killed", limit.as_secs_f32());
                }
                () = stopping.cancelled() => {
                    running.stop(Signal::TERM, Duration::from_secs(2)).await;
                    return String::new();
                }
            }
        }
    }
}

/// Serves until `stopping`; requests in flight are completed.
fn serve(tasks: &TaskTracker, stopping: &CancellationToken, listener: TcpListener, router: Router) {
    // Responses are small: Nagle's delay would only add latency.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let stopping = stopping.clone();
    tasks.spawn(async move {
        let serving =
            axum::serve(listener, service).with_graceful_shutdown(stopping.clone().cancelled_owned());
        let too_long = async {
            stopping.cancelled().await;
            tokio::time::sleep(Duration::from_secs(3)).await;
        };
        tokio::select! {
            _ = serving => {}
            () = too_long => {}
        }
    });
}
