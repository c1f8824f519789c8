//! A Postgres cluster: created on first use, started on its own port, shut down in order.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::kill_process;
use tokio_postgres::{Client, NoTls};

use crate::function_roles::literal;
use crate::login::random_password;
use crate::programs::PostgresPrograms;
use local_process::children::children;
use local_process::exit::cause;
use local_process::private_file;
use local_process::process::{Program, Running, Signal};
use local_process::users::{self, User};
use local_process::watchdog::Watchdog;

/// File with the superuser's password, in the directory of the server.
pub const PASSWORD_FILE: &str = "superuser-password";
/// Password in clusters of earlier versions.
const FORMER_PASSWORD: &str = "password";

/// Time within which a server exits that cannot listen on its port.
const EXIT_TIMEOUT: Duration = Duration::from_secs(5);

/// Interval at which the state of a running server is read.
const STATE_INTERVAL: Duration = Duration::from_millis(500);

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
    password: String,
    running: Running,
    watchdog: Watchdog,
}

impl Postgres {
    /// Creates the cluster if it does not exist, starts Postgres and waits until it accepts connections.
    pub async fn start(options: Options, watchdog: &Watchdog) -> Result<Self> {
        let file = options.dir.join(PASSWORD_FILE);
        let password = private_file::read_or_create(&file, || Ok(random_password()))?;
        if version_file(&options).symlink_metadata().is_err() {
            create(&options, &password).await?;
        }
        same_version(&options)?;
        let running = launch(&options, watchdog)?;
        let postgres = Self {
            options,
            password,
            running,
            watchdog: watchdog.clone(),
        };
        postgres.ready().await?;
        Ok(postgres)
    }

    /// The superuser's connection string.
    pub fn url(&self) -> String {
        self.url_with(&self.password)
    }

    fn url_with(&self, password: &str) -> String {
        format!(
            "postgres://postgres:{password}@127.0.0.1:{}/postgres",
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

    /// Kills the server and all its processes with SIGKILL: what they have not yet written to a file is lost.
    pub async fn crash(&self) {
        let server = self.running.pid();
        // Stopped first: a running server would start further processes, and shut down in order when one is killed.
        let _ = kill_process(server, Signal::STOP);
        for process in children(server) {
            let _ = kill_process(process, Signal::KILL);
        }
        self.running.kill().await;
    }

    /// Restarts Postgres with a fast shutdown: sessions are terminated, committed data are kept.
    pub async fn restart(&mut self) -> Result<()> {
        self.running.stop(Signal::INT, Duration::from_secs(30)).await;
        self.start_again().await
    }

    /// Starts Postgres again after it has exited, on the same port, and waits until it accepts connections.
    pub async fn start_again(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let logged = fs::metadata(self.log_file()).map_or(0, |file| file.len());
            self.running = launch(&self.options, &self.watchdog)?;
            match self.ready().await {
                // The sessions of a killed server notice its end a moment later, and use its shared memory until then. Their last
                // messages can follow that of the new server.
                Err(_)
                    if self.running.status().is_some()
                        && Instant::now() < deadline
                        && output_since(&self.options.dir, logged).contains("shared memory block") =>
                {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                started => return started,
            }
        }
    }

    /// Waits until Postgres has exited. After SIGTERM it accepts no connection and waits until its clients disconnect, which
    /// those of a stack do not do: their sessions are terminated.
    pub async fn exited(&self) -> ExitStatus {
        loop {
            if let Ok(status) = tokio::time::timeout(STATE_INTERVAL, self.running.exited()).await {
                return status;
            }
            if is_stopping(&pid_file(&self.options.dir, self.options.user).unwrap_or_default()) {
                return self.running.stop(Signal::INT, Duration::from_secs(30)).await;
            }
        }
    }

    pub fn log_file(&self) -> PathBuf {
        log_file(&self.options.dir)
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
                    "Postgres {} during startup: {}",
                    cause(status),
                    self.last_output()
                );
            }
            match connect(&url).await {
                Ok(_) => return Ok(()),
                Err(error) if is_wrong_password(&error) => {
                    if let Err(error) = self.replace_former_password().await {
                        // The server on this port may be another one, in which case this one exits.
                        if tokio::time::timeout(EXIT_TIMEOUT, self.running.exited())
                            .await
                            .is_err()
                        {
                            return Err(error);
                        }
                    }
                }
                Err(error) if Instant::now() > deadline => {
                    return Err(error).context("Postgres does not accept connections");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

impl Postgres {
    /// Sets the password in a cluster of an earlier version.
    async fn replace_former_password(&self) -> Result<()> {
        let client = connect(&self.url_with(FORMER_PASSWORD)).await.with_context(|| {
            format!(
                "Postgres refuses the password in {}; write the superuser's password into that file",
                self.options.dir.join(PASSWORD_FILE).display()
            )
        })?;
        let row = client.query_one("SHOW data_directory", &[]).await?;
        ensure!(
            Path::new(row.try_get::<_, &str>(0)?) == self.options.dir.join("data"),
            "port {} belongs to another Postgres",
            self.options.port
        );
        let secret = postgres_protocol::password::scram_sha_256(self.password.as_bytes());
        client
            .batch_execute(&format!("ALTER ROLE postgres PASSWORD {}", literal(&secret)))
            .await
            .context("cannot replace the superuser's password")
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

async fn create(options: &Options, password: &str) -> Result<()> {
    let dir = &options.dir;
    let data = dir.join("data");
    // Remains of an interrupted start.
    let _ = fs::remove_dir_all(&data);
    // The only directory that the user of Postgres may write to.
    DirBuilder::new()
        .mode(0o700)
        .create(&data)
        .with_context(|| format!("cannot create {}", data.display()))?;
    users::change_owner(&data, options.user)?;
    let pwfile = tempfile::NamedTempFile::new_in(dir)
        .with_context(|| format!("cannot create a file in {}", dir.display()))?;
    fs::write(pwfile.path(), password)
        .with_context(|| format!("cannot write {}", pwfile.path().display()))?;
    users::change_owner(pwfile.path(), options.user)?;
    let mut args: Vec<String> = [
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--auth=scram-sha-256",
    ]
    .map(str::to_owned)
    .into();
    args.push(format!("--pwfile={}", pwfile.path().display()));
    args.push(format!("--pgdata={}", data.display()));
    if options.ephemeral {
        args.push("--no-sync".to_owned());
    }
    Program::new("initdb", &options.programs.bin.join("initdb"))
        .args(args)
        .directory(dir)
        .user(options.user)
        .run()
        .await
}

/// Postgres reads only data of its own major version.
fn same_version(options: &Options) -> Result<()> {
    let file = version_file(options);
    let found = private_file::read_foreign(&file, owner(options.user))
        .with_context(|| format!("{} is not a file of Postgres", file.display()))?;
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

fn version_file(options: &Options) -> PathBuf {
    options.dir.join("data/PG_VERSION")
}

/// User id of the owner of the data.
fn owner(user: Option<User>) -> u32 {
    user.map_or_else(|| rustix::process::geteuid().as_raw(), |user| user.uid)
}

/// Content of the server's PID file.
pub(crate) fn pid_file(dir: &Path, user: Option<User>) -> Option<String> {
    private_file::read_foreign(&dir.join("data/postmaster.pid"), owner(user))
}

/// Whether the server was told to shut down. Line 8 of the PID file is its state.
fn is_stopping(pid_file: &str) -> bool {
    pid_file
        .lines()
        .nth(7)
        .is_some_and(|state| state.trim() == "stopping")
}

/// The locale of the cluster is C, so that messages are not translated.
fn is_wrong_password(error: &anyhow::Error) -> bool {
    error.to_string().contains("password authentication failed")
}

fn log_file(dir: &Path) -> PathBuf {
    dir.join("postgres.log")
}

/// Part of the log from this position.
fn output_since(dir: &Path, position: u64) -> String {
    let log = fs::read(log_file(dir)).unwrap_or_default();
    let from = usize::try_from(position).unwrap_or(usize::MAX).min(log.len());
    String::from_utf8_lossy(&log[from..]).into_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_link_is_neither_followed_nor_shown() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("data")).unwrap();
        let secret = dir.path().join("secret");
        fs::write(&secret, "hunter2").unwrap();
        let options = Options {
            programs: PostgresPrograms {
                bin: "/nowhere".into(),
                major: 17,
            },
            dir: dir.path().to_path_buf(),
            port: 1,
            max_connections: 1,
            user: None,
            ephemeral: true,
            fsync_off: true,
        };
        for name in ["PG_VERSION", "postmaster.pid"] {
            std::os::unix::fs::symlink(&secret, dir.path().join("data").join(name)).unwrap();
        }
        assert_eq!(pid_file(dir.path(), None), None);
        let error = same_version(&options).unwrap_err().to_string();
        assert!(
            error.ends_with("data/PG_VERSION is not a file of Postgres") && !error.contains("hunter2"),
            "{error}"
        );
        fs::remove_file(version_file(&options)).unwrap();
        fs::write(version_file(&options), "15\n").unwrap();
        let error = same_version(&options).unwrap_err().to_string();
        assert!(
            error.contains("created by PostgreSQL 15, but version 17"),
            "{error}"
        );
    }

    #[test]
    fn shutdown_is_recognised_in_the_pid_file() {
        let file = |state: &str| format!("1234\n/data\n1700000000\n15432\n\n127.0.0.1\n  1 2\n{state}\n");
        assert!(is_stopping(&file("stopping")));
        for other in ["ready   ", "starting", "standby "] {
            assert!(!is_stopping(&file(other)), "{other}");
        }
        assert!(!is_stopping(""));
    }
}
