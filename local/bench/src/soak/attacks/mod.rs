//! Clients that try to harm others, each in a loop: [`connections`], [`documents`], [`sockets`], [`functions`].

mod connections;
mod documents;
mod functions;
mod idle;
mod sockets;
mod wire;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::super::process_cpu;
use super::honest::log_in;
use idle::run_when_idle;
use local_stack::addresses::Addresses;

/// Attack, answer, number of times.
pub(super) type Answers = Vec<(&'static str, String, u64)>;

/// A step of an attack; returns a short description of the answer.
type Step = Pin<Box<dyn Future<Output = Result<String>> + Send>>;

/// Begins a step.
type Begin = fn(Arc<Target>) -> Step;

/// A kind of attack.
#[derive(Clone, Copy)]
struct Attack {
    name: &'static str,
    step: Begin,
}

/// Time without an answer after which an attack counts as delayed by the server.
const DELAYED: Duration = Duration::from_secs(5);

/// Results of the attacks.
#[derive(Default)]
struct Record {
    /// Number of times per attack and answer.
    counts: BTreeMap<(&'static str, String), u64>,
    /// Start of the present step of each attack.
    started: BTreeMap<&'static str, Instant>,
}

/// Knowledge of an attacker: addresses, and a token of its own.
pub(super) struct Target {
    /// `host:port` of the engine.
    engine: String,
    /// Base URL of the functions.
    functions: String,
    /// Token of a customer, with which the attacker has logged in.
    token: String,
    http: reqwest::Client,
}

impl Target {
    fn engine_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.engine)
    }
}

/// Running attacks.
pub(super) struct Attacks {
    chosen: Arc<Vec<Attack>>,
    stop: oneshot::Sender<()>,
    /// Returns its processor time in milliseconds.
    thread: thread::JoinHandle<Result<f64>>,
    record: Arc<Mutex<Record>>,
}

fn all() -> impl Iterator<Item = Attack> {
    [
        connections::ATTACKS,
        documents::ATTACKS,
        sockets::ATTACKS,
        functions::ATTACKS,
    ]
    .into_iter()
    .flatten()
    .map(|(name, step)| Attack { name, step: *step })
}

impl Attacks {
    /// Starts the attacks with these names, or all of them if there are none.
    pub(super) async fn start(addresses: &Addresses, names: &[String]) -> Result<Self> {
        for name in names {
            let known: Vec<_> = all().map(|attack| attack.name).collect();
            ensure!(
                known.contains(&name.as_str()),
                "unknown attack {name:?}; the attacks are {known:?}"
            );
        }
        let chosen: Vec<Attack> = all()
            .filter(|attack| names.is_empty() || names.iter().any(|name| name == attack.name))
            .collect();
        let chosen = Arc::new(chosen);
        let http = local_process::http_client()?;
        let engine = addresses.engine.strip_prefix("http://");
        let target = Arc::new(Target {
            engine: engine.context("the engine's URL is not plain HTTP")?.to_owned(),
            functions: addresses.functions.clone(),
            token: log_in(&http, &addresses.functions, "attacker").await?,
            http,
        });
        let record = Arc::<Mutex<Record>>::default();
        let (stop, stopped) = oneshot::channel();
        let (recorded, attacks) = (record.clone(), chosen.clone());
        let thread = thread::Builder::new()
            .name("attacks".to_owned())
            .spawn(move || run(&target, &attacks, &recorded, stopped))?;
        Ok(Self {
            chosen,
            stop,
            thread,
            record,
        })
    }

    /// Ends the attacks; returns the answers, and the processor time of the attackers in milliseconds. It is an error if an attack never
    /// got as far as an answer.
    pub(super) async fn stop(self) -> Result<(Answers, f64)> {
        // The receiver is gone if the thread has failed; its error follows.
        let _ = self.stop.send(());
        let processors = tokio::task::spawn_blocking(|| self.thread.join())
            .await?
            .map_err(|_| anyhow!("the thread of the attacks panicked"))??;
        let mut record = lock(&self.record);
        record.count_delayed();
        let counts = &record.counts;
        for attack in &*self.chosen {
            let tried = counts
                .keys()
                .any(|(name, answer)| *name == attack.name && reached(answer));
            ensure!(
                tried,
                "the attack {:?} was not completed once; use a longer --seconds",
                attack.name
            );
        }
        let answers = counts
            .iter()
            .map(|((name, answer), times)| (*name, answer.clone(), *times));
        Ok((answers.collect(), processors))
    }
}

impl Record {
    /// Counts the steps that the server delays at the end.
    fn count_delayed(&mut self) {
        for (name, started) in &self.started {
            if started.elapsed() > DELAYED {
                let answer = format!("no answer yet after {} s", DELAYED.as_secs());
                *self.counts.entry((name, answer)).or_default() += 1;
            }
        }
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the answer shows that the attack reached the server as intended. A closed connection does: it is how a server may answer.
fn reached(answer: &str) -> bool {
    let prevented = [
        "no answer (Connection refused",
        "no answer (the handshake",
        "no answer (the token",
    ];
    !prevented.iter().any(|start| answer.starts_with(start))
}

/// Runs all attacks until `stopped`. Returns the processor time that they have used, in milliseconds.
fn run(
    target: &Arc<Target>,
    attacks: &[Attack],
    record: &Arc<Mutex<Record>>,
    stopped: oneshot::Receiver<()>,
) -> Result<f64> {
    let group = run_when_idle()?;
    if !group.is_idle() {
        eprintln!(
            "soak: the attackers have no group of their own, so that their computing delays the stack (docs/security.md)"
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for &attack in attacks {
            let (target, record) = (target.clone(), record.clone());
            tasks.spawn(async move {
                loop {
                    lock(&record).started.insert(attack.name, Instant::now());
                    let answer = match (attack.step)(target.clone()).await {
                        Ok(answer) => answer,
                        // Refused or closed connections are the server's answer to an attack.
                        Err(error) => format!("no answer ({})", error.root_cause()),
                    };
                    *lock(&record).counts.entry((attack.name, answer)).or_default() += 1;
                    tokio::task::yield_now().await;
                }
            });
        }
        // A dropped sender ends the attacks too.
        let _ = stopped.await;
        tasks.shutdown().await;
    });
    drop(group);
    Ok(process_cpu::of_this_thread())
}
