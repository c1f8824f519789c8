//! `cargo xtask lint`: formatting, and clippy with warnings denied.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::build::{PROFILE, cargo, status};

/// Runs both checks, so that one run shows everything there is to mend.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, String> {
    if let Some(arg) = args.first() {
        return Err(format!(
            "`lint` takes no options, but was given {}",
            arg.to_string_lossy()
        ));
    }
    component("fmt", "rustfmt")?;
    component("clippy", "clippy")?;
    let formatted = status(cargo().args(["fmt", "--all", "--check"]))?.success();
    // Once more for what only deployed functions have.
    let mut clippy = true;
    for what in [
        ["--workspace", "--all-targets"].as_slice(),
        &["--package", "shared", "--features", "aws", "--all-targets"],
    ] {
        let mut command = cargo();
        command.args(["clippy", "--profile", PROFILE]).args(what);
        clippy &= status(command.args(["--", "-D", "warnings"]))?.success();
    }
    if !formatted {
        eprintln!("xtask: some files are not formatted: run `cargo fmt --all`");
    }
    if !clippy {
        eprintln!("xtask: clippy has complaints; they are above");
    }
    Ok(if formatted && clippy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes sure that `cargo <subcommand>` exists; a minimal toolchain has neither.
fn component(subcommand: &str, name: &str) -> Result<(), String> {
    let there = cargo()
        .args([subcommand, "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    if there {
        return Ok(());
    }
    eprintln!("xtask: installing {name}: rustup component add {name}");
    let added = status(Command::new("rustup").args(["component", "add", name]));
    if added.is_ok_and(|status| status.success()) {
        Ok(())
    } else {
        Err(format!(
            "{name} is missing and could not be installed: run `rustup component add {name}`"
        ))
    }
}
