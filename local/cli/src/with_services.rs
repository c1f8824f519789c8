//! `local with-services -- COMMAND`: runs a command, usually the test runner, with a Postgres and a pgBouncer that
//! stop when it exits.
//!
//! Environment of the command:
//! - `TEST_DATABASE_URL`: the superuser, directly to Postgres;
//! - `TEST_POOL_URL`: the same server through pgBouncer, any database, as validate-order's role; the roles of all functions
//!   have the same password, and each test first creates them with [`local_services::function_roles`];
//! - `THREEFACTOR_BIN_DIR`: directory of the binaries;
//! - [`ONE_CALL_PER_PROCESS`]: set by the option `--one-call-per-process`; read by the stacks of the tests.

use std::ffi::OsString;
use std::process::{ExitCode, ExitStatus};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};

use local_process::dirs;
use local_process::signals::{Received, Signals};
use local_process::watchdog::Watchdog;
use local_services::services::{Options, Pool, Services};
use local_stack::ONE_CALL_PER_PROCESS;

const SERVICES: Options = Options {
    // Enough for the pools of all concurrent test processes.
    max_connections: 400,
    pool: Some(Pool {
        size: 20,
        // Each test has its own database: idle connections of finished tests would soon use all connections.
        idle_timeout: 5,
    }),
    // Each test creates a database; no benchmark uses these services.
    fsync_off: true,
};

/// Runs `command` and returns its exit code. Prints nothing unless something fails, so that the runner's summary is
/// the last output.
pub(crate) async fn run(command: &[OsString], one_call_per_process: bool) -> Result<ExitCode> {
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
        .env("TEST_POOL_URL", services.functions_url("validate-order")?)
        .env("THREEFACTOR_BIN_DIR", &bin_dir)
        .env("THREEFACTOR_ROOT", dirs::root())
        .envs(one_call_per_process.then_some((ONE_CALL_PER_PROCESS, "1")))
        .spawn()
        .with_context(|| format!("cannot run {}", program.to_string_lossy()))?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.context("cannot wait for the command")?,
            received = signals.next() => {
                // Ctrl-C also reaches the command, which handles it.
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

/// The command's exit code, or the one with which shells report a signal.
fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
