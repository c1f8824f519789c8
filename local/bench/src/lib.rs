//! `cargo xtask bench`: what things cost, on this machine, now.
//!
//! Machines differ and are noisy, so each figure that has a goal is a ratio within one run, or a time of the whole process
//! that somebody waits for; and each is the median of several runs. Nothing here fails because it was slow.
//!
//! One file a benchmark, each with a `measure` that answers a [`Table`]: [`functions`], [`step`], [`events`], [`orders`],
//! [`pool`], [`engine`]. What they share: [`load`] sends calls, [`rig`] starts what they need.

mod engine;
mod events;
mod figures;
mod functions;
mod load;
mod orders;
mod pool;
mod rig;
mod step;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use self::figures::Table;
use local_process::logs::{Destination, Logs};
use local_process::signals::Signals;

/// The options of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// How often each measurement is made; its median counts
    #[arg(long, global = true, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// Print one JSON object a benchmark, instead of tables
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
enum What {
    /// Spawn to first answer, memory and size of a function as `cargo lambda build --release` makes it
    Functions,
    /// A warm step against one bare UPDATE on the same Postgres
    Step,
    /// From commit to webhook, and how fast a full queue drains
    Events,
    /// Placed to assigned: one at a time, and a thousand at once
    Orders,
    /// The same calls straight to Postgres and through pgBouncer
    Pool,
    /// GraphQL against the same SQL sent straight to Postgres; subscriptions and memory
    Engine,
}

/// Runs one benchmark, or all.
///
/// # Errors
/// When something that is measured does not start or does not answer; never because it is slow.
pub async fn run(args: BenchArgs) -> Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let logs = Logs::new(Destination::Stderr);
    let all = [What::Step, What::Events, What::Orders, What::Pool, What::Engine];
    let chosen: Vec<What> = args.what.map_or_else(|| all.to_vec(), |what| vec![what]);
    for what in chosen {
        let table = tokio::select! {
            table = measure(what, args.runs, &logs) => table?,
            received = signals.next() => return Ok(ExitCode::from(received.exit_code())),
        };
        if args.json {
            println!("{}", table.json(args.runs));
        } else {
            println!("{}", table.text(args.runs));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(what: What, runs: u32, logs: &Logs) -> Result<Table> {
    match what {
        What::Functions => functions::measure(runs, logs).await,
        What::Step => step::measure(runs, logs).await,
        What::Events => events::measure(runs, logs).await,
        What::Orders => orders::measure(runs, logs).await,
        What::Pool => pool::measure(runs, logs).await,
        What::Engine => engine::measure(runs, logs).await,
    }
}
