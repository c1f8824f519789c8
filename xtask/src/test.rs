//! `cargo xtask test`: every test of the workspace, with the services that they need.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::build::{PROFILE, become_local, binaries_and_tests, cargo, status};

/// Builds the binaries (whole-stack tests start them) and the tests, runs the documentation's examples, and then becomes `local
/// with-services` around the test runner, whose summary is the last thing printed. `args` go to the runner.
pub(crate) fn run(args: Vec<OsString>) -> Result<ExitCode, String> {
    binaries_and_tests()?;
    if args.is_empty() {
        // The runner below does not know them, and they need no services.
        let passed = status(cargo().args(["test", "--quiet", "--doc", "--workspace", "--profile", PROFILE]))?;
        if !passed.success() {
            return Err("an example in the documentation failed; cargo says which above".to_owned());
        }
    }
    let cargo_path = cargo().get_program().to_owned();
    let mut command: Vec<OsString> = vec!["with-services".into(), "--".into(), cargo_path];
    if has_nextest() {
        command.extend(["nextest", "run", "--workspace", "--cargo-profile", PROFILE].map(OsString::from));
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
                PROFILE,
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
