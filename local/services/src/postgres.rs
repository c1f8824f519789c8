//! A Postgres cluster: created on first use, started on its own port, shut down in order.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio_postgres::{Client, NoTls};

use crate::programs::PostgresPrograms;
use local_process::process::{Program, Running, Signal};
use local_process::users::{self, User};
use local_process::watchdog::Watchdog;

/// The superuser's password, fixed by the default of `POSTGRES_CONNECTION_STRING`.
pub(crate) const PASSWORD: &str = "password";

/// After a crash Postgres first replays its write-ahead log.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Configuration of a Postgres server.
#[derive(Debug, Clone)]
pub struct Options {
    pub programs: PostgresPrograms,
    /// Directory that contains the data directory and the log.
    pub dir: PathBuf,
    /// TCP port on loopback.
    pub port: u16,
    /// Maximum number of connections.
    pub max_connections: u32,
    /// User that it runs as; the current one if `None`.
    pub user: Option<User>,
    /// Whether the data are removed at the end.
    pub ephemeral: bool,
    /// Whether `fsync` is off. Only for tests, because a crash of the machine may lose data; never for benchmarks.
    pub fsync_off: bool,
}

/// A running Postgres server.
#[derive(Debug)]
pub struct Postgres {
    options: Options,
    running: Running,
    watchdog: Watchdog,
}

impl Postgres {
    /// Creates the cluster if it does not exist, starts Postgres and waits until it accepts connections.
    pub async fn start(options: Options, watchdog: &Watchdog) -> Result<Self> {
        if !options.dir.join("data/PG_VERSION").exists() {
            create(&options).await?;
        }
        same_version(&options)?;
        let running = launch(&options, watchdog)?;
        let postgres = Self {
            options,
            running,
            watchdog: watchdog.clone(),
        };
        postgres.ready().await?;
        Ok(postgres)
    }

    /// The superuser's connection string.
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres:{PASSWORD}@127.0.0.1:{}/postgres",
            self.options.port
        )
    }

    pub fn port(&self) -> u16 {
        self.options.port
    }

    pub fn running(&self) -> &Running {
        &self.running
    }

    /// Stops Postgres: immediately if the data are ephemeral, otherwise with a checkpoint, so that the next start is
    /// quick.
    pub async fn stop(&self) {
        let signal = if self.options.ephemeral {
            Signal::QUIT
        } else {
            Signal::INT
        };
        self.running.stop(signal, Duration::from_secs(30)).await;
    }

    /// Restarts Postgres with a fast shutdown: sessions are terminated, committed data are kept.
    pub async fn restart(&mut self) -> Result<()> {
        self.running.stop(Signal::INT, Duration::from_secs(30)).await;
        self.running = launch(&self.options, &self.watchdog)?;
        self.ready().await
    }

    /// The last error in its log, or else the last line, for messages.
    pub fn last_output(&self) -> String {
        last_output(&self.options.dir)
    }

    async fn ready(&self) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        let url = self.url();
        loop {
            if let Some(status) = self.running.status() {
                bail!(
                    "Postgres exited during startup ({status}): {}",
                    self.last_output()
                );
            }
            match connect(&url).await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error).context("Postgres does not accept connections");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// Connects to Postgres; the connection runs in a task and ends with the client.
pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(|error| {
        // The driver's message stops at "error connecting to server"; the cause is the useful part.
        match std::error::Error::source(&error) {
            Some(cause) => anyhow::anyhow!("{error}: {cause}"),
            None => anyhow::anyhow!("{error}"),
        }
    })?;
    tokio::spawn(connection);
    Ok(client)
}

async fn create(options: &Options) -> Result<()> {
    let dir = &options.dir;
    // Remains of an interrupted start.
    let _ = fs::remove_dir_all(dir.join("data"));
    let password = dir.join("password");
    fs::write(&password, PASSWORD).with_context(|| format!("cannot write {}", password.display()))?;
    users::change_owner(&password, options.user)?;
    let mut args: Vec<String> = [
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--auth=scram-sha-256",
    ]
    .map(str::to_owned)
    .into();
    args.push(format!("--pwfile={}", password.display()));
    args.push(format!("--pgdata={}", dir.join("data").display()));
    if options.ephemeral {
        args.push("--no-sync".to_owned());
    }
    let made = Program::new("initdb", &options.programs.bin.join("initdb"))
        .args(args)
        .directory(dir)
        .user(options.user)
        .run()
        .await;
    let _ = fs::remove_file(&password);
    made
}

/// Postgres reads only data of its own major version.
fn same_version(options: &Options) -> Result<()> {
    let file = options.dir.join("data/PG_VERSION");
    let found = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    if found.trim() == options.programs.major.to_string() {
        return Ok(());
    }
    bail!(
        "{} was created by PostgreSQL {}, but version {} is installed; remove it to start with an empty database",
        options.dir.display(),
        found.trim(),
        options.programs.major
    );
}

fn launch(options: &Options, watchdog: &Watchdog) -> Result<Running> {
    let mut args = vec!["-D".to_owned(), options.dir.join("data").display().to_string()];
    let mut set = |name: &str, value: &str| args.extend(["-c".to_owned(), format!("{name}={value}")]);
    set("port", &options.port.to_string());
    set("listen_addresses", "127.0.0.1");
    // All clients connect over TCP, and the path of a socket is limited to 107 bytes.
    set("unix_socket_directories", "");
    set("max_connections", &options.max_connections.to_string());
    if options.fsync_off {
        set("fsync", "off");
        set("full_page_writes", "off");
        // A test that ends while it connects leaves an incomplete login. DROP DATABASE waits until this time-out ends
        // the login; the default is a minute.
        set("authentication_timeout", "5s");
    }
    Program::new("postgres", &options.programs.bin.join("postgres"))
        .args(args)
        .directory(&options.dir)
        .user(options.user)
        .on_parent_exit(if options.ephemeral {
            Signal::QUIT
        } else {
            Signal::INT
        })
        .start_logging_to(&log_file(&options.dir), watchdog)
}

fn log_file(dir: &Path) -> PathBuf {
    dir.join("postgres.log")
}

fn last_output(dir: &Path) -> String {
    let log = fs::read_to_string(log_file(dir)).unwrap_or_default();
    let telling = |line: &&str| line.contains("FATAL") || line.contains("PANIC") || line.contains("ERROR");
    log.lines()
        .rev()
        .find(telling)
        .or_else(|| log.lines().last())
        .unwrap_or("no output")
        .to_owned()
}
