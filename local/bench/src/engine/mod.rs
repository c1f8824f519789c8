//! The engine compared with the database alone, and its subscriptions.
//!
//! - [`queries`]: requests per second, compared with the same SQL sent directly to Postgres and through a minimal
//!   HTTP server
//! - [`live`]: latency from commit to update, and the cost of a thousand subscribers
//!
//! The engine, Postgres and the load generator ([`client`]) share this machine.

pub(super) mod client;
mod live;
mod queries;

use std::process::Command;

use anyhow::{Context as _, Result};

use super::figures::Table;
use super::rig::Rig;
use local_process::dirs;
use local_process::logs::{LogFormat, LogLevel, Logs};
use local_process::ports;
use local_stack::engine::{Engine, Options};
use local_stack::setup::{self, Metadata};

const ORDERS: u64 = 10_000;

pub(crate) async fn measure(runs: u32, logs: &Logs) -> Result<Table> {
    // A thousand sockets exceed the default open-file limit of some machines.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit {
        current: limit.maximum,
        ..limit
    };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised)?;

    let mut table = Table::new("engine");
    for run in 1..=runs {
        logs.log_line(&format!("engine: run {run} of {runs}"));
        let rig = Rig::start(150, None).await?;
        rig.place("bench", ORDERS).await?;
        // Before `live`, which places orders without items: they sort first, and a list of them would have no nested
        // rows.
        queries::once(&mut table, &rig, logs).await?;
        live::once(&mut table, &rig, logs).await?;
        rig.stop().await;
    }
    Ok(table)
}

/// Starts an engine with the demo schema tracked and additional environment.
async fn serve(rig: &Rig, env: &[(&str, &str)], logs: &Logs) -> Result<Engine> {
    let engine = start(rig, env, logs).await?;
    setup::track(&rig.database, &Metadata::new(&engine.url(), None)?).await?;
    Ok(engine)
}

/// Starts an engine with additional environment. It logs errors only: this process would have to read request logs on
/// the same cores.
pub(super) async fn start(rig: &Rig, env: &[(&str, &str)], logs: &Logs) -> Result<Engine> {
    let options = Options {
        program: dirs::bin_dir()?.join("engine"),
        dir: rig.services.dir().to_path_buf(),
        host: std::net::Ipv4Addr::LOCALHOST.into(),
        port: ports::free()?,
        database_url: rig.services.database_url(),
        functions_url: "http://127.0.0.1:9".to_owned(),
        webhook_secret: String::new(),
        allowed_origins: Vec::new(),
        log_format: LogFormat::Text,
        log_level: LogLevel::Error,
        env: env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    Engine::start(options, logs, &rig.watchdog).await
}

/// The engine's resident memory in megabytes (10⁶ bytes).
pub(super) fn memory_mb(engine: &Engine) -> Result<f64> {
    let pid = engine.running().pid().as_raw_nonzero().to_string();
    let output = Command::new("ps")
        .args(["-o", "rss=", "-p", &pid])
        .output()
        .context("cannot run ps")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let kib: f64 = text
        .trim()
        .parse()
        .with_context(|| format!("unexpected output of ps: {text:?}"))?;
    Ok(kib * 1024.0 / 1e6)
}
