//! `cargo xtask fuzz`: each fuzz target for a while.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::build::{cargo, status};

/// The targets, see fuzz/README.md.
const TARGETS: [&str; 1] = ["request_body"];

/// How long each runs when nobody says otherwise, in seconds.
const SECONDS: u32 = 60;

/// Runs each target; a crash fails and names the file that repeats it.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, String> {
    let seconds = match args {
        [] => SECONDS,
        [option, seconds] if option == "--seconds" => seconds
            .to_str()
            .and_then(|text| text.parse().ok())
            .filter(|seconds| *seconds > 0)
            .ok_or("`--seconds` wants a positive number")?,
        _ => return Err("usage: cargo xtask fuzz [--seconds N]".to_owned()),
    };
    let there = cargo().args(["fuzz", "--version"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        eprintln!("xtask: installing cargo-fuzz: cargo install cargo-fuzz --locked");
        if !status(cargo().args(["install", "cargo-fuzz", "--locked", "--quiet"]))?.success() {
            return Err("cargo-fuzz could not be installed; cargo says why above".to_owned());
        }
    }
    for target in TARGETS {
        // Stable Rust has the coverage that a fuzzer steers by, but no sanitizers; without unsafe code there is nothing for
        // them to find.
        let run = status(
            cargo()
                .args(["fuzz", "run", "--sanitizer", "none", target, "--"])
                .args([
                    format!("-max_total_time={seconds}"),
                    "-print_final_stats=1".to_owned(),
                ]),
        )?;
        if !run.success() {
            return Err(format!(
                "{target} crashed; the input is in fuzz/artifacts/{target}"
            ));
        }
        eprintln!("xtask: {target} ran for {seconds} s and found nothing");
    }
    Ok(ExitCode::SUCCESS)
}
