//! The whole stack: each part in its module, here put together, started in order and stopped in reverse. [`options`] says
//! with what, [`start`] in which order, [`connections`] how many connections to Postgres it may need.

mod connections;
mod options;
mod start;

use anyhow::{Context as _, Result, bail};

use crate::addresses::Addresses;
use crate::apps::serve::Apps;
use crate::engine::Engine;
use lambda_host::Functions;
use local_process::dirs::DataDir;
use local_process::logs::Logs;
use local_services::pgbouncer::PgBouncer;
use local_services::postgres::Postgres;
use start::start;

pub use connections::POOL_SIZE;
pub use options::{Database, Options, PortChoice};

/// A stack that runs. Dropping it kills its processes; [`Stack::stop`] ends them in order.
#[derive(Debug)]
pub struct Stack {
    // In the order in which they are dropped: who depends on whom.
    apps: Option<Apps>,
    engine: Engine,
    functions: Functions,
    pgbouncer: Option<PgBouncer>,
    postgres: Option<Postgres>,
    dir: DataDir,
    addresses: Addresses,
}

/// The parts that stand so far.
#[derive(Default)]
struct RunningServices {
    apps: Option<Apps>,
    engine: Option<Engine>,
    functions: Option<Functions>,
    pgbouncer: Option<PgBouncer>,
    postgres: Option<Postgres>,
    dir: Option<DataDir>,
}

impl RunningServices {
    async fn stop(&mut self) {
        if let Some(apps) = &self.apps {
            apps.stop().await;
        }
        if let Some(engine) = &self.engine {
            engine.stop().await;
        }
        if let Some(functions) = &self.functions {
            functions.stop().await;
        }
        if let Some(pgbouncer) = &self.pgbouncer {
            pgbouncer.stop().await;
        }
        if let Some(postgres) = &self.postgres {
            postgres.stop().await;
        }
    }
}

impl Stack {
    /// Starts everything and waits until an order can walk (a bare one: until it can be set up).
    ///
    /// # Errors
    /// When a part cannot be started; the others are stopped again.
    pub async fn start(options: Options) -> Result<Self> {
        let started = Self::start_unless(options, std::future::pending::<()>()).await?;
        started.context("interrupted")
    }

    /// The same, given up in order as soon as `interrupt` is ready; then `None`.
    ///
    /// # Errors
    /// When a part cannot be started; the others are stopped again.
    pub async fn start_unless(options: Options, interrupt: impl Future) -> Result<Option<Self>> {
        let mut running = RunningServices::default();
        let started = tokio::select! {
            started = start(&options, &mut running) => Some(started),
            _ = interrupt => None,
        };
        match started {
            Some(Ok(addresses)) => {
                let RunningServices {
                    apps,
                    engine: Some(engine),
                    functions: Some(functions),
                    pgbouncer,
                    postgres,
                    dir: Some(dir),
                } = running
                else {
                    bail!("a part of the stack is missing");
                };
                Ok(Some(Self {
                    apps,
                    engine,
                    functions,
                    pgbouncer,
                    postgres,
                    dir,
                    addresses,
                }))
            }
            Some(Err(error)) => {
                running.stop().await;
                Err(error)
            }
            None => {
                running.stop().await;
                Ok(None)
            }
        }
    }

    /// Where the parts are.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The functions and their gateway.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The functions, to stop them and start them again.
    pub fn functions_mut(&mut self) -> &mut Functions {
        &mut self.functions
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine, to kill it and start it again.
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Postgres, if it is the stack's own.
    pub fn postgres_mut(&mut self) -> Option<&mut Postgres> {
        self.postgres.as_mut()
    }

    /// pgBouncer, if there is one of the stack's own.
    pub fn pgbouncer_mut(&mut self) -> Option<&mut PgBouncer> {
        self.pgbouncer.as_mut()
    }

    /// Waits until a part ends by itself, and says which and what it said last.
    pub async fn failed(&self, logs: &Logs) -> String {
        let pgbouncer = async {
            match &self.pgbouncer {
                Some(pgbouncer) => pgbouncer.running().exited().await,
                None => std::future::pending().await,
            }
        };
        let postgres = async {
            match &self.postgres {
                Some(postgres) => postgres.running().exited().await,
                None => std::future::pending().await,
            }
        };
        // Biased: when Postgres ends, the others may follow, and it is the one to name.
        let (name, status, said) = tokio::select! {
            biased;
            status = postgres => ("Postgres", status, self.postgres.as_ref().map(Postgres::last_output)),
            status = pgbouncer => ("pgBouncer", status, self.pgbouncer.as_ref().map(PgBouncer::last_output)),
            status = self.engine.running().exited() => ("the engine", status, logs.last_output("engine")),
        };
        format!(
            "{name} ended ({status}): {}",
            said.unwrap_or_else(|| "it said nothing".to_owned())
        )
    }

    /// Stops everything, in reverse order, and removes what was ephemeral.
    pub async fn stop(self) {
        let Self {
            apps,
            engine,
            functions,
            pgbouncer,
            postgres,
            dir,
            ..
        } = self;
        let mut running = RunningServices {
            apps,
            engine: Some(engine),
            functions: Some(functions),
            pgbouncer,
            postgres,
            dir: Some(dir),
        };
        running.stop().await;
    }
}
