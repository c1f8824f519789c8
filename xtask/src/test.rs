//! `cargo xtask test`: every test of the workspace, with the services that they need.

use std::ffi::OsString;
use std::process::ExitCode;
use std::thread::available_parallelism;

use crate::build::{become_local, binaries_and_tests, cargo, local, profile, status};

/// Settings of the deployed variant in the tests: optimization takes minutes and changes only speed and size.
const QUICK_BUILD: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

/// Builds the binaries (used by whole-stack tests) and the tests, runs the documentation's examples and builds the
/// deployed variant of the functions, and then replaces itself by `local with-services` around the test runner, whose
/// summary is the last output. `args` are passed to the runner; with arguments, tests build the deployed variant
/// themselves if they need it.
pub(crate) fn run(args: Vec<OsString>) -> Result<ExitCode, String> {
    binaries_and_tests()?;
    let profile = profile()?;
    let everything = args.is_empty();
    if everything {
        // The runner below does not support doc tests, and they need no services.
        let passed =
            status(cargo().args(["test", "--quiet", "--doc", "--workspace", "--profile", &profile]))?;
        if !passed.success() {
            return Err("a documentation example failed; see cargo's output above".to_owned());
        }
        let built = status(local(&["build-functions"])?.envs(QUICK_BUILD))?;
        if !built.success() {
            return Err("build of the deployed functions failed; see the output above".to_owned());
        }
    }
    let cargo_path = cargo().get_program().to_owned();
    let mut command: Vec<OsString> = vec!["with-services".into(), "--".into()];
    if everything {
        command.extend(["env".into(), "THREEFACTOR_FUNCTIONS_BUILT=1".into()]);
    }
    command.push(cargo_path);
    if has_nextest() {
        command.extend(["nextest", "run", "--workspace", "--cargo-profile", &profile].map(OsString::from));
        if everything {
            // Tests also wait: one more than the processors keeps these busy.
            let threads = available_parallelism().map_or(1, usize::from) + 1;
            command.push(format!("--test-threads={threads}").into());
        }
    } else {
        eprintln!(
            "xtask: cargo-nextest is not installed (cargo install cargo-nextest --locked); using `cargo test`"
        );
        command.extend(
            [
                "test",
                "--workspace",
                "--lib",
                "--bins",
                "--tests",
                "--examples",
                "--profile",
                &profile,
            ]
            .map(OsString::from),
        );
    }
    command.extend(args);
    Err(become_local(&command))
}

fn has_nextest() -> bool {
    cargo()
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}
