//! A stack with simulated people, until it is stopped.

use std::process::ExitCode;

use anyhow::{Result, bail};

use local_process::logs::Logs;
use local_process::signals::Signals;
use local_stack::Stack;

use crate::{Options, Simulation};

/// Keeps a stack running, with simulated people if there are any, until a signal arrives or a service exits again after each restart.
/// The people and the other services are stopped first; a second signal kills the processes.
pub async fn keep_running(
    mut stack: Stack,
    people: Option<&Options>,
    signals: &mut Signals,
    logs: &Logs,
) -> Result<ExitCode> {
    let started = people
        .map(|options| Simulation::start(stack.addresses(), options, logs))
        .transpose();
    let simulation = match started {
        Ok(simulation) => simulation,
        Err(error) => {
            stack.stop().await;
            return Err(error);
        }
    };
    let failure = tokio::select! {
        _ = signals.next() => None,
        failure = stack.keep_running(logs) => Some(failure),
    };
    let stopped = async {
        if let Some(simulation) = simulation {
            logs.log_line(&simulation.stop().await.to_string());
        }
        stack.stop().await;
    };
    tokio::select! {
        () = stopped => {}
        // The remaining processes are killed when their handles are dropped.
        received = signals.next() => return Ok(ExitCode::from(received.exit_code())),
    }
    match failure {
        Some(failure) => bail!("{failure}"),
        None => Ok(ExitCode::SUCCESS),
    }
}
