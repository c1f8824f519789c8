//! The engine as a program: `engine --database-url postgres://…`.

use anyhow::Context as _;
use engine::config::Config;
use engine::{logging, serve};
use engine_model::trigger::environment;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::process::ExitCode;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Number of steps of tasks after which a busy thread looks for data of clients and of the database. A step of an expensive request
/// takes a millisecond, so that the default of 61 would delay all others.
const EVENT_INTERVAL: u32 = 8;

fn main() -> ExitCode {
    let config = match Config::from_process() {
        Ok(config) => config,
        Err(error) => error.exit(),
    };
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .event_interval(EVENT_INTERVAL)
        .build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(config)),
        Err(error) => Err(error).context("cannot start the threads of the engine"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> anyhow::Result<()> {
    logging::start(&config).map_err(anyhow::Error::msg)?;
    allow_sockets();
    environment::restrict(config.metadata_variables.clone());
    let variables = std::env::vars_os();
    let names = variables.filter_map(|(name, _)| name.into_string().ok());
    for name in Config::unsupported_variables(names) {
        tracing::warn!(name, "environment variable is not supported; see `engine --help`");
    }
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let on_signal = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        on_signal.cancel();
    });
    serve(config, stop).await?;
    Ok(())
}

/// Raises the open-file limit to its maximum: each socket is a file, and many systems default to about a thousand.
fn allow_sockets() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, limit = limit.current, "cannot raise the open-file limit (RLIMIT_NOFILE)");
    }
}
