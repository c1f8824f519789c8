//! The engine's process.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use local_process::logs::{LogFormat, LogLevel, Logs};
use local_process::orphaned_processes;
use local_process::process::{Program, Running, Signal};
use local_process::watchdog::Watchdog;

/// How long a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a stop may take: the engine lets calls in flight end and hands the other events back.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// What the engine is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The binary.
    pub program: PathBuf,
    /// The stack's directory, where its process is noted.
    pub dir: PathBuf,
    /// Its port on loopback.
    pub port: u16,
    /// Its database, directly: it wants prepared statements.
    pub database_url: String,
    /// What `{{FUNCTIONS_URL}}` in the event triggers becomes.
    pub functions_url: String,
    /// What the event triggers send as x-webhook-secret.
    pub webhook_secret: String,
    /// How it logs.
    pub log_format: LogFormat,
    /// How much it logs.
    pub log_level: LogLevel,
    /// More environment, for tests.
    pub env: Vec<(String, String)>,
}

/// An engine that runs.
#[derive(Debug)]
pub struct Engine {
    options: Options,
    running: Running,
    logs: Logs,
    watchdog: Watchdog,
}

impl Engine {
    /// Starts it and waits until it is healthy.
    ///
    /// # Errors
    /// When it is not built, ends, or does not become healthy.
    pub async fn start(options: Options, logs: &Logs, watchdog: &Watchdog) -> Result<Self> {
        if !options.program.is_file() {
            bail!(
                "the engine is not built: {} is missing; `cargo build --profile fast --workspace`",
                options.program.display()
            );
        }
        let running = launch(&options, logs, watchdog)?;
        let engine = Self {
            options,
            running,
            logs: logs.clone(),
            watchdog: watchdog.clone(),
        };
        engine.ready().await?;
        Ok(engine)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.options.port)
    }

    /// The process.
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// Asks it to stop: it ends what is in flight and hands its events back.
    pub async fn stop(&self) {
        self.running.stop(Signal::TERM, STOP_TIMEOUT).await;
    }

    /// Kills it, as a crash would.
    pub async fn kill(&self) {
        self.running.kill().await;
    }

    /// Starts it again after [`Self::stop`] or [`Self::kill`].
    ///
    /// # Errors
    /// When it does not become healthy.
    pub async fn start_again(&mut self) -> Result<()> {
        self.running = launch(&self.options, &self.logs, &self.watchdog)?;
        self.ready().await
    }

    async fn ready(&self) -> Result<()> {
        let http = local_process::http_client()?;
        let health = format!("{}/healthz", self.url());
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Some(status) = self.running.status() {
                // Its last line may still be on its way through the pipe.
                tokio::time::sleep(Duration::from_millis(20)).await;
                let said = self
                    .logs
                    .last_output("engine")
                    .unwrap_or_else(|| "it said nothing".to_owned());
                bail!("the engine ended at start ({status}): {said}");
            }
            match http.get(&health).timeout(Duration::from_secs(2)).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) if Instant::now() > deadline => {
                    bail!("the engine is not healthy: {}", answer.status())
                }
                Err(error) if Instant::now() > deadline => {
                    return Err(error).context("the engine does not answer on its port");
                }
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
}

fn launch(options: &Options, logs: &Logs, watchdog: &Watchdog) -> Result<Running> {
    let mut program = Program::new("engine", &options.program)
        // The connection string holds a password, and a command line is readable by everybody: environment only.
        .env("HASURA_GRAPHQL_DATABASE_URL", &options.database_url)
        .env("HASURA_GRAPHQL_SERVER_PORT", options.port.to_string())
        .env("HASURA_GRAPHQL_SERVER_HOST", "127.0.0.1")
        .env("HASURA_GRAPHQL_LOG_LEVEL", options.log_level.as_str())
        .env(
            "HASURA_GRAPHQL_LOG_FORMAT",
            match options.log_format {
                LogFormat::Text => "text",
                LogFormat::Json => "json",
            },
        )
        .env("FUNCTIONS_URL", &options.functions_url)
        .env("WEBHOOK_SECRET", &options.webhook_secret)
        .on_parent_exit(Signal::TERM);
    if std::env::var_os("HASURA_GRAPHQL_GRACEFUL_SHUTDOWN_TIMEOUT").is_none() {
        // Hasura's default of a minute is for clusters; nobody waits that long after Ctrl-C.
        program = program.env("HASURA_GRAPHQL_GRACEFUL_SHUTDOWN_TIMEOUT", "10");
    }
    for (name, value) in &options.env {
        program = program.env(name, value);
    }
    let running = program.start(logs, watchdog)?;
    orphaned_processes::record(&options.dir, &running, &options.program)?;
    Ok(running)
}
