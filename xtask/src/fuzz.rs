//! `cargo xtask fuzz`: each fuzz target for a while.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::build::{cargo, root, status};

/// A fuzz target, see fuzz/README.md.
struct Target {
    name: &'static str,
    /// Inputs to begin with, kept in the project; what is found besides goes to fuzz/corpus.
    seeds: Option<&'static str>,
    /// Words for the fuzzer to combine.
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
        seeds: Some("engine/tests/plans/cases"),
        dictionary: Some("fuzz/graphql.dict"),
    },
];

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
    for Target {
        name,
        seeds,
        dictionary,
    } in TARGETS
    {
        let corpus = root().join("fuzz/corpus").join(name);
        std::fs::create_dir_all(&corpus)
            .map_err(|error| format!("cannot create {}: {error}", corpus.display()))?;
        // Stable Rust has the coverage that a fuzzer steers by, but no sanitizers; without unsafe code there is nothing for
        // them to find. One input may take two seconds: more would be a way to keep a server busy.
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
        eprintln!("xtask: {name} ran for {seconds} s and found nothing");
    }
    Ok(ExitCode::SUCCESS)
}
