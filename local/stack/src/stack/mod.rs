//! Starts and stops the services of a stack together: [`options`], [`start`] (the order), [`roles`] (the rights in
//! the database), [`connections`] (the limits of Postgres),
//! [`supervision`] (the restart of services).

mod connections;
mod options;
mod roles;
mod start;
mod supervision;

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use tokio_postgres::Client;

use crate::addresses::Addresses;
use crate::apps::serve::Apps;
use crate::engine::Engine;
use lambda_host::Functions;
use local_process::dirs::DataDir;
use local_process::exit::cause;
use local_process::logs::Logs;
use local_services::login::{FunctionLogins, Login};
use local_services::pgbouncer::PgBouncer;
use local_services::postgres::Postgres;
use start::start;
use supervision::{keep, keep_if_any};

pub use connections::FUNCTION_POOL_SIZE;
pub use options::{Access, Database, Options, PortChoice};

/// A running stack. Dropping it kills its processes; [`Stack::stop`] ends them in order.
#[derive(Debug)]
pub struct Stack {
    // In the order of dropping: dependents first.
    apps: Option<Apps>,
    engine: Engine,
    functions: Functions,
    pgbouncer: Option<PgBouncer>,
    claim: Option<Arc<Client>>,
    postgres: Option<Postgres>,
    dir: DataDir,
    addresses: Addresses,
    function_logins: Option<FunctionLogins>,
}

/// Services started so far.
#[derive(Default)]
struct RunningServices {
    apps: Option<Apps>,
    engine: Option<Engine>,
    functions: Option<Functions>,
    pgbouncer: Option<PgBouncer>,
    /// Connection that claims the roles of an existing database for this stack ([`roles`]).
    claim: Option<Arc<Client>>,
    postgres: Option<Postgres>,
    dir: Option<DataDir>,
    /// Roles of the functions, if the stack has created them.
    function_logins: Option<FunctionLogins>,
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
        // Only now may another stack replace the passwords. The end of the connection alone would release it a moment later.
        if let Some(claim) = self.claim.take() {
            roles::release(&claim).await;
        }
        if let Some(postgres) = &self.postgres {
            postgres.stop().await;
        }
    }
}

impl Stack {
    /// Starts all services and waits until the stack accepts orders (with `bare`: until it can be set up). On failure
    /// the started services are stopped.
    pub async fn start(options: Options) -> Result<Self> {
        let started = Self::start_unless(options, std::future::pending::<()>()).await?;
        started.context("interrupted")
    }

    /// [`Self::start`] that stops in order and returns `None` as soon as `interrupt` is ready.
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
                    claim,
                    postgres,
                    dir: Some(dir),
                    function_logins,
                } = running
                else {
                    bail!("a service of the stack is missing");
                };
                Ok(Some(Self {
                    apps,
                    engine,
                    functions,
                    pgbouncer,
                    claim,
                    postgres,
                    dir,
                    addresses,
                    function_logins,
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

    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Database role of a function, if the stack has created one.
    pub fn function_login(&self, function: &str) -> Option<&Login> {
        self.function_logins.as_ref()?.of(function)
    }

    /// The functions and their gateway.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The functions, to stop them and start them again.
    pub fn functions_mut(&mut self) -> &mut Functions {
        &mut self.functions
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine, to kill it and start it again.
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Postgres, if this stack started it.
    pub fn postgres(&self) -> Option<&Postgres> {
        self.postgres.as_ref()
    }

    /// Postgres, to stop it and start it again.
    pub fn postgres_mut(&mut self) -> Option<&mut Postgres> {
        self.postgres.as_mut()
    }

    /// pgBouncer, if this stack started it.
    pub fn pgbouncer(&self) -> Option<&PgBouncer> {
        self.pgbouncer.as_ref()
    }

    /// pgBouncer, to stop it and start it again.
    pub fn pgbouncer_mut(&mut self) -> Option<&mut PgBouncer> {
        self.pgbouncer.as_mut()
    }

    /// Restarts services that exit; the function host restarts its processes itself. Returns when a
    /// service exits again soon after each restart.
    pub async fn keep_running(&mut self, logs: &Logs) -> String {
        // Concurrently: one that cannot start without another one must not delay the other one's restart.
        tokio::select! {
            failure = keep_if_any(self.postgres.as_mut(), logs) => failure,
            failure = keep_if_any(self.pgbouncer.as_mut(), logs) => failure,
            failure = keep(&mut self.engine, logs) => failure,
        }
    }

    /// Waits until a service exits unexpectedly; returns its name, the cause and its last output.
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
        // Biased: if Postgres exits, the others may follow, and Postgres is the cause.
        let (name, status, said) = tokio::select! {
            biased;
            status = postgres => ("Postgres", status, self.postgres.as_ref().map(Postgres::last_output)),
            status = pgbouncer => ("pgBouncer", status, self.pgbouncer.as_ref().map(PgBouncer::last_output)),
            status = self.engine.running().exited() => ("the engine", status, logs.last_output("engine")),
        };
        format!(
            "{name} {}; its last output: {}",
            cause(status),
            said.unwrap_or_else(|| "no output".to_owned())
        )
    }

    /// Stops all services in reverse order and removes ephemeral data.
    pub async fn stop(self) {
        let Self {
            apps,
            engine,
            functions,
            pgbouncer,
            claim,
            postgres,
            dir,
            ..
        } = self;
        let mut running = RunningServices {
            apps,
            engine: Some(engine),
            functions: Some(functions),
            pgbouncer,
            claim,
            postgres,
            dir: Some(dir),
            function_logins: None,
        };
        running.stop().await;
    }
}
