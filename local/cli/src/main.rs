//! The binary `local`, which `cargo xtask` runs.

mod cli;
mod dev;
mod with_services;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
