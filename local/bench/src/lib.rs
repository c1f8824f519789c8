//! `cargo xtask bench`: benchmarks on this machine.
//!
//! Machines differ and are noisy. Each figure with a goal is therefore a ratio within one run or the duration of a
//! whole process, and each figure is the median of several runs. A slow result is not an error.
//!
//! One module per benchmark, each with a function `measure` that returns a [`Table`]: [`functions`], [`step`],
//! [`events`], [`orders`], [`sustained`], [`grow`], [`pool`], [`engine`], [`metadata`]. They share [`load`] (generates calls),
//! [`rig`] (starts services) and [`consumption`] (what orders cost a whole stack).
//! [`soak()`] is a command of its own: it fails if clients can harm each other.

mod consumption;
mod engine;
mod events;
mod figures;
mod functions;
mod grow;
mod load;
mod metadata;
mod orders;
mod pool;
mod process_cpu;
mod process_memory;
mod rig;
mod soak;
mod step;
mod sustained;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use self::figures::Table;
pub use self::soak::{SoakArgs, run as soak};
use local_process::logs::{Destination, Logs};
use local_process::signals::Signals;

#[derive(Debug, Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// Number of runs; the median counts
    #[arg(long, global = true, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// Print one JSON object per benchmark, instead of tables
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Spawn to first response, memory and size of a function built with `cargo lambda build --release`
    Functions,
    /// A warm step compared with one UPDATE on the same Postgres
    Step,
    /// Commit to webhook, and throughput of a full queue
    Events,
    /// Placed to assigned: one order at a time, and a thousand at once; their cost, and ratios to the statements alone
    Orders,
    /// Highest rate of orders per second with a 99th percentile below one second
    Sustained {
        /// Measure this rate only, in orders per second
        #[arg(long, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=10_000))]
        rate: Option<u32>,
    },
    /// Cost per order with many stored orders; the default needs 10 GB of disk space
    Grow {
        /// Numbers of stored orders at which to measure
        #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = grow::STORED_ORDERS, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
        stored: Vec<u32>,
    },
    /// The same calls directly to Postgres and through pgBouncer
    Pool,
    /// GraphQL compared with the same SQL sent to Postgres; subscriptions and memory
    Engine,
    /// Bulks of metadata commands for 1200 tables compared with `replace_metadata`; introspection of 400 tables
    Metadata,
}

/// Runs one benchmark, or all but [`What::Functions`] and [`What::Grow`], which need another build and much disk space. Returns an error if a service fails, never because of a slow result.
pub async fn run(args: BenchArgs) -> Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let logs = Logs::new(Destination::Stderr);
    let all = [
        What::Step,
        What::Events,
        What::Orders,
        What::Sustained { rate: None },
        What::Pool,
        What::Engine,
        What::Metadata,
    ];
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
        What::Sustained { rate } => sustained::measure(rate, runs, logs).await,
        What::Grow { stored } => grow::measure(stored, runs, logs).await,
        What::Pool => pool::measure(runs, logs).await,
        What::Engine => engine::measure(runs, logs).await,
        What::Metadata => metadata::measure(runs, logs).await,
    }
}
