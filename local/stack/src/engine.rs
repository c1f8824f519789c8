//! The engine as a child process.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use local_process::environment;
use local_process::exit::cause;
use local_process::logs::{LogFormat, LogLevel, Logs};
use local_process::orphaned_processes;
use local_process::process::{Program, Running, Signal};
use local_process::watchdog::Watchdog;

const START_TIMEOUT: Duration = Duration::from_secs(30);
/// At shutdown the engine completes calls in flight and releases its other events.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// Variables that the engine inherits: its own settings, those of the export of spans, proxies and certificate authorities, and those of its log.
const INHERITED_ENV: [&str; 4] = ["HASURA_GRAPHQL_*", "OTEL_*", "RUST_LOG", "RUST_BACKTRACE"];

/// Configuration of the engine's process.
#[derive(Debug, Clone)]
pub struct Options {
    /// Path of the binary.
    pub program: PathBuf,
    /// The stack's directory, in which the process is recorded.
    pub dir: PathBuf,
    /// Address to listen on.
    pub host: IpAddr,
    pub port: u16,
    /// Database, directly and not through pgBouncer, because of prepared statements and LISTEN.
    pub database_url: String,
    /// Value of `{{FUNCTIONS_URL}}` in the event triggers.
    pub functions_url: String,
    /// Value that the event triggers send as x-webhook-secret.
    pub webhook_secret: String,
    /// Origins of the web pages that may call the engine.
    pub allowed_origins: Vec<String>,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
    /// Additional environment.
    pub env: Vec<(String, String)>,
}

/// A running engine.
#[derive(Debug)]
pub struct Engine {
    options: Options,
    running: Running,
    logs: Logs,
    watchdog: Watchdog,
}

impl Engine {
    /// Starts the engine and waits until it is healthy.
    pub async fn start(options: Options, logs: &Logs, watchdog: &Watchdog) -> Result<Self> {
        if !options.program.is_file() {
            bail!(
                "engine binary not found: {}; run `cargo build --profile fast --workspace`",
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

    /// Base URL.
    pub fn url(&self) -> String {
        format!("http://{}", SocketAddr::new(self.options.host, self.options.port))
    }

    /// Connection string of the engine's database role.
    pub fn database_url(&self) -> &str {
        &self.options.database_url
    }

    /// Value that its event triggers send as x-webhook-secret.
    pub fn webhook_secret(&self) -> &str {
        &self.options.webhook_secret
    }

    pub fn running(&self) -> &Running {
        &self.running
    }

    /// Requests a graceful shutdown: the engine completes requests in flight and releases its events.
    pub async fn stop(&self) {
        self.running.stop(Signal::TERM, STOP_TIMEOUT).await;
    }

    /// Kills the engine, as a crash would.
    pub async fn kill(&self) {
        self.running.kill().await;
    }

    /// Starts the engine again after [`Self::stop`] or [`Self::kill`], and waits until it is healthy.
    pub async fn start_again(&mut self) -> Result<()> {
        self.launch_again()?;
        self.ready().await
    }

    /// Starts the engine again after it has exited, on the same port. Does not wait until it is healthy.
    pub fn launch_again(&mut self) -> Result<()> {
        self.running = launch(&self.options, &self.logs, &self.watchdog)?;
        Ok(())
    }

    async fn ready(&self) -> Result<()> {
        let http = local_process::http_client()?;
        let health = format!("{}/healthz", self.url());
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Some(status) = self.running.status() {
                // The last line may still be in the pipe.
                tokio::time::sleep(Duration::from_millis(20)).await;
                let said = self
                    .logs
                    .last_output("engine")
                    .unwrap_or_else(|| "no output".to_owned());
                bail!("the engine {} during startup: {said}", cause(status));
            }
            match http.get(&health).timeout(Duration::from_secs(2)).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) if Instant::now() > deadline => {
                    bail!("the engine is not healthy: {}", answer.status())
                }
                Err(error) if Instant::now() > deadline => {
                    return Err(error).context("the engine does not accept connections");
                }
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
}

fn launch(options: &Options, logs: &Logs, watchdog: &Watchdog) -> Result<Running> {
    let mut program = Program::new("engine", &options.program)
        .inherit(&[&INHERITED_ENV[..], &environment::NETWORK].concat())
        // Environment, not arguments: the connection string contains a password, and every local user can read a
        // command line.
        .env("HASURA_GRAPHQL_DATABASE_URL", &options.database_url)
        .env("HASURA_GRAPHQL_SERVER_PORT", options.port.to_string())
        .env("HASURA_GRAPHQL_SERVER_HOST", options.host.to_string())
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
        // With an arena per thread, glibc keeps a multiple of the memory that the engine uses at its peak.
        .env("MALLOC_ARENA_MAX", "2")
        .on_parent_exit(Signal::TERM);
    if std::env::var_os("HASURA_GRAPHQL_GRACEFUL_SHUTDOWN_TIMEOUT").is_none() {
        // Hasura's default of a minute suits clusters and is too long after Ctrl-C.
        program = program.env("HASURA_GRAPHQL_GRACEFUL_SHUTDOWN_TIMEOUT", "10");
    }
    if std::env::var_os("HASURA_GRAPHQL_CORS_DOMAIN").is_none() {
        program = program.env("HASURA_GRAPHQL_CORS_DOMAIN", options.allowed_origins.join(","));
    }
    for (name, value) in &options.env {
        program = program.env(name, value);
    }
    let running = program.start(logs, watchdog)?;
    orphaned_processes::record(&options.dir, &running, &options.program)?;
    Ok(running)
}
