//! `local with-services -- COMMAND`: runs a command, usually the test runner, beside a Postgres and a pgBouncer that
//! live exactly as long.
//!
//! The command finds them in its environment:
//! - `TEST_DATABASE_URL`: the superuser, straight to Postgres;
//! - `TEST_POOL_URL`: the same server through pgBouncer, any database, as the role of the functions. Who uses it makes that
//!   role first, with [`crate::app_role`];
//! - `THREEFACTOR_BIN_DIR`: where the built binaries are.

use std::ffi::OsString;
use std::process::{ExitCode, ExitStatus};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::dirs::{self, DataDir};
use crate::pgbouncer::{self, Login, PgBouncer};
use crate::postgres::{self, Postgres};
use crate::signals::{Received, Signals};
use crate::watchdog::Watchdog;
use crate::{leftovers, ports, programs, users};

/// Enough for every test process's pools at once.
const MAX_CONNECTIONS: u32 = 400;

/// Runs `command` and answers with its exit code. Prints nothing of its own unless something fails, so that the
/// runner's summary is the last thing on the screen.
///
/// # Errors
/// When a service or the command cannot be started.
pub async fn run(command: &[OsString]) -> Result<ExitCode> {
    let (program, args) = command.split_first().context("no command was given after `--`")?;
    let bin_dir = dirs::bin_dir()?;
    let watchdog = Watchdog::start(&bin_dir);
    let mut signals = Signals::listen()?;
    let services = tokio::select! {
        services = Services::start(&watchdog) => services?,
        received = signals.next() => return Ok(ExitCode::from(received.exit_code())),
    };

    let mut child = tokio::process::Command::new(program)
        .args(args)
        .env("TEST_DATABASE_URL", services.postgres.url())
        .env("TEST_POOL_URL", services.pgbouncer.url_as(&services.app))
        .env("THREEFACTOR_BIN_DIR", &bin_dir)
        .env("THREEFACTOR_ROOT", dirs::root())
        .spawn()
        .with_context(|| format!("cannot run {}", program.to_string_lossy()))?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.context("cannot wait for the command")?,
            received = signals.next() => {
                // Ctrl-C reaches the command by itself, which then ends as it thinks best.
                if received != Received::Interrupt && let Some(pid) = pid(&child) {
                    let _ = kill_process(pid, Signal::TERM);
                }
            }
        }
    };
    services.stop().await;
    Ok(exit_code(status))
}

struct Services {
    // Dropped in this order should a start fail half-way.
    pgbouncer: PgBouncer,
    postgres: Postgres,
    app: Login,
    _dir: DataDir,
}

impl Services {
    async fn start(watchdog: &Watchdog) -> Result<Self> {
        let user = users::unprivileged()?;
        let programs = programs::postgres()?;
        let program = programs::pgbouncer()?;
        dirs::sweep(user, |dir| leftovers::end(dir, &programs, user));
        let dir = DataDir::ephemeral(user, watchdog)?;
        let postgres = Postgres::start(
            postgres::Options {
                programs,
                dir: dir.path().to_path_buf(),
                port: ports::free()?,
                max_connections: MAX_CONNECTIONS,
                user,
                ephemeral: true,
                // Tests make a database each; no figure comes from here.
                careless: true,
            },
            watchdog,
        )
        .await?;
        let app = Login::of_the_functions();
        let pgbouncer = PgBouncer::start(
            pgbouncer::Options {
                program,
                root: dirs::root(),
                dir: dir.path().to_path_buf(),
                port: ports::free()?,
                database_url: postgres.url(),
                logins: vec![app.clone()],
                pool_size: 20,
                max_clients: 2_000,
                // A database per test: what a finished test leaves open would soon be every connection there is.
                idle_timeout: 5,
                user,
            },
            watchdog,
        )
        .await?;
        Ok(Self {
            pgbouncer,
            postgres,
            app,
            _dir: dir,
        })
    }

    async fn stop(self) {
        self.pgbouncer.stop().await;
        self.postgres.stop().await;
    }
}

fn pid(child: &tokio::process::Child) -> Option<Pid> {
    child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw)
}

/// The command's own exit code, or the one by which shells report a signal.
fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
