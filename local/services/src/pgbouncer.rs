//! pgBouncer in transaction mode, between the functions and Postgres. Its settings are
//! `infra/pgbouncer/pgbouncer.ini`, filled in by `bootstrap.sh` beside it: the same files as for the pool on AWS.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio_postgres::config::{Host, SslMode};

use crate::login::{Login, as_login};
use crate::postgres;
use local_process::dirs;
use local_process::exit::cause;
use local_process::orphaned_processes;
use local_process::process::{Program, Running, Signal};
use local_process::users::User;
use local_process::watchdog::Watchdog;

/// Usual maximum number of prepared statements: more than the functions have.
pub const PREPARED_STATEMENTS: u32 = 100;

/// Configuration of a pgBouncer.
#[derive(Debug, Clone)]
pub struct Options {
    /// Path of the binary.
    pub program: PathBuf,
    /// The project's root.
    pub root: PathBuf,
    /// Directory of its configuration and its log.
    pub dir: PathBuf,
    /// TCP port on loopback.
    pub port: u16,
    /// Connection string of Postgres, with user and password.
    pub database_url: String,
    /// Accepted roles in addition to that user.
    pub logins: Vec<Login>,
    /// Maximum number of connections to Postgres per database.
    pub pool_size: u32,
    /// Maximum number of connections to Postgres per database and user.
    pub user_pool_size: u32,
    /// Maximum number of client connections.
    pub max_clients: u32,
    /// Seconds after which an unused connection to Postgres is closed.
    pub idle_timeout: u32,
    /// Maximum number of prepared statements per connection to Postgres, where the version tracks them; 0 for none.
    pub prepared_statements: u32,
    /// User that it runs as; the current one if `None`.
    pub user: Option<User>,
}

/// A running pgBouncer.
#[derive(Debug)]
pub struct PgBouncer {
    options: Options,
    url: String,
    running: Running,
    watchdog: Watchdog,
}

impl PgBouncer {
    /// Writes the configuration, starts pgBouncer and waits until a query succeeds.
    pub async fn start(options: Options, watchdog: &Watchdog) -> Result<Self> {
        let url = configure(&options).await?;
        let program = executable(&options.program, &options.dir, options.user)?;
        let options = Options { program, ..options };
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

    /// Connection string through pgBouncer, for the same database and user as in [`Options::database_url`].
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Connection string through pgBouncer, for the same database and another role.
    pub fn url_as(&self, login: &Login) -> String {
        as_login(&self.url, login)
    }

    pub fn running(&self) -> &Running {
        &self.running
    }

    /// Stops pgBouncer immediately.
    pub async fn stop(&self) {
        self.running.stop(Signal::TERM, Duration::from_secs(5)).await;
    }

    /// Stops pgBouncer immediately, which closes every client connection, and starts it again.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        self.start_again()?;
        self.ready().await
    }

    /// Starts pgBouncer again after it has exited, on the same port. Does not wait until it accepts connections.
    pub fn start_again(&mut self) -> Result<()> {
        self.running = launch(&self.options, &self.watchdog)?;
        Ok(())
    }

    pub fn log_file(&self) -> PathBuf {
        log_file(&self.options.dir)
    }

    /// The last line of its log, for messages.
    pub fn last_output(&self) -> String {
        let log = fs::read_to_string(self.log_file()).unwrap_or_default();
        log.lines().last().unwrap_or("no output").to_owned()
    }

    async fn ready(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.running.status() {
                bail!(
                    "pgBouncer {} during startup: {}",
                    cause(status),
                    self.last_output()
                );
            }
            let answer = match postgres::connect(&self.url).await {
                Ok(client) => client.batch_execute("SELECT 1").await.map_err(Into::into),
                Err(error) => Err(error),
            };
            match answer {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error).context("no query succeeds through pgBouncer");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
}

/// Path from which a user may run the program. One below the build directory, which other users may not be permitted to enter, is
/// copied into `dir`.
pub fn executable(program: &Path, dir: &Path, user: Option<User>) -> Result<PathBuf> {
    let bin_dir = dirs::bin_dir()?;
    let target = bin_dir.parent().unwrap_or(&bin_dir);
    if user.is_none() || !program.starts_with(target) {
        return Ok(program.to_path_buf());
    }
    let copy = dir.join("pgbouncer");
    // A running program cannot be overwritten.
    let _ = fs::remove_file(&copy);
    // It stays a file of the current user, so that no other may change it.
    fs::copy(program, &copy).with_context(|| format!("cannot copy {}", program.display()))?;
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))?;
    Ok(copy)
}

fn launch(options: &Options, watchdog: &Watchdog) -> Result<Running> {
    let running = Program::new("pgbouncer", &options.program)
        .args([options.dir.join("pgbouncer.ini")])
        .directory(&options.dir)
        .user(options.user)
        .on_parent_exit(Signal::TERM)
        .start_logging_to(&log_file(&options.dir), watchdog)?;
    orphaned_processes::record(&options.dir, &running, &options.dir)?;
    Ok(running)
}

fn log_file(dir: &Path) -> PathBuf {
    dir.join("pgbouncer.log")
}

/// Writes the files that pgBouncer reads; returns the connection string through it.
async fn configure(options: &Options) -> Result<String> {
    let database: tokio_postgres::Config = options
        .database_url
        .parse()
        .context("invalid database connection string")?;
    let host = match database.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = database.get_ports().first().copied().unwrap_or(5432);
    let user = database.get_user().unwrap_or("postgres");
    let owner = Login {
        user: user.to_owned(),
        password: String::from_utf8_lossy(database.get_password().unwrap_or_default()).into_owned(),
    };
    let name = database.get_dbname().unwrap_or(user);
    let tls = if database.get_ssl_mode() == SslMode::Require {
        "require"
    } else {
        "disable"
    };
    let users = std::iter::once(&owner).chain(&options.logins).map(user_line);
    let file_owner = options.user.map(|user| format!("{}:{}", user.uid, user.gid));

    let script = options.root.join("infra/pgbouncer/bootstrap.sh");
    Program::new("infra/pgbouncer/bootstrap.sh", Path::new("bash"))
        .args([script.as_os_str(), "render".as_ref()])
        .directory(&options.dir)
        .env("POOL_DIR", &options.dir)
        .env("POOL_OWNER", file_owner.unwrap_or_default())
        .env("POOL_USERS", users.collect::<Result<Vec<_>>>()?.join("\n"))
        .env("POOL_LISTEN_ADDR", "127.0.0.1")
        .env("POOL_PORT", options.port.to_string())
        .env("POOL_DATABASE_HOST", &host)
        .env("POOL_DATABASE_PORT", port.to_string())
        .env("POOL_SERVER_TLS", tls)
        .env("POOL_SERVER_CA_FILE", "")
        .env("POOL_SIZE", options.pool_size.to_string())
        .env("POOL_USER_SIZE", options.user_pool_size.to_string())
        .env("POOL_MAX_CLIENTS", options.max_clients.to_string())
        .env("POOL_IDLE_TIMEOUT", options.idle_timeout.to_string())
        .env("POOL_STATEMENTS", options.prepared_statements.to_string())
        .env("POOL_PROGRAM", &options.program)
        .run()
        .await?;

    let mut url = reqwest::Url::parse(&format!("postgres://127.0.0.1:{}", options.port))?;
    url.set_path(name);
    Ok(as_login(url.as_str(), &owner))
}

/// A line of pgBouncer's user list.
fn user_line(login: &Login) -> Result<String> {
    let quoted = |text: &str| -> Result<String> {
        ensure!(
            !text.contains(char::is_control),
            "invalid pgBouncer user {:?}: name and password must not contain control characters",
            login.user
        );
        Ok(format!("\"{}\"", text.replace('"', "\"\"")))
    };
    Ok(format!("{} {}", quoted(&login.user)?, quoted(&login.password)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bootstrap_script_writes_the_settings() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            program: "pgbouncer".into(),
            root: dirs::root(),
            dir: dir.path().to_path_buf(),
            port: 7000,
            database_url: "postgres://me:p%22w@db.example:5433/food?sslmode=require".to_owned(),
            logins: vec![Login {
                user: "app".to_owned(),
                password: "$(x) & \\1".to_owned(),
            }],
            pool_size: 20,
            user_pool_size: 4,
            max_clients: 100,
            idle_timeout: 60,
            prepared_statements: PREPARED_STATEMENTS,
            user: None,
        };
        let url = configure(&options).await.unwrap();
        assert_eq!(url, "postgres://me:p%22w@127.0.0.1:7000/food");
        let ini = fs::read_to_string(dir.path().join("pgbouncer.ini")).unwrap();
        assert!(!ini.contains('{'), "{ini}");
        for line in [
            "* = host=db.example port=5433 connect_query='SET statement_timeout = 5000'",
            "listen_addr = 127.0.0.1",
            "listen_port = 7000",
            "default_pool_size = 4",
            "max_db_connections = 20",
            "client_tls_sslmode = disable",
            "server_tls_sslmode = require",
            "server_tls_ca_file = ",
        ] {
            assert!(ini.lines().any(|found| found == line), "{line} in {ini}");
        }
        let users = fs::read_to_string(dir.path().join("userlist.txt")).unwrap();
        assert_eq!(users, "\"me\" \"p\"\"w\"\n\"app\" \"$(x) & \\1\"\n");

        let hostile = Options {
            database_url: "host='h\n[pgbouncer]' user=u password=p".to_owned(),
            ..options.clone()
        };
        let error = configure(&hostile).await.unwrap_err().to_string();
        assert!(error.contains("POOL_DATABASE_HOST holds a character"), "{error}");
        let hostile = Options {
            database_url: "host=h user=u password='p\n\"admin\" \"\"'".to_owned(),
            ..options
        };
        let error = configure(&hostile).await.unwrap_err().to_string();
        assert!(error.contains("must not contain control characters"), "{error}");
    }
}
