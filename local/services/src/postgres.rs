//! A Postgres of our own: made on first use, started on a port of its own, stopped in order.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio_postgres::{Client, NoTls};

use crate::programs::PostgresPrograms;
use local_process::process::{Program, Running, Signal};
use local_process::users::{self, User};
use local_process::watchdog::Watchdog;

/// The superuser's password, fixed by the contract: `POSTGRES_CONNECTION_STRING` defaults to it.
pub(crate) const PASSWORD: &str = "password";

/// How long a start may take. After a crash Postgres first replays what it wrote.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// What a Postgres is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The programs.
    pub programs: PostgresPrograms,
    /// The directory that holds the data directory and the log.
    pub dir: PathBuf,
    /// The TCP port on loopback.
    pub port: u16,
    /// Connections it accepts.
    pub max_connections: u32,
    /// The user it runs as; ourselves when `None`.
    pub user: Option<User>,
    /// Whether its data go away at the end.
    pub ephemeral: bool,
    /// Whether it may lose data in a crash of the machine. Only for tests; never where a figure is reported.
    pub fsync_off: bool,
}

/// A Postgres that runs.
#[derive(Debug)]
pub struct Postgres {
    options: Options,
    running: Running,
    watchdog: Watchdog,
}

impl Postgres {
    /// Makes the cluster if there is none, starts Postgres and waits until it answers.
    ///
    /// # Errors
    /// When it cannot be made or started; the message ends with what Postgres said.
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

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.options.port
    }

    /// The process.
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// Stops it: at once when nobody wants its data, otherwise with a checkpoint, so that the next start is quick.
    pub async fn stop(&self) {
        let signal = if self.options.ephemeral {
            Signal::QUIT
        } else {
            Signal::INT
        };
        self.running.stop(signal, Duration::from_secs(30)).await;
    }

    /// Stops it as an administrator would (fast shutdown: sessions are cut, nothing committed is lost) and starts it
    /// again.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn restart(&mut self) -> Result<()> {
        self.running.stop(Signal::INT, Duration::from_secs(30)).await;
        self.running = launch(&self.options, &self.watchdog)?;
        self.ready().await
    }

    /// What it wrote last, for messages.
    pub fn last_output(&self) -> String {
        last_output(&self.options.dir)
    }

    async fn ready(&self) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        let url = self.url();
        loop {
            if let Some(status) = self.running.status() {
                bail!("Postgres ended at start ({status}): {}", self.last_output());
            }
            match connect(&url).await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error).context("Postgres does not answer");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// Connects to a Postgres; the connection lives in a task and ends with the client.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(|error| {
        // The driver's own words stop at "error connecting to server"; the cause is what people need.
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
    // A half-made cluster from an interrupted start.
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

/// Postgres reads only its own major version's data.
fn same_version(options: &Options) -> Result<()> {
    let file = options.dir.join("data/PG_VERSION");
    let found = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    if found.trim() == options.programs.major.to_string() {
        return Ok(());
    }
    bail!(
        "{} holds data of Postgres {}, and the one found here is {}: remove that directory to begin anew",
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
    // Everybody here connects over TCP, and a path to a socket may not be longer than 107 bytes.
    set("unix_socket_directories", "");
    set("max_connections", &options.max_connections.to_string());
    if options.fsync_off {
        set("fsync", "off");
        set("full_page_writes", "off");
        // A test that ends while it connects leaves a login half done. DROP DATABASE waits for it, and so for the end of
        // this time-out; the default is a minute.
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
        .unwrap_or("it said nothing")
        .to_owned()
}
