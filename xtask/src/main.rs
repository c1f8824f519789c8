//! `cargo xtask`: the developer commands.
//!
//! This crate has no dependencies, because it must compile in a second before every other command, and because cargo
//! selects features per package. It builds all binaries at once with one set of features and then replaces itself by
//! `target/fast/local`; the commands are in `local/cli/src/cli.rs`.

mod build;
mod fuzz;
mod lint;
mod new_step;
mod test;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

const HELP: &str = "\
The developer commands of 3factor.

Usage: cargo xtask <COMMAND> [OPTIONS]

Commands:
  dev       Start the whole stack on this machine: Postgres, pgBouncer, functions, engine, browser apps
  demo      Place orders on a dedicated stack and verify that none is lost or duplicated
  bench     Run benchmarks: functions, step, events, orders, sustained, grow, pool, engine, metadata
  soak      Measure honest clients beside abusive ones for a minute, or --seconds N; fails if they are harmed
  metadata  Export the metadata of an engine into files, apply such files, or show the differences
  build     Build the functions and the web apps for AWS, without deploying them
  doctor    Check a stage on AWS (docs/operations.md)
  deploy    Deploy or update the app on AWS (docs/deploy.md)
  destroy   Delete a stage on AWS, after confirmation
  test      Run every test of the workspace, with the Postgres and pgBouncer they need
  lint      Check the word list, dependencies, formatting, and clippy with warnings denied; --words or --dependencies
            checks only those
  new-step  Add a workflow step of your own: its function, SQL, trigger, database role and test (docs/extend.md)
  fuzz      Fuzz each target of fuzz/README.md, or those named, for a minute or --seconds N
  help      Print this help

`cargo xtask <COMMAND> --help` shows the options of dev, demo, bench, soak, metadata, build, doctor, deploy, destroy and new-step; the arguments of `test` are
passed to the test runner.
Binaries are built with the profile of xtask: `fast` (optimised, quick to link) into target/fast.
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
        Some("new-step") => new_step::run(&rest),
        Some("test") => test::run(rest),
        // CI runs the tests after it: with other features, dependencies would be compiled twice.
        Some("soak") => build::binaries_and_tests().and_then(|()| in_local(command, rest)),
        // Every other command is handled by `local`, which also rejects unknown ones.
        Some(_) => build::binaries().and_then(|()| in_local(command, rest)),
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

/// Replaces this process by `local` with a command of it. Returns only on failure.
fn in_local(command: OsString, rest: Vec<OsString>) -> Result<ExitCode, String> {
    let mut all = vec![command];
    all.extend(rest);
    Err(build::become_local(&all))
}
