//! Command line of the binary `local`, to which `cargo xtask <command>` passes its arguments.

use std::ffi::OsString;
use std::io::stdin;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand};

use crate::dev::{self, DevArgs};
use crate::with_services;
use local_bench::{BenchArgs, SoakArgs};
use local_demo::DemoArgs;
use local_deploy::{BuildArgs, DeployArgs, DestroyArgs, DoctorArgs, Overrides, StageAddresses};
use local_metadata::MetadataArgs;
use local_process::watchdog;
use local_stack::ONE_CALL_PER_PROCESS;
use local_stack::functions::{self, Architecture, Output};
use local_tools::python::Tools;

/// The developer commands of 3factor
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
    /// Place orders, follow them to their drivers, and verify that none is lost or duplicated
    Demo(DemoArgs),
    /// Run benchmarks
    Bench(BenchArgs),
    /// Measure honest clients beside abusive ones; fails if they are slowed down, refused, or lose an order
    Soak(SoakArgs),
    /// Export, apply and compare the metadata of an engine as files
    Metadata(MetadataArgs),
    /// Check a stage on AWS: stack, versions, alarms, certificate, engine, events, orders, APIs
    Doctor(DoctorArgs),
    /// Build the functions and the web apps for AWS, without deploying them
    Build(BuildArgs),
    /// Deploy or update the app on AWS
    Deploy(DeployArgs),
    /// Delete a stage on AWS, after confirmation
    Destroy(DestroyArgs),
    /// Run a command with a dedicated Postgres and pgBouncer, whose addresses are in its environment
    WithServices {
        /// Have tests that start functions start a process for each concurrent call, as plain Lambda does
        #[arg(long, env = ONE_CALL_PER_PROCESS, value_parser = FalseyValueParser::new())]
        one_call_per_process: bool,
        /// Command and arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Build the deployed variant of the functions for this machine; called by `cargo xtask test`
    #[command(hide = true)]
    BuildFunctions,
    /// End the processes of a killed stack; stacks start the watchdog themselves
    #[command(hide = true)]
    Watchdog,
}

/// Parses the arguments, runs the command, and prints an error as one line.
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
        Command::Demo(args) => runtime()?.block_on(demo(args)),
        Command::Bench(args) => runtime()?.block_on(local_bench::run(args)),
        Command::Soak(args) => runtime()?.block_on(local_bench::soak(args)),
        Command::Metadata(args) => runtime()?.block_on(local_metadata::run(args)),
        Command::Doctor(args) => runtime()?.block_on(local_deploy::doctor(args)),
        Command::Build(args) => local_deploy::build(&args),
        Command::Deploy(args) => runtime()?.block_on(local_deploy::deploy(args)),
        Command::Destroy(args) => runtime()?.block_on(local_deploy::destroy(args)),
        Command::WithServices {
            one_call_per_process,
            command,
        } => runtime()?.block_on(with_services::run(&command, one_call_per_process)),
    }
}

/// Runs the demo on a dedicated stack, or on that of the arguments.
async fn demo(mut args: DemoArgs) -> Result<ExitCode> {
    if let Some((stage, [engine, functions, login])) = args.stage() {
        let overrides = Overrides {
            engine,
            functions,
            login,
        };
        let stage = StageAddresses::read(stage, overrides).await?;
        args = args.at(stage.engine, stage.functions, stage.login, stage.admin_secret);
    }
    local_demo::run(args).await
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the async runtime")
}
