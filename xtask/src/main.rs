//! `cargo xtask`: the developer commands.
//!
//! This crate has no dependencies and stays that way: it must compile in a second, because it stands between a person
//! and every other command, and because cargo chooses features per selected package. It makes sure that the binaries
//! are built, all at once and with one set of features, and then becomes `target/fast/local`, which knows the rest:
//! read `local/src/cli.rs` next.

mod build;
mod fuzz;
mod lint;
mod test;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

const HELP: &str = "\
The developer commands of 3factor.

Usage: cargo xtask <COMMAND> [OPTIONS]

Commands:
  dev       Start the whole stack on this machine: Postgres, pgBouncer, functions, engine, browser apps
  demo      Place orders on a stack of its own, follow them to their drivers and check that none was lost or doubled
  bench     Measure what things cost, as ratios within one run: functions, step, events, orders, pool
  deploy    Bring the whole app to AWS, or up to date there (docs/deploy.md)
  destroy   Delete a stage of it again; asks first
  test      Run every test of the workspace, with the Postgres and pgBouncer they need
  lint      Check formatting, and clippy with warnings denied
  fuzz      Throw bytes at the functions' edge for a minute, or for --seconds N (installs cargo-fuzz)
  help      Print this help

`cargo xtask <COMMAND> --help` shows the options of dev, demo, bench, deploy and destroy; what follows `test` goes to the
test runner.
Binaries are built with the profile `fast` (optimised, quick to link) into target/fast.
";

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let command = args.next().unwrap_or_else(|| OsString::from("help"));
    let rest: Vec<OsString> = args.collect();
    let outcome = match command.to_str() {
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some("lint") => lint::run(&rest),
        Some("fuzz") => fuzz::run(&rest),
        Some("test") => test::run(rest),
        // Everything else is a command of `local`, which also answers for the names that it does not know.
        Some(_) => build::binaries().and_then(|()| {
            let mut all = vec![command];
            all.extend(rest);
            Err(build::become_local(&all))
        }),
        None => Err("the command is not valid UTF-8; see `cargo xtask help`".to_owned()),
    };
    match outcome {
        Ok(code) => code,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
