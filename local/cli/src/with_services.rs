//! `local with-services -- COMMAND`: runs a command, usually the test runner, beside a Postgres and a pgBouncer that
//! live exactly as long.
//!
//! The command finds them in its environment:
//! - `TEST_DATABASE_URL`: the superuser, straight to Postgres;
//! - `TEST_POOL_URL`: the same server through pgBouncer, any database, as the role of the functions. Who uses it makes that
//!   role first, with [`local_services::app_role`];
//! - `THREEFACTOR_BIN_DIR`: where the built binaries are.

use std::ffi::OsString;
use std::process::{ExitCode, ExitStatus};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};

use local_process::dirs;
use local_process::signals::{Received, Signals};
use local_process::watchdog::Watchdog;
use local_services::services::{Options, Pool, Services};

const SERVICES: Options = Options {
    // Enough for every test process's pools at once.
    max_connections: 400,
    pool: Some(Pool {
        size: 20,
        // A database per test: what a finished test leaves open would soon be every connection there is.
        idle_timeout: 5,
    }),
    // Tests make a database each; no figure comes from here.
    fsync_off: true,
};

/// Runs `command` and answers with its exit code. Prints nothing of its own unless something fails, so that the
/// runner's summary is the last thing on the screen.
///
/// # Errors
/// When a service or the command cannot be started.
pub(crate) async fn run(command: &[OsString]) -> Result<ExitCode> {
    let (program, args) = command.split_first().context("no command was given after `--`")?;
    let bin_dir = dirs::bin_dir()?;
    let watchdog = Watchdog::start(&bin_dir);
    let mut signals = Signals::listen()?;
    let services = tokio::select! {
        services = Services::start(SERVICES, &watchdog) => services?,
        received = signals.next() => return Ok(ExitCode::from(received.exit_code())),
    };

    let mut child = tokio::process::Command::new(program)
        .args(args)
        .env("TEST_DATABASE_URL", services.database_url())
        .env("TEST_POOL_URL", services.functions_url())
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
