//! pgBouncer in transaction mode, between the functions and Postgres; its settings are in `pgbouncer.ini`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio_postgres::config::{Host, SslMode};

use crate::leftovers;
use crate::postgres;
use crate::process::{Program, Running, Signal};
use crate::users::{self, User};
use crate::watchdog::Watchdog;

const INI: &str = include_str!("pgbouncer.ini");

/// What a pgBouncer is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program.
    pub program: PathBuf,
    /// The directory for its configuration and its log.
    pub dir: PathBuf,
    /// The TCP port on loopback.
    pub port: u16,
    /// The Postgres behind it, as a connection string with user and password.
    pub database_url: String,
    /// Connections to Postgres per database and user.
    pub pool_size: u32,
    /// Clients it accepts.
    pub max_clients: u32,
    /// Seconds after which an unused connection to Postgres is closed.
    pub idle_timeout: u32,
    /// The user it runs as; ourselves when `None`.
    pub user: Option<User>,
}

/// A pgBouncer that runs.
#[derive(Debug)]
pub struct PgBouncer {
    options: Options,
    url: String,
    running: Running,
    watchdog: Watchdog,
}

impl PgBouncer {
    /// Writes its configuration, starts it and waits until a query through it succeeds.
    ///
    /// # Errors
    /// When it cannot be started; the message ends with what pgBouncer said.
    pub async fn start(options: Options, watchdog: &Watchdog) -> Result<Self> {
        let url = configure(&options)?;
        let running = launch(&options, watchdog)?;
        let pgbouncer = Self {
            options,
            url,
            running,
            watchdog: watchdog.clone(),
        };
        pgbouncer.ready().await?;
        Ok(pgbouncer)
    }

    /// The connection string through it, to the same database as the same user.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process.
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// Stops it at once.
    pub async fn stop(&self) {
        self.running.stop(Signal::TERM, Duration::from_secs(5)).await;
    }

    /// Stops it at once, cutting every client, and starts it again.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        self.running = launch(&self.options, &self.watchdog)?;
        self.ready().await
    }

    /// What it wrote last, for messages.
    pub fn last_words(&self) -> String {
        let log = fs::read_to_string(log_file(&self.options.dir)).unwrap_or_default();
        log.lines().last().unwrap_or("it said nothing").to_owned()
    }

    async fn ready(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.running.status() {
                bail!("pgBouncer ended at start ({status}): {}", self.last_words());
            }
            let answer = match postgres::connect(&self.url).await {
                Ok(client) => client.batch_execute("SELECT 1").await.map_err(Into::into),
                Err(error) => Err(error),
            };
            match answer {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error).context("no query comes through pgBouncer");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
}

fn launch(options: &Options, watchdog: &Watchdog) -> Result<Running> {
    let running = Program::new("pgbouncer", &options.program)
        .args([options.dir.join("pgbouncer.ini")])
        .directory(&options.dir)
        .user(options.user)
        .on_our_death(Signal::TERM)
        .start_logging_to(&log_file(&options.dir), watchdog)?;
    leftovers::note(&options.dir, &running, &options.dir)?;
    Ok(running)
}

fn log_file(dir: &Path) -> PathBuf {
    dir.join("pgbouncer.log")
}

/// Writes the files that pgBouncer reads, readable by its user alone; answers the connection string through it.
fn configure(options: &Options) -> Result<String> {
    let database: tokio_postgres::Config = options
        .database_url
        .parse()
        .context("the database's connection string is not valid")?;
    let host = match database.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = database.get_ports().first().copied().unwrap_or(5432);
    let user = database.get_user().unwrap_or("postgres");
    let password = String::from_utf8_lossy(database.get_password().unwrap_or_default()).into_owned();
    let name = database.get_dbname().unwrap_or(user);
    let tls = if database.get_ssl_mode() == SslMode::Require {
        "require"
    } else {
        "disable"
    };

    let auth_file = options.dir.join("userlist.txt");
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    private_file(
        &auth_file,
        &format!("{} {}\n", quoted(user), quoted(&password)),
        options.user,
    )?;
    let ini = fill(&[
        ("host", &host),
        ("port", &port.to_string()),
        ("listen_port", &options.port.to_string()),
        ("pool_size", &options.pool_size.to_string()),
        ("max_clients", &options.max_clients.to_string()),
        ("auth_file", &auth_file.display().to_string()),
        ("user", user),
        ("tls", tls),
        ("idle_timeout", &options.idle_timeout.to_string()),
    ]);
    private_file(&options.dir.join("pgbouncer.ini"), &ini, options.user)?;

    let mut url = reqwest::Url::parse(&format!("postgres://127.0.0.1:{}", options.port))?;
    // These fail only for URLs without a host.
    let _ = url.set_username(user);
    let _ = url.set_password(Some(&password));
    url.set_path(name);
    Ok(url.into())
}

fn fill(values: &[(&str, &str)]) -> String {
    values.iter().fold(INI.to_owned(), |ini, (name, value)| {
        ini.replace(&format!("{{{name}}}"), value)
    })
}

fn private_file(path: &Path, content: &str, user: Option<User>) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let write = || -> std::io::Result<()> {
        let _ = fs::remove_file(path);
        let mut file = fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(content.as_bytes())
    };
    write().with_context(|| format!("cannot write {}", path.display()))?;
    users::give(path, user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_brace_of_the_settings_is_filled() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            program: "pgbouncer".into(),
            dir: dir.path().to_path_buf(),
            port: 7000,
            database_url: "postgres://me:p%22w@db.example:5433/food?sslmode=require".to_owned(),
            pool_size: 20,
            max_clients: 100,
            idle_timeout: 60,
            user: None,
        };
        let url = configure(&options).unwrap();
        assert_eq!(url, "postgres://me:p%22w@127.0.0.1:7000/food");
        let ini = fs::read_to_string(dir.path().join("pgbouncer.ini")).unwrap();
        assert!(
            !ini.lines()
                .filter(|line| !line.starts_with(";;"))
                .any(|line| line.contains('{')),
            "{ini}"
        );
        assert!(ini.contains("* = host=db.example port=5433"), "{ini}");
        assert!(ini.contains("server_tls_sslmode = require"), "{ini}");
        let users = fs::read_to_string(dir.path().join("userlist.txt")).unwrap();
        assert_eq!(users, "\"me\" \"p\"\"w\"\n");
    }
}
