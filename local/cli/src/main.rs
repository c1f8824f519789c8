//! The binary `local`, which `cargo xtask` runs.

mod cli;
mod dev;
mod network;
mod with_services;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
