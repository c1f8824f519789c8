//! The command line. `cargo xtask <command>` passes everything on to here.

use std::ffi::OsString;
use std::io::stdin;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::dev::{self, DevArgs};
use crate::with_services;
use local_bench::BenchArgs;
use local_demo::DemoArgs;
use local_deploy::{DeployArgs, DestroyArgs};
use local_process::watchdog;
use local_stack::functions::{self, Architecture, Output};
use local_tools::python::Tools;

/// 3factor on one machine.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the whole stack and keep it running until Ctrl-C
    Dev(DevArgs),
    /// Place orders, follow them to their drivers, and check that none was lost or doubled
    Demo(DemoArgs),
    /// Measure what things cost, as ratios within one run
    Bench(BenchArgs),
    /// Bring the whole app to AWS, or up to date there
    Deploy(DeployArgs),
    /// Delete everything of a stage on AWS; asks first
    Destroy(DestroyArgs),
    /// Run a command with a Postgres and a pgBouncer of its own, found by the environment
    WithServices {
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Build the functions as they are deployed, for this machine; `cargo xtask test` does it
    #[command(hide = true)]
    BuildFunctions,
    /// End what a killed stack left running; stacks start it themselves
    #[command(hide = true)]
    Watchdog,
}

/// Parses the arguments, runs the command, and turns errors into one line.
pub(crate) fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("3factor: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Watchdog => {
            watchdog::run(stdin().lock());
            Ok(ExitCode::SUCCESS)
        }
        Command::BuildFunctions => {
            functions::build(&Tools::ready()?, Architecture::Host, Output::Binary)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Dev(args) => runtime()?.block_on(dev::run(args)),
        Command::Demo(args) => runtime()?.block_on(local_demo::run(args)),
        Command::Bench(args) => runtime()?.block_on(local_bench::run(args)),
        Command::Deploy(args) => runtime()?.block_on(local_deploy::deploy(args)),
        Command::Destroy(args) => runtime()?.block_on(local_deploy::destroy(args)),
        Command::WithServices { command } => runtime()?.block_on(with_services::run(&command)),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the async runtime")
}
