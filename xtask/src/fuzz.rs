//! `cargo xtask fuzz`: runs each fuzz target for a limited time.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::build::{cargo, root, status};

/// A fuzz target, see fuzz/README.md.
struct Target {
    name: &'static str,
    /// Initial inputs that are part of the repository; new ones are written to fuzz/corpus.
    seeds: Option<&'static str>,
    /// Tokens for the fuzzer to combine.
    dictionary: Option<&'static str>,
}

const TARGETS: [Target; 2] = [
    Target {
        name: "request_body",
        seeds: None,
        dictionary: None,
    },
    Target {
        name: "graphql_plan",
        seeds: Some("engine/plan/tests/plans/cases"),
        dictionary: Some("fuzz/graphql.dict"),
    },
];

/// Default duration per target, in seconds.
const SECONDS: u32 = 60;

/// Runs each target; a crash is an error that names the reproducing input.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, String> {
    let seconds = match args {
        [] => SECONDS,
        [option, seconds] if option == "--seconds" => seconds
            .to_str()
            .and_then(|text| text.parse().ok())
            .filter(|seconds| *seconds > 0)
            .ok_or("`--seconds` requires a positive number")?,
        _ => return Err("usage: cargo xtask fuzz [--seconds N]".to_owned()),
    };
    let there = cargo().args(["fuzz", "--version"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        eprintln!("xtask: installing cargo-fuzz: cargo install cargo-fuzz --locked");
        if !status(cargo().args(["install", "cargo-fuzz", "--locked", "--quiet"]))?.success() {
            return Err("cannot install cargo-fuzz; see cargo's output above".to_owned());
        }
    }
    for Target {
        name,
        seeds,
        dictionary,
    } in TARGETS
    {
        let corpus = root().join("fuzz/corpus").join(name);
        std::fs::create_dir_all(&corpus)
            .map_err(|error| format!("cannot create {}: {error}", corpus.display()))?;
        // Stable Rust supports the coverage that guides the fuzzer, but no sanitizers; without unsafe code they would
        // find nothing. An input may take at most two seconds: a slower one could be used to overload a server.
        let run = status(
            cargo()
                .args([
                    "fuzz",
                    "run",
                    "--sanitizer",
                    "none",
                    "--codegen-units",
                    "16",
                    name,
                ])
                .arg(&corpus)
                .args(seeds.map(|seeds| root().join(seeds)))
                .args([
                    "--",
                    &format!("-max_total_time={seconds}"),
                    "-timeout=2",
                    "-rss_limit_mb=1024",
                    "-max_len=8192",
                    "-print_final_stats=1",
                ])
                .args(dictionary.map(|words| format!("-dict={}", root().join(words).display()))),
        )?;
        if !run.success() {
            return Err(format!("{name} crashed; the input is in fuzz/artifacts/{name}"));
        }
        eprintln!("xtask: {name} ran for {seconds} s without a crash");
    }
    Ok(ExitCode::SUCCESS)
}
